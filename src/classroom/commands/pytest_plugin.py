"""`pytest --classroom exercises/`: each step of each exercise is a test.

A step still to do is skipped with that reason, one that passes passes, anything else fails with the words that the
notebook's checkpoint shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from classroom.course.contents import Exercise
    from classroom.course.outcomes import CheckResult
    from classroom.course.registry import Course


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--classroom`."""
    group = parser.getgroup("classroom")
    group.addoption("--classroom", action="store_true", help="Check exercises: `pytest --classroom exercises/`.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects the notebooks of exercises, and of solutions, as files of steps."""
    if not parent.config.getoption("--classroom") or file_path.suffix != ".py":
        return None
    from classroom.course.registry import find_course
    from classroom.errors import ClassroomError

    try:
        course = find_course(file_path.parent)
        exercise = course.find_exercise(file_path.stem)
    except ClassroomError:
        return None
    collector: _ExerciseFile = _ExerciseFile.from_parent(parent, path=file_path)
    collector.course, collector.exercise = course, exercise
    return collector


class _ExerciseFile(pytest.File):
    """One exercise's notebook."""

    course: Course
    exercise: Exercise

    def collect(self) -> Iterator[pytest.Item]:
        for number, step in enumerate(self.exercise.steps):
            item: _StepItem = _StepItem.from_parent(self, name=step.title)
            item.number = number
            yield item

    def check(self) -> list[CheckResult]:
        """Returns the results of all its steps; they are checked once."""
        from classroom.checks.check_process import CheckProcess

        if not hasattr(self, "_results"):
            with CheckProcess(self.course) as process:
                self._results = process.check_notebook(self.exercise, self.path)
        return self._results


class _StepItem(pytest.Item):
    """One step of an exercise."""

    number: int
    parent: _ExerciseFile

    def runtest(self) -> None:
        from classroom.course.outcomes import Outcome

        result = self.parent.check()[self.number]
        if result.outcome in (Outcome.TODO, Outcome.BLOCKED):
            pytest.skip(f"{result.outcome}: {result.message}")
        if result.outcome is not Outcome.PASS:
            raise _NotPassed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002
        if isinstance(excinfo.value, _NotPassed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.stem}: {self.name}"


class _NotPassed(Exception):  # noqa: N818 - a grade, not an error
    """A step that does not pass, in the words of its checkpoint."""

    def __init__(self, result: CheckResult) -> None:
        facts = [("call", result.call), ("expected", result.expected), ("actual", result.actual)]
        lines = [f"{name}: {text}" for name, text in (*facts, ("next", result.next_step)) if text]
        super().__init__("\n".join([result.message, *lines, f"stuck? classroom hint {result.id}"]))
