"""Checkpoints inside a notebook: a check's result as a callout, and its hints below.

Which modules of `classroom` may import marimo, `tests/test_layering.py` says.
"""

from __future__ import annotations

from typing import Any

import marimo as mo

from classroom.checks.checking import check_step
from classroom.course.exercise_files import read_solution
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import record_checkpoint
from classroom.course.registry import find_course
from darkroom.html import render

_LOOK = {
    Outcome.TODO: ("✎", "To do"),
    Outcome.PASS: ("✓", "Passed"),
    Outcome.FAIL: ("✗", "Not yet"),
    Outcome.ERROR: ("⚠", "Your code raised"),
    Outcome.BLOCKED: ("⏸", "Waiting"),
}
"""Icon and word of each outcome: never a colour alone."""


def checkpoint(exercise_id: str, number: int = 1, /, **names: Any) -> mo.Html:
    """Checks one step of an exercise and shows how it stands; the last line of a checkpoint's cell.

    Args:
        exercise_id: As in the registry.
        number: The step.
        **names: What the step's cell defines.
    """
    folder = mo.notebook_dir()
    course = find_course(folder)
    step = course.find_steps(f"{exercise_id}:{number}")[0]
    result = check_step(step, names)
    progress = record_checkpoint(course, folder, result)
    solution = read_solution(course, [step]) if progress.of(step.id).is_unlocked else ""
    return show(result, step.hints, solution)


def show(result: CheckResult, hints: tuple[str, ...] = (), solution: str = "") -> mo.Html:
    """Shows a result as a callout; below it hints that open one after the other, and the solution where it is unlocked.

    Args:
        result: What to show.
        hints: Texts with code in backticks, in the order in which they open.
        solution: The code that solves the step; empty as long as it is locked.
    """
    icon, word = _LOOK[result.outcome]
    values = {"result": result, "icon": icon, "word": word, "hints": hints, "solution": solution}
    return mo.Html(render("classroom.pages", "checkpoint.html", **values))
