"""Results as text for other programs: JSON, CSV, and JUnit's XML; for a learner's own report and for a class.

A learner's code has a part in messages and a stranger chose the names of folders, so every text is made harmless for
what reads it: no control characters, no formulas for a spreadsheet, no markup.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any
from xml.etree import ElementTree as Xml

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import Course
from classroom.grading.submissions import tell_missing

CSV_COLUMNS = ("student", "exercise", "step", "outcome", "points", "max_points", "message")
"""Of the CSV."""

_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold: control characters and halves of surrogate pairs."""

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins so for a formula, and runs it."""


class ReportFormat(StrEnum):
    """What `--format` can be."""

    JSON = "json"
    CSV = "csv"
    JUNIT = "junit"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One step of one student.

    Attributes:
        student: Name of the folder or zip; empty in a learner's own report.
        exercise: The exercise's id in the registry.
        step: Number of the step, from 1.
        title: The step's title.
        outcome: How the step stands.
        points: Points that the student earned.
        max_points: Points that a pass earns.
        message: What the check says, in one sentence.
        expected: What should have come out; empty where nothing is compared.
        actual: What came out.
        is_missing: Whether the exercise was not handed in.
    """

    student: str
    exercise: str
    step: int
    title: str
    outcome: Outcome
    points: int
    max_points: int
    message: str
    expected: str = ""
    actual: str = ""
    is_missing: bool = False


def make_report_rows(course: Course, results: Iterable[CheckResult], student: str = "") -> list[ReportRow]:
    """Joins results to what the registry knows of their steps.

    Args:
        course: The registry.
        results: Their ids are ids of the registry's steps.
        student: Whose they are.
    """
    steps = {step.id: step for step in course.steps}
    return [
        ReportRow(
            student=student,
            exercise=(step := steps[result.id]).exercise_id,
            step=step.number,
            title=step.title,
            outcome=result.outcome,
            points=result.points,
            max_points=step.points,
            message=result.message,
            expected=result.expected,
            actual=result.actual,
            is_missing=result.message == tell_missing(step.exercise_id),
        )
        for result in results
    ]


def render(rows: Sequence[ReportRow], form: ReportFormat, facts: Mapping[str, object] | None = None) -> str:
    """Returns the rows as text that ends with a newline.

    Args:
        rows: Those of one student stand together.
        form: The format.
        facts: What else JSON shall say, by key; CSV and JUnit have no place for it.
    """
    if form is ReportFormat.JSON:
        return render_json(rows, facts)
    return _TABLES[form](rows)


def render_json(rows: Sequence[ReportRow], facts: Mapping[str, object] | None = None) -> str:
    """Returns one object: the facts, and `students` with their points and results; ASCII only."""
    students = [
        {
            "student": student,
            "points": sum(row.points for row in own),
            "max_points": sum(row.max_points for row in own),
            "results": [_without_student(row) for row in own],
        }
        for student, own in _by_student(rows)
    ]
    return json.dumps({**(facts or {}), "students": students}, indent=1) + "\n"


def render_csv(rows: Sequence[ReportRow]) -> str:
    """Returns one line for each row below a line of `CSV_COLUMNS`; a line break in a cell becomes a space.

    Lines end with a bare line feed: a file opened as text gives them the system's own ending.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        writer.writerow([_cell(getattr(row, column)) for column in CSV_COLUMNS])
    return text.getvalue()


def render_junit(rows: Sequence[ReportRow]) -> str:
    """Returns XML as CI systems read it: a suite for each student; todo and blocked are skipped tests."""
    root = Xml.Element("testsuites", _counts(rows))
    for student, own in _by_student(rows):
        suite = Xml.SubElement(root, "testsuite", {"name": _fit(student or "classroom"), **_counts(own)})
        properties = Xml.SubElement(suite, "properties")
        for name in ("points", "max_points"):
            total = sum(getattr(row, name) for row in own)
            Xml.SubElement(properties, "property", {"name": name, "value": str(total)})
        for row in own:
            _add_case(suite, row)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


_TABLES: Mapping[ReportFormat, Callable[[Sequence[ReportRow]], str]] = {
    ReportFormat.CSV: render_csv,
    ReportFormat.JUNIT: render_junit,
}
_JUNIT_TAG = {
    Outcome.FAIL: "failure",
    Outcome.ERROR: "error",
    Outcome.TODO: "skipped",
    Outcome.BLOCKED: "skipped",
}


def _add_case(suite: Xml.Element, row: ReportRow) -> None:
    name = _fit(f"{row.step}. {row.title}")
    case = Xml.SubElement(suite, "testcase", {"classname": _fit(row.exercise), "name": name})
    if row.outcome is Outcome.PASS:
        return
    mark = Xml.SubElement(case, _JUNIT_TAG[row.outcome], {"message": _fit(row.message)})
    facts = [("expected", row.expected), ("actual", row.actual)]
    mark.text = "\n".join(f"{fact}: {_fit(text)}" for fact, text in facts if text) or None


def _counts(rows: Sequence[ReportRow]) -> dict[str, str]:
    tags = [_JUNIT_TAG.get(row.outcome) for row in rows]
    return {
        "tests": str(len(rows)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
    }


def _by_student(rows: Sequence[ReportRow]) -> list[tuple[str, list[ReportRow]]]:
    return [(student, list(own)) for student, own in groupby(rows, key=attrgetter("student"))]


def _without_student(row: ReportRow) -> dict[str, Any]:
    return {key: value for key, value in asdict(row).items() if key != "student"}


def _cell(value: object) -> str:
    text = " ".join(_fit(str(value)).split())
    return "'" + text if text.startswith(_FORMULA) else text


def _fit(text: str) -> str:
    return _UNFIT.sub("", text)
