"""The command `classroom`. What each command does is a function of the package; here options become its arguments."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from classroom.commands.dev import dev
from classroom.commands.views import render_course, render_cues, render_findings, render_result, render_results
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import read_progress, record_hint, record_result
from classroom.course.registry import Course, find_course
from classroom.errors import ClassroomError
from classroom.serve.doctor import DEFAULT_PORT, Health, examine, one_line
from classroom.serve.run_of_show import make_run_of_show, render_page
from darkroom.errors import DarkroomError

EXIT_NOT_PASSED = 1
"""What was asked for is done, and its answer is no."""
EXIT_ERROR = 2
"""What was asked for could not be done."""
_WATCH_EVERY_S = 0.5

_port = click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535), help="Port.")
_format = click.option(
    "--format", "form", default="csv", show_default=True, type=click.Choice(["json", "csv", "junit"]), help="Format."
)
_headless = click.option("--headless", is_flag=True, help="Open no browser.")


class _Group(click.Group):
    """Prints an error as one sentence, and exits 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ClassroomError, DarkroomError) as error:
            click.echo(f"classroom: {error}", err=True)
            ctx.exit(EXIT_ERROR)
        except KeyboardInterrupt:
            click.echo("classroom: ended.", err=True)
            ctx.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="darkroom-classroom", prog_name="classroom")
def main() -> None:
    """The workshop and its exercises.

    \b
      classroom doctor             is this machine ready
      classroom start              lessons and exercises in the browser
      classroom check 01           how does an exercise stand
      classroom hint 01            one hint more
      classroom catch-up 05        everything before 05 solved, what you wrote is kept
    """  # noqa: D301 - to click, a backspace means: do not wrap this


@main.command()
@_headless
@_port
def start(headless: bool, port: int) -> None:
    """Load the sample data, and open lessons and exercises in the browser."""
    from classroom.serve.server import start as serve
    from darkroom import ingest
    from darkroom.commands.views.ingest import render_ingest

    course = find_course()
    report = ingest([course.root / "sample_data"], database=course.root / "darkroom.duckdb")
    Console(soft_wrap=False).print(render_ingest(report))
    serve(course, port=port, is_headless=headless, say=click.echo)


@main.command()
@_port
def doctor(port: int) -> None:
    """Say whether this machine can run the course; ends with one line to paste into a chat."""
    findings = examine(port)
    console = Console(soft_wrap=False)
    console.print(render_findings(findings))
    click.echo()
    click.echo(one_line(findings))
    if any(finding.health is Health.FAIL for finding in findings):
        raise click.exceptions.Exit(EXIT_NOT_PASSED)


@main.command("list")
def list_course() -> None:
    """List lessons and exercises, and how far you are."""
    course = find_course()
    progress = read_progress(course.root)
    _tell(progress.note)
    Console(soft_wrap=False).print(render_course(course, progress))


@main.command()
@click.argument("name", required=False, metavar="[ID]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list and nothing else.")
@click.option("--watch", is_flag=True, help="Check again whenever the file is saved, until Ctrl-C.")
def check(name: str | None, as_json: bool, watch: bool) -> None:
    """Check one exercise (`01`, `follow_along:3`), or all."""
    course = find_course()
    results = _check(course, name)
    _show(results, as_json=as_json)
    while watch:
        before = _times(course)
        while _times(course) == before:
            time.sleep(_WATCH_EVERY_S)
        results = _check(course, name)
        _show(results, as_json=as_json)
    if any(result.outcome is not Outcome.PASS for result in results):
        raise click.exceptions.Exit(EXIT_NOT_PASSED)


@main.command()
@click.argument("name", metavar="ID")
def hint(name: str) -> None:
    """Open one hint more."""
    course = find_course()
    steps = course.find_steps(name)
    progress = read_progress(course.root)
    step = next((step for step in steps if not progress.of(step.id).has_passed), steps[-1])
    opened = min(progress.of(step.id).hints + 1, len(step.hints))
    record_hint(course.root, step.id)
    for number, text in enumerate(step.hints[:opened], start=1):
        click.echo(f"Hint {number} of {len(step.hints)} · {step.id} · {text}")
    after = f"classroom hint {step.id}" if opened < len(step.hints) else f"classroom solution {step.id}"
    click.echo(f"\nTry again: `classroom check {step.id}`. Still stuck: `{after}`.")


@main.command()
@click.argument("name", metavar="ID")
@click.option("--force", is_flag=True, help="Without an attempt; for instructors.")
def solution(name: str, force: bool) -> None:
    """Show the solution: after a pass, or after one attempt."""
    from classroom.course.exercise_files import show_solution

    click.echo(show_solution(find_course(), name, is_forced=force))


@main.command()
@click.argument("name", metavar="ID")
def reset(name: str) -> None:
    """Set an exercise, or one of its steps, back to how it was handed out."""
    from classroom.course.exercise_files import reset as set_back

    change = set_back(find_course(), name)
    kept = f" What you wrote is kept in {change.backup}." if change.backup else ""
    click.echo(f"{change.file} is as it was handed out.{kept}")


@main.command("catch-up")
@click.argument("name", metavar="ID")
def catch_up(name: str) -> None:
    """Solve everything before an exercise or a step (`05`, `follow_along:4`) by running the solutions."""
    from classroom.checks.catch_up import catch_up as bring_up

    course = find_course()
    name = f"follow_along:{name}" if name.isdigit() and _has_follow_along(course) and len(name) == 1 else name
    done = bring_up(course, name)
    for change, result in done:
        kept = f"; what you wrote is kept in {change.backup}" if change.backup else ""
        click.echo(f"{result.id}: solved and run, {result.outcome}{kept}")
    target = course.find_steps(name)[0]
    click.echo(
        f"{'Everything before it had passed already. ' if not done else ''}Go on with {target.id}: {target.title}"
    )


@main.command("run-of-show")
@click.option("--start", "begin", help="When the workshop begins, HH:MM.  [default: now]")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page to print.")
def run_of_show(begin: str | None, html: Path | None) -> None:
    """Clock times, what to say, and what to leave out when time is short."""
    course = find_course()
    try:
        cues = make_run_of_show(course, begin or datetime.now().strftime("%H:%M"))
    except ValueError as error:
        raise click.BadParameter(
            f"{begin!r} is no time of day; expected HH:MM, as in 14:00", param_hint="--start"
        ) from error
    if html is None:
        Console(soft_wrap=False).print(render_cues(cues))
        return
    html.write_text(render_page(course, cues), encoding="utf-8")
    click.echo(f"Written to {html}; open it in a browser and print it.")


@main.command()
@click.argument("name", metavar="NN")
@_headless
@_port
def live(name: str, headless: bool, port: int) -> None:
    """Open a copy of a lesson whose demo cells are emptied, to type them live."""
    from classroom.serve.live import open_live
    from classroom.serve.server import edit

    course = find_course()
    notebook = open_live(course, course.find_lesson(name))
    edit(course, notebook, port=port, is_headless=headless, say=click.echo)


@main.command()
@_format
def report(form: str) -> None:
    """Check all exercises, and print the results for another program."""
    from classroom.grading.reports import ReportFormat, make_report_rows, render

    course = find_course()
    click.echo(render(make_report_rows(course, _check(course, None)), ReportFormat(form)), nl=False)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_format
@click.option("--jobs", type=click.IntRange(1), help="Submissions at a time.  [default: one core stays free]")
@click.option("--timeout", "timeout_s", default=60.0, show_default=True, help="Seconds for one notebook.")
@click.option("--memory", "memory_mb", default=2048, show_default=True, help="Megabytes for one notebook.")
def grade(folder: Path, form: str, jobs: int | None, timeout_s: float, memory_mb: int) -> None:
    """Run submitted notebooks again, each shut in, and judge them by the installed checks.

    FOLDER has a folder or a .zip for each student, with notebooks named as the exercises.
    """
    from classroom.grading import grade as run_grading
    from classroom.grading.reports import ReportFormat, make_report_rows, render

    course = find_course()
    grading = run_grading(course, folder, jobs=jobs, timeout_s=timeout_s, memory_mb=memory_mb)
    for note in (grading.isolation, *grading.notes):
        click.echo(f"classroom: {note}", err=True)
    rows = [row for student in grading.students for row in make_report_rows(course, student.results, student.name)]
    facts = {"isolation": grading.isolation, "notes": list(grading.notes)}
    click.echo(render(rows, ReportFormat(form), facts), nl=False)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for a whole room.")
@click.option("--port", default=8123, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 for any.")
@click.option("--day", default=1, show_default=True, type=click.IntRange(1, 3), help="Where its clock stands.")
@click.option("--requests-per-minute", type=click.IntRange(1), help="Answer 429 beyond this.  [default: no limit]")
@click.option("--by-agent", is_flag=True, help="Count requests by the header AIC-User-Agent, not by address.")
@click.option("--base-path", default="", help="Path in front of /api, as in /museum.")
def museum(host: str, port: int, day: int, requests_per_minute: int | None, by_agent: bool, base_path: str) -> None:
    """Open the local stand-in of the museum's API, for this machine or a whole room."""
    from classroom.museum import Faults, RunningMuseum, serve

    def tell(running: RunningMuseum) -> None:
        click.echo(f"The museum is open at {running.room_url}  (Ctrl-C ends it)")
        click.echo(f"Attendees put this address into the lesson, or set CLASSROOM_MUSEUM={running.room_url}")

    try:
        faults = Faults(requests_per_minute=requests_per_minute, is_counted_by_agent=by_agent)
        serve(host, port, day, faults, base_path, on_start=tell)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _check(course: Course, name: str | None) -> list[CheckResult]:
    from classroom.checks.checking import check_notebook

    steps = course.find_steps(name) if name else course.steps
    wanted = {step.id for step in steps}
    results = []
    for exercise_id in dict.fromkeys(step.exercise_id for step in steps):
        exercise = course.find_exercise(exercise_id)
        checked = check_notebook(exercise, course.exercise_file(exercise_id))
        results += [result for result in checked if result.id in wanted]
    for result in results:
        _tell(record_result(course.root, result).note)
    return results


def _show(results: Sequence[CheckResult], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([result.to_json() for result in results], ensure_ascii=False, indent=2))
    else:
        view = render_result(results[0]) if len(results) == 1 else render_results(results)
        Console(soft_wrap=False).print(view)
        for result in results[:1]:
            if result.outcome in (Outcome.FAIL, Outcome.ERROR):
                click.echo(f"Stuck? `classroom hint {result.id}`")


def _times(course: Course) -> list[float]:
    files = [course.exercise_file(exercise.id) for exercise in course.exercises]
    return [file.stat().st_mtime if file.exists() else 0.0 for file in files]


def _has_follow_along(course: Course) -> bool:
    return any(exercise.id == "follow_along" for exercise in course.exercises)


def _tell(note: str) -> None:
    if note:
        click.echo(f"classroom: {note}", err=True)


main.add_command(dev)
