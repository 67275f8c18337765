"""`python -m classroom`."""

from classroom.commands.cli import main

main(prog_name="classroom")
