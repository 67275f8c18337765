"""The museums of the follow-along: a stand-in for each page, a choice among them, and what is shown of their loads."""

from __future__ import annotations

import atexit
import os
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import requests
from dlt.pipeline.exceptions import PipelineStepFailed

from classroom.course.answers import find_cause
from classroom.course.workspace import Workspace, temporary_workspace
from classroom.museum import Faults, RunningMuseum, start_museum
from classroom.museum.loading import AGENT_HEADER, darkroom_pipeline, first_artworks, prepare_database, run
from darkroom.query.contact_sheet.write import write_contact_sheet

LIVE_URL = "https://api.artic.edu/api/v1"
STAND_IN, ROOM, LIVE = "the stand-in on this machine", "the room's museum", "the Art Institute of Chicago"
ROOM_VARIABLE = "CLASSROOM_MUSEUM"
"""Environment variable that names the API of a museum that the instructor opened for the room."""

REQUESTS_PER_MINUTE = 60
"""As the real museum has it."""
_MINUTE_S = 2.0
"""A minute of the lesson's museum: who is told to wait should not wait for a real one."""
_OPEN_AT_ONCE = 32
_PATIENCE_S = 5.0

_open: deque[RunningMuseum] = deque()


@dataclass(frozen=True, slots=True)
class Choice:
    """The museum that was chosen, or the stand-in where it cannot be reached.

    Attributes:
        url: Base of its API.
        note: One sentence about it.
        is_live: Whether it is another than the stand-in.
    """

    url: str
    note: str
    is_live: bool


def open_museum() -> RunningMuseum:
    """Opens a stand-in for one page of one attendee, on a free port of this machine.

    It allows 60 requests in a minute of 2 seconds. The oldest is closed when many pages are open.
    """
    if not _open:
        atexit.register(_close_all)
    while len(_open) >= _OPEN_AT_ONCE:
        _open.popleft().stop()
    museum = start_museum(faults=Faults(requests_per_minute=REQUESTS_PER_MINUTE, minute_s=_MINUTE_S))
    _open.append(museum)
    return museum


def choose_museum(wanted: str, stand_in: RunningMuseum, room_url: str = "") -> Choice:
    """Looks whether the museum that is wanted answers; stays on the stand-in where it does not.

    Args:
        wanted: `STAND_IN`, `ROOM` or `LIVE`.
        stand_in: The attendee's own.
        room_url: Base of the room's API, as the instructor's `classroom museum` prints it.
    """
    if wanted == STAND_IN:
        return Choice(stand_in.url, f"You ask {STAND_IN}: {stand_in.url}", is_live=False)
    url = LIVE_URL if wanted == LIVE else room_url.strip().rstrip("/")
    if not url:
        note = f"Type the address that your instructor shows; until then you ask {STAND_IN}."
        return Choice(stand_in.url, note, is_live=False)
    reason = _try(url)
    if reason:
        return Choice(stand_in.url, f"{url} cannot be used ({reason}); you stay on {STAND_IN}.", False)
    return Choice(url, f"You ask {wanted}: {url}", is_live=True)


def default_choice() -> str:
    """Returns the room's museum where the environment names one, else the stand-in."""
    return ROOM if os.environ.get(ROOM_VARIABLE) else STAND_IN


def load_pictures(
    workspace: Workspace, base_url: str, pictures: Any, limit: int = 24
) -> tuple[list[dict[str, Any]], Path | None]:
    """Loads the sample data, then pictures by the attendee's transformer into the same table.

    Args:
        workspace: Whose database.
        base_url: Base of the API.
        pictures: The transformer of step 5.
        limit: How many artworks are handed to it.

    Returns:
        Rows by source, and a contact sheet; no sheet where the transformer yielded nothing.
    """
    prepare_database(workspace)
    artworks, iiif_url = first_artworks(base_url, limit)
    newest = dlt.resource([artworks], name="newest", selected=False)
    run(darkroom_pipeline(workspace), newest | pictures(iiif_url=iiif_url))
    rows = workspace.query(
        "SELECT source_dataset, count(*), count(DISTINCT category), min(tensor_height) "
        "FROM inspection.images GROUP BY 1 ORDER BY 1"
    )
    columns = ("source_dataset", "images", "categories", "height_px")
    if not any(row[0] == "art" for row in rows):
        return [], None
    sheet = workspace.folder / "contact_sheet.png"
    write_contact_sheet(sheet, workspace.database, limit=36)
    return [dict(zip(columns, row, strict=True)) for row in rows], sheet


def run_under_contract(make_incremental: Callable[[str], Any]) -> str:
    """Runs day 1, then day 2 with frozen columns, on a museum of its own; returns what dlt says, as Markdown."""
    with temporary_workspace() as workspace, start_museum() as museum:
        pipeline = run(workspace.pipeline("strict", "museum"), make_incremental(museum.url))
        museum.move_to(2)
        try:
            run(pipeline, make_incremental(museum.url), schema_contract={"columns": "freeze"})
        except PipelineStepFailed as error:
            said = re.sub(r"\s+", " ", str(find_cause(error)))
            return (
                f"Day 2 has a column that the contract does not know, and none of it is loaded. dlt says:\n\n> {said}"
            )
    return "Day 2 was loaded: no column was new."


def _try(url: str) -> str:
    """Says why a museum does not answer, in a few words; empty where it does."""
    if not url.startswith(("http://", "https://")):
        return "expected an address that begins with http:// or https://"
    try:
        response = requests.get(f"{url}/artworks", params={"limit": 1}, headers=AGENT_HEADER, timeout=_PATIENCE_S)
        response.raise_for_status()
        return "" if response.json()["data"] else "it has no artworks"
    except requests.Timeout:
        return f"no answer within {_PATIENCE_S:.0f} seconds"
    except requests.ConnectionError:
        return "no connection"
    except (requests.RequestException, KeyError, TypeError) as error:
        return str(error).splitlines()[0] or type(error).__name__


def _close_all() -> None:
    while _open:
        _open.popleft().stop()
