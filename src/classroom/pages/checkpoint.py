"""Checkpoints inside a notebook: a check's result as a callout, and its hints below.

Which modules of `classroom` may import marimo, `tests/test_layering.py` says.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import marimo as mo

from classroom.checks.checking import check_step
from classroom.course.contents import Step
from classroom.course.gaps import find_gaps
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import record_checkpoint
from classroom.course.registry import Course, find_course

_LOOK = {
    Outcome.TODO: ("✎", "To do", "#b45309", "#fffbeb"),
    Outcome.PASS: ("✓", "Passed", "#15803d", "#f0fdf4"),
    Outcome.FAIL: ("✗", "Not yet", "#b91c1c", "#fef2f2"),
    Outcome.ERROR: ("⚠", "Your code raised", "#b91c1c", "#fef2f2"),
    Outcome.BLOCKED: ("⏸", "Waiting", "#475569", "#f8fafc"),
}
"""Icon, word, colour, background: never the colour alone."""


def checkpoint(exercise_id: str, number: int = 1, /, **names: Any) -> mo.Html:
    """Checks one step of an exercise and shows how it stands; the last line of a checkpoint's cell.

    Args:
        exercise_id: As in the registry.
        number: The step.
        **names: What the step's cell defines.
    """
    folder = _notebook_folder()
    course = find_course(folder)
    step = course.find_steps(f"{exercise_id}:{number}")[0]
    result = check_step(step, names)
    progress = record_checkpoint(course, folder, result)
    solution = read_solution(course, step) if progress.of(step.id).is_unlocked else ""
    return show(result, step.hints, solution)


def show(result: CheckResult, hints: tuple[str, ...] = (), solution: str = "") -> mo.Html:
    """A result as a callout; below it hints that open one after the other, and the solution where it is unlocked."""
    icon, word, colour, background = _LOOK[result.outcome]
    facts = [("call", result.call), ("expected", result.expected), ("actual", result.actual)]
    rows = "".join(
        f"<dt style='color:#475569'>{name}</dt><dd style='margin:0'><code>{escape(text)}</code></dd>"
        for name, text in facts
        if text
    )
    table = f"<dl style='{_GRID}'>{rows}</dl>" if rows else ""
    step = f"<p style='margin:.5rem 0 0'><b>Next:</b> {_inline(result.next_step)}</p>" if result.next_step else ""
    more = (
        _ladder(hints, solution)
        if result.outcome is not Outcome.PASS
        else _details("Compare with the solution", solution)
    )
    return mo.Html(
        f"<section role='status' data-outcome='{result.outcome}' "
        f"style='{_BOX};border-color:{colour};background:{background}'>"
        f"<p style='margin:0 0 .35rem;color:{colour};font-weight:600'>"
        f"<span aria-hidden='true'>{icon}</span> {word} · {escape(result.title)}</p>"
        f"<p style='margin:0'>{_inline(result.message)}</p>{table}{step}{more}</section>"
    )


def read_solution(course: Course, step: Step) -> str:
    """The code that the master has in the gaps of a step."""
    master = course.solution_file(step.exercise_id).read_text(encoding="utf-8")
    return "\n".join(gap.code for gap in find_gaps(master) if gap.step == step.number)


_BOX = (
    "border:1px solid;border-left-width:6px;border-radius:.5rem;padding:.75rem 1rem;color:#0f172a;"
    "overflow-wrap:anywhere"
)
_GRID = "display:grid;grid-template-columns:max-content 1fr;gap:.15rem .75rem;margin:.5rem 0 0"


def _ladder(hints: tuple[str, ...], solution: str) -> str:
    """Hints inside each other: the second can only be opened inside the first."""
    inner = _details("Show the solution", solution)
    for number, hint in reversed(list(enumerate(hints, start=1))):
        inner = (
            f"<details style='margin-top:.5rem'><summary>Hint {number}</summary><p>{_inline(hint)}</p>{inner}</details>"
        )
    return inner


def _details(summary: str, code: str) -> str:
    if not code:
        return ""
    body = f"<pre style='overflow-x:auto'><code>{escape(code)}</code></pre>"
    return f"<details style='margin-top:.5rem'><summary>{summary}</summary>{body}</details>"


def _inline(text: str) -> str:
    """Text with `code` in backticks as HTML."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _notebook_folder() -> Path | None:
    folder = mo.notebook_dir()
    return Path(folder) if folder else None
