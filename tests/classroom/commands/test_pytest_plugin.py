"""`pytest --classroom`: a step is a test, and says what its checkpoint says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from classroom.course.registry import Course


def run_python(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=course.root,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def run_pytest(course: Course, *arguments: str) -> tuple[int, str]:
    ended = run_python(course, "-m", "pytest", "-ra", *arguments)
    return ended.returncode, ended.stdout


GRADED = {
    "pass": (0, r"1 skipped.*"),
    "return 1": (1, r"An image has to become a dict of facts"),
    "return {}[path]": (1, r"KeyError: .* in cell exercise_1, line \d+: `return \{\}\[path\]`"),
    "return (": (1, r"SyntaxError in cell exercise_1, line \d+"),
}
"""What stands in the gap, the exit code, and what is said."""

GRADE_EACH = """if True:
    import contextlib, io, json, sys
    from pathlib import Path
    import pytest
    exercise, answers = Path(sys.argv[1]), json.loads(sys.argv[2])
    empty = exercise.read_text(encoding="utf-8")
    for code in answers:
        exercise.write_text(empty.replace("pass  # write here", code), encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            returned = pytest.main(["-ra", "--classroom", "exercises"])
        print(json.dumps([code, int(returned), said.getvalue()]))
"""


@pytest.mark.thorough
def test_an_exercise_is_graded(course: Course) -> None:
    # one process for all answers: to start it takes longer than to grade
    exercise = course.exercise_file("01_read_a_layout")
    ended = run_python(course, "-c", GRADE_EACH, str(exercise), json.dumps(list(GRADED)))
    graded = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [code for code, *_ in graded] == list(GRADED), ended.stderr
    for code, returned, said in graded:
        exit_code, words = GRADED[code]
        assert returned == exit_code, said
        assert re.search(words, said), said
        assert "Traceback" not in said
        assert ("stuck? classroom hint 01_read_a_layout" in said) == (exit_code == 1)


@pytest.mark.thorough
def test_a_solution_passes_and_other_files_are_left_alone(course: Course) -> None:
    (course.root / "solutions" / "notes.py").write_text("1 / 0\n", encoding="utf-8")
    returned, said = run_pytest(course, "--classroom", "solutions")
    assert returned == 0, said
    assert "1 passed" in said


def test_without_the_option_exercises_are_no_tests(course: Course) -> None:
    assert run_pytest(course, "exercises")[0] == pytest.ExitCode.NO_TESTS_COLLECTED
