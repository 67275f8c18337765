"""The command `classroom`, as somebody types it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from classroom.commands.cli import main
from classroom.course.exercise_files import show_solution
from classroom.course.progress import read_progress
from classroom.course.registry import Course

NAME = "01_read_a_layout"


@pytest.fixture(autouse=True)
def inside(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLASSROOM_ROOT", raising=False)
    monkeypatch.chdir(course.root)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def solve(course: Course) -> None:
    path = course.exercise_file(NAME)
    code = "".join(f"        {line}\n" for line in show_solution(course, NAME, is_forced=True).splitlines())
    path.write_text(path.read_text(encoding="utf-8").replace("        pass  # write here\n", code), encoding="utf-8")


def test_a_learner_tries_is_helped_and_passes(course: Course) -> None:
    assert run("check", "01").exit_code == 1
    assert "Hint 1 of 3" in run("hint", "01").output
    second = run("hint", "01").output
    assert "Hint 1 of 3" in second
    assert "Hint 2 of 3" in second
    assert "Hint 3 of 3" not in second
    locked = run("solution", "01")
    assert locked.exit_code == 2
    assert "opens after one attempt" in locked.output
    solve(course)
    passed = run("check", "01")
    assert passed.exit_code == 0
    assert "passed" in passed.output
    assert "passed" in run("list").output


def test_a_failure_names_the_next_command(course: Course) -> None:
    path = course.exercise_file(NAME)
    path.write_text(path.read_text(encoding="utf-8").replace("pass  # write here", "return 1"), encoding="utf-8")
    result = run("check", "01")
    assert result.exit_code == 1
    assert "An image has to become a dict of facts" in result.output
    assert f"classroom hint {NAME}" in result.output


def test_a_check_of_the_same_answer_once_more_is_no_attempt(course: Course) -> None:
    path = course.exercise_file(NAME)
    for answer, attempts in (("return 1", 1), ("return 1", 1), ("return {}", 2)):
        text = path.read_text(encoding="utf-8").replace("return 1", answer)
        path.write_text(text.replace("pass  # write here", answer), encoding="utf-8")
        run("check", "01")
        assert read_progress(course.root).of(NAME).attempts == attempts


def test_json_is_nothing_but_json() -> None:
    (result,) = json.loads(run("check", "--json").output)
    assert result["id"] == NAME
    assert result["outcome"] == "todo"


@pytest.mark.parametrize(
    ("arguments", "words"), [(["check", "77"], "classroom list"), (["reset", "77"], "No exercise")]
)
def test_an_unknown_exercise_exits_with_2(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_outside_a_course_the_command_says_where_to_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("list")
    assert result.exit_code == 2
    assert "No course here" in result.output


def test_the_run_of_show_has_clock_times_and_cuts(tmp_path: Path) -> None:
    text = run("run-of-show", "--start", "23:58").output
    assert "23:58" in text
    assert "00:02" in text
    assert run("run-of-show", "--start", "25:00").exit_code == 2
    page = tmp_path / "show.html"
    assert run("run-of-show", "--start", "14:00", "--html", str(page)).exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert "14:04" in html
    assert "14:10 · end" in html
    assert "cut 1" in html
    assert "More &lt;of&gt; it." in html


def test_dev_sync_says_what_differs(course: Course) -> None:
    assert run("dev", "sync", "--check").exit_code == 0
    path = course.exercise_file(NAME)
    path.write_text("changed", encoding="utf-8")
    differs = run("dev", "sync", "--check")
    assert differs.exit_code == 1
    assert f"differs: exercises/{NAME}.py" in differs.output
    assert path.read_text(encoding="utf-8") == "changed"
    assert run("dev", "sync").exit_code == 0
    assert run("dev", "sync", "--check").exit_code == 0


def test_a_report_has_a_row_for_each_step() -> None:
    rows = list(csv.DictReader(io.StringIO(run("report", "--format", "csv").output)))
    assert [(row["step"], row["outcome"], row["points"], row["max_points"]) for row in rows] == [
        ("1", "todo", "0", "10")
    ]
    assert "<testsuite" in run("report", "--format", "junit").output


def test_doctor_ends_with_one_line_to_paste() -> None:
    lines = run("doctor").output.splitlines()
    assert lines[-1].startswith("classroom ")
    assert "duckdb" in lines[-1]


def test_a_report_is_a_line_first_and_a_file_if_wanted(tmp_path: Path) -> None:
    shown = run("report").output
    assert re.search(r"you +0 of 10 +0 of 1", shown)
    file = tmp_path / "own.json"
    assert str(file) in run("report", "--output", str(file)).output.replace("\n", "")
    assert json.loads(file.read_text(encoding="utf-8"))["students"][0]["points"] == 0


@pytest.mark.parametrize(("name", "told"), [("own.txt", ".csv, .json, .xml"), ("no/own.csv", "there is no folder")])
def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(tmp_path: Path, name: str, told: str) -> None:
    result = run("report", "--output", str(tmp_path / name))
    assert result.exit_code == 2
    assert told in result.output
