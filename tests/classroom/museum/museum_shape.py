"""The museum's answers in JSON Schema, for the tests that hold the answers to it."""

from __future__ import annotations

from typing import Any

from classroom.museum.catalogue import NEW_FIELD

Schema = dict[str, Any]

KINDS_OF_REQUEST = ("pages", "artworks", "images", "image_infos")


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def make_object(properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """Returns the schema of an object that has these properties and no others, all of them unless optional."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_INTEGER: Schema = {"type": "integer"}
_NUMBER: Schema = {"type": "number"}
_BOOLEAN: Schema = {"type": "boolean"}
_TEXT: Schema = {"type": "string", "minLength": 1}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_URL: Schema = {"type": "string", "format": "uri"}
_IMAGE_ID: Schema = {"type": "string", "format": "uuid"}
_YEAR: Schema = {"type": ["integer", "null"]}

THUMBNAIL = make_object({"lqip": _or_null(_TEXT), "width": _INTEGER, "height": _INTEGER, "alt_text": _or_null(_TEXT)})
COLOR = make_object({"h": _INTEGER, "s": _INTEGER, "l": _INTEGER, "percentage": _NUMBER, "population": _INTEGER})
DIMENSIONS = make_object(
    {
        "depth_cm": _or_null(_NUMBER),
        "width_cm": _or_null(_NUMBER),
        "height_cm": _or_null(_NUMBER),
        "clarification": _or_null(_TEXT),
    }
)

ARTWORK_FIELDS: dict[str, Schema] = {
    "id": _INTEGER,
    "api_model": {"type": "string", "enum": ["artworks"]},
    "api_link": _URL,
    "is_boosted": _BOOLEAN,
    "title": _TEXT,
    "thumbnail": _or_null(THUMBNAIL),
    "colorfulness": _or_null(_NUMBER),
    "color": _or_null(COLOR),
    "image_id": _or_null(_IMAGE_ID),
    "alt_image_ids": _list_of(_IMAGE_ID),
    "sound_ids": _list_of(_IMAGE_ID),
    "main_reference_number": _TEXT,
    "date_start": _YEAR,
    "date_end": _YEAR,
    "date_display": _TEXT,
    "artist_display": _TEXT,
    "artist_id": _or_null(_INTEGER),
    "artist_title": _or_null(_TEXT),
    "artist_ids": _list_of(_INTEGER),
    "artist_titles": _list_of(_TEXT),
    "place_of_origin": _or_null(_TEXT),
    "is_public_domain": _BOOLEAN,
    "description": _or_null(_TEXT),
    "dimensions": _TEXT,
    "dimensions_detail": _list_of(DIMENSIONS),
    "medium_display": _TEXT,
    "credit_line": _TEXT,
    "artwork_type_title": _TEXT,
    "department_title": _TEXT,
    "style_titles": _list_of(_TEXT),
    "subject_titles": _list_of(_TEXT),
    "term_titles": _list_of(_TEXT),
    "source_updated_at": _MOMENT,
    "updated_at": _MOMENT,
    "timestamp": _MOMENT,
    NEW_FIELD: _or_null(_TEXT),
}
"""Every field of an artwork, in the order of the answers; `NEW_FIELD` from day 2 on."""

ARTWORK = make_object(ARTWORK_FIELDS, optional=(NEW_FIELD,))
CHOSEN_FIELDS: Schema = {"type": "object", "properties": ARTWORK_FIELDS, "additionalProperties": False}
PAGINATION = make_object(
    {
        "total": _INTEGER,
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
        "offset": _INTEGER,
        "total_pages": _INTEGER,
        "current_page": {"type": "integer", "minimum": 1},
        "prev_url": _URL,
        "next_url": _URL,
    },
    optional=("prev_url", "next_url"),
)
INFO = make_object({"license_text": _TEXT, "license_links": _list_of(_URL), "version": _TEXT})
CONFIG = make_object({"iiif_url": _URL, "website_url": _URL})
PAGE = make_object(
    {"pagination": PAGINATION, "data": _list_of(CHOSEN_FIELDS), "info": INFO, "config": CONFIG},
    optional=("pagination",),
)
SINGLE = make_object({"data": CHOSEN_FIELDS, "info": INFO, "config": CONFIG})
ERROR = make_object({"status": _INTEGER, "error": _TEXT, "detail": _TEXT})
IMAGE_INFO: Schema = {
    "type": "object",
    "properties": {
        "@context": _URL,
        "@id": _URL,
        "protocol": _URL,
        "width": _INTEGER,
        "height": _INTEGER,
        "sizes": _list_of(make_object({"width": _INTEGER, "height": _INTEGER})),
        "profile": {"type": "array"},
    },
    "required": ["@context", "@id", "protocol", "width", "height", "sizes", "profile"],
}
DAY = make_object({"day": {"type": "integer", "minimum": 1, "maximum": 3}})
FAULTS = make_object(
    {
        "requests_per_minute": {"type": ["integer", "null"], "minimum": 1, "maximum": 1_000_000},
        "minute_s": {"type": "number", "minimum": 0.1, "maximum": 60},
        "is_counted_by_agent": _BOOLEAN,
        "share_unavailable": {"type": "number", "minimum": 0, "maximum": 1},
        "expired_image_ids": _list_of({"type": "string"}),
        "seed": _INTEGER,
    }
)
COUNTS: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(KINDS_OF_REQUEST, _INTEGER),
        "impatient": _INTEGER,
        "statuses": {"type": "object", "additionalProperties": _INTEGER},
    },
    "required": [*KINDS_OF_REQUEST, "impatient", "statuses"],
}
