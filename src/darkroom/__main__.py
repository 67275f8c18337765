"""`python -m darkroom`."""

from darkroom.commands.cli import main

main(prog_name="darkroom")
