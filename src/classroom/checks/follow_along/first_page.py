"""Step 1: one page, and what is nested in it."""

from __future__ import annotations

from typing import Any

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks.follow_along.loaded import requests_of
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace
from classroom.museum import start_museum
from classroom.museum.catalogue import make_catalogue

_CALL = "read_first_page(base_url)"
_PAGE = 100
_DAYS = (1, 2)
"""On the second day the first record has neither colour nor thumbnail."""


def collect(names: Names, workspace: Workspace) -> Evidence:  # noqa: ARG001 - nothing is loaded yet
    """Writes down what the function returns on two days, by ids and names, and how many pages it asks for."""
    with start_museum() as museum:
        days = []
        for day in _DAYS:
            museum.move_to(day)
            museum.reset_counts()
            answer = names["read_first_page"](museum.url)
            if answer is None:
                return EMPTY
            days.append({**_describe(answer), "pages": requests_of(museum)["pages"]})
        return {"days": days}


def judge(evidence: Evidence) -> CheckResult:
    """Compares with what the museum publishes on each day."""
    judged = (_judge_day(day, found) for day, found in zip(_DAYS, evidence["days"], strict=True))
    return next(filter(None, judged), None) or passed(
        "A record is a tree, a table is flat: dlt will turn each dict into columns, each list into a child table."
    )


def _judge_day(day: int, evidence: Evidence) -> CheckResult | None:
    works = make_catalogue(day).works[:_PAGE]
    if not evidence["is_pair"]:
        message = "Two things are wanted: the records, and the names of the nested fields."
        return failed(
            message, expected="(list, list)", actual=evidence["shape"], next_step="Return both, as a tuple.", call=_CALL
        )
    newest = [work["id"] for work in works]
    if evidence["ids"] != newest:
        return _judge_records(evidence, newest)
    fields = [field for work in works for field in work.items()]
    expected = sorted({name for name, value in fields if isinstance(value, (dict, list))})
    if evidence["nested"] != expected:
        missing, extra = set(expected) - set(evidence["nested"]), set(evidence["nested"]) - set(expected)
        what = (
            f"{sorted(missing)[0]} is missing"
            if missing
            else f"{sorted(extra)[0]} is not nested"
            if extra
            else "unsorted"
        )
        return failed(
            "The nested fields are not all named, or not in order.",
            expected=", ".join(expected),
            actual=f"{', '.join(evidence['nested'])} ({what})",
            next_step="A field counts if it holds a dict or a list, be it empty, in any of the records, and not in the "
            "first alone; sort the names.",
            call=_CALL,
        )
    if evidence["pages"] > 1:
        return failed(
            "One page was wanted, and several were asked for.",
            expected="1 request",
            actual=f"{evidence['pages']} requests",
            next_step="Ask for all 100 at once, with the parameter `limit`.",
            call=_CALL,
        )
    return None


def _judge_records(evidence: Evidence, newest: list[int]) -> CheckResult:
    ids = evidence["ids"]
    if len(ids) not in (_PAGE, 0) and newest[: len(ids)] == ids:
        return failed(
            "That is not a full page.",
            expected=f"{_PAGE} records",
            actual=f"{len(ids)} records",
            next_step="Ask for more with the parameter `limit`; the museum gives 12 where nobody says.",
            call=_CALL,
        )
    return failed(
        "Those are not the records of the first page.",
        expected=f"{_PAGE} dicts, the first with the id {newest[0]}",
        actual=f"{len(ids)} records with an id, of a {evidence['shape']}",
        next_step="The records are in `data` of the JSON.",
        call=_CALL,
    )


def _describe(answer: Any) -> Evidence:
    is_pair = isinstance(answer, (tuple, list)) and len(answer) == 2
    records, nested = answer if is_pair else ([], [])
    ids = [record["id"] for record in records if isinstance(record, dict) and "id" in record]
    return {"is_pair": is_pair, "shape": type(answer).__name__, "ids": ids, "nested": [str(name) for name in nested]}


_ASK = 'response = requests.get(f"{base_url}/artworks", params={"limit": 100}, headers=AGENT_HEADER, timeout=30)\n'
_NAMES = "nested = sorted({name for record in records for name, value in record.items() if isinstance(value, %s)})\n"

CHECK = StepCheck(
    collect,
    judge,
    wrong_answers=(
        WrongAnswer(
            "a page as long as it comes",
            _ASK.replace('params={"limit": 100}, ', "")
            + 'records = response.json()["data"]\n'
            + _NAMES % "(dict, list)"
            + "return records, nested",
            "not a full page",
        ),
        WrongAnswer(
            "the whole answer in place of its records",
            _ASK + 'records = response.json()\nreturn records, ["color"]',
            "not the records of the first page",
        ),
        WrongAnswer(
            "the fields of the first record",
            _ASK
            + 'records = response.json()["data"]\n'
            + (_NAMES % "(dict, list)").replace("in records for", "in records[:1] for")
            + "return records, nested",
            "nested fields are not all named",
        ),
        WrongAnswer(
            "small pages until there are a hundred",
            "records = []\nwhile len(records) < 100:\n"
            '    page = {"page": len(records) // 12 + 1}\n'
            '    records += requests.get(f"{base_url}/artworks", params=page, headers=AGENT_HEADER, timeout=30)'
            '.json()["data"]\n'
            "records = records[:100]\n" + _NAMES % "(dict, list)" + "return records, nested",
            "One page was wanted",
        ),
        WrongAnswer(
            "what is empty left out",
            _ASK
            + 'records = response.json()["data"]\n'
            + (_NAMES % "(dict, list)").replace("if isinstance", "if value and isinstance")
            + "return records, nested",
            "nested fields are not all named",
        ),
        WrongAnswer(
            "lists forgotten",
            _ASK + 'records = response.json()["data"]\n' + _NAMES % "dict" + "return records, nested",
            "nested fields are not all named",
        ),
    ),
    demands=("records of one full page", "100", "sorted names", "a dict or a list"),
)
