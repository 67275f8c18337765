"""What a check finds: one frozen result that feeds the notebook's callout, the command and pytest alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from classroom.course.contents import Exercise, Step


class Outcome(StrEnum):
    """How a step stands. `error` is an exception of the learner's code; `blocked` waits for an earlier step."""

    TODO = "todo"
    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    ERROR = "error"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check says of one step of an exercise.

    Attributes:
        id: The step, as the command names it: `01_read_a_layout`, or `follow_along:3` where there are several.
        outcome: How the step stands.
        title: The step's title.
        message: One sentence: what is wrong, or the insight of a pass.
        expected: What should have come out; empty where nothing is compared.
        actual: What came out.
        next_step: The one thing to do next.
        points: Points earned: the step's points on a pass, else 0.
        call: What was called to find out, as one would type it.
    """

    id: str
    outcome: Outcome
    title: str
    message: str
    expected: str = ""
    actual: str = ""
    next_step: str = ""
    points: int = 0
    call: str = ""

    @property
    def is_attempt(self) -> bool:
        """Whether the learner had written something."""
        return self.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.ERROR)

    def to_json(self) -> dict[str, Any]:
        """Returns the result as plain values, for JSON."""
        return {**asdict(self), "outcome": str(self.outcome)}


def passed(insight: str) -> CheckResult:
    """Returns a pass, with one insight worth the learner's while."""
    return CheckResult("", Outcome.PASS, "", insight)


def todo(next_step: str, message: str = "Nothing to check yet: the gap is still empty.") -> CheckResult:
    """Returns that nothing was written yet: the gap is as it was handed out."""
    return CheckResult("", Outcome.TODO, "", message, next_step=next_step)


def failed(message: str, *, expected: object, actual: object, next_step: str, call: str = "") -> CheckResult:
    """Returns a wrong answer.

    Args:
        message: One sentence that says what is wrong.
        expected: What should have come out.
        actual: What came out.
        next_step: The one thing to do next.
        call: What was called to find out, as one would type it.
    """
    return CheckResult("", Outcome.FAIL, "", message, str(expected), str(actual), next_step, call=call)


def raised(message: str, *, next_step: str, call: str = "") -> CheckResult:
    """Returns an exception of the learner's code, told with cell and line in `message`."""
    return CheckResult("", Outcome.ERROR, "", message, next_step=next_step, call=call)


def blocked(message: str, next_step: str) -> CheckResult:
    """Returns that an earlier step has to pass first."""
    return CheckResult("", Outcome.BLOCKED, "", message, next_step=next_step)


def name_result(result: CheckResult, step: Step) -> CheckResult:
    """Returns the result with what the registry knows of its step; points are earned by a pass only.

    Args:
        result: From a check; one that says nothing to do next, and should, names a hint.
        step: The step that was checked.
    """
    next_step = result.next_step
    if not next_step and result.outcome in (Outcome.FAIL, Outcome.ERROR):
        next_step = f"`classroom hint {step.id}`"
    points = step.points if result.outcome is Outcome.PASS else 0
    return replace(result, id=step.id, title=step.title, points=points, next_step=next_step)


def judge_steps(exercise: Exercise, judge: Callable[[Step], CheckResult]) -> list[CheckResult]:
    """Judges the steps of an exercise in order; those after one that does not pass are blocked, and not judged.

    Args:
        exercise: From the registry.
        judge: Called with each step that nothing blocks.
    """
    results: list[CheckResult] = []
    for step in exercise.steps:
        waits_for = next((result.id for result in results if result.outcome is not Outcome.PASS), None)
        if waits_for is None:
            results.append(judge(step))
        else:
            message = f"It builds on {waits_for}, which has not passed yet."
            next_step = f"`classroom check {waits_for}`, or `classroom catch-up {step.id}`"
            results.append(name_result(blocked(message, next_step), step))
    return results
