"""Checkpoints inside a notebook: a check's result as a callout, hints beside it, and what else tries a learner's code.

Whatever a learner writes breaks that cell alone. So the cells below take what it defines as functions that return it:
marimo runs them again after each change, and they still run while the cell cannot be read.

Which modules of `classroom` may import marimo, `tests/test_layering.py` says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import marimo as mo

from classroom.checks.checking import check_step
from classroom.course.contents import Step
from classroom.course.exercise_files import read_solution
from classroom.course.outcomes import CheckResult, Outcome, name_result, raised
from classroom.course.progress import record_checkpoint
from classroom.course.registry import Course, find_course
from classroom.pages.broken_cells import find_problem
from classroom.pages.navigation import exercise_link, next_exercise
from darkroom.commands.advice import as_called
from darkroom.html import render

T = TypeVar("T")

_LOOK = {
    Outcome.TODO: ("✎", "To do"),
    Outcome.PASS: ("✓", "Passed"),
    Outcome.FAIL: ("✗", "Not yet"),
    Outcome.ERROR: ("⚠", "Your code raised"),
    Outcome.BLOCKED: ("⏸", "Waiting"),
}
"""Icon and word of each outcome: never a colour alone."""


def checkpoint(exercise_id: str, number: int = 1, /, **written: Callable[[], Any]) -> mo.Html:
    """Checks one step of an exercise and shows how it stands; the last line of a checkpoint's cell.

    Args:
        exercise_id: As in the registry.
        number: The step.
        **written: What the step's cell defines, by name, each as a function that returns it.
    """
    folder = mo.notebook_dir()
    course = find_course(folder)
    step = course.find_steps(f"{exercise_id}:{number}")[0]
    # what stood here before is not true of what is checked now
    with mo.status.spinner("Checking …"):
        result = _check(step, written)
    progress = record_checkpoint(course, folder, result)
    solution = read_solution(course, [step]) if progress.of(step.id).is_unlocked else ""
    return show(result, solution, _next_up(course, step))


def hints(exercise_id: str, number: int = 1, /) -> mo.Html:
    """Shows the hints of a step, which open one after the other; a cell of its own, which nothing can break.

    Args:
        exercise_id: As in the registry.
        number: The step.
    """
    step = find_course(mo.notebook_dir()).find_steps(f"{exercise_id}:{number}")[0]
    return show_hints(step.hints)


def try_out(call: Callable[[], T]) -> T:
    """Returns what a call of the learner's code returns; if it raises, the cell that asked stops, and says little.

    The checkpoint says what was raised, and where.
    """
    try:
        return call()
    except (Exception, SystemExit):  # whatever a learner's code raises, the checkpoint shows it
        mo.stop(True, mo.md("*Nothing to see yet: the checkpoint above says why.*"))
        raise


def show(result: CheckResult, solution: str = "", next_up: tuple[str, str] = ("", "")) -> mo.Html:
    """Shows a result as a callout.

    Args:
        result: What to show.
        solution: The code that solves the step; empty as long as it is locked.
        next_up: Title and address of what comes after a pass; empty where there is none.
    """
    icon, word = _LOOK[result.outcome]
    result = replace(result, message=as_called(result.message), next_step=as_called(result.next_step))
    values = {"result": result, "icon": icon, "word": word, "solution": solution, "next_up": next_up}
    return mo.Html(render("classroom.pages", "checkpoint.html", **values))


def show_hints(hints: tuple[str, ...]) -> mo.Html:
    """Shows hints, each inside the one before.

    Args:
        hints: Texts with code in backticks, in the order in which they open.
    """
    return mo.Html(render("classroom.pages", "hints.html", hints=hints))


def _next_up(course: Course, step: Step) -> tuple[str, str]:
    """Returns title and address of the exercise after the one that ends with this step; empty within an exercise."""
    exercise = course.find_exercise(step.exercise_id)
    following = next_exercise(course, exercise)
    if step != exercise.steps[-1] or following is None:
        return "", ""
    return following.title, exercise_link(following)


def _check(step: Step, written: dict[str, Callable[[], Any]]) -> CheckResult:
    try:
        names = {name: get() for name, get in written.items()}
    except NameError:
        return name_result(raised(find_problem(step), next_step="Mend that, and run the cell again."), step)
    return check_step(step, names)
