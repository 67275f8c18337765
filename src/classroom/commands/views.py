"""Results, lists and findings as a terminal shows them; nothing here looks anything up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import Progress
from classroom.course.registry import Course
from classroom.serve.doctor import Finding, Health
from classroom.serve.run_of_show import Cue, Cut
from darkroom.commands.advice import as_called

if TYPE_CHECKING:
    from classroom.grading.reports import ReportRow

LOOK = {
    Outcome.TODO: ("✎", "to do", "yellow"),
    Outcome.PASS: ("✓", "passed", "green"),
    Outcome.FAIL: ("✗", "not yet", "red"),
    Outcome.ERROR: ("!", "your code raised", "red"),
    Outcome.BLOCKED: ("–", "waiting", "dim"),
}
_HEALTH = {Health.OK: ("✓", "green"), Health.WARN: ("!", "yellow"), Health.FAIL: ("✗", "red")}


def render_result(result: CheckResult) -> RenderableType:
    """Returns one result, with what to do next."""
    icon, word, colour = LOOK[result.outcome]
    facts = Table.grid(padding=(0, 2))
    for name, text in (("call", result.call), ("expected", result.expected), ("actual", result.actual)):
        if text:
            facts.add_row(f"[dim]{name}[/dim]", escape(text))
    parts: list[RenderableType] = [escape(as_called(result.message))]
    if facts.row_count:
        parts.append(facts)
    if result.next_step:
        parts.append(f"[bold]Next:[/bold] {escape(as_called(result.next_step))}")
    title = f"{icon} {word} · {escape(result.id)} · {escape(result.title)}"
    return Panel(Group(*parts), title=title, title_align="left", border_style=colour, padding=(0, 1))


def render_results(results: Sequence[CheckResult]) -> RenderableType:
    """Returns many results: one line each, and in full what has to be done next."""
    table = Table.grid(padding=(0, 2))
    for result in results:
        icon, word, colour = LOOK[result.outcome]
        table.add_row(f"[{colour}]{icon} {word}[/{colour}]", escape(result.id), escape(result.title))
    first = next((result for result in results if result.outcome is not Outcome.PASS), None)
    passed = sum(result.outcome is Outcome.PASS for result in results)
    tally = f"{passed} of {len(results)} steps passed, {sum(result.points for result in results)} points"
    return Group(table, "", *([render_result(first)] if first else []), tally)


def render_grades(rows: Sequence[ReportRow]) -> RenderableType:
    """Returns a line for each student, with points and how many steps passed; below it the averages.

    Args:
        rows: A row for each step; those of one student stand together.
    """
    table = Table("student", "points", "passed", "not handed in", box=None, padding=(0, 2, 0, 0))
    grades = [(student, list(own)) for student, own in groupby(rows, key=attrgetter("student"))]
    for student, own in grades:
        missing = len({row.exercise for row in own if row.is_missing})
        points, possible = sum(row.points for row in own), sum(row.max_points for row in own)
        told = (f"{points} of {possible}", f"{_count_passed(own)} of {len(own)}", str(missing or ""))
        table.add_row(escape(student or "you"), *told)
    if len(grades) > 1:
        mean_points = sum(row.points for row in rows) / len(grades)
        mean_passed = _count_passed(rows) / len(grades)
        table.add_row(f"{len(grades)} students, mean", f"{mean_points:.1f}", f"{mean_passed:.1f}", "", style="bold")
    return table


def _count_passed(rows: Iterable[ReportRow]) -> int:
    return sum(row.outcome is Outcome.PASS for row in rows)


def render_course(course: Course, progress: Progress) -> RenderableType:
    """Returns the course: lessons and exercises in order, with how far one is."""
    lessons = Table("lesson", "", "min", box=None, padding=(0, 2, 0, 0))
    for lesson in course.lessons:
        lessons.add_row(lesson.id, escape(lesson.title), str(lesson.minutes))
    exercises = Table("exercise", "", "min", "points", "", box=None, padding=(0, 2, 0, 0))
    for exercise in course.exercises:
        steps = [progress.of(step.id) for step in exercise.steps]
        done = sum(step.has_passed for step in steps)
        state = "[green]✓ passed[/green]" if done == len(steps) else f"{done} of {len(steps)}" if done else "✎ to do"
        points = sum(step.points for step in exercise.steps)
        exercises.add_row(exercise.id, escape(exercise.title), str(exercise.minutes), str(points), state)
    after = "`classroom check ID` checks, `classroom hint ID` helps, `classroom start` opens all in the browser."
    return Group(lessons, "", exercises, "", as_called(after))


def render_findings(findings: Iterable[Finding]) -> RenderableType:
    """Returns what doctor found; what has to be mended stands below its line."""
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        icon, colour = _HEALTH[finding.health]
        table.add_row(f"[{colour}]{icon}[/{colour}]", escape(finding.name), escape(finding.found))
        if finding.mend:
            table.add_row("", "", f"[bold]→[/bold] {escape(as_called(finding.mend))}")
    return table


def render_cues(before: Sequence[str], cues: Sequence[Cue], cuts: Sequence[Cut]) -> RenderableType:
    """Returns the run of show: what to do before, each stretch as a block, and what to leave out when time is short."""
    blocks: list[RenderableType] = [Text("Before", style="bold"), *(_bullet(entry) for entry in before)]
    for cue in cues:
        if cue.lesson:
            blocks += [
                "",
                Text(cue.lesson, style="bold underline"),
                *([Text(cue.page, style="dim")] if cue.page else []),
            ]
        blocks += ["", _render_cue(cue)]
    if cuts:
        heads = ("cut", "when time is short, leave out in this order", "min", "in all")
        table = Table(*heads, box=None, padding=(0, 2, 0, 0))
        for cut in cuts:
            table.add_row(str(cut.rank), escape(cut.title), str(cut.minutes), str(cut.saved))
        blocks += ["", table]
    return Group(*blocks)


def _bullet(text: str) -> RenderableType:
    line = Table.grid(padding=(0, 1))
    line.add_row("·", escape(text))
    return line


def _render_cue(cue: Cue) -> RenderableType:
    beat = cue.beat
    told = Table.grid(padding=(0, 2))
    told.add_column(style="dim", no_wrap=True, min_width=7)
    told.add_column()
    cut = f" · cut {beat.cut}" if beat.cut else ""
    told.add_row(cue.clock, f"[bold]{escape(beat.title)}[/bold] · {beat.minutes} min{cut}")
    if beat.poll:
        told.add_row("[bold cyan]poll[/bold cyan]", f"[bold cyan]{escape(beat.poll)}[/bold cyan]")
    for text in cue.says:
        told.add_row("say", escape(text))
    for cell in cue.typed:
        told.add_row("type", escape(f"{cell.cue} ({cell.name}: {cell.lines} lines, about {cell.seconds} s)"))
    for name, text in (("do", beat.do), ("see", beat.see), ("if not", beat.otherwise), ("shorter", beat.shorten)):
        if text:
            told.add_row(name, escape(text))
    return told
