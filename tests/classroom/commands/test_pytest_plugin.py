"""`pytest --classroom`: a step is a test, and says what its checkpoint says."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from classroom.course.registry import Course


def run_pytest(course: Course, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", *arguments],
        cwd=course.root,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout


@pytest.mark.parametrize(
    ("code", "exit_code", "words"),
    [
        ("pass", 0, r"1 skipped.*"),
        ("return 1", 1, r"An image has to become a dict of facts"),
        ("return {}[path]", 1, r"KeyError: .* in cell exercise_1, line \d+: `return \{\}\[path\]`"),
        ("return (", 1, r"SyntaxError in cell exercise_1, line \d+"),
    ],
)
def test_an_exercise_is_graded(course: Course, code: str, exit_code: int, words: str) -> None:
    path = course.exercise_file("01_read_a_layout")
    path.write_text(path.read_text(encoding="utf-8").replace("pass  # write here", code), encoding="utf-8")
    returned, said = run_pytest(course, "--classroom", "exercises")
    assert returned == exit_code, said
    assert re.search(words, said), said
    assert "Traceback" not in said
    assert ("stuck? classroom hint 01_read_a_layout" in said) == (exit_code == 1)


def test_a_solution_passes_and_other_files_are_left_alone(course: Course) -> None:
    (course.root / "solutions" / "notes.py").write_text("1 / 0\n", encoding="utf-8")
    returned, said = run_pytest(course, "--classroom", "solutions")
    assert returned == 0, said
    assert "1 passed" in said


def test_without_the_option_exercises_are_no_tests(course: Course) -> None:
    assert run_pytest(course, "exercises")[0] == pytest.ExitCode.NO_TESTS_COLLECTED
