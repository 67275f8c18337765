"""The identical and near-identical images that an audit found, as one picture, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from PIL import Image, ImageDraw

from darkroom.query import paint
from darkroom.query.audit.concerns import Concern, ConcernCase
from darkroom.query.contact_sheet.choosing import Tile
from darkroom.query.contact_sheet.drawing import (
    CAPTION_PX,
    GAP_PX,
    HEADER_PX,
    HEADING_PX,
    MARGIN_PX,
    TILE_PX,
    draw_header,
    draw_tile,
)
from darkroom.query.contact_sheet.write import save_sheet

PAIRS_MAX = 24
"""Pairs drawn of one concern; the JSON names all."""

_COLUMNS = 3
_PAIR_PX = 2 * TILE_PX + 4
_PAIR_GAP_PX = 28
_ROW_PX = TILE_PX + CAPTION_PX + GAP_PX
_WIDTH_PX = 2 * MARGIN_PX + _COLUMNS * (_PAIR_PX + _PAIR_GAP_PX) - _PAIR_GAP_PX
_DRAWN = (
    "identical_across_splits",
    "near_identical_across_splits",
    "identical_with_other_labels",
    "identical_within_split",
    "near_identical_within_split",
)


@dataclass(frozen=True, slots=True)
class PairSheet:
    """What was drawn of the pairs.

    Attributes:
        path: The PNG file.
        pair_count: How many pairs, or groups of identical images, there are.
        shown_count: How many of them are drawn, each by two of its images.
    """

    path: Path
    pair_count: int
    shown_count: int


def write_pair_sheet(
    connection: duckdb.DuckDBPyConnection, concerns: tuple[Concern, ...], path: Path, title: str
) -> PairSheet:
    """Writes a PNG of the pairs, or one that says that there are none; reads two tensors at a time.

    Args:
        connection: A connection of `open_readonly`.
        concerns: Those of an audit.
        path: The file to write.
        title: The text above all pairs.

    Raises:
        OptionError: The file cannot be written.
    """
    shown = [concern for concern in concerns if concern.name in _DRAWN and concern.cases]
    height = HEADER_PX + sum(map(_concern_height, shown)) + MARGIN_PX // 2
    sheet = Image.new("RGB", (_WIDTH_PX, height), paint.PAPER)
    draw = ImageDraw.Draw(sheet)
    pair_count = sum(concern.case_count for concern in shown)
    draw_header(draw, _WIDTH_PX, title, _count_pairs(pair_count))
    top = HEADER_PX
    for concern in shown:
        _draw_heading(draw, top, concern)
        for place, case in zip(_iter_places(top + HEADING_PX), concern.cases[:PAIRS_MAX], strict=False):
            _draw_pair(connection, sheet, draw, place, case)
        top += _concern_height(concern)
    save_sheet(sheet, path)
    return PairSheet(path, pair_count, sum(min(concern.case_count, PAIRS_MAX) for concern in shown))


def _count_pairs(count: int) -> str:
    if not count:
        return "no identical or near-identical images"
    return "1 pair" if count == 1 else f"{count} pairs"


def _concern_height(concern: Concern) -> int:
    rows = -(-min(concern.case_count, PAIRS_MAX) // _COLUMNS)
    return HEADING_PX + rows * _ROW_PX + GAP_PX


def _iter_places(top: int) -> Iterator[tuple[int, int]]:
    """Yields the left upper corner of each pair of a concern, in pixels."""
    while True:
        yield from ((MARGIN_PX + column * (_PAIR_PX + _PAIR_GAP_PX), top) for column in range(_COLUMNS))
        top += _ROW_PX


def _draw_heading(draw: ImageDraw.ImageDraw, top: int, concern: Concern) -> None:
    draw.line((MARGIN_PX, top, _WIDTH_PX - MARGIN_PX, top), fill=paint.RULE)
    count = str(concern.case_count)
    if concern.case_count > PAIRS_MAX:
        count += f", {PAIRS_MAX} shown"
    paint.draw_text(draw, (MARGIN_PX, top + 13), f"{concern.title}: {count}", 18)


def _draw_pair(
    connection: duckdb.DuckDBPyConnection,
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    case: ConcernCase,
) -> None:
    left, top = place
    # the first and the last: samples are sorted by split, so these are in different ones if any are
    for number, sample_id in enumerate((case.samples[0], case.samples[-1])):
        tile = _read_tile(connection, sample_id)
        draw_tile(sheet, draw, (left + number * (_PAIR_PX - TILE_PX), top), tile, connection)


_TILE = """
SELECT i.sample_id, i.source_dataset, i.category, i.split, i.label, i.is_defect,
       i.category || '/' || i.filename, i.row_id, m.row_id
FROM images AS i LEFT JOIN masks AS m USING (sample_id) WHERE i.sample_id = $sample_id
"""


def _read_tile(connection: duckdb.DuckDBPyConnection, sample_id: str) -> Tile:
    row, *_ = connection.execute(_TILE, {"sample_id": sample_id}).fetchall()
    return Tile(*row)
