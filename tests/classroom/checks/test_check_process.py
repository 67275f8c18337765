"""A learner's code may do what it likes to the process that checks it: the command goes on and says what happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom.checks.check_process import CheckProcess
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import Course
from classroom.errors import ClassroomError

NAME = "01_read_a_layout"
GAP = "pass  # write here"

NEVER_ENDS = {
    "a loop": "while True:\n            pass",
    "a retry that swallows everything": (
        "while True:\n            try:\n                raise KeyError\n            except:\n                continue"
    ),
    "a wait": "import threading\n        threading.Event().wait()",
    "a wait in a thread": (
        "from threading import Event, Thread\n        mine = Thread(target=lambda: Event().wait())\n"
        "        mine.start(); mine.join()"
    ),
}


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def process(course: Course, told: list[str]) -> Iterator[CheckProcess]:
    with CheckProcess(course, timeout_s=4, tell=told.append) as process:
        yield process


def check(process: CheckProcess, course: Course, code: str) -> CheckResult:
    path = course.exercise_file(NAME)
    path.write_text(path.read_text(encoding="utf-8").replace(GAP, code), encoding="utf-8")
    return process.check_notebook(course.exercises[0], path)[0]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=name, marks=[pytest.mark.thorough] if name != "a loop" else [])
        for name, code in NEVER_ENDS.items()
    ],
)
def test_code_that_never_ends_is_stopped_and_told_with_its_line(
    course: Course, process: CheckProcess, told: list[str], code: str
) -> None:
    result = check(process, course, code)
    assert result.outcome is Outcome.ERROR
    first = 1 + course.exercise_file(NAME).read_text(encoding="utf-8").split(code)[0].count("\n")
    lines = [f"in cell exercise_1, line {first + number}" for number in range(code.count("\n") + 1)]
    assert "ran for more than 4 s and was stopped" in result.message
    assert any(line in result.message for line in lines)
    assert "loop or a wait" in result.next_step
    assert "Ctrl-C" in told[0] and any(line in told[0] for line in lines)


def test_code_that_holds_the_interpreter_is_ended_from_outside(
    course: Course, process: CheckProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom.checks.check_process._GRACE_S", 0.5)
    result = check(process, course, 'import re; re.match(r"(a+)+$", "a" * 40 + "b")')
    assert result.outcome is Outcome.ERROR
    assert "ran for more than 4 s and was stopped" in result.message


def test_a_process_that_was_ended_is_replaced(course: Course, process: CheckProcess) -> None:
    ended = check(process, course, "import os; os._exit(3)")
    assert ended.outcome is Outcome.ERROR
    assert "ended Python itself, with exit code 3" in ended.message
    assert process.check_notebook(course.exercises[0], course.solution_file(NAME))[0].outcome is Outcome.PASS


def test_a_question_is_told_as_one(course: Course, process: CheckProcess) -> None:
    result = check(process, course, 'return input("who? ")')
    assert "nobody answers while a check runs, in cell exercise_1" in result.message


def test_what_is_printed_is_no_answer(course: Course, process: CheckProcess, capfd: pytest.CaptureFixture[str]) -> None:
    result = check(process, course, "print('{\"result\": 1} \N{RIGHTWARDS ARROW}'); return 3")
    assert result.outcome is Outcome.FAIL
    shown = capfd.readouterr()
    assert '{"result": 1}' in shown.err
    assert shown.out == ""


def test_much_that_is_printed_does_not_push_the_verdict_away(
    course: Course, process: CheckProcess, capfd: pytest.CaptureFixture[str]
) -> None:
    assert check(process, course, "print('many\\n' * 5000, end=''); return 3").outcome is Outcome.FAIL
    lines = capfd.readouterr().err.splitlines()
    assert lines.count("many") == 100
    assert any("more lines, which are not shown" in line for line in lines)


def test_a_file_of_the_folder_replaces_no_package(
    course: Course, process: CheckProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('mine')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert process.check_notebook(course.exercises[0], course.solution_file(NAME))[0].outcome is Outcome.PASS


def test_an_error_of_the_course_stays_one(course: Course, process: CheckProcess) -> None:
    step = course.exercises[0].steps[0]
    registry = course.root / "lessons" / "course.toml"
    registry.write_text("no registry", encoding="utf-8")
    with pytest.raises(ClassroomError, match="could not be started"):
        process.check_file(step, course.solution_file(NAME))


def test_nothing_is_left_at_the_end(course: Course) -> None:
    with CheckProcess(course) as process:
        process.check_notebook(course.exercises[0], course.solution_file(NAME))
        worker = process._process
        assert worker is not None
        assert worker.poll() is None
    assert worker.poll() is not None
