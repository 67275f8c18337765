"""Commands for whoever learns: is this machine ready, how does an exercise stand, and what helps."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from classroom.checks.catch_up import catch_up as bring_up
from classroom.checks.catch_up import steps_before
from classroom.checks.check_process import CheckProcess
from classroom.commands.grades import check_output, grade_options, show_grades
from classroom.commands.options import EXIT_NOT_PASSED, port_option, tell
from classroom.commands.views import render_course, render_findings, render_result, render_results
from classroom.course.contents import Step
from classroom.course.outcomes import CheckResult, Outcome, judge_steps, name_result, passed
from classroom.course.progress import read_progress, record_hint, record_result
from classroom.course.registry import Course, find_course
from classroom.serve.doctor import Health, examine, one_line
from darkroom.commands.advice import as_called

_WATCH_EVERY_S = 0.5


@click.command()
@port_option
def doctor(port: int) -> None:
    """Say whether this machine can run the course; ends with one line to paste into a chat."""
    findings = examine(port)
    console = Console(soft_wrap=False)
    console.print(render_findings(findings))
    click.echo()
    click.echo(one_line(findings))
    if any(finding.health is Health.FAIL for finding in findings):
        raise click.exceptions.Exit(EXIT_NOT_PASSED)


@click.command("list")
def list_course() -> None:
    """List lessons and exercises, and how far you are."""
    course = find_course()
    progress = read_progress(course.root)
    tell(progress.note)
    Console(soft_wrap=False).print(render_course(course, progress))


@click.command()
@click.argument("name", required=False, metavar="[ID]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list and nothing else.")
@click.option("--watch", is_flag=True, help="Check again whenever the file is saved, until Ctrl-C.")
def check(name: str | None, as_json: bool, watch: bool) -> None:
    """Check one exercise (`01`), one step of the follow-along (`:3`), or all."""
    course = find_course()
    with CheckProcess(course, tell=tell) as process:
        results = _check(course, name, process)
        _show(results, as_json=as_json)
        while watch:
            before = _times(course)
            while _times(course) == before:
                time.sleep(_WATCH_EVERY_S)
            results = _check(course, name, process)
            _show(results, as_json=as_json)
    if any(result.outcome is not Outcome.PASS for result in results):
        raise click.exceptions.Exit(EXIT_NOT_PASSED)


@click.command()
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
    click.echo(as_called(f"\nTry again: `classroom check {step.id}`. Still stuck: `{after}`."))


@click.command()
@click.argument("name", metavar="ID")
@click.option("--force", is_flag=True, help="Without an attempt; for instructors.")
def solution(name: str, force: bool) -> None:
    """Show the solution: after a pass, or after one attempt."""
    from classroom.course.exercise_files import show_solution

    click.echo(show_solution(find_course(), name, is_forced=force))


@click.command()
@click.argument("name", metavar="ID")
def reset(name: str) -> None:
    """Set an exercise, or one of its steps, back to how it was handed out."""
    from classroom.course.exercise_files import reset as set_back

    course = find_course()
    change = set_back(course, name)
    kept = f" What you wrote is kept in {change.backup}." if change.backup else ""
    steps = course.find_steps(name)
    part = f"Step {steps[0].id} of " if len(steps) == 1 < len(course.find_exercise(steps[0].exercise_id).steps) else ""
    click.echo(f"{part}{change.file} is as it was handed out.{kept}")


@click.command("catch-up")
@click.argument("name", metavar="ID")
def catch_up(name: str) -> None:
    """Solve everything before an exercise (`05`), or a step of the follow-along (`:4`), by running the solutions."""
    course = find_course()
    with CheckProcess(course, tell=tell) as process:
        done = bring_up(course, name, process.check_file)
    for change, result in done:
        kept = f"; what you wrote is kept in {change.backup}" if change.backup else ""
        click.echo(
            f"{result.id}: solved and run, {'passed' if result.outcome is Outcome.PASS else result.outcome}{kept}"
        )
    target = course.find_steps(name)[0]
    if not done:
        click.echo(
            "All that comes before it has passed already." if steps_before(course, name) else "Nothing comes before it."
        )
    click.echo(f"Go on with {target.id}: {target.title}")


@click.command()
@grade_options
def report(form: str | None, output: Path | None) -> None:
    """Check all exercises, and sum up; with a row for each step for another program."""
    from classroom.grading.reports import make_report_rows

    check_output(form, output)
    course = find_course()
    with CheckProcess(course, tell=tell) as process:
        results = _check(course, None, process)
    show_grades(make_report_rows(course, results), form, output, {})


COMMANDS = (doctor, list_course, check, hint, solution, reset, catch_up, report)


def _check(course: Course, name: str | None, process: CheckProcess) -> list[CheckResult]:
    """Checks exercises in the learner's files, and notes the results.

    Args:
        course: The course.
        name: An exercise or one of its steps; None for all exercises.
        process: Runs them.
    """
    steps = course.find_steps(name) if name else course.steps
    wanted = {step.id for step in steps}
    progress = read_progress(course.root)
    results = []
    for exercise_id in dict.fromkeys(step.exercise_id for step in steps):
        exercise = course.find_exercise(exercise_id)
        path = course.exercise_file(exercise_id)

        def judge(step: Step, path: Path = path) -> CheckResult:
            if step.id not in wanted and progress.of(step.id).has_passed:
                return name_result(passed(""), step)  # what has passed before is not run again
            return process.check_file(step, path)

        last = max(step.number for step in steps if step.exercise_id == exercise_id)
        judged = judge_steps(replace(exercise, steps=exercise.steps[:last]), judge)
        results += [result for result in judged if result.id in wanted]
    for result in results:
        tell(record_result(course.root, result).note)
    return results


def _show(results: Sequence[CheckResult], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([result.to_json() for result in results], ensure_ascii=False, indent=2))
    else:
        view = render_result(results[0]) if len(results) == 1 else render_results(results)
        Console(soft_wrap=False).print(view)
        for result in results[:1]:
            if result.outcome in (Outcome.FAIL, Outcome.ERROR):
                click.echo(as_called(f"Stuck? `classroom hint {result.id}`"))


def _times(course: Course) -> list[float]:
    files = [course.exercise_file(exercise.id) for exercise in course.exercises]
    return [file.stat().st_mtime if file.exists() else 0.0 for file in files]
