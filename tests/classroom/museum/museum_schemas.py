"""A check of a value against as much of JSON Schema as `museum_shape` uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def mismatches(value: Any, schema: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Yields where a value is not what the schema says."""
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(is_of_kind(value, kind) for kind in wanted):
        yield f"{at}: {value!r} is none of {wanted}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str):
        yield from text_mismatches(value, schema, at)
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of range"
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from mismatches(item, schema.get("items", {}), f"{at}[{index}]")
    if isinstance(value, dict):
        yield from object_mismatches(value, schema, at)


def is_of_kind(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def text_mismatches(value: str, schema: dict[str, Any], at: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{at}: empty text"
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).utcoffset() is None:
        yield f"{at}: {value} has no offset"
    if schema.get("format") == "uri" and not value.startswith(("http://", "https://")):
        yield f"{at}: {value} is no URL"


def object_mismatches(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}.{name} is missing"
    for name, item in value.items():
        if name in properties:
            yield from mismatches(item, properties[name], f"{at}.{name}")
        elif more is False:
            yield f"{at}.{name} is not in the schema"
        elif isinstance(more, dict):
            yield from mismatches(item, more, f"{at}.{name}")
