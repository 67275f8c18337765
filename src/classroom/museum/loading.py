"""Loading from a museum: what the follow-along hands to those who write its pipeline, and its checks use as well."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import dlt
import requests
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.sources.helpers.requests import Client
from PIL import Image

from classroom.course.answers import find_cause
from classroom.course.registry import find_course
from classroom.course.workspace import Workspace
from classroom.errors import MuseumError
from darkroom.database.dlt_settings import PIPELINE_NAME
from darkroom.harmonise.decode import read_image
from darkroom.harmonise.resize import harmonise_image_bytes
from darkroom.load.rows import to_timestamp
from darkroom.load.run import ingest

T = TypeVar("T")

AGENT_HEADER = {"AIC-User-Agent": f"darkroom-classroom (workshop attendee {secrets.token_hex(3)})"}
"""The museum asks to be told who is calling; put a mail address of yours here before you collect from the real one.

The number tells the attendees of a room apart, where the room's museum counts by agent."""

LESSON_SIZE_PX = 64
"""Side length of the follow-along's tensors: small, so that nobody waits."""

_GONE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
"""What a museum that stops answering raises; a refusal with a status of its own is something else."""


def prepare_database(workspace: Workspace) -> None:
    """Loads the sample data of both image datasets into the workspace's database; a second call loads nothing."""
    samples = find_course().root / "sample_data"
    ingest([samples / "mvtec_like", samples / "dagm_like"], database=workspace.database, size_px=LESSON_SIZE_PX)


def darkroom_pipeline(workspace: Workspace) -> dlt.Pipeline:
    """Returns the pipeline whose schema and dataset are darkroom's own, so that its `images` table is the same one."""
    return workspace.pipeline(PIPELINE_NAME, "inspection")


def run(pipeline: dlt.Pipeline, data: Any, **options: Any) -> dlt.Pipeline:
    """Runs a pipeline, and has words for a museum that stops; returns the pipeline.

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
    """Returns what a call returns, and ""; or None, and what went wrong in words that a page can show."""
    try:
        return call(), ""
    except (MuseumError, PipelineStepFailed, requests.RequestException) as error:
        return None, str(find_cause(error))


def first_artworks(base_url: str, limit: int) -> tuple[list[dict[str, Any]], str]:
    """Returns the newest artworks, and the base of their pictures.

    Args:
        base_url: Base of the API.
        limit: How many, 100 at most.

    Raises:
        requests.RequestException: The museum does not answer, or refuses.
    """
    answer = Client().get(f"{base_url}/artworks", params={"limit": limit}, headers=AGENT_HEADER).json()
    return answer["data"], answer["config"]["iiif_url"]


def harmonise_picture(content: bytes) -> tuple[Image.Image, bytes]:
    """Returns the picture of a file as it was sent, and its tensor (64 × 64 × 3, RGB) as bytes.

    Raises:
        darkroom.harmonise.decode.UnusableImageError: It cannot be decoded.
    """
    decoded = read_image(content)
    return decoded.pixels, harmonise_image_bytes(decoded.pixels, LESSON_SIZE_PX)


def picture_row(artwork: dict[str, Any], iiif_url: str, content: bytes, picture: Image.Image, tensor: bytes) -> Any:
    """Returns a row of `images` for a work of art: facts of the data contract, with `art` as its source.

    Args:
        artwork: The record that the API gave.
        iiif_url: Base of the pictures, as the API's `config` has it.
        content: The picture's file as it was sent.
        picture: The decoded picture.
        tensor: `LESSON_SIZE_PX` × `LESSON_SIZE_PX` × 3 bytes, RGB.
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
        "tensor_height": LESSON_SIZE_PX,
        "tensor_width": LESSON_SIZE_PX,
        "tensor_channels": 3,
        "tensor_dtype": "uint8",
        "has_mask": False,
    }
