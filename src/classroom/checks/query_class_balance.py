"""Exercise 5: how many good and defective images there are, asked in SQL and in ibis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

import darkroom
from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import is_blank
from classroom.checks.faulty_database import add_category, make_database
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace
from darkroom.query.analyses import analyse

_BalanceRow = tuple[Any, ...]
COLUMNS = ("category", "split", "images", "good", "defects")
_CLASS19 = (("Class19", "test", 4, 2, 1), ("Class19", "train", 2, 1, 1))
_GASKET = (("gasket", "test", 11, 2, 9), ("gasket", "train", 11, 11, 0))
_EXPECTED = (*_CLASS19, *_GASKET)
_ADDED = ("bracket", "test", 11, 2, 9)
"""What the category has that comes after the first answer."""
_MAX_ROWS = 50
"""Rows of an answer that are looked at; a right one has four, and then five."""


def collect_sql(names: Names, workspace: Workspace) -> Evidence:
    """Returns what DuckDB answers to the learner's SQL."""
    if is_blank(names["class_balance_sql"]):
        return EMPTY
    return _ask_twice(workspace, lambda database: ask_sql(database, names["class_balance_sql"]()))


def ask_sql(database: Path, sql: object) -> Evidence:
    """Returns the rows of a statement, or the type of what came in place of a text.

    Args:
        database: From `faulty_database.make_database`.
        sql: What the learner's function returned.

    Raises:
        OptionError: DuckDB cannot answer it.
    """
    return _describe(darkroom.ask(database, sql)) if isinstance(sql, str) else {"kind": type(sql).__name__}


def collect_ibis(names: Names, workspace: Workspace) -> Evidence:
    """Returns what DuckDB answers to the learner's ibis expression."""
    if is_blank(names["class_balance_ibis"]):
        return EMPTY
    return _ask_twice(workspace, lambda database: ask_ibis(database, names["class_balance_ibis"]))


def _ask_twice(workspace: Workspace, ask: Callable[[Path], Evidence]) -> Evidence:
    """Asks the database of the page, and once more when it has a category that the page does not show."""
    database = make_database(workspace.folder)
    shown = ask(database)
    add_category(database)
    return {"shown": shown, "grown": ask(database)}


def ask_ibis(database: Path, class_balance: Callable[[ibis.Table], object]) -> Evidence:
    """Returns the rows of an ibis expression, or the type of what was returned instead of one.

    Args:
        database: From `faulty_database.make_database`.
        class_balance: The learner's function, from the table `images` to an expression.
    """
    others: list[str] = []

    def take_expression(tables: Mapping[str, ibis.Table]) -> ibis.Table:
        answer = class_balance(tables["images"])
        if isinstance(answer, ibis.Table):
            return answer
        others.append(type(answer).__name__)
        return tables["images"].limit(0)

    found = analyse(database, take_expression)
    return {"kind": others[0]} if others else _describe(found)


def _describe(found: pa.Table) -> Evidence:
    rows = found.slice(0, _MAX_ROWS).to_pylist()
    values = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return {"columns": found.column_names, "row_count": found.num_rows, "rows": values}


def _plain(value: object) -> object:
    """Returns whole numbers as int, whatever type the database counts in; what JSON does not have as text."""
    if isinstance(value, float | Decimal) and value == value // 1:
        return int(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)[:40]


def judge_sql(evidence: Evidence) -> CheckResult:
    """Compares the rows of the SQL."""
    if "kind" in evidence["shown"]:
        return failed(
            "`class_balance_sql` has to return the SQL as text.",
            expected="str",
            actual=evidence["shown"]["kind"],
            next_step='Return one text: `return """SELECT …"""`.',
            call="class_balance_sql()",
        )
    return _judge_both(evidence, "darkroom.ask(database, class_balance_sql())") or passed(
        "An image without a verdict is neither good nor defective: `FILTER` leaves NULL out on both sides, a "
        "subtraction does not. And a defect is what the label says, not what happens to have a mask."
    )


def judge_ibis(evidence: Evidence) -> CheckResult:
    """Compares the rows of the ibis expression."""
    if "kind" in evidence["shown"]:
        return failed(
            "`class_balance_ibis` has to return an ibis table that has not been executed yet.",
            expected="ibis.Table",
            actual=evidence["shown"]["kind"],
            next_step="Return the expression as it is: no `.execute()`, no `.to_pandas()`.",
            call="class_balance_ibis(images)",
        )
    return _judge_both(evidence, "class_balance_ibis(images).to_pyarrow()") or passed(
        "The same rows as in SQL, from an expression that Python checks before the database sees it, that can be built "
        "from parts, and that runs unchanged on other databases. `darkroom query class_balance` is made like this."
    )


def _judge_both(evidence: Evidence, call: str) -> CheckResult | None:
    """Judges the answer for the database of the page, then that for the same one with a category more."""
    if wrong := _judge_rows(evidence["shown"], _EXPECTED, call):
        return wrong
    if wrong := _judge_rows(evidence["grown"], (*_EXPECTED, _ADDED), call):
        return replace(
            wrong,
            message="Right for the images of this page, and wrong once a category more is loaded.",
            next_step="Count what is in the table when it is asked, and name no category, split or number yourself.",
        )
    return None


def _judge_rows(evidence: Evidence, expected: tuple[_BalanceRow, ...], call: str) -> CheckResult | None:
    if set(evidence["columns"]) != set(COLUMNS) or len(evidence["columns"]) != len(COLUMNS):
        return failed(
            "The answer has other columns than were asked for.",
            expected=", ".join(COLUMNS),
            actual=", ".join(map(str, evidence["columns"])),
            next_step="Train and test are balanced differently: one row for each category *and* split.",
            call=call,
        )
    rows = [tuple(row[column] for column in COLUMNS) for row in evidence["rows"]]
    if sorted(row[:2] for row in expected) != sorted((str(row[0]), str(row[1])) for row in rows):
        return failed(
            "The groups are not those of category and split.",
            expected="; ".join(f"{row[0]} {row[1]}" for row in expected),
            actual=f"{evidence['row_count']} rows: " + "; ".join(f"{row[0]} {row[1]}" for row in rows[:6]),
            next_step="Group by category and split, and leave no image out before you count.",
            call=call,
        )
    found = {row[:2]: row for row in rows}
    return next((wrong for row in expected if (wrong := _judge_row(row, found[row[:2]], call))), None)


def _judge_row(expected: _BalanceRow, actual: _BalanceRow, call: str) -> CheckResult | None:
    if actual == expected:
        return None
    column = next(index for index, value in enumerate(expected) if actual[index] != value)
    message, hint = _find_cause(expected, actual)
    where = f"{expected[0]} {expected[1]}, {COLUMNS[column]}"
    return failed(
        message, expected=f"{where}: {expected[column]}", actual=str(actual[column]), next_step=hint, call=call
    )


def _find_cause(expected: _BalanceRow, actual: _BalanceRow) -> tuple[str, str]:
    """Says what makes a row wrong, and what to do about it."""
    _, _, images, good, defects = expected
    _, _, found_images, found_good, found_defects = actual
    if found_images != images:
        is_more = isinstance(found_images, int) and found_images > images
        if is_more:
            return "Images are counted more than once.", "Did a join give some images several rows? Count without it."
        return "Images are left out of the count.", "Did a join or a WHERE drop images before they were counted?"
    if images > good + defects and (found_good, found_defects) in ((good + 1, defects), (good, defects + 1)):
        verdict = "good" if found_good != good else "defective"
        return (
            f"An image of which nobody knows was counted as {verdict}.",
            "Its `is_defect` is NULL: count the images that are True, and those that are False.",
        )
    if found_defects == good + defects:
        return (
            "All images with a verdict were counted as defects.",
            "The count of a column counts what is not NULL: give the count a condition, or add up the truth values.",
        )
    if found_good == good:
        return (
            "The defects are not those of the labels.",
            "Count where `is_defect` is true; a mask may be missing, or empty.",
        )
    return "The good images are not those of the labels.", "Count where `is_defect` is false."


_SQL = """return '''
    SELECT category, split, count(*) AS images,
           count(*) FILTER (NOT is_defect) AS good, count(*) FILTER (is_defect) AS defects
    FROM images GROUP BY category, split
'''"""
_JOIN = "FROM images LEFT JOIN masks USING (sample_id)"
_IBIS = """
return images.group_by(["category", "split"]).aggregate(
    images=images.count(),
    good=images.count(where=~images.is_defect),
    defects=images.count(where=images.is_defect),
)
"""
_VALUES = ", ".join(map(str, _EXPECTED))
_NUMBERS = f'return """FROM (VALUES {_VALUES}) AS answer({", ".join(COLUMNS)})"""'
_BY_MASK = "count(masks.sample_id) AS defects"

STEPS = (
    StepCheck(
        collect_sql,
        judge_sql,
        wrong_answers=(
            WrongAnswer(
                "what is not defective is good",
                _SQL.replace("count(*) FILTER (NOT is_defect)", "count(*) - count(*) FILTER (is_defect)"),
                "nobody knows was counted as good",
            ),
            WrongAnswer(
                "the split is forgotten",
                _SQL.replace("category, split", "category"),
                "other columns than were asked for",
            ),
            WrongAnswer(
                "a defect is what has a mask",
                _SQL.replace("FROM images", _JOIN).replace("count(*) FILTER (is_defect) AS defects", _BY_MASK),
                "The defects are not those of the labels",
            ),
            WrongAnswer(
                "a defect is what has a mask, or has none and is defective",
                _SQL.replace("FILTER (is_defect)", "FILTER (is_defect OR has_mask)"),
                "The defects are not those of the labels",
            ),
            WrongAnswer(
                "a defect is what is not called good",
                _SQL.replace("FILTER (is_defect)", "FILTER (label <> 'good')").replace("'''", '"""'),
                "nobody knows was counted as defective",
            ),
            WrongAnswer("the numbers of the page", _NUMBERS, "wrong once a category more is loaded"),
            WrongAnswer(
                "the categories of the page",
                _SQL.replace("GROUP", "WHERE category IN ('gasket', 'Class19') GROUP").replace("'''", '"""'),
                "wrong once a category more is loaded",
            ),
            WrongAnswer(
                "masks joined by the file's name",
                _SQL.replace(
                    "FROM images",
                    "FROM images LEFT JOIN masks ON contains(masks.source_path, split_part(filename, '.', 1))",
                ),
                "Images are counted more than once",
            ),
            WrongAnswer(
                "an inner join with the masks",
                _SQL.replace("FROM images", _JOIN.replace("LEFT ", "")),
                "The groups are not those of category and split",
            ),
        ),
        demands=("a row for each category and split", "COLUMNS", "counts in `images` only"),
    ),
    StepCheck(
        collect_ibis,
        judge_ibis,
        wrong_answers=(
            WrongAnswer(
                "unknown counts as good",
                _IBIS.replace("~images.is_defect", "~images.is_defect.fill_null(False)"),
                "nobody knows was counted as good",
            ),
            WrongAnswer(
                "counting a column of truth values",
                _IBIS.replace("images.count(where=images.is_defect)", "images.is_defect.count()"),
                "All images with a verdict were counted as defects",
            ),
            WrongAnswer(
                "the split is forgotten",
                _IBIS.replace('["category", "split"]', '"category"'),
                "other columns than were asked for",
            ),
            WrongAnswer("a DataFrame instead", _IBIS.rstrip() + ".to_pandas()", "has to return an ibis table"),
        ),
        demands=("The same rows again", "executed by whoever asks"),
    ),
)
