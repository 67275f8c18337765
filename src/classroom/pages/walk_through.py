"""The follow-along's lesson: the masters' own functions, run step by step, with what there is to see of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from classroom.course.answers import Names, read_notebook, run_names
from classroom.course.contents import Step
from classroom.course.gaps import cell_code, make_solution
from classroom.course.registry import find_course
from classroom.course.workspace import Workspace
from classroom.museum import Faults, RunningMuseum
from classroom.museum.loading import run

DATASET = "museum"
BAD_MOOD = Faults(requests_per_minute=4, minute_s=1.0, share_unavailable=0.25, seed=3)
"""Four requests in a minute of one second, and a quarter of all answers 503."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One step of the follow-along, solved.

    Attributes:
        step: From the registry.
        code: The cell, solved.
        names: The functions that it completes.
    """

    step: Step
    code: str
    names: Names


def read_walks() -> tuple[Walk, ...]:
    """The five steps as their master has them; what the lesson shows is what it runs."""
    course = find_course()
    master = course.solution_file("follow_along")
    solution = make_solution(master.read_text(encoding="utf-8"))
    notebook = read_notebook(master)
    steps = course.find_exercise("follow_along").steps
    return tuple(
        Walk(step, cell_code(solution, step.exercise_cell), run_names(notebook, step.defines)) for step in steps
    )


def load_all(
    workspace: Workspace, base_url: str, make_source: Callable[[str], Any]
) -> tuple[list[dict[str, Any]], str]:
    """Loads all pages twice; returns rows by table after each run, and the schema as a Mermaid diagram."""
    counts = []
    for _ in range(2):
        pipeline = run(workspace.pipeline("declared", DATASET), make_source(base_url))
        counts.append(count_rows(workspace))
    first, second = counts
    tables = [{"table": name, "after one run": first[name], "after two": second[name]} for name in second]
    return tables, pipeline.default_schema.to_mermaid(include_dlt_tables=False)


def load_in_bad_mood(workspace: Workspace, museum: RunningMuseum, artworks: Any) -> list[dict[str, Any]]:
    """Loads from a museum that refuses; returns how often it did, and what arrived."""
    usual = museum.faults
    museum.set_faults(BAD_MOOD)
    museum.reset_counts()
    try:
        run(workspace.pipeline("polite", f"{DATASET}_polite"), artworks(museum.url))
    finally:
        museum.set_faults(usual)
    meanings = {200: "here you are", 429: "too many requests", 503: "not now"}
    statuses = museum.request_counts["statuses"].items()
    return [{"status": status, "": meanings.get(status, ""), "answers": number} for status, number in sorted(statuses)]


def load_two_days(
    workspace: Workspace, museum: RunningMuseum, make_incremental: Callable[[str], Any]
) -> list[dict[str, Any]]:
    """Loads on day 1, on day 2, and on day 2 once more; returns requests, rows that travelled, and rows there are."""
    story = []
    for title, day in (("day 1", 1), ("day 2", 2), ("day 2, once more", 2)):
        museum.move_to(day)
        museum.reset_counts()
        pipeline = run(workspace.pipeline("incremental", f"{DATASET}_daily"), make_incremental(museum.url))
        info = pipeline.last_trace.last_normalize_info if pipeline.last_trace else None
        travelled = info.row_counts.get("artworks", 0) if info else 0
        ((rows,),) = workspace.query(f"SELECT count(*) FROM {DATASET}_daily.artworks")  # noqa: S608 - our own table
        requests = museum.request_counts["pages"]
        story.append({"run": title, "requests": requests, "rows that travelled": travelled, "rows there are": rows})
    museum.move_to(1)
    return story


def count_rows(workspace: Workspace) -> dict[str, int]:
    """Rows of each table of the dataset, without dlt's own."""
    count = f'SELECT count(*) FROM {DATASET}."%s"'  # noqa: S608 - our own names
    return {name: workspace.query(count % name)[0][0] for name in workspace.tables(DATASET)}
