"""Results as JSON, CSV and JUnit, read back by the programs' own readers; texts that want to be more."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as Xml

import pytest
from hostile import EXERCISE, ROOT
from rich.console import Console

from classroom.commands.views import render_grades
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import read_course
from classroom.grading.reports import CSV_COLUMNS, ReportFormat, ReportRow, make_report_rows, render

ODD = '<b> & "quoted"\x00\x1b[31m\ud800 , two\r\nlines ]]> ü'


def row(student: str = "ada", outcome: Outcome = Outcome.PASS, message: str = "Good.") -> ReportRow:
    points = 10 if outcome is Outcome.PASS else 0
    return ReportRow(student, "01_one", 1, "A step", outcome, points, 10, message, expected="1", actual="2")


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_rows_know_their_exercise_and_what_a_pass_earns() -> None:
    course = read_course(ROOT)
    result = CheckResult(EXERCISE, Outcome.FAIL, "title", "Wrong.", "1", "2")
    (made,) = make_report_rows(course, [result], "ada")
    step = course.find_steps(EXERCISE)[0]
    assert made == ReportRow("ada", EXERCISE, 1, step.title, Outcome.FAIL, 0, step.points, "Wrong.", "1", "2")


def test_csv() -> None:
    text = render([row(), row("bob", Outcome.FAIL, "No.")], ReportFormat.CSV)
    assert text.splitlines() == [
        ",".join(CSV_COLUMNS),
        "ada,01_one,1,pass,10,10,Good.",
        "bob,01_one,1,fail,0,10,No.",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\x00=1+1", " \n=1+1", "\t=1+1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    (read,) = read_csv(render([row(student=text, message=text)], ReportFormat.CSV))
    assert read["student"][0] == read["message"][0] == "'"


def test_line_breaks_do_not_tear_a_line_of_csv() -> None:
    text = render([row(message=ODD)], ReportFormat.CSV)
    assert len(text.split("\n")) == 3
    (read,) = read_csv(text)
    assert read["message"] == '<b> & "quoted"[31m , two lines ]]> ü'


def test_json() -> None:
    rows = [row(), row(outcome=Outcome.TODO), row("bob", Outcome.ERROR, ODD)]
    table = json.loads(render(rows, ReportFormat.JSON, {"notes": ["one"]}).encode("utf-8"))
    assert table["notes"] == ["one"]
    ada, bob = table["students"]
    assert (ada["student"], ada["points"], ada["max_points"], len(ada["results"])) == ("ada", 10, 20, 2)
    assert bob["results"][0]["message"] == ODD


def test_junit() -> None:
    rows = [row(outcome=outcome, message=str(outcome)) for outcome in Outcome]
    root = Xml.fromstring(render(rows, ReportFormat.JUNIT).encode("utf-8"))  # noqa: S314 - written just now
    suite = root[0]
    counts = {"tests": "5", "failures": "1", "errors": "1", "skipped": "2"}
    assert suite.attrib == {"name": "ada", **counts}
    assert root.attrib == counts
    assert {mark.tag: mark.get("message") for case in suite.iter("testcase") for mark in case} == {
        "skipped": "blocked",
        "failure": "fail",
        "error": "error",
    }
    assert {prop.get("name"): prop.get("value") for prop in suite.iter("property")} == {
        "points": "10",
        "max_points": "50",
    }


def test_junit_holds_any_text() -> None:
    odd = row(student=ODD, outcome=Outcome.FAIL, message=ODD)
    root = Xml.fromstring(render([odd], ReportFormat.JUNIT).encode("utf-8"))  # noqa: S314 - written just now
    kept = ODD.replace("\x00", "").replace("\x1b", "").replace("\ud800", "")
    assert root[0].get("name") == kept
    (failure,) = root.iter("failure")
    assert failure.get("message") == kept
    assert failure.text == "expected: 1\nactual: 2"


def test_own_report_has_no_student() -> None:
    (read,) = read_csv(render([row(student="")], ReportFormat.CSV))
    assert read["student"] == ""


def test_a_class_is_a_line_for_each_student_and_the_mean() -> None:
    rows = [
        ReportRow("ada", "01", 1, "", Outcome.PASS, 10, 10, ""),
        ReportRow("ada", "02", 1, "", Outcome.TODO, 0, 15, "", is_missing=True),
        ReportRow("bob", "01", 1, "", Outcome.FAIL, 0, 10, ""),
        ReportRow("bob", "02", 1, "", Outcome.FAIL, 0, 15, ""),
    ]
    console = Console(file=io.StringIO(), width=100)
    console.print(render_grades(rows))
    assert isinstance(console.file, io.StringIO)
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert lines[1:] == [
        ["ada", "10", "of", "25", "1", "of", "2", "1"],
        ["bob", "0", "of", "25", "0", "of", "2"],
        ["2", "students,", "mean", "5.0", "0.5"],
    ]
