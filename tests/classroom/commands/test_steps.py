"""Of an exercise with several steps, no more is run than what was asked for needs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from classroom.commands.learners import _check
from classroom.course.contents import Step
from classroom.course.outcomes import CheckResult, Outcome, failed, name_result, passed
from classroom.course.progress import record_result
from classroom.course.registry import Course, read_course

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def whole(tmp_path: Path) -> Course:
    """The registry of the real course, in a folder where progress may be noted."""
    (tmp_path / "lessons").mkdir()
    shutil.copy(PROJECT / "lessons" / "course.toml", tmp_path / "lessons")
    return read_course(tmp_path)


class Recorder:
    """Stands for the process that runs a learner's code, and fails one step."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.asked: list[str] = []

    def check_file(self, step: Step, path: Path) -> CheckResult:  # noqa: ARG002 - as the real one
        self.asked.append(step.id)
        result = failed("no", expected=1, actual=2, next_step="") if step.id == self.failing else passed("yes")
        return name_result(result, step)


def run(course: Course, name: str, recorder: Any) -> list[tuple[str, Outcome]]:
    return [(result.id, result.outcome) for result in _check(course, name, recorder)]


def test_steps_that_have_passed_and_those_after_are_not_run_again(whole: Course) -> None:
    recorder = Recorder()
    for step in whole.find_steps("follow_along")[:2]:
        record_result(whole.root, name_result(passed("yes"), step))
    assert run(whole, ":3", recorder) == [("follow_along:3", Outcome.PASS)]
    assert recorder.asked == ["follow_along:3"]


def test_steps_before_that_have_not_passed_are_run_and_block(whole: Course) -> None:
    recorder = Recorder(failing="follow_along:2")
    assert run(whole, ":3", recorder) == [("follow_along:3", Outcome.BLOCKED)]
    assert recorder.asked == ["follow_along:1", "follow_along:2"]


def test_all_steps_of_what_was_asked_for_are_run(whole: Course) -> None:
    recorder = Recorder()
    assert [name for name, _ in run(whole, "05", recorder)] == ["05_query_class_balance:1", "05_query_class_balance:2"]
    run(whole, "05", recorder)
    assert recorder.asked == ["05_query_class_balance:1", "05_query_class_balance:2"] * 2
