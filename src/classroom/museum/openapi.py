"""The museum's interface as an OpenAPI document, made of what the answers are made of."""

from __future__ import annotations

from typing import Any

from classroom.museum.answers import API_PATH, IIIF_PATH
from classroom.museum.pictures import WIDTHS_PX
from classroom.museum.shape import (
    ARTWORK,
    COUNTS,
    DAY,
    ERROR,
    FAULTS,
    IMAGE_INFO,
    LIMIT_DEFAULT,
    LIMIT_MAX,
    PAGE,
    SINGLE,
    Schema,
)

_SCHEMAS = {
    "Artwork": ARTWORK,
    "Page": PAGE,
    "Single": SINGLE,
    "Error": ERROR,
    "ImageInfo": IMAGE_INFO,
    "Day": DAY,
    "Faults": FAULTS,
    "Counts": COUNTS,
}


def make_openapi(root: str) -> dict[str, Any]:
    """Return the document for a museum whose `/api` and `/iiif` lie under a URL."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "A museum on this machine",
            "version": "1.0",
            "description": "A stand-in for the public API of the Art Institute of Chicago, with generated artworks.",
        },
        "servers": [{"url": root}],
        "paths": {**_artwork_paths(), **_image_paths(), **_control_paths()},
        "components": {"schemas": _SCHEMAS},
    }


def _artwork_paths() -> dict[str, Any]:
    fields = _parameter(
        "fields", {"type": "string"}, "Names of the fields wanted, with commas; unknown ones are ignored."
    )
    page = _parameter("page", {"type": "integer", "minimum": 1, "default": 1}, "Beyond the last one: no works.")
    limit = _parameter(
        "limit", {"type": "integer", "minimum": 0, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}, "Works a page."
    )
    ids = _parameter("ids", {"type": "string"}, f"At most {LIMIT_MAX} ids, with commas; the answer has no pagination.")
    artwork_id = _parameter("id", {"type": "integer"}, "An id from a page.", place="path")
    return {
        f"{API_PATH}/artworks": _get("Artworks, the one updated last first", "Page", [page, limit, fields, ids]),
        f"{API_PATH}/artworks/{{id}}": _get("One artwork", "Single", [artwork_id, fields]),
    }


def _image_paths() -> dict[str, Any]:
    image_id = _parameter("image_id", {"type": "string", "format": "uuid"}, "From an artwork.", place="path")
    choices = {"region": ["full"], "size": [f"{width}," for width in WIDTHS_PX], "rotation": ["0"]}
    parts = [
        _parameter(name, {"type": "string", "enum": choice}, "As in IIIF Image API 2.0.", place="path")
        for name, choice in {**choices, "file": ["default.jpg"]}.items()
    ]
    picture = _get("A picture", None, [image_id, *parts])
    return {
        f"{IIIF_PATH}/{{image_id}}/{{region}}/{{size}}/{{rotation}}/{{file}}": picture,
        f"{IIIF_PATH}/{{image_id}}/info.json": _get("What there is of a picture", "ImageInfo", [image_id]),
        "/openapi.json": {"get": {"summary": "This document", "responses": {"200": {"description": "OpenAPI 3.1"}}}},
    }


def _control_paths() -> dict[str, Any]:
    summaries = {"day": ("Day", "The clock"), "faults": ("Faults", "What goes wrong"), "counts": ("Counts", "Requests")}
    return {f"/control/{name}": _control(schema, summary) for name, (schema, summary) in summaries.items()}


def _control(schema: str, summary: str) -> dict[str, Any]:
    answer = {"200": {"description": summary, "content": _json(schema)}}
    refused = {"403": {"description": "Not from the museum's own machine", "content": _json("Error")}}
    bad = {code: {"description": "Not understood", "content": _json("Error")} for code in ("400", "413", "415", "422")}
    # counts are set to zero by any object; faults that are not named are mended
    body = {"required": True, "content": {"application/json": {"schema": _request_schema(schema)}}}
    return {
        "get": {"summary": summary, "responses": {**answer, **refused}},
        "post": {"summary": f"Change: {summary}", "requestBody": body, "responses": {**answer, **refused, **bad}},
    }


def _request_schema(schema: str) -> Schema:
    if schema == "Counts":
        return {"type": "object"}
    return {key: value for key, value in _SCHEMAS[schema].items() if schema == "Day" or key != "required"}


def _get(summary: str, schema: str | None, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    content = _json(schema) if schema else {"image/jpeg": {}}
    is_artwork = schema in ("Page", "Single")
    error = _json("Error") if is_artwork else {"text/plain": {"schema": {"type": "string"}}}
    refusals = {"400": "Not understood", "404": "Not there", "429": "Too many requests", "503": "Unavailable"}
    if schema == "Page":
        refusals["403"] = "More works or ids than the museum hands out at once"
    responses: dict[str, Any] = {
        "200": {"description": summary, "content": content, "headers": {"ETag": {"schema": {"type": "string"}}}},
        "304": {"description": "As it was: `If-None-Match` names its ETag"},
        **{code: {"description": text, "content": error} for code, text in refusals.items()},
    }
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _parameter(name: str, schema: Schema, description: str, place: str = "query") -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema, "description": description}
