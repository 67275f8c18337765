"""Step 2: all pages, declared."""

from __future__ import annotations

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks.follow_along.loaded import (
    MUSEUM_DATASET,
    count,
    count_stale,
    load,
    published,
    requests_of,
    total,
)
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace
from classroom.museum import start_museum

_CALL = "pipeline.run(make_source(base_url))"
_PAGE = 100
_LATER = 3
"""The day of the second run: by then works are new, works have changed, and one is withdrawn."""


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Runs on two days, and counts rows and tables after each run, and the requests of the first."""
    make_source = names["make_source"]
    with start_museum() as museum:
        source = make_source(museum.url)
        if source is None:
            return EMPTY
        problem = load(workspace, source)
        first, asked = count(workspace), requests_of(museum)
        if not problem and first["rows"]:
            museum.move_to(_LATER)
            problem = load(workspace, make_source(museum.url))
        second = count(workspace)
        return {
            "problem": problem,
            "first": first,
            "second": second,
            "stale": count_stale(workspace, published(1, _LATER)) if second["rows"] else 0,
            "tables": workspace.tables(MUSEUM_DATASET),
            "pages": asked["pages"],
        }


def judge(evidence: Evidence) -> CheckResult:
    """Wants all artworks, once, after both runs, in as few requests as it takes."""
    if evidence["problem"]:
        return failed(
            "The load did not go through.",
            expected="a load that completes",
            actual=evidence["problem"],
            next_step="Compare the address, the resource's `path` and the paginator with the story above.",
            call=_CALL,
        )
    if "artworks" not in evidence["tables"]:
        return failed(
            "There is no table called artworks.",
            expected="artworks",
            actual=", ".join(evidence["tables"]) or "no table",
            next_step="Call the resource `artworks`, and say where in the answer its records are.",
            call=_CALL,
        )
    return _judge_rows(evidence)


def _judge_rows(evidence: Evidence) -> CheckResult:
    first, second, works = evidence["first"], evidence["second"], total()
    if first["artworks"] != works:
        return failed(
            "Not every artwork arrived.",
            expected=f"{works} artworks",
            actual=f"{first['artworks']} artworks after {evidence['pages']} requests",
            next_step="Tell the paginator where the link to the next page is.",
            call=_CALL,
        )
    all_works = len(published(1, _LATER))
    if second["rows"] > second["artworks"]:
        return failed(
            "The second run loaded artworks again that were there.",
            expected=f"{all_works} rows after the second run",
            actual=f"{second['rows']} rows",
            next_step="A merge needs to know which rows are the same: name the primary key and the write disposition.",
            call=f"{_CALL}, twice",
        )
    if second["artworks"] < all_works:
        return failed(
            "The second run threw away what was there.",
            expected=f"{all_works} artworks after a second run two days later, one of them withdrawn by the museum",
            actual=f"{second['artworks']} artworks",
            next_step="`replace` keeps what came last and nothing else; which write disposition replaces row by row?",
            call=f"{_CALL}, on day 1 and on day {_LATER}",
        )
    if evidence["stale"]:
        return failed(
            "Artworks that changed kept their old values.",
            expected="the `updated_at` of the last run",
            actual=f"another one in {evidence['stale']} of {second['rows']} rows",
            next_step="A row that is there already has to be replaced, not left alone.",
            call=f"{_CALL}, on day 1 and on day {_LATER}",
        )
    fewest = -(-works // _PAGE)
    if evidence["pages"] > fewest + 1:
        return failed(
            "That took more requests than it needs, and the museum counts them.",
            expected=f"{fewest} requests",
            actual=f"{evidence['pages']} requests",
            next_step="Ask for full pages with the parameter `limit`.",
            call=_CALL,
        )
    children = ", ".join(name for name in evidence["tables"] if name != "artworks")
    return passed(
        f"{works} artworks in {evidence['pages']} requests. The lists became tables of their own: {children}."
    )


_DECLARED = """
return rest_api_source({{
    "client": {{
        "base_url": base_url,
        "paginator": {paginator},
    }},
    "resources": [{{
        "name": "artworks",
        {rows}
        "endpoint": {{"path": "artworks", "params": {{"limit": {limit}}}, "data_selector": "data"}},
    }}],
}})
"""
_NEXT = '{"type": "json_link", "next_url_path": "pagination.next_url"}'
_MERGE = '"primary_key": "id", "write_disposition": "merge",'

CHECK = StepCheck(
    collect,
    judge,
    wrong_answers=(
        WrongAnswer(
            "the first page only",
            _DECLARED.format(paginator='"single_page"', rows=_MERGE, limit=100),
            "Not every artwork arrived",
        ),
        WrongAnswer(
            "merge without a key",
            _DECLARED.format(paginator=_NEXT, rows='"write_disposition": "merge",', limit=100),
            "The second run loaded artworks again",
        ),
        WrongAnswer(
            "append",
            _DECLARED.format(paginator=_NEXT, rows='"primary_key": "id", "write_disposition": "append",', limit=100),
            "The second run loaded artworks again",
        ),
        WrongAnswer(
            "replace",
            _DECLARED.format(paginator=_NEXT, rows='"primary_key": "id", "write_disposition": "replace",', limit=100),
            "The second run threw away what was there",
        ),
        WrongAnswer(
            "only keys that are not there yet",
            _DECLARED.format(
                paginator=_NEXT,
                rows='"primary_key": "id", "write_disposition": {"disposition": "merge", "strategy": "insert-only"},',
                limit=100,
            ),
            "Artworks that changed kept their old values",
        ),
        WrongAnswer(
            "the time as part of the key",
            _DECLARED.format(
                paginator=_NEXT, rows='"primary_key": ["id", "timestamp"], "write_disposition": "merge",', limit=100
            ),
            "The second run loaded artworks again",
        ),
        WrongAnswer(
            "pages of twelve", _DECLARED.format(paginator=_NEXT, rows=_MERGE, limit=12), "more requests than it needs"
        ),
    ),
    demands=("the resource `artworks`", "`id`", "replaces what has changed", "what the museum withdraws stays"),
)
