"""A contact sheet as a picture: its headings, and each image with the outline of its mask."""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from darkroom.database.duckdb_file import fetch_tensors
from darkroom.errors import DatabaseError
from darkroom.query import paint
from darkroom.query.contact_sheet.choosing import SheetGroup, Tile

TILE_PX = 160
_COLUMNS = 8
_COLUMNS_MIN = 5
MARGIN_PX = 28
GAP_PX = 12
CAPTION_PX = 40
HEADING_PX = 46
HEADER_PX = 84
_MARK_PX = 3


def draw_contact_sheet(
    connection: duckdb.DuckDBPyConnection, tiles: list[Tile], groups: tuple[SheetGroup, ...], title: str
) -> Image.Image:
    """Draws the sheet, reading the tensors of one tile at a time.

    Args:
        connection: A connection of `open_readonly`.
        tiles: The tiles, in the order of the sheet.
        groups: All categories asked for; those without a tile count in the header only.
        title: The text above all groups.
    """
    shown = tuple(group for group in groups if group.shown_count)
    columns = max(_COLUMNS_MIN, min(_COLUMNS, max(group.shown_count for group in shown)))
    sheet = Image.new("RGB", _measure_sheet(shown, columns), paint.PAPER)
    draw = ImageDraw.Draw(sheet)
    draw_header(draw, sheet.width, title, _count_shown(groups))
    remaining = iter(tiles)
    top = HEADER_PX
    for group in shown:
        _draw_heading(draw, top, sheet.width, group)
        for place in _iter_places(top + HEADING_PX, group.shown_count, columns):
            draw_tile(sheet, draw, place, next(remaining), connection)
        top += _group_height(group, columns)
    return sheet


def _measure_sheet(groups: tuple[SheetGroup, ...], columns: int) -> tuple[int, int]:
    width = 2 * MARGIN_PX + columns * (TILE_PX + GAP_PX) - GAP_PX
    return width, HEADER_PX + sum(_group_height(group, columns) for group in groups) + MARGIN_PX // 2


def _group_height(group: SheetGroup, columns: int) -> int:
    lines = -(-group.shown_count // columns)
    return HEADING_PX + lines * (TILE_PX + CAPTION_PX + GAP_PX) + GAP_PX


def _iter_places(top: int, count: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yields the left upper corner of each tile of a group, in pixels."""
    for number in range(count):
        line, column = divmod(number, columns)
        yield (
            MARGIN_PX + column * (TILE_PX + GAP_PX),
            top + line * (TILE_PX + CAPTION_PX + GAP_PX),
        )


def draw_header(draw: ImageDraw.ImageDraw, width_px: int, title: str, counted: str) -> None:
    """Draws the title, what is counted below it, and the legend of tiles."""
    inner_px = width_px - 2 * MARGIN_PX
    paint.draw_text(draw, (MARGIN_PX, 22), paint.shorten(title, 24, inner_px // 2), 24)
    paint.draw_text(draw, (MARGIN_PX, 54), counted, 14, paint.FAINT_INK)
    _draw_legend(draw, width_px - MARGIN_PX)


def _count_shown(groups: tuple[SheetGroup, ...]) -> str:
    shown = sum(group.shown_count for group in groups)
    total = sum(group.image_count for group in groups)
    return _count_images(total) if shown == total else f"{shown} of {_count_images(total)}"


def _count_images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _draw_legend(draw: ImageDraw.ImageDraw, right_px: int) -> None:
    entries = (
        ("outline of the mask", paint.OUTLINE),
        ("good", paint.GOOD),
        ("defect", paint.DEFECTIVE),
        ("unknown", paint.UNKNOWN),
    )
    for number, (text, colour) in reversed(list(enumerate(entries))):
        left = right_px - paint.load_font(13).getlength(text)
        paint.draw_text(draw, (left, 55), text, 13, paint.FAINT_INK)
        box = (left - 24, 57, left - 8, 67) if number == 0 else (left - 24, 61, left - 8, 61 + _MARK_PX - 1)
        draw.rectangle(box, outline=colour, fill=None if number == 0 else colour, width=2)
        right_px = int(left) - 44


def _draw_heading(draw: ImageDraw.ImageDraw, top: int, width_px: int, group: SheetGroup) -> None:
    draw.line((MARGIN_PX, top, width_px - MARGIN_PX, top), fill=paint.RULE)
    facts = f"{_count_images(group.image_count)}, {group.defect_count} defective"
    if group.shown_count < group.image_count:
        facts += f", {group.shown_count} shown"
    left = width_px - MARGIN_PX - paint.load_font(14).getlength(facts)
    name = paint.shorten(f"{group.source_dataset} / {group.category}", 18, int(left) - 2 * MARGIN_PX)
    paint.draw_text(draw, (MARGIN_PX, top + 13), name, 18)
    paint.draw_text(draw, (left, top + 16), facts, 14, paint.FAINT_INK)


def draw_tile(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    tile: Tile,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Draws one image, the outline of its mask, its state and its caption; reads its tensors.

    Args:
        sheet: The picture to draw into.
        draw: The means to draw into it.
        place: The left upper corner, in pixels; it takes `TILE_PX` by `TILE_PX + CAPTION_PX`.
        tile: The image.
        connection: A connection of `open_readonly`.
    """
    left, top = place
    picture = _read_picture(connection, tile)
    sheet.paste(picture, (left + (TILE_PX - picture.width) // 2, top + (TILE_PX - picture.height) // 2))
    states = {True: paint.DEFECTIVE, False: paint.GOOD, None: paint.UNKNOWN}
    mark = (left, top + TILE_PX + 1, left + TILE_PX - 1, top + TILE_PX + _MARK_PX)
    draw.rectangle(mark, fill=states[tile.is_defect])
    caption = f"{tile.split} · {tile.label if tile.label is not None else 'no label'}"
    line = top + TILE_PX + _MARK_PX + 3
    paint.draw_text(draw, (left, line), paint.shorten(caption, 13, TILE_PX), 13)
    filename = paint.shorten(tile.filename, 12, TILE_PX)
    paint.draw_text(draw, (left, line + 17), filename, 12, paint.FAINT_INK)


def _read_picture(connection: duckdb.DuckDBPyConnection, tile: Tile) -> Image.Image:
    """Reads one tensor, and its mask, and makes the picture of a tile."""
    picture = paint.fit_picture(_read_tensor(connection, _IMAGE_TENSOR, tile.row_id), TILE_PX)
    if tile.mask_row_id is None:
        return picture
    mask = _read_tensor(connection, _MASK_TENSOR, tile.mask_row_id)
    return paint.draw_outline(picture, paint.fit_mask(mask, TILE_PX))


_IMAGE_TENSOR = """
SELECT sample_id, image_tensor, tensor_height, tensor_width, tensor_channels
FROM images WHERE row_id = {row_id}
"""
_MASK_TENSOR = "SELECT sample_id, mask_tensor, mask_height, mask_width FROM masks WHERE row_id = {row_id}"


def _read_tensor(connection: duckdb.DuckDBPyConnection, query: str, row_id: int) -> NDArray[np.uint8]:
    """Reads an image `(H, W, C)`, 0 to 255, or a mask `(H, W)` in {0, 1}, both uint8."""
    [found] = fetch_tensors(connection, query.format(row_id=row_id)).to_pylist()
    sample_id, tensor, *shape = found.values()
    expected_bytes = math.prod(shape)
    if len(tensor) != expected_bytes:
        raise DatabaseError(
            f"{sample_id}: a tensor of {len(tensor)} bytes, expected {expected_bytes} for the shape {shape}. "
            "`darkroom verify` names every such row; delete them, or ingest again into a new file."
        )
    return np.frombuffer(tensor, dtype=np.uint8).reshape(shape)
