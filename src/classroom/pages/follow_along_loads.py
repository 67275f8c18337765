"""What the follow-along's lesson loads with the finished code of each step, and the figures that it shows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dlt

from classroom.course.workspace import Workspace
from classroom.museum import Faults, RunningMuseum
from classroom.museum.loading import run

BAD_MOOD = Faults(requests_per_minute=4, minute_s=1.0, share_unavailable=0.25, seed=3)
"""Four requests in a minute of one second, and a quarter of all answers 503."""


def load_all_twice(
    workspace: Workspace, base_url: str, make_source: Callable[[str], Any]
) -> tuple[list[dict[str, Any]], str]:
    """Loads all pages twice; returns rows by table after each run, and the schema as a Mermaid diagram."""
    pipeline = workspace.pipeline("declared", "museum")
    first, second = (_count_rows(workspace, run(pipeline, make_source(base_url))) for _ in range(2))
    tables = [{"table": name, "after one run": first[name], "after two": second[name]} for name in second]
    return tables, pipeline.default_schema.to_mermaid(include_dlt_tables=False)


def load_in_bad_mood(workspace: Workspace, museum: RunningMuseum, artworks: Any) -> list[dict[str, Any]]:
    """Loads from a museum that refuses; returns how often it did, and what arrived."""
    usual = museum.faults
    museum.set_faults(BAD_MOOD)
    museum.reset_counts()
    try:
        run(workspace.pipeline("polite", "museum_polite"), artworks(museum.url))
    finally:
        museum.set_faults(usual)
    meanings = {200: "here you are", 429: "too many requests", 503: "not now"}
    statuses = museum.request_counts["statuses"].items()
    return [{"status": status, "": meanings.get(status, ""), "answers": number} for status, number in sorted(statuses)]


def load_day_by_day(
    workspace: Workspace, museum: RunningMuseum, make_incremental: Callable[[str], Any]
) -> list[dict[str, Any]]:
    """Loads on day 1, on day 2, and on day 2 once more; returns requests, rows that travelled, and rows there are."""
    pipeline = workspace.pipeline("incremental", "museum_daily")
    figures = []
    for title, day in (("day 1", 1), ("day 2", 2), ("day 2, once more", 2)):
        museum.move_to(day)
        museum.reset_counts()
        run(pipeline, make_incremental(museum.url))
        info = pipeline.last_trace.last_normalize_info if pipeline.last_trace else None
        travelled = info.row_counts.get("artworks", 0) if info else 0
        rows = _count_rows(workspace, pipeline)["artworks"]
        requests = museum.request_counts["pages"]
        figures.append({"run": title, "requests": requests, "rows that travelled": travelled, "rows there are": rows})
    museum.move_to(1)
    return figures


def _count_rows(workspace: Workspace, pipeline: dlt.Pipeline) -> dict[str, int]:
    """Returns rows of each table of a pipeline's dataset, without dlt's own."""
    dataset = pipeline.dataset_name
    count = f'SELECT count(*) FROM {dataset}."%s"'  # noqa: S608 - our own names
    return {name: workspace.query(count % name)[0][0] for name in workspace.tables(dataset)}
