"""From a learner's file to a result: whatever is in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom.checks.checking import check_notebook, collect_from_notebook, judge_evidence
from classroom.course.gaps import EMPTY_GAP
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import Course


def write(course: Course, code: str) -> Path:
    """Writes the first exercise with something in its gap."""
    path = course.exercise_file("01_read_a_layout")
    indented = "\n".join("        " + line for line in code.splitlines())
    path.write_text(path.read_text(encoding="utf-8").replace("        " + EMPTY_GAP, indented), encoding="utf-8")
    return path


def check(course: Course) -> CheckResult:
    return check_notebook(course.exercises[0], course.exercise_file("01_read_a_layout"))[0]


def test_an_empty_gap_is_to_do_and_earns_nothing(course: Course) -> None:
    result = check(course)
    assert (result.outcome, result.points, result.is_attempt) == (Outcome.TODO, 0, False)


def test_the_master_passes_and_earns_its_points(course: Course) -> None:
    result = check_notebook(course.exercises[0], course.solution_file("01_read_a_layout"))[0]
    assert (result.outcome, result.points) == (Outcome.PASS, 10)


def test_an_exception_is_told_with_cell_line_and_code(course: Course) -> None:
    path = write(course, "x = 1\nreturn path.parts[x]")
    line = path.read_text(encoding="utf-8").splitlines().index("        return path.parts[x]") + 1
    result = check(course)
    assert result.outcome is Outcome.ERROR
    assert result.message == (
        f"AttributeError: 'str' object has no attribute 'parts' in cell exercise_1, line {line}: `return path.parts[x]`"
    )


def test_a_syntax_error_is_told_with_cell_and_line(course: Course) -> None:
    write(course, "return (")
    result = check(course)
    assert result.outcome is Outcome.ERROR
    assert "SyntaxError in cell exercise_1, line" in result.message


def test_a_setup_that_raises_is_told(course: Course) -> None:
    path = course.exercise_file("01_read_a_layout")
    text = path.read_text(encoding="utf-8").replace("import marimo as mo\n", "import marimo as mo\n\n    1 / 0\n", 1)
    path.write_text(text, encoding="utf-8")
    assert "ZeroDivisionError: division by zero in cell setup, line" in check(course).message


def test_a_file_as_marimo_saves_it_is_checked(course: Course) -> None:
    path = course.exercise_file("01_read_a_layout")
    text = path.read_text(encoding="utf-8")
    begin, end = text.index("@app.cell\ndef exercise_1"), text.index("@app.cell(hide_code=True)\ndef checkpoint_1")
    saved = '@app.function\ndef read_sample(path):\n    return {"category": PurePosixPath(path).parts[0]}\n\n\n'
    path.write_text(text[:begin] + saved + text[end:], encoding="utf-8")
    result = check(course)
    assert result.outcome is Outcome.FAIL
    assert result.actual == "no 'sample_id' in the dict"


def test_a_cell_that_is_gone_says_how_to_restore_it(course: Course) -> None:
    path = course.exercise_file("01_read_a_layout")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("read_sample", "read_other"), encoding="utf-8")
    result = check(course)
    assert result.outcome is Outcome.ERROR
    assert "no cell of" in result.message
    assert "classroom reset" in result.message


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b""])
def test_a_file_that_is_no_notebook_is_told(course: Course, content: bytes) -> None:
    course.exercise_file("01_read_a_layout").write_bytes(content)
    assert check(course).outcome is Outcome.ERROR


def test_a_missing_file_is_told(course: Course) -> None:
    course.exercise_file("01_read_a_layout").unlink()
    assert "cannot be read" in check(course).message


def test_evidence_survives_json(course: Course) -> None:
    import json

    step = course.steps[0]
    evidence = collect_from_notebook(step, course.solution_file("01_read_a_layout"))
    result = judge_evidence(step, json.loads(json.dumps(evidence)))
    assert result.outcome is Outcome.PASS
