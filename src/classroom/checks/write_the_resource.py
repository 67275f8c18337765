"""Exercise 3: a resource that is loaded twice and still has each sample once, as it is now."""

from __future__ import annotations

from typing import Any

from dlt.extract import DltResource

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import read_images
from classroom.checks._samples_of_days import DAYS, MANY, make_samples
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace

_TABLE = "images"
_FACTS = ("sample_id", "category", "split", "label", "filename", "content_sha256")


def load_monday_and_tuesday(images: Any, workspace: Workspace) -> Evidence:
    """Loads Monday's samples and then Tuesday's, with one pipeline, and writes down what the database has after each.

    Args:
        images: The learner's resource, called with a list of samples.
        workspace: Where to load.
    """
    pipeline = workspace.pipeline()
    rows: dict[str, list[list[Any]]] = {}
    for day in DAYS:
        resource = images(make_samples(day)) if callable(images) else images
        if not isinstance(resource, DltResource):
            return {"kind": type(resource).__name__}
        pipeline.run(resource)
        tables = pipeline.default_schema.data_table_names()
        if _TABLE not in tables:
            return {"tables": sorted(tables)}
        rows[day] = _read_rows(workspace)
    table = pipeline.default_schema.tables[_TABLE]
    keys = [name for name, column in table["columns"].items() if column.get("primary_key")]
    [(loads,)] = workspace.query("SELECT count(*) FROM inspection._dlt_loads WHERE status = 0")
    return {
        "rows": rows,
        "primary_key": keys,
        "write_disposition": table.get("write_disposition"),
        "loads": loads,
        "rewritten": _find_rewritten(workspace),
    }


def _read_rows(workspace: Workspace) -> list[list[Any]]:
    columns = {name for (name,) in workspace.query("SELECT column_name FROM (DESCRIBE inspection.images)")}
    if not {*_FACTS, "image_tensor"} <= columns:
        return []
    rows = workspace.query(
        f"SELECT {', '.join(_FACTS)}, hex(image_tensor) FROM inspection.images ORDER BY ALL"  # noqa: S608 - ours
    )
    return [list(row) for row in rows]


def _find_rewritten(workspace: Workspace) -> list[str]:
    """Returns the samples that did not come on the last day, and whose rows were written once more on it all the same.

    None on a day that loaded nothing.
    """
    rows = workspace.query(
        "SELECT sample_id FROM inspection.images WHERE _dlt_load_id = (SELECT max(load_id) FROM inspection._dlt_loads)"
    )
    came = {sample["sample_id"] for sample in make_samples(DAYS[-1])}
    [(loads,)] = workspace.query("SELECT count(*) FROM inspection._dlt_loads WHERE status = 0")
    return sorted({name for (name,) in rows} - came) if loads == len(DAYS) else []


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Returns rows after each of two runs, what the schema says of the table, and how many rows a third run added."""
    images = names["images"]
    if images is None:
        return EMPTY
    evidence = load_monday_and_tuesday(images, workspace)
    if "rows" not in evidence:
        return evidence
    workspace.pipeline().run(images(MANY) if callable(images) else images)
    added = {row.get("sample_id") for row in read_images(workspace)} & {sample["sample_id"] for sample in MANY}
    return evidence | {"added": len(added)}


def judge(evidence: Evidence) -> CheckResult:
    """Looks at what was made, at the rows after each day, then at the key in the schema."""
    if "kind" in evidence or "tables" in evidence:
        return _judge_resource(evidence)
    monday, tuesday = (evidence["rows"][day] for day in DAYS)
    wrong = _judge_monday(monday) or _judge_tuesday(tuesday, evidence)
    if wrong is not None:
        return wrong
    if evidence["primary_key"] != ["sample_id"]:
        return failed(
            "The rows are right this time, but the schema does not say what makes a row unique.",
            expected="primary key sample_id",
            actual=", ".join(evidence["primary_key"]) or "no primary key",
            next_step="Name the column that is the same on every machine as `primary_key`.",
            call='pipeline.default_schema.tables["images"]',
        )
    if rewritten := evidence["rewritten"]:
        return failed(
            "Rows that nobody delivered on Tuesday were written once more.",
            expected="rows of Monday keep their `_dlt_load_id`",
            actual=f"{len(rewritten)} have a new one, such as {rewritten[0]}",
            next_step="What Python remembers dies with its process: yield what came, and let dlt find the old rows.",
            call=_CALLS[1],
        )
    if evidence["loads"] != len(DAYS):
        return failed(
            "One of the two runs loaded nothing.",
            expected=len(DAYS),
            actual=evidence["loads"],
            next_step="Yield the samples that the resource is called with, each time it is called.",
            call="SELECT count(*) FROM inspection._dlt_loads",
        )
    if evidence["added"] != len(MANY):
        return failed(
            "On another day more samples come, and some of them are left out.",
            expected=f"{len(MANY)} new rows",
            actual=f"{evidence['added']} new rows",
            next_step="Yield each sample that the resource is called with, however many there are.",
            call=f"pipeline.run(images(wednesday)), with {len(MANY)} samples",
        )
    return passed(
        "With the key, dlt deletes the old row and inserts the new one, so that a second run changes what has changed "
        "and nothing else. `darkroom` has the same key."
    )


def _judge_resource(evidence: Evidence) -> CheckResult:
    if "kind" in evidence:
        return failed(
            "`images` is not a dlt resource, so dlt knows nothing of its key.",
            expected="DltResource",
            actual=evidence["kind"],
            next_step="Decorate the function with `@dlt.resource(…)`, and let it yield.",
            call="images(samples)",
        )
    return failed(
        "The rows are not in the table `images`.",
        expected=_TABLE,
        actual=", ".join(evidence["tables"]) or "no table",
        next_step="A table is called like its resource, and that like its function unless `name` says otherwise.",
        call="pipeline.run(images(samples))",
    )


def _judge_monday(rows: list[list[Any]]) -> CheckResult | None:
    expected = _rows_of(make_samples(DAYS[0]))
    if rows and len(rows) < len(expected):
        return failed(
            "Samples of Monday are missing: others with the same key have taken their place.",
            expected=f"{len(expected)} rows",
            actual=f"{len(rows)} rows",
            next_step="Which column is different for each of the four samples? `000.png` is there three times.",
            call=_CALLS[0],
        )
    if not rows:
        return failed(
            "A column of the samples is missing, or there is no row.",
            expected=f"{', '.join(_FACTS)}, image_tensor",
            actual="not all of these",
            next_step="Yield each sample as it comes, with all of its facts.",
            call=_CALLS[0],
        )
    if rows != expected:
        return failed(
            "The rows are not the samples that the resource was called with.",
            expected=f"{len(expected)} rows, each with the facts and the bytes of its sample",
            actual=f"{len(rows)} rows, the first of {rows[0][0]}",
            next_step="Yield each sample as it comes, bytes and all.",
            call=_CALLS[0],
        )
    return None


def _judge_tuesday(rows: list[list[Any]], evidence: Evidence) -> CheckResult | None:
    ids = [row[0] for row in rows]
    if len(ids) > len(set(ids)):
        return _judge_doubles(ids, evidence)
    expected = _rows_of(make_samples(DAYS[0]) + make_samples(DAYS[1]))
    if missing := sorted({row[0] for row in expected} - set(ids)):
        return failed(
            "Tuesday's run took rows away that nobody had asked it to touch.",
            expected=f"{len(expected)} rows",
            actual=f"{len(rows)} rows; {missing[0]} is gone",
            next_step="Tuesday's samples are two of five: which write disposition leaves the others alone?",
            call=_CALLS[1],
        )
    if rows != expected:
        return failed(
            "The sample that was photographed again is still in its old state.",
            expected="the content_sha256 of Tuesday",
            actual="the content_sha256 of Monday",
            next_step="The new row has to take the place of the old one with the same key.",
            call=_CALLS[1],
        )
    return None


def _judge_doubles(ids: list[str], evidence: Evidence) -> CheckResult:
    double = next(name for name in ids if ids.count(name) > 1)
    is_keyless = evidence["write_disposition"] == "merge" and not evidence["primary_key"]
    message = (
        "Without a key, merge cannot find the old row, and appends without a word."
        if is_keyless
        else "The sample that was photographed again is there twice."
    )
    hint = "By which column does dlt know that two rows are the same sample?" if is_keyless else _HOW_TO_WRITE
    actual = f"{ids.count(double)} rows of {double}"
    return failed(message, expected="1 row of each sample", actual=actual, next_step=hint, call=_CALLS[1])


def _rows_of(samples: list[dict[str, Any]]) -> list[list[str]]:
    """Returns what the database holds after these samples, where a later one takes the place of an earlier one."""
    latest = {sample["sample_id"]: sample for sample in samples}
    return [[*(row[fact] for fact in _FACTS), row["image_tensor"].hex().upper()] for _, row in sorted(latest.items())]


_CALLS = ("pipeline.run(images(monday))", "pipeline.run(images(monday)); pipeline.run(images(tuesday))")
_HOW_TO_WRITE = "What should dlt do with a row that it has already? Look at `write_disposition`, and at the key."
_BODY = "def images(samples):\n    yield from samples"

STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer("append, as by default", "@dlt.resource\n" + _BODY, "photographed again is there twice"),
            WrongAnswer(
                "merge without a key",
                '@dlt.resource(write_disposition="merge")\n' + _BODY,
                "Without a key, merge cannot find the old row",
            ),
            WrongAnswer(
                "replace loses what came before",
                '@dlt.resource(primary_key="sample_id", write_disposition="replace")\n' + _BODY,
                "took rows away",
            ),
            WrongAnswer(
                "the file's name as key",
                '@dlt.resource(primary_key="filename", write_disposition="merge")\n' + _BODY,
                "Samples of Monday are missing",
            ),
            WrongAnswer(
                "all that ever came kept in a dict",
                "kept = {}\n"
                '@dlt.resource(primary_key="sample_id", write_disposition="replace")\n'
                "def images(samples):\n"
                '    kept.update({sample["sample_id"]: sample for sample in samples})\n'
                "    yield from kept.values()",
                "Rows that nobody delivered on Tuesday",
            ),
            WrongAnswer(
                "the key, the hash and the bytes only",
                '@dlt.resource(primary_key="sample_id", write_disposition="merge")\n'
                "def images(samples):\n"
                "    for sample in samples:\n"
                '        yield {name: sample[name] for name in ("sample_id", "content_sha256", "image_tensor")}',
                "A column of the samples is missing",
            ),
            WrongAnswer(
                "as many samples as the page shows",
                '@dlt.resource(primary_key="sample_id", write_disposition="merge")\n'
                "def images(samples):\n    yield from samples[:4]",
                "some of them are left out",
            ),
            WrongAnswer("a generator and no resource", _BODY, "is not a dlt resource"),
        ),
        demands=("table `images`", "each sample once", "as it looked last", "what makes a row unique"),
    ),
)
