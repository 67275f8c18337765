"""Four tips on dlt in words, and how each is measured; the code that is measured stands in the lesson."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dlt.pipeline.exceptions import PipelineStepFailed

from classroom.course.workspace import Workspace

Figures = list[dict[str, Any]]
"""Rows of a table to show; all have the same keys."""


@dataclass(frozen=True, slots=True)
class Tip:
    """Something worth knowing, shown by running it.

    Attributes:
        id: Short name.
        title: What it is about, in a few words.
        claim: What it says, in a sentence or two.
        measure: Runs the code that the lesson shows in an empty workspace, and returns figures.
        why: What to take away.
    """

    id: str
    title: str
    claim: str
    measure: Callable[[Workspace, Callable[..., Any]], Figures]
    why: str


def measure_contracts(workspace: Workspace, load_newcomers: Callable[[Workspace, str], None]) -> Figures:
    """Measures each mode in a dataset of its own: what raised, and what is in the table afterwards.

    Args:
        workspace: Where to load.
        load_newcomers: Loads two rows under a contract mode into the dataset `contract_<mode>`, one of them with a new
            column.
    """
    figures = []
    for mode in ("evolve", "freeze", "discard_row", "discard_value"):
        outcome = "✗ raises"
        with suppress(PipelineStepFailed):
            load_newcomers(workspace, mode)
            outcome = "✓ loads"
        columns = workspace.query(
            f"SELECT column_name FROM (DESCRIBE contract_{mode}.images) WHERE NOT starts_with(column_name, '_dlt')"  # noqa: S608 - our own names
        )
        ids = workspace.query(f"SELECT id FROM contract_{mode}.images ORDER BY id")  # noqa: S608 - our own names
        held = {"ids in the table": _listed(ids), "columns in the table": _listed(columns)}
        figures.append({"columns": mode, "the run": outcome} | held)
    return figures


def measure_dispositions(workspace: Workspace, load_twice: Callable[[Workspace, str], None]) -> Figures:
    """Returns what the table holds after both loads, for each write disposition.

    Args:
        workspace: Where to load.
        load_twice: Loads twice with a write disposition into the dataset `load_<disposition>`.
    """
    figures = []
    for disposition in ("replace", "append", "merge"):
        load_twice(workspace, disposition)
        rows = workspace.query(f"SELECT id, label FROM load_{disposition}.images ORDER BY id, label")  # noqa: S608 - ours
        held = ", ".join(f"{number} {label}" for number, label in rows)
        figures.append({"write_disposition": disposition, "rows after two runs": len(rows), "id and label": held})
    return figures


def measure_parallelized(_workspace: Workspace, three_cameras: Callable[[bool], Iterable[Any]]) -> Figures:
    """Reads the same pages both ways; times are given as shares of the slower way in this very run.

    Args:
        three_cameras: The source, `parallelized` or not; each of its pages names the `thread` that read it.
    """
    figures = []
    durations_s = []
    for is_parallelized in (False, True):
        started = time.perf_counter()
        pages = list(three_cameras(is_parallelized))
        durations_s.append(time.perf_counter() - started)
        threads = len({page["thread"] for page in pages})
        share = f"{durations_s[-1] / durations_s[0]:.0%}"
        row = {"parallelized": str(is_parallelized), "pages": len(pages), "threads": threads}
        figures.append(row | {"time, compared": share})
    return figures


def measure_state(workspace: Workspace, visits: Callable[[], Any]) -> Figures:
    """Runs three times; before the third, the pipeline's folder is deleted.

    Args:
        workspace: Where to load.
        visits: The resource, which yields how often it `run`.
    """
    pipelines = workspace.folder / "pipelines"
    figures = []
    for before in ("nothing ran yet", "the first run", "the pipeline's folder was deleted"):
        if before.endswith("deleted"):
            shutil.rmtree(pipelines)
        workspace.pipeline().run(visits())
        counter = workspace.query("SELECT max(run) FROM inspection.visits")[0][0]
        figures.append({"before this run": before, "counter in the state": counter})
    return figures


def _listed(rows: list[tuple[Any, ...]]) -> str:
    return ", ".join(str(row[0]) for row in rows)


TIPS: tuple[Tip, ...] = (
    Tip(
        "contracts",
        "Schema contracts",
        "Say in advance what a column may do that nobody announced.",
        measure_contracts,
        "`evolve` is the default: good while you explore. `freeze` for tables that others build on. `discard_row` and "
        "`discard_value` lose something silently: use them only where that is what you want. "
        "Contracts exist for `tables` and `data_type` as well.",
    ),
    Tip(
        "dispositions",
        "Write dispositions",
        "One word decides what a second run does to the first.",
        measure_dispositions,
        "`replace` forgets yesterday, `append` keeps both versions of id 2, `merge` keeps one row for each key, the "
        "newest. `append` is right for events, and for rows that you compared with the table before.",
    ),
    Tip(
        "parallelized",
        "`parallelized=True`",
        "Resources that wait can wait together.",
        measure_parallelized,
        "It pays where code waits for a network or a disk, or calls a library that releases Python's lock, as Pillow "
        "does while it decodes. It does not speed up plain Python. Keep an eye on the API's rate limit: more threads, "
        "more requests a minute.",
    ),
    Tip(
        "state",
        "State",
        "A resource can remember something from run to run, as incremental loading does.",
        measure_state,
        "State travels with the load: it is written to `_dlt_pipeline_state` in the destination, and read back from "
        "there where the folder is gone, as on a fresh machine or in CI. Keep it small: it is for bookmarks, not for "
        "rows.",
    ),
)
