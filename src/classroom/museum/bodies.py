"""The bodies of the museum's answers, each with its ETag.

They follow from the day, the request and the address alone, so that a room that asks the same gets the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from classroom.museum.artworks import Artwork
from classroom.museum.catalogue import make_catalogue
from classroom.museum.parameters import ArtworksRequest
from classroom.museum.pictures import WIDTHS_PX, height_at, picture_facts
from classroom.museum.refusals import not_found

API_PATH = "/api/v1"
IIIF_PATH = "/iiif/2"
_BODIES_KEPT = 128

_INFO = {
    "license_text": "The artworks and pictures of this museum are generated. Their data is licensed under a Creative "
    "Commons Zero (CC0) 1.0 designation.",
    "license_links": ["https://creativecommons.org/publicdomain/zero/1.0/"],
    "version": "1.0",
}


@dataclass(frozen=True, slots=True)
class Body:
    """What an answer consists of.

    Attributes:
        content: The bytes of the answer.
        media_type: The type of the content, for the header `Content-Type`.
        etag: A quoted hash of the content, for the header `ETag`.
    """

    content: bytes
    media_type: str
    etag: str


def make_body(content: bytes, media_type: str) -> Body:
    """Returns the bytes with their ETag."""
    return Body(content, media_type, f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"')


def make_json_body(value: Any) -> Body:
    """Returns a value as the body of an answer."""
    return make_body(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), "application/json")


@lru_cache(maxsize=_BODIES_KEPT)
def make_artworks_page(day: int, root: str, request: ArtworksRequest) -> Body:
    """Returns a page of artworks, newest first; or those whose ids were asked for, by id, without pagination."""
    catalogue = make_catalogue(day)
    if request.ids is not None:
        found = (catalogue.by_id[number] for number in sorted(set(request.ids)) if number in catalogue.by_id)
        return make_json_body(_envelope(_select_fields(found, root, request.fields), root))
    offset = (request.page - 1) * request.limit
    works = catalogue.works[offset : offset + request.limit]
    pagination = _make_pagination(len(catalogue.works), root, request)
    shown = _envelope(_select_fields(works, root, request.fields), root)
    return make_json_body({"pagination": pagination, **shown})


@lru_cache(maxsize=_BODIES_KEPT)
def make_single(day: int, root: str, artwork_id: int, fields: frozenset[str] | None) -> Body:
    """Returns one artwork.

    Raises:
        Refusal: It is not in today's catalogue.
    """
    work = make_catalogue(day).by_id.get(artwork_id)
    if work is None:
        raise not_found()
    return make_json_body(_envelope(_select_fields([work], root, fields)[0], root))


def make_image_info(root: str, image_id: str) -> Body:
    """Returns what an image server says of a picture.

    Source: IIIF Image API 2.0, section 5, "Information Request"; level 0, because only listed sizes are handed out.
    """
    facts = picture_facts(image_id)
    width, height = facts.original_size_px
    return make_json_body(
        {
            "@context": "http://iiif.io/api/image/2/context.json",
            "@id": f"{root}{IIIF_PATH}/{image_id}",
            "protocol": "http://iiif.io/api/image",
            "width": width,
            "height": height,
            "sizes": [{"width": wide, "height": height_at(facts, wide)} for wide in WIDTHS_PX],
            "profile": ["http://iiif.io/api/image/2/level0.json", {"formats": ["jpg"], "qualities": ["default"]}],
        }
    )


def _envelope(data: Any, root: str) -> dict[str, Any]:
    return {"data": data, "info": _INFO, "config": {"iiif_url": f"{root}{IIIF_PATH}", "website_url": root}}


def _select_fields(works: Iterable[Artwork], root: str, fields: frozenset[str] | None) -> list[Artwork]:
    """Returns records as the client sees them: with whole links, and only the fields it asked for.

    Unknown fields are left out without a word, and `id` is not kept unless it was asked for: so does the museum.
    """
    shown = []
    for work in works:
        record = {**work, "api_link": f"{root}{API_PATH}{work['api_link']}"}
        shown.append(record if fields is None else {name: record[name] for name in record if name in fields})
    return shown


def _make_pagination(total: int, root: str, request: ArtworksRequest) -> dict[str, Any]:
    pages = max(1, -(-total // request.limit))
    pagination: dict[str, Any] = {
        "total": total,
        "limit": request.limit,
        "offset": (request.page - 1) * request.limit,
        "total_pages": pages,
        "current_page": request.page,
    }
    if request.page > 1:
        pagination["prev_url"] = _link(root, request, request.page - 1)
    if request.page < pages:
        pagination["next_url"] = _link(root, request, request.page + 1)
    return pagination


def _link(root: str, request: ArtworksRequest, page: int) -> str:
    query = urlencode([("page", page), *request.others, ("limit", request.limit)])
    return f"{root}{API_PATH}/artworks?{query}"
