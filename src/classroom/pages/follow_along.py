"""What the follow-along hands to its attendees: a museum to ask, and the rows of the data contract."""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dlt
import requests
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.sources.helpers.requests import Client
from PIL import Image

from classroom.course.answers import find_cause
from classroom.course.registry import find_course
from classroom.course.workspace import Workspace, temporary_workspace
from classroom.errors import MuseumError
from classroom.museum import Faults, RunningMuseum, start_museum
from darkroom.database.dlt_settings import PIPELINE_NAME
from darkroom.harmonise.decode import read_image
from darkroom.harmonise.resize import harmonise_image_bytes
from darkroom.load.rows import to_timestamp
from darkroom.load.run import ingest
from darkroom.query.contact_sheet import write_contact_sheet

T = TypeVar("T")

COURTESY = {"AIC-User-Agent": f"darkroom-classroom (workshop attendee {secrets.token_hex(3)})"}
"""The museum asks to be told who is calling; put a mail address of yours here before you collect from the real one.

The number tells the attendees of a room apart, where the room's museum counts by agent."""

LIVE_URL = "https://api.artic.edu/api/v1"
STAND_IN, ROOM, LIVE = "the stand-in on this machine", "the room's museum", "the Art Institute of Chicago"
ROOM_VARIABLE = "CLASSROOM_MUSEUM"
"""Environment variable that names the API of a museum that the instructor opened for the room."""

SIZE_PX = 64
"""Side length of the follow-along's tensors: small, so that nobody waits."""

REQUESTS_PER_MINUTE = 60
"""As the real museum has it."""
_MINUTE_S = 2.0
"""A minute of the lesson's museum: who is told to wait should not wait for a real one."""
_OPEN_AT_ONCE = 32
_PATIENCE_S = 5.0

_GONE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
"""What a museum that stops answering raises; a refusal with a status of its own is something else."""

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
    """The room's museum where the environment names one, else the stand-in."""
    return ROOM if os.environ.get(ROOM_VARIABLE) else STAND_IN


def prepare_database(workspace: Workspace) -> None:
    """Loads the sample data of both image datasets into the workspace's database, at `SIZE_PX`; again, nothing."""
    samples = find_course().root / "sample_data"
    ingest([samples / "mvtec_ad", samples / "dagm_2007"], database=workspace.database, size_px=SIZE_PX)


def darkroom_pipeline(workspace: Workspace) -> dlt.Pipeline:
    """The pipeline whose schema and dataset are darkroom's own, so that its `images` table is the same one."""
    return workspace.pipeline(PIPELINE_NAME, "inspection")


def run(pipeline: dlt.Pipeline, data: Any, **options: Any) -> dlt.Pipeline:
    """`pipeline.run`, and words for a museum that stops; returns the pipeline.

    Raises:
        MuseumError: The museum stopped answering.
        PipelineStepFailed: Anything else that dlt reports.
    """
    try:
        pipeline.run(data, **options)
    except PipelineStepFailed as error:
        root = find_cause(error)
        if isinstance(root, _GONE):
            raise MuseumError(
                "The museum stopped answering in the middle of the load, so this load was given up; what earlier loads "
                f"brought is as it was. Open the museum again, then run the same once more. ({type(root).__name__})"
            ) from error
        raise
    return pipeline


def attempt(call: Callable[[], T]) -> tuple[T | None, str]:
    """What a call returns, and ""; or None, and what went wrong in words that a page can show."""
    try:
        return call(), ""
    except (MuseumError, PipelineStepFailed, requests.RequestException) as error:
        return None, str(find_cause(error))


def first_artworks(base_url: str, limit: int) -> tuple[list[dict[str, Any]], str]:
    """The newest artworks, and the base of their pictures.

    Args:
        base_url: Base of the API.
        limit: How many, 100 at most.

    Raises:
        requests.RequestException: The museum does not answer, or refuses.
    """
    answer = Client().get(f"{base_url}/artworks", params={"limit": limit}, headers=COURTESY).json()
    return answer["data"], answer["config"]["iiif_url"]


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


def harmonise_picture(content: bytes) -> tuple[Image.Image, bytes]:
    """A picture's file as it was sent → the picture, and its `SIZE_PX` × `SIZE_PX` × 3 tensor as bytes.

    Raises:
        darkroom.harmonise.decode.UnusableImageError: It cannot be decoded.
    """
    decoded = read_image(content)
    return decoded.pixels, harmonise_image_bytes(decoded.pixels, SIZE_PX)


def picture_row(artwork: dict[str, Any], iiif_url: str, content: bytes, picture: Image.Image, tensor: bytes) -> Any:
    """A row of `images` for a work of art: facts of the data contract, with `art` as its source.

    Args:
        artwork: The record that the API gave.
        iiif_url: Base of the pictures, as the API's `config` has it.
        content: The picture's file as it was sent.
        picture: The decoded picture.
        tensor: `SIZE_PX` × `SIZE_PX` × 3 bytes, RGB.
    """
    return {
        "sample_id": f"art/{artwork['id']}",
        "source_dataset": "art",
        "category": artwork["artwork_type_title"] or "unknown",
        "split": "train",
        "label": None,
        "is_defect": None,
        "filename": f"{artwork['image_id']}.jpg",
        "source_root": iiif_url,
        "source_path": f"{artwork['image_id']}/full/400,/0/default.jpg",
        "original_width": picture.width,
        "original_height": picture.height,
        "original_mode": picture.mode,
        "original_format": "JPEG",
        "file_size_bytes": len(content),
        "modified_at": to_timestamp(0),
        "content_sha256": hashlib.sha256(content).hexdigest(),
        "image_tensor": tensor,
        "tensor_height": SIZE_PX,
        "tensor_width": SIZE_PX,
        "tensor_channels": 3,
        "tensor_dtype": "uint8",
        "has_mask": False,
    }


def _try(url: str) -> str:
    """Why a museum does not answer, in a few words; empty where it does."""
    if not url.startswith(("http://", "https://")):
        return "expected an address that begins with http:// or https://"
    try:
        response = requests.get(f"{url}/artworks", params={"limit": 1}, headers=COURTESY, timeout=_PATIENCE_S)
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
