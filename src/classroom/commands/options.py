"""Options that several commands have, and what they say beside their answer."""

from __future__ import annotations

import click

from classroom.serve.doctor import DEFAULT_PORT
from darkroom.commands.advice import as_called

EXIT_NOT_PASSED = 1
"""What was asked for is done, and its answer is no."""

port_option = click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535), help="Port."
)
headless_option = click.option("--headless", is_flag=True, help="Open no browser.")


def tell(note: str) -> None:
    """Prints a note on standard error; nothing where there is none."""
    if note:
        click.echo(as_called(f"classroom: {note}"), err=True)
