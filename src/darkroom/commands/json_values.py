"""Reports and answers as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


def make_json(value: Any) -> JsonValue:
    """Turns a report into what `json.dumps` takes: dates in ISO 8601, enums and paths as text.

    Dataclasses become objects of their fields and their public properties; a float that is no number, null.

    Raises:
        TypeError: It holds something that has no place in a report.
    """
    if isinstance(value, Enum):
        return make_json(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return _make_container(value)


def _make_container(value: Any) -> JsonValue:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: make_json(getattr(value, name)) for name in _public_names(value)}
    if isinstance(value, Mapping):
        return {str(key): make_json(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return [make_json(entry) for entry in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [make_json(entry) for entry in value]
    raise TypeError(f"a report cannot hold {type(value).__name__}")


def _public_names(report: Any) -> list[str]:
    members = vars(type(report)).items()
    properties = [name for name, member in members if isinstance(member, property)]
    return [name for name in [field.name for field in fields(report)] + properties if name[0] != "_"]
