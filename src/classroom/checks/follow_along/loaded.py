"""What the checks of the follow-along share: running a pipeline against a museum, and counting what is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dlt.common.exceptions import DltException
from requests import RequestException

from classroom.course.answers import describe_exception
from classroom.course.workspace import Workspace
from classroom.errors import MuseumError
from classroom.museum import RunningMuseum
from classroom.museum.catalogue import make_catalogue
from classroom.museum.loading import run

MUSEUM_DATASET = "museum"
TABLE = f"{MUSEUM_DATASET}.artworks"


def total(day: int = 1) -> int:
    """Counts the artworks that the museum publishes on a day."""
    return len(make_catalogue(day).works)


def load(workspace: Workspace, data: Any) -> str:
    """Runs a source or resource into the dataset `museum`; returns what it raised, or ""."""
    try:
        run(workspace.pipeline("museum", MUSEUM_DATASET), data)
    except (DltException, MuseumError, RequestException) as error:
        return describe_exception(error)
    return ""


def count(workspace: Workspace) -> dict[str, int]:
    """Counts the rows of `artworks`, and the artworks that they are; zeros where there is no such table."""
    if "artworks" not in workspace.tables(MUSEUM_DATASET):
        return {"rows": 0, "artworks": 0}
    ((rows, artworks),) = workspace.query(f"SELECT count(*), count(DISTINCT id) FROM {TABLE}")  # noqa: S608 - ours
    return {"rows": rows, "artworks": artworks}


def published(*days: int) -> dict[int, str]:
    """Returns when each artwork was updated last, by id, of all that the museum published on some days in order."""
    return {work["id"]: work["updated_at"] for day in days for work in make_catalogue(day).works}


def count_stale(workspace: Workspace, works: Mapping[int, str]) -> int:
    """Counts the rows of `artworks` that were updated at another time than the museum says."""
    columns = {name for (name,) in workspace.query(f"SELECT column_name FROM (DESCRIBE {TABLE})")}  # noqa: S608 - ours
    if "updated_at" not in columns:
        return len(works)
    rows = workspace.query(f"SELECT id, epoch_ms(updated_at::TIMESTAMPTZ) FROM {TABLE}")  # noqa: S608 - ours
    moments = {key: datetime.fromisoformat(text).timestamp() * 1000 for key, text in works.items()}
    return sum(moments.get(int(key)) != moment for key, moment in rows)


def requests_of(museum: RunningMuseum) -> dict[str, int]:
    """Counts the requests so far, by what was asked for and by status."""
    counts = museum.request_counts
    statuses = {f"status_{status}": number for status, number in counts["statuses"].items()}
    return {**{kind: number for kind, number in counts.items() if kind != "statuses"}, **statuses}
