"""Grades as a person wants them first, a line each; and as a file for another program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from classroom.commands.views import render_grades

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from classroom.grading.reports import ReportRow

_FORMATS = {".csv": "csv", ".json": "json", ".xml": "junit"}
"""What is written to a file of this ending."""


def grade_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--format` and `--output` to a command that ends with `show_grades`."""
    forms = click.Choice(["json", "csv", "junit"])
    form = click.option("--format", "form", type=forms, help="Print a row for each step, in this format.")
    output = click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write a row for each step there: .csv, .json, or .xml for JUnit; and print a line for each student.",
    )
    return form(output(command))


def check_output(form: str | None, output: Path | None) -> None:
    """Refuses a file that could not be written, before anything is run.

    Raises:
        click.BadParameter: Its ending tells no format, or its folder is not there.
    """
    if output is None:
        return
    if form is None and output.suffix.lower() not in _FORMATS:
        endings = ", ".join(_FORMATS)
        raise click.BadParameter(
            f"{output} ends with none of {endings}; name one, or give --format", param_hint="--output"
        )
    if not output.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {output.absolute().parent}; make it first", param_hint="--output")


def show_grades(rows: Sequence[ReportRow], form: str | None, output: Path | None, facts: Mapping[str, object]) -> None:
    """Prints a line for each student, and writes the rows where they are wanted.

    Args:
        rows: A row for each step; those of one student stand together.
        form: The format to print, or to write; None prints the lines alone, or writes what the file's ending says.
        output: The file; None writes none.
        facts: What else JSON says.
    """
    from classroom.grading.reports import ReportFormat, render

    if form is not None and output is None:
        click.echo(render(rows, ReportFormat(form), facts), nl=False)
        return
    Console(soft_wrap=False).print(render_grades(rows))
    if output is None:
        click.echo("\nA row for each step, with what the check said: `--output grades.csv`, or `--format json`.")
        return
    text = render(rows, ReportFormat(form or _FORMATS[output.suffix.lower()]), facts)
    with output.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
    click.echo(f"\nA row for each step is in {output}.")
