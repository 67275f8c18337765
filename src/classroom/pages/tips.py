"""Four tips on dlt, each with figures that are measured when it is opened."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import dlt
from dlt.pipeline.exceptions import PipelineStepFailed

from classroom.course.workspace import Workspace

Row = dict[str, Any]
PAGES = 4
PAGE_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Tip:
    """Something worth knowing, shown by running it.

    Attributes:
        id: Short name.
        title: What it is about, in a few words.
        claim: What it says, in a sentence or two.
        taught: The functions whose source is shown; they are what `measure` runs.
        measure: Runs them in an empty workspace; returns the rows of a table to show.
        why: What to take away.
    """

    id: str
    title: str
    claim: str
    taught: tuple[Callable[..., Any], ...]
    measure: Callable[[Workspace], list[Row]]
    why: str


def load_newcomers(workspace: Workspace, mode: Any) -> None:
    """The table has id and label. Two rows arrive; one has a camera."""
    pipeline = workspace.pipeline(f"contract_{mode}", dataset=f"contract_{mode}")
    pipeline.run([{"id": 1, "label": "good"}], table_name="images")

    newcomers = [{"id": 2, "label": "good"}, {"id": 3, "label": "scratch", "camera": "B"}]
    pipeline.run(newcomers, table_name="images", schema_contract={"columns": mode})


def measure_contracts(workspace: Workspace) -> list[Row]:
    """Each mode in a dataset of its own: what raised, and what is in the table afterwards."""
    return [_measure_contract(workspace, mode) for mode in ("evolve", "freeze", "discard_row", "discard_value")]


def _measure_contract(workspace: Workspace, mode: str) -> Row:
    outcome = "✗ raises"
    with suppress(PipelineStepFailed):
        load_newcomers(workspace, mode)
        outcome = "✓ loads"
    columns = workspace.query(
        f"SELECT column_name FROM (DESCRIBE contract_{mode}.images) WHERE NOT starts_with(column_name, '_dlt')"  # noqa: S608
    )
    return {
        "columns": mode,
        "the run": outcome,
        "ids in the table": _listed(workspace.query(f"SELECT id FROM contract_{mode}.images ORDER BY id")),  # noqa: S608
        "columns in the table": _listed(columns),
    }


def load_twice(workspace: Workspace, disposition: Any) -> None:
    """Yesterday's export, then today's: id 2 changed, id 3 is new."""
    pipeline = workspace.pipeline(disposition, dataset=f"load_{disposition}")
    yesterday = [{"id": 1, "label": "good"}, {"id": 2, "label": "good"}]
    today = [{"id": 2, "label": "scratch"}, {"id": 3, "label": "good"}]
    for rows in (yesterday, today):
        pipeline.run(rows, table_name="images", write_disposition=disposition, primary_key="id")


def measure_dispositions(workspace: Workspace) -> list[Row]:
    """What the table holds after both loads, for each write disposition."""
    return [_measure_disposition(workspace, name) for name in ("replace", "append", "merge")]


def _measure_disposition(workspace: Workspace, disposition: str) -> Row:
    load_twice(workspace, disposition)
    rows = workspace.query(f"SELECT id, label FROM load_{disposition}.images ORDER BY id, label")  # noqa: S608
    held = ", ".join(f"{number} {label}" for number, label in rows)
    return {"write_disposition": disposition, "rows after two runs": len(rows), "id and label": held}


@dlt.source
def three_cameras(is_parallelized: bool) -> Iterator[Any]:
    """Three resources that wait for pages, as from an API."""

    def pages(camera: str) -> Iterator[Row]:
        for page in range(PAGES):
            time.sleep(PAGE_WAIT_S)  # what a network does
            yield {"camera": camera, "page": page, "thread": threading.get_ident()}

    for camera in ("left", "middle", "right"):
        yield dlt.resource(pages, name=camera, parallelized=is_parallelized)(camera)


def measure_parallelized(_workspace: Workspace) -> list[Row]:
    """Reads the same pages both ways; times are given as shares of the slower way in this very run."""
    rows, times = zip(*(_read_cameras(way) for way in (False, True)), strict=True)
    return [
        {
            "parallelized": str(way),
            "pages": len(pages),
            "threads": len({page["thread"] for page in pages}),
            "time, compared": f"{duration / times[0]:.0%}",
        }
        for way, pages, duration in zip((False, True), rows, times, strict=True)
    ]


def _read_cameras(is_parallelized: bool) -> tuple[list[Row], float]:
    started = time.perf_counter()
    return list(three_cameras(is_parallelized)), time.perf_counter() - started


@dlt.resource
def visits() -> Iterator[Row]:
    """A resource that remembers how often it ran."""
    state = dlt.current.resource_state()
    state["runs"] = state.get("runs", 0) + 1
    yield {"run": state["runs"]}


def measure_state(workspace: Workspace) -> list[Row]:
    """Runs three times; before the third, the pipeline's folder is deleted."""
    pipelines = workspace.folder / "pipelines"
    log = []
    for before in ("nothing ran yet", "the first run", "the pipeline's folder was deleted"):
        if before.endswith("deleted"):
            shutil.rmtree(pipelines)
        workspace.pipeline().run(visits())
        counter = workspace.query("SELECT max(run) FROM inspection.visits")[0][0]
        log.append({"before this run": before, "counter in the state": counter})
    return log


def _listed(rows: list[tuple[Any, ...]]) -> str:
    return ", ".join(str(row[0]) for row in rows)


TIPS: tuple[Tip, ...] = (
    Tip(
        "contracts",
        "Schema contracts",
        "Say in advance what a column may do that nobody announced.",
        (load_newcomers,),
        measure_contracts,
        "`evolve` is the default: good while you explore. `freeze` for tables that others build on. `discard_row` and "
        "`discard_value` lose something silently: use them only where that is what you want. "
        "Contracts exist for `tables` and `data_type` as well.",
    ),
    Tip(
        "dispositions",
        "Write dispositions",
        "One word decides what a second run does to the first.",
        (load_twice,),
        measure_dispositions,
        "`replace` forgets yesterday, `append` keeps both versions of id 2, `merge` keeps one row for each key, the "
        "newest. `append` is right for events, and for rows that you compared with the table before.",
    ),
    Tip(
        "parallelized",
        "`parallelized=True`",
        "Resources that wait can wait together.",
        (three_cameras,),
        measure_parallelized,
        "It pays where code waits for a network or a disk, or calls a library that releases Python's lock, as Pillow "
        "does while it decodes. It does not speed up plain Python. Keep an eye on the API's rate limit: more threads, "
        "more requests a minute.",
    ),
    Tip(
        "state",
        "State",
        "A resource can remember something from run to run, as incremental loading does.",
        (visits,),
        measure_state,
        "State travels with the load: it is written to `_dlt_pipeline_state` in the destination, and read back from "
        "there where the folder is gone, as on a fresh machine or in CI. Keep it small: it is for bookmarks, not for "
        "rows.",
    ),
)
