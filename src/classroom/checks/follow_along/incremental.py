"""Step 4: only what changed travels."""

from __future__ import annotations

from typing import Any

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks.follow_along.loaded import (
    MUSEUM_DATASET,
    TABLE,
    count,
    count_stale,
    load,
    published,
    requests_of,
    total,
)
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace, temporary_workspace
from classroom.museum import start_museum
from classroom.museum.catalogue import make_catalogue

_CALL = "pipeline.run(make_incremental(base_url)) on day 1, then on day 2"
_PAGE = 100


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Loads day 1, then day 2: counts rows, requests and the rows of the second load, and lists the columns."""
    make_incremental = names["make_incremental"]
    with start_museum() as museum:
        resource = make_incremental(museum.url)
        if resource is None:
            return EMPTY
        problem = load(workspace, resource)
        first = count(workspace)
        if problem or not first["rows"]:
            return {"problem": problem, "first": first}
        museum.move_to(2)
        museum.reset_counts()
        problem = load(workspace, make_incremental(museum.url))
        pages = requests_of(museum)["pages"]
        afresh = 0 if problem else _count_afresh(make_incremental(museum.url))
        return {
            "problem": problem,
            "first": first,
            "second": count(workspace),
            "afresh": afresh,
            "stale": count_stale(workspace, published(1, 2)),
            "pages": pages,
            **_describe(workspace),
        }


def _count_afresh(resource: Any) -> int:
    """Counts what a resource yields for a pipeline without a past, as in the first run of another machine."""
    with temporary_workspace() as other:
        other.pipeline("museum", MUSEUM_DATASET)  # the one that its state is asked from now on
        return len(list(resource))


def _describe(workspace: Workspace) -> Evidence:
    loads = workspace.query(f"SELECT _dlt_load_id, count(*) FROM {TABLE} GROUP BY 1 ORDER BY 1")  # noqa: S608 - ours
    columns = workspace.query(f"SELECT column_name FROM (DESCRIBE {TABLE})")  # noqa: S608 - ours
    latest = workspace.query("SELECT max(load_id) FROM museum._dlt_loads")[0][0]
    return {
        "travelled": next((rows for load_id, rows in loads if load_id == latest), 0),
        "columns": [name for (name,) in columns],
        "newest": workspace.query(f"SELECT max(updated_at)::VARCHAR FROM {TABLE}")[0][0],  # noqa: S608 - ours
    }


def judge(evidence: Evidence) -> CheckResult:
    """Wants all of day 1, and of day 2 what changed, in the fewest requests, with its new column."""
    if evidence["problem"]:
        return failed(
            "The load did not go through.",
            expected="a load that completes",
            actual=evidence["problem"],
            next_step="Compare the name of the cursor with the fields of a record.",
            call=_CALL,
        )
    if evidence["first"]["artworks"] != total(1):
        return failed(
            "The first run did not take all of day 1.",
            expected=f"{total(1)} artworks",
            actual=f"{evidence['first']['artworks']} artworks",
            next_step="Begin before the oldest: give `incremental` an early `initial_value`, and yield every page.",
            call=_CALL,
        )
    return _judge_day_2(evidence)


def _judge_day_2(evidence: Evidence) -> CheckResult:
    changed, fewest = _changed()
    if evidence["second"] != {"rows": total(2), "artworks": total(2)}:
        return failed(
            "After day 2 the table does not hold what the museum publishes.",
            expected=f"{total(2)} rows of {total(2)} artworks",
            actual=f"{evidence['second']['rows']} rows of {evidence['second']['artworks']} artworks",
            next_step="New works have to come and changed ones to be replaced: keep the key and the merge.",
            call=_CALL,
        )
    if evidence["stale"]:
        return failed(
            "Artworks that changed kept their old values.",
            expected="the `updated_at` of day 2",
            actual=f"another one in {evidence['stale']} of {total(2)} rows",
            next_step="Changed works have to be replaced: keep the key and the merge.",
            call=_CALL,
        )
    if evidence["afresh"] < total(2):
        return failed(
            "What was loaded is remembered outside the pipeline: its first run on another machine would skip works.",
            expected=f"{total(2)} works for a pipeline without a past",
            actual=f"{evidence['afresh']} works",
            next_step="Let `dlt.sources.incremental` remember: it keeps the newest value in the pipeline's own state.",
            call="list(make_incremental(base_url))",
        )
    if evidence["travelled"] > changed + 1:
        return failed(
            "Rows that had not changed were loaded again.",
            expected=f"{changed} rows in the second load",
            actual=f"{evidence['travelled']} rows",
            next_step="Let `dlt.sources.incremental` on `updated_at` be a default argument of the resource.",
            call=_CALL,
        )
    if evidence["pages"] > fewest:
        return failed(
            "Only what changed was loaded, but every page was asked for.",
            expected=f"{fewest} requests on day 2",
            actual=f"{evidence['pages']} requests",
            next_step="Newest first means that the loop can stop early: say so with `row_order`.",
            call=_CALL,
        )
    new = ", ".join(sorted(set(make_catalogue(2).works[0]) - set(make_catalogue(1).works[0])))
    return passed(
        f"{evidence['travelled']} of {total(2)} rows travelled, in {evidence['pages']} of "
        f"{-(-total(2) // _PAGE)} requests. The column `{new}` came by itself; a contract would have refused it."
    )


def _changed() -> tuple[int, int]:
    """Counts the artworks that are new or changed on day 2, and the fewest requests that see them all."""
    before = {work["id"]: work["updated_at"] for work in make_catalogue(1).works}
    changed = sum(before.get(work["id"]) != work["updated_at"] for work in make_catalogue(2).works)
    return changed, changed // _PAGE + 1


_RESOURCE = """
cursor = dlt.sources.incremental("{cursor}"{order})
@dlt.resource(name="artworks", {rows})
def artworks({argument}):
    client = RESTClient(base_url, headers=AGENT_HEADER, paginator=JSONLinkPaginator("pagination.next_url"),
        data_selector="data", session=Client(request_max_attempts=10).session)
    yield from client.paginate("artworks", params={{"limit": 100}})
return artworks
"""
_MERGE = 'primary_key="id", write_disposition="merge"'
_OLDEST = ', initial_value="1900-01-01"'

_REMEMBERED = """
memory = make_incremental.__dict__
@dlt.resource(name="artworks", primary_key="id", write_disposition="merge")
def artworks():
    client = RESTClient(base_url, headers=AGENT_HEADER, paginator=JSONLinkPaginator("pagination.next_url"),
        data_selector="data", session=Client(request_max_attempts=10).session)
    seen = memory.get("newest", "")
    for page in client.paginate("artworks", params={"limit": 100}):
        new = [record for record in page if record["updated_at"] > seen]
        memory["newest"] = max([memory.get("newest", ""), *(record["updated_at"] for record in new)])
        yield new
        if len(new) < len(page):
            break
return artworks
"""

CHECK = StepCheck(
    collect,
    judge,
    wrong_answers=(
        WrongAnswer(
            "everything again",
            _RESOURCE.format(cursor="updated_at", order=_OLDEST, rows=_MERGE, argument=""),
            "Rows that had not changed were loaded again",
        ),
        WrongAnswer(
            "the order of rows is not told",
            _RESOURCE.format(cursor="updated_at", order=_OLDEST, rows=_MERGE, argument="updated=cursor"),
            "every page was asked for",
        ),
        WrongAnswer(
            "append",
            _RESOURCE.format(
                cursor="updated_at",
                order=_OLDEST + ', row_order="desc"',
                rows='write_disposition="append"',
                argument="updated=cursor",
            ),
            "does not hold what the museum publishes",
        ),
        WrongAnswer(
            "the newest kept in Python",
            _REMEMBERED,
            "remembered outside the pipeline",
        ),
        WrongAnswer(
            "only keys that are not there yet",
            _RESOURCE.format(
                cursor="updated_at",
                order=_OLDEST + ', row_order="desc"',
                rows='primary_key="id", write_disposition={"disposition": "merge", "strategy": "insert-only"}',
                argument="updated=cursor",
            ),
            "kept their old values",
        ),
        WrongAnswer(
            "a cursor that is not the order of the list",
            _RESOURCE.format(
                cursor="id", order=', initial_value=0, row_order="desc"', rows=_MERGE, argument="updated=cursor"
            ),
            "does not hold what the museum publishes",
        ),
    ),
    demands=("`updated_at`", "only what was updated since", "counts requests and rows"),
)
