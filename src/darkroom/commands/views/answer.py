"""How an answer looks on a terminal or in a pipe."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from darkroom.commands.json_values import make_json

ROW_LIMIT = 200
"""Rows of an answer that are shown; the JSON has all."""


def render_answer(answer: pa.Table) -> RenderableType:
    """Shows an answer as a table, without its last rows if there are many."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for field in answer.schema:
        is_number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        # between words a heading can wrap
        heading = field.name.replace("_", " ")
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for row in answer.slice(0, ROW_LIMIT).to_pylist():
        table.add_row(*(Text(_as_text(value)) for value in row.values()))
    if answer.num_rows > ROW_LIMIT:
        return Group(table, Text(f"and {answer.num_rows - ROW_LIMIT:,} more rows; --json lists all", style="dim"))
    return table if answer.num_rows else Text("no row", style="dim")


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(make_json(value))
