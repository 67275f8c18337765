"""Commands for whoever teaches: the run of show, and the grades of a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from classroom.commands.grades import check_output, grade_options, show_grades
from classroom.commands.options import tell
from classroom.commands.views import render_cues
from classroom.course.registry import find_course
from classroom.serve.run_of_show import list_cuts, make_run_of_show, render_page


@click.command("run-of-show")
@click.option("--start", "begin", help="When the workshop begins, HH:MM.  [default: now]")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page to print.")
def run_of_show(begin: str | None, html: Path | None) -> None:
    """What to say, type and press, minute by minute, and what to leave out when time is short."""
    course = find_course()
    try:
        cues = make_run_of_show(course, begin or datetime.now().strftime("%H:%M"))
    except ValueError as error:
        raise click.BadParameter(
            f"{begin!r} is no time of day; expected HH:MM, as in 14:00", param_hint="--start"
        ) from error
    if html is None:
        Console(soft_wrap=False).print(render_cues(course.before, cues, list_cuts(cues)))
        return
    html.write_text(render_page(course, cues), encoding="utf-8")
    click.echo(f"Written to {html}; open it in a browser and print it.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@grade_options
@click.option("--jobs", type=click.IntRange(1), help="Submissions at a time.  [default: one core stays free]")
@click.option("--timeout", "timeout_s", default=60.0, show_default=True, help="Seconds for one notebook.")
@click.option("--memory", "memory_mb", default=2048, show_default=True, help="Megabytes for one notebook.")
def grade(
    folder: Path, form: str | None, output: Path | None, jobs: int | None, timeout_s: float, memory_mb: int
) -> None:
    """Run submitted notebooks again, each shut in, and judge them by the installed checks.

    FOLDER has a folder or a .zip for each student, with notebooks named as the exercises.
    """
    from classroom.grading import grade as run_grading
    from classroom.grading.reports import make_report_rows

    check_output(form, output)
    course = find_course()
    with _progress() as on_graded:
        grading = run_grading(course, folder, jobs=jobs, timeout_s=timeout_s, memory_mb=memory_mb, on_graded=on_graded)
    for note in (grading.isolation, *grading.notes):
        tell(note)
    rows = [row for student in grading.students for row in make_report_rows(course, student.results, student.name)]
    facts = {"isolation": grading.isolation, "notes": list(grading.notes)}
    show_grades(rows, form, output, facts)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Shows on standard error how many notebooks are graded, where that is a terminal."""
    console = Console(stderr=True)
    is_shown = console.is_terminal
    with Progress(*Progress.get_default_columns(), console=console, transient=True, disable=not is_shown) as bar:
        task = bar.add_task("notebooks graded")
        yield lambda done, total: bar.update(task, completed=done, total=total)


COMMANDS = (run_of_show, grade)
