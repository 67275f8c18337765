"""What the views share: tables, lists of entries, and nouns with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from darkroom.query.summary import UnfinishedRows

LIST_LIMIT = 20
"""Entries of a list that are shown; the JSON has all."""


def start_table(*columns: str) -> Table:
    """Starts a table without a row; a column whose name ends in `>` holds numbers, set to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        is_number = name.endswith(">")
        table.add_column(
            name.rstrip(">"),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    return table


def render_entries(entries: Iterable[Text], limit: int | None = None) -> Iterator[RenderableType]:
    """Shows the first `limit` entries (`LIST_LIMIT` by default) and says how many there are besides."""
    entries, limit = list(entries), LIST_LIMIT if limit is None else limit
    for entry in entries[:limit]:
        entry.overflow = "fold"
        yield indent(entry, by=8)
    if len(entries) > limit:
        yield indent(Text(f"and {len(entries) - limit:,} more; --json lists all", style="dim"), by=8)


def render_unfinished(unfinished: Sequence[UnfinishedRows], where: str = "") -> list[RenderableType]:
    """Says what interrupted loads left behind, if anything.

    Args:
        unfinished: What they left behind.
        where: Said after "Left out", such as ` there`.
    """
    if not unfinished:
        return []
    rows = ", ".join(f"{entry.row_count:,} in {entry.table}" for entry in unfinished)
    text = (
        f"Left out{where}: rows of a load that was interrupted ({rows}). The next `darkroom ingest` of the "
        "same images loads them whole."
    )
    return [Text(), Text(text, style="yellow")]


def describe_white_levels(deep_white_level: int | None, float_white_level: float | None) -> str:
    """Says which level became white in deep images, such as `white at 4095 (12 bits)`; empty if there are none."""
    parts = []
    if deep_white_level is not None:
        parts.append(f"white at {deep_white_level} ({deep_white_level.bit_length()} bits)")
    if float_white_level is not None:
        parts.append(f"white at {float_white_level:g} in floats")
    return ", ".join(parts)


def indent(text: Text, by: int = 2) -> Padding:
    """Sets a text in by some columns."""
    return Padding(text, (0, 0, 0, by), expand=False)


def count_noun(count: int, noun: str) -> str:
    """Writes `1 image` or `2 images`; the plural is made with an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
