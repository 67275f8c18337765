"""What the commands of darkroom share: common options, a progress bar, and reports as text or JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from darkroom.commands.json_values import make_json

Report = TypeVar("Report")

_STDERR = 2

database_option = click.option(
    "--database",
    default="darkroom.duckdb",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The DuckDB file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


@contextmanager
def only_python_on_stderr() -> Iterator[None]:
    """Discards what libraries in C write to the standard error stream while the block runs; Python's own still shows.

    Of a damaged TIFF, LibTIFF writes a line for each line of pixels there, past Pillow. The file is told about by its
    reject.
    """
    if not _is_stderr_of_the_system():
        yield
        return
    kept, python_stderr = os.dup(_STDERR), sys.stderr
    # left open: whoever has got hold of it, such as a handler of logging, may still write to it later
    sys.stderr = os.fdopen(kept, "w", encoding=python_stderr.encoding, errors=python_stderr.errors, buffering=1)
    discarding = os.open(os.devnull, os.O_WRONLY)
    os.dup2(discarding, _STDERR)
    os.close(discarding)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, _STDERR)
        sys.stderr = python_stderr


def _is_stderr_of_the_system() -> bool:
    try:
        return sys.stderr.fileno() == _STDERR
    except (AttributeError, OSError, ValueError):
        return False


@contextmanager
def progress_bar(title: str, *, as_json: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Shows a bar on the terminal while the block runs; None where there is nobody to see it."""
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_report(report: Report, render: Callable[[Report], RenderableType], *, as_json: bool) -> None:
    """Prints a report, as JSON or as `render` has it."""
    if as_json:
        click.echo(json.dumps(make_json(report), ensure_ascii=False, indent=2))
    else:
        Console(soft_wrap=False).print(render(report))
