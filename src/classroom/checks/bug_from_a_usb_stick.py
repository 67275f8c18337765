"""Exercise 8: an incremental load that trusts modification times, and skips a file that is older than the last one."""

from __future__ import annotations

import os
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import is_blank, read_images
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace, temporary_workspace

_MONDAY_S = 1_760_342_400
_HOUR_S = 3600
_OLD_S = _MONDAY_S - 30 * 24 * _HOUR_S
_ARRIVALS: tuple[dict[str, tuple[str, int]], ...] = (
    {
        "a.png": ("first a", _MONDAY_S),
        "b.png": ("first b", _MONDAY_S + _HOUR_S),
        "e.png": ("only e", _MONDAY_S),
        "f.png": ("first f", _MONDAY_S),
    },
    {"c.png": ("old c", _OLD_S)},
    {
        "a.png": ("second a", _OLD_S),
        "d.png": ("first d", _MONDAY_S + 2 * _HOUR_S),
        "e.png": ("only e", _MONDAY_S + 3 * _HOUR_S),
        "f.png": ("other f", _MONDAY_S),
        "g.png": ("first b", _MONDAY_S + 3 * _HOUR_S),
    },
)
"""Content and modification time (seconds since 1970) of what comes before each run. `c` is older than all that was
loaded; `a` comes once more, changed, and with an older time too; `e` is touched, and what is in it stays; `f` changes
within the second, and its time stays; `g` has the content of `b`."""
_CALLS = ("load(pipeline, folder)", "the second load(pipeline, folder)", "the third load(pipeline, folder)")

_OTHER_CALL = "load(another_pipeline, folder), whose database is new"

Table = dict[str, list[list[str]]]
"""Content hash and load id of each row, by `sample_id`."""


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Runs three loads of a folder that changes between them, and reads the table after each.

    Then the same folder is loaded into another database, as on another machine.
    """
    load = names["load"]
    if is_blank(load):
        return EMPTY
    folder = workspace.folder / "inbox"
    folder.mkdir()
    tables = []
    for files in _ARRIVALS:
        _write(folder, files)
        load(workspace.pipeline(), folder)
        tables.append(_read_table(workspace))
    with temporary_workspace() as other:
        load(other.pipeline(), folder)
        return {"tables": tables, "other": _read_table(other)}


def judge(evidence: Evidence) -> CheckResult:
    """Looks at the table after each run: nothing skipped, doubled or stale, and nothing loaded for the second time."""
    contents: dict[str, str] = {}
    before: Table = {}
    for number, (files, table) in enumerate(zip(_ARRIVALS, evidence["tables"], strict=True)):
        contents |= {name: sha256(content.encode()).hexdigest() for name, (content, _) in files.items()}
        untouched = {name for name in before if before[name][0][0] == contents[name]}
        problem = _judge_rows(contents, table, _CALLS[number]) or _judge_travel(untouched, before, table, number)
        if problem:
            return problem
        before = table
    if missing := sorted(contents.keys() - evidence["other"].keys()):
        return failed(
            "Another database was empty, and its load skipped files all the same.",
            expected=f"one row each for {', '.join(sorted(contents))}",
            actual=f"not there: {', '.join(missing)}",
            next_step="What Python or a file of yours remembers is not what this database holds: ask the table, or the "
            "pipeline's own state.",
            call=_OTHER_CALL,
        )
    return passed(
        "The bug: an old file, skipped for ever. "
        "What is loaded is known exactly, by key and content; a time on a file is what a camera or a copy says it is. "
        "Nothing new is skipped, and nothing known travels twice."
    )


def _judge_rows(contents: dict[str, str], table: Table, call: str) -> CheckResult | None:
    facts = {"expected": f"one row each for {', '.join(sorted(contents))}", "actual": _tell(table), "call": call}
    if skipped := sorted(contents.keys() - table.keys()):
        return failed(
            f"In the folder and not in the table: {', '.join(skipped)}.", next_step=_find_next(skipped), **facts
        )
    if doubled := sorted(name for name, rows in table.items() if len(rows) > 1):
        return failed(
            f"Changed, and now in the table twice: {', '.join(doubled)}.",
            next_step="Rows that come once more have to take the place of the old ones.",
            **facts,
        )
    if stale := sorted(name for name, rows in table.items() if rows[0][0] != contents.get(name)):
        return failed(
            f"The row says other content than the file has: {', '.join(stale)}.",
            expected="the content hash of the file as it is now",
            actual="another one",
            next_step="A known name can have new content, and the same time; the row has a column that tells.",
            call=call,
        )
    return None


def _find_next(skipped: list[str]) -> str:
    if skipped == ["c.png"]:
        return "It came last and is dated before the others. Which question finds it: how old is it, or what is it?"
    if skipped == ["g.png"]:
        return "Two files may hold the same: a file is known by its name *and* what is in it."
    return "After each run every file of the folder is a row; before the first run nothing is known."


def _judge_travel(untouched: set[str], before: Table, table: Table, number: int) -> CheckResult | None:
    """Says which rows were loaded once more: they have another `_dlt_load_id`."""
    again = sorted(name for name in untouched if before[name] != table[name])
    if not again:
        return None
    return failed(
        f"Not changed, and loaded again all the same: {', '.join(again)}.",
        expected="rows of files that are as they were keep their `_dlt_load_id`",
        actual=f"{len(again)} of {len(untouched)} have a new one",
        next_step="Sort out what is known before it goes to dlt; a folder of a million images should cost nothing.",
        call=_CALLS[number],
    )


def _read_table(workspace: Workspace) -> Table:
    table: Table = {}
    for row in read_images(workspace):
        facts = [str(row.get("content_sha256")), str(row.get("_dlt_load_id"))]
        table.setdefault(str(row.get("sample_id")), []).append(facts)
    return table


def _write(folder: Path, files: dict[str, tuple[str, int]]) -> None:
    for name, (content, modified_s) in files.items():
        (folder / name).write_bytes(content.encode())
        os.utime(folder / name, (modified_s, modified_s))


def _tell(table: dict[str, Any]) -> str:
    counts = Counter({name: len(rows) for name, rows in table.items()})
    return ", ".join(f"{name} × {count}" for name, count in sorted(counts.items())) or "no rows"


_SINCE = """
files = dlt.resource(list_files(folder), name="images", primary_key="sample_id", write_disposition="merge")
files.apply_hints(incremental=dlt.sources.incremental("modified_at"{options}))
pipeline.run(files)
"""
_KNOWN = """
known = {}
if "images" in pipeline.dataset().tables:
    known = dict(pipeline.dataset()["images"].select("sample_id", "content_sha256").fetchall())
"""
_CHANGED = 'rows = [row for row in list_files(folder) if known.get(row["sample_id"]) != row["content_sha256"]]\n'
_RUN = 'pipeline.run({rows}, table_name="images", primary_key="sample_id", write_disposition="{disposition}")'

STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer(
                "a lag of a day",
                _SINCE.format(options=", lag=86400"),
                "In the folder and not in the table: c.png",
            ),
            WrongAnswer(
                "an initial value long ago",
                "from datetime import UTC, datetime\n"
                + _SINCE.format(options=", initial_value=datetime(1970, 1, 1, tzinfo=UTC)"),
                "In the folder and not in the table: c.png",
            ),
            WrongAnswer(
                "everything anew with replace",
                _RUN.format(rows="list_files(folder)", disposition="replace"),
                "loaded again all the same: a.png, b.png, e.png, f.png",
            ),
            WrongAnswer(
                "everything anew with merge",
                _RUN.format(rows="list_files(folder)", disposition="merge"),
                "loaded again all the same: a.png, b.png, e.png, f.png",
            ),
            WrongAnswer(
                "what is known kept in Python",
                'known = load.__dict__.setdefault("known", {})\n'
                + _CHANGED
                + 'known.update({row["sample_id"]: row["content_sha256"] for row in rows})\n'
                + _RUN.format(rows="rows", disposition="merge"),
                "Another database was empty",
            ),
            WrongAnswer(
                "a known content is a known file",
                _KNOWN
                + 'rows = [row for row in list_files(folder) if row["content_sha256"] not in known.values()]\n'
                + _RUN.format(rows="rows", disposition="merge"),
                "In the folder and not in the table: g.png",
            ),
            WrongAnswer(
                "a known name with a known time",
                _KNOWN.replace('"content_sha256"', '"modified_at"')
                + 'rows = [row for row in list_files(folder) if known.get(row["sample_id"]) != row["modified_at"]]\n'
                + _RUN.format(rows="rows", disposition="merge"),
                "other content than the file has: f.png",
            ),
            WrongAnswer(
                "a known name is a known file",
                _KNOWN
                + 'rows = [row for row in list_files(folder) if row["sample_id"] not in known]\n'
                + _RUN.format(rows="rows", disposition="merge"),
                "other content than the file has: a.png",
            ),
            WrongAnswer(
                "compared well, and appended",
                _KNOWN + _CHANGED + _RUN.format(rows="rows", disposition="append"),
                "now in the table twice: a.png",
            ),
        ),
        demands=(
            "every file of the folder is one row",
            "however it is dated",
            "its new row in place of the old one",
            "`_dlt_load_id`",
        ),
    ),
)
