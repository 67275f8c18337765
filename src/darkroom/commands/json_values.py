"""Reports and answers as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pyarrow as pa

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


def make_json(value: Any) -> JsonValue:
    """Turns a report or an answer into what `json.dumps` takes.

    A dataclass becomes an object of its fields and its public properties, a table a list of one object per row.
    Dates are given in ISO 8601, bytes by their number; a float that is no number becomes null.

    Raises:
        TypeError: It holds something that has no place in JSON.
    """
    if isinstance(value, Enum):
        return make_json(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, Path | Decimal | time | timedelta | pa.MonthDayNano):
        return str(value)
    return _make_container(value)


def _make_container(value: Any) -> JsonValue:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: make_json(getattr(value, name)) for name in _public_names(value)}
    if isinstance(value, pa.Table):
        return make_json(value.to_pylist())
    if isinstance(value, Mapping):
        return {str(key): make_json(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return [make_json(entry) for entry in sorted(value)]
    if isinstance(value, Sequence):
        return [make_json(entry) for entry in value]
    raise TypeError(f"JSON has no place for {type(value).__name__}")


def _public_names(report: Any) -> list[str]:
    members = vars(type(report)).items()
    properties = [name for name, member in members if isinstance(member, property)]
    return [name for name in [field.name for field in fields(report)] + properties if name[0] != "_"]
