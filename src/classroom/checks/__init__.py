"""The checks: one module an exercise, looking at state and never at a claim.

Each module has `STEPS`, one `StepCheck` per step of its exercise. A check has two halves. `collect` runs the learner's
code and writes down what came of it as plain values: rows, schemas, counts, exceptions. `judge` turns that evidence
into a `CheckResult` and runs none of the learner's code; a grader calls it in a process that the submission never saw.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classroom.course.contents import Names, Step
from classroom.course.outcomes import CheckResult
from classroom.errors import CourseError

if TYPE_CHECKING:
    from classroom.course.workspace import Workspace

__all__ = ["EMPTY", "Evidence", "Names", "StepCheck", "WrongAnswer", "find_check", "module_name"]

Evidence = dict[str, Any]
"""What came of the learner's code, in values that JSON has."""

EMPTY: Evidence = {"empty": True}
"""What `collect` returns for a gap in which nothing was written."""


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A mistake that people make, and what the check says to it.

    Attributes:
        name: The mistake, in a few words.
        code: What stands in the gap, without indentation.
        message: Words that the check's message contains.
    """

    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StepCheck:
    """How one step is checked.

    Attributes:
        collect: Runs the learner's code in a workspace of its own.
        judge: Tells from the evidence how the step stands.
        wrong_answers: At least two; `classroom dev check` proves that each fails with its message.
        demands: What an answer has to do, in words or names that stand on the page before its checkpoint; proven too.
    """

    collect: Callable[[Names, Workspace], Evidence]
    judge: Callable[[Evidence], CheckResult]
    wrong_answers: tuple[WrongAnswer, ...]
    demands: tuple[str, ...] = ()


def find_check(step: Step) -> StepCheck:
    """Returns the check of a step.

    Raises:
        CourseError: The exercise has no module of checks, or too few of them.
    """
    name = f"classroom.checks.{module_name(step.exercise_id)}"
    try:
        checks: tuple[StepCheck, ...] = importlib.import_module(name).STEPS
        return checks[step.number - 1]
    except (ModuleNotFoundError, AttributeError, IndexError) as error:
        raise CourseError(f"{name} has no check for {step.id}: {error}. Add it to STEPS there.") from error


def module_name(exercise_id: str) -> str:
    """Returns `read_a_layout` for `01_read_a_layout`: a module's name cannot begin with a digit."""
    number, _, rest = exercise_id.partition("_")
    return rest if number.isdigit() else exercise_id
