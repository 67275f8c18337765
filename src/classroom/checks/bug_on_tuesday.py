"""Exercise 7: a load that appends, and doubles what is delivered twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import ImageRow, is_blank, read_images
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace


def _row(sample_id: str, label: str, content: str) -> ImageRow:
    return {"sample_id": sample_id, "filename": sample_id.rpartition("/")[2], "label": label, "content_sha256": content}


_FIRST = [
    _row("bottle/test/000.png", "good", "a1"),
    _row("bottle/test/001.png", "good", "b1"),
    _row("cable/test/000.png", "bent", "c1"),
]
"""Two categories have a `000.png`: a file's name is no key."""
_SECOND = [
    _row("bottle/test/001.png", "scratch", "b2"),
    _row("bottle/test/002.png", "good", "d1"),
    _row("zipper/test/000.png", "good", "e1"),
]
"""What came later, and nothing else: one image once more, retaken and with another label, and two new ones."""
_DELIVERIES = (_FIRST, _FIRST, _SECOND)
_CALLS = ("load(pipeline, first)", "load(pipeline, first) for the second time", "load(pipeline, second)")


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Loads the first delivery twice and the second once, and reads the table after each load."""
    load = names["load"]
    if is_blank(load):
        return EMPTY
    tables = []
    for delivery in _DELIVERIES:
        load(workspace.pipeline(), [dict(row) for row in delivery])
        columns = ("sample_id", "label", "_dlt_load_id")
        tables.append([[str(row.get(column)) for column in columns] for row in read_images(workspace)])
    return {"tables": tables}


def judge(evidence: Evidence) -> CheckResult:
    """Compares the table after each load with what it should hold."""
    tables = [[(sample_id, label) for sample_id, label, _ in table] for table in evidence["tables"]]
    expected: dict[str, str] = {}
    for number, (delivery, table) in enumerate(zip(_DELIVERIES, tables, strict=True)):
        expected |= {row["sample_id"]: row["label"] for row in delivery}
        if problem := _judge_table(expected, table, number):
            return problem
    if again := _find_rewritten(*evidence["tables"][-2:]):
        return failed(
            "Rows that were not delivered were written once more.",
            expected="rows of the days before keep their `_dlt_load_id`",
            actual=f"{', '.join(again)} have a new one",
            next_step="Hand on only what came, and let dlt find the old rows by the key.",
            call=_CALLS[-1],
        )
    return passed(
        "The bug: `append` doubles. "
        "`merge` with a key says what a second delivery means: the row with this key, as it is now. Without a key dlt "
        "has nothing to compare and appends."
    )


def _find_rewritten(before: list[list[str]], after: list[list[str]]) -> list[str]:
    """Returns the images that the last delivery did not have, and that have another load id after it."""
    load_ids = {sample_id: load_id for sample_id, _, load_id in before}
    delivered = {row["sample_id"] for row in _DELIVERIES[-1]}
    return [
        sample_id for sample_id, _, load_id in after if sample_id not in delivered and load_ids[sample_id] != load_id
    ]


def _judge_table(expected: dict[str, str], table: list[tuple[str, str]], number: int) -> CheckResult | None:
    """Says what is wrong with the table after load `number`: lost, stale or doubled rows, in words for that load."""
    facts = {"expected": _tell(expected.items()), "actual": _tell(table), "call": _CALLS[number]}
    if not table:
        hint = "Hand the rows to `pipeline.run`, into the table `images`."
        return failed("The table `images` is empty after the load.", next_step=hint, **facts)
    counts = Counter(sample_id for sample_id, _ in table)
    if lost := sorted(expected.keys() - counts.keys()):
        return _judge_lost(lost, is_first=number == 0, facts=facts)
    doubled = sorted(sample_id for sample_id, count in counts.items() if count > 1)
    if doubled and number < 2:
        return failed(
            "What was delivered twice is in the table twice.",
            next_step="dlt can only replace a row that it can recognise: what makes two rows the same image?",
            **facts,
        )
    if doubled:
        return failed(
            "The changed row was added beside its old self.",
            next_step="The key must be what stays the same when an image is retaken or relabelled.",
            **facts,
        )
    if sorted(table) != sorted(expected.items()):
        return failed(
            "A row that changed in the delivery kept its old values in the table.",
            next_step="Leaving out what is known is half of it: what is known and has changed must be replaced.",
            **facts,
        )
    return None


def _judge_lost(lost: list[str], *, is_first: bool, facts: dict[str, str]) -> CheckResult:
    if is_first:
        return failed(
            f"{len(lost)} of {len(_FIRST)} rows of the very first delivery are not in the table.",
            next_step="Rows with the same key become one: is your key the same for two different images?",
            **facts,
        )
    return failed(
        f"{len(lost)} rows of an earlier delivery are gone.",
        next_step="A delivery holds what came that day; what was loaded before it has to stay.",
        **facts,
    )


def _tell(rows: Any) -> str:
    return ", ".join(f"{sample_id}: {label}" for sample_id, label in sorted(rows)) or "no rows"


def _run(options: str) -> str:
    return f'pipeline.run(rows, table_name="images", {options})'


STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer("merge without a key", _run('write_disposition="merge"'), "is in the table twice"),
            WrongAnswer("replace", _run('write_disposition="replace"'), "2 rows of an earlier delivery are gone"),
            WrongAnswer(
                "the file's name as key",
                _run('write_disposition="merge", primary_key="filename"'),
                "1 of 3 rows of the very first delivery",
            ),
            WrongAnswer(
                "the file's name tells what to delete",
                'pipeline.run(dlt.resource(rows, name="images", merge_key="filename", write_disposition="merge"))',
                "2 rows of an earlier delivery are gone",
            ),
            WrongAnswer(
                "all that ever came kept in Python",
                'kept = load.__dict__.setdefault("kept", {})\nkept.update({row["sample_id"]: row for row in rows})\n'
                'pipeline.run(list(kept.values()), table_name="images", write_disposition="replace")',
                "Rows that were not delivered were written once more",
            ),
            WrongAnswer(
                "what changed is another row",
                _run('write_disposition="merge", primary_key=("sample_id", "label")'),
                "added beside its old self",
            ),
            WrongAnswer(
                "the content as key",
                _run('write_disposition="merge", primary_key="content_sha256"'),
                "added beside its old self",
            ),
            WrongAnswer(
                "only keys that are not there yet",
                _run('write_disposition={"disposition": "merge", "strategy": "insert-only"}, primary_key="sample_id"'),
                "kept its old values",
            ),
            WrongAnswer(
                "a key, and still append",
                _run('write_disposition="append", primary_key="sample_id"'),
                "is in the table twice",
            ),
        ),
        demands=(
            "keep their `_dlt_load_id`",
            "one row for each image",
            "delivered last",
            "nothing lost of the days before",
            "files of the same name",
        ),
    ),
)
