"""What is in the table, as one picture: images with their masks' outlines, by image dataset and category."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from darkroom.database.duckdb_file import fetch_tensors, open_readonly
from darkroom.errors import DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.query import drawing
from darkroom.tables import DATASET_NAME

DEFAULT_LIMIT = 64
MAX_LIMIT = 2000
"""Tiles on one sheet: more would make a picture that few programs open."""

WHERE_EXAMPLE = "category = 'bottle' AND is_defect"
"""What `where` may look like."""

TILE_PX = 160
_COLUMNS = 8
_COLUMNS_MIN = 5
_MARGIN_PX = 28
_GAP_PX = 12
_CAPTION_PX = 40
_HEADING_PX = 46
_HEADER_PX = 84
_MARK_PX = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """One image on the sheet, before its pixels are read.

    Attributes:
        sample_id: Its key.
        source_dataset: Name of the image dataset.
        category: The object photographed.
        split: Part of the image dataset.
        label: The text from disk, or None.
        is_defect: None where nobody knows.
        filename: As on disk.
        row_id: Number of its row in `images`.
        mask_row_id: Number of its row in `masks`, or None.
    """

    sample_id: str
    source_dataset: str
    category: str
    split: str
    label: str | None
    is_defect: bool | None
    filename: str
    row_id: int
    mask_row_id: int | None


@dataclass(frozen=True, slots=True)
class SheetGroup:
    """A category of an image dataset, with its heading if any of it is shown.

    Attributes:
        source_dataset: Name of the image dataset.
        category: The object photographed.
        image_count: Images asked for, shown or not.
        defect_count: Those of them known to be defective.
        shown_count: Tiles on the sheet.
    """

    source_dataset: str
    category: str
    image_count: int
    defect_count: int
    shown_count: int


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """What `write_contact_sheet` wrote.

    Attributes:
        path: The PNG file.
        database: Where the images are from.
        where: The condition asked for, or None.
        width_px: Of the picture.
        height_px: Of the picture.
        groups: The categories asked for, in the order of the sheet.
    """

    path: Path
    database: str
    where: str | None
    width_px: int
    height_px: int
    groups: tuple[SheetGroup, ...]

    @property
    def image_count(self) -> int:
        """Images asked for, shown or not."""
        return sum(group.image_count for group in self.groups)

    @property
    def shown_count(self) -> int:
        """Tiles on the sheet."""
        return sum(group.shown_count for group in self.groups)


def write_contact_sheet(
    out: str | Path,
    database: str | Path,
    where: str | None = None,
    limit: int = DEFAULT_LIMIT,
    dataset: str = DATASET_NAME,
) -> ContactSheet:
    """Writes a PNG overview of the images, in place of an earlier file of that name.

    With more images than fit, the choice is spread over categories, splits and labels, and is the same in
    every run; only the images shown are read.

    Args:
        out: The PNG file to write.
        database: The DuckDB file.
        where: SQL over the columns of `images`, and `defect_fraction` of the mask.
        limit: Tiles at most, 1 to `MAX_LIMIT`.
        dataset: The dlt dataset (database schema) in the database.

    Raises:
        OptionError: `where` is no such SQL or matches no image; `limit` or `out` cannot be used.
        DatabaseNotFoundError: There is no such file, or no image in it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
    """
    path = _check_out(Path(out))
    if not 1 <= limit <= MAX_LIMIT:
        raise OptionError(f"--limit {limit}: expected a number of tiles from 1 to {MAX_LIMIT}.")
    with open_readonly(database, dataset) as connection:
        strata = _read_strata(connection, where, limit)
        if not strata:
            raise _make_nothing_error(connection, database, where)
        tiles = _choose_tiles(strata, limit)
        groups = _count_groups(strata, tiles)
        sheet = _draw_sheet(connection, tiles, groups, Path(database).name)
    _save(sheet, path)
    return ContactSheet(path, str(database), where, *sheet.size, groups)


def _check_out(path: Path) -> Path:
    if path.suffix.lower() != ".png":
        raise OptionError(f"{path}: a contact sheet is a PNG picture; expected a name that ends in .png.")
    if not path.parent.is_dir():
        raise OptionError(f"{path}: there is no folder {path.parent}. Make it first, or write elsewhere.")
    return path


def _save(sheet: Image.Image, path: Path) -> None:
    try:
        sheet.save(path, format="PNG")
    except OSError as error:
        raise OptionError(f"{path}: cannot be written ({error.strerror or error}).") from error


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The images of one category, split and label: how many, and the first in the order of a hash."""

    image_count: int
    defect_count: int
    tiles: list[Tile]


# One pass with a bounded list per stratum: window functions would sort all rows, on disk if there are many.
_STRATA = """
SELECT source_dataset, category, split, label, count(*), count(*) FILTER (is_defect),
       min_by({{
           'sample_id': sample_id, 'is_defect': is_defect, 'filename': filename,
           'row_id': row_id, 'mask_row_id': mask_row_id
       }}, md5(sample_id), {limit})
FROM (
    SELECT i.* EXCLUDE (image_tensor), m.row_id AS mask_row_id, m.defect_fraction
    FROM images AS i LEFT JOIN masks AS m USING (sample_id)
)
WHERE (
{where}
)
GROUP BY source_dataset, category, split, label
"""


def _read_strata(connection: duckdb.DuckDBPyConnection, where: str | None, limit: int) -> list[_Stratum]:
    query = _STRATA.format(where="true" if where is None else where, limit=limit)
    try:
        if len(connection.extract_statements(query)) != 1:
            raise _make_where_error(where, "it holds a semicolon")
        rows = connection.execute(query).fetchall()
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
        if where is None:
            raise
        raise _make_where_error(where, str(error).partition("\n")[0]) from error
    return [_make_stratum(*row) for row in rows]


def _make_stratum(
    source_dataset: str,
    category: str,
    split: str,
    label: str | None,
    image_count: int,
    defect_count: int,
    images: list[dict[str, Any]],
) -> _Stratum:
    tiles = [
        Tile(source_dataset=source_dataset, category=category, split=split, label=label, **image) for image in images
    ]
    return _Stratum(image_count, defect_count, tiles)


def _choose_tiles(strata: list[_Stratum], limit: int) -> list[Tile]:
    """Chooses at most `limit` tiles, in the order of the sheet.

    The splits and labels of a category take turns, defects first, so that few tiles show a bit of everything;
    then the categories take turns, so that no large one crowds the others out.
    """
    by_category: defaultdict[tuple[str, str], list[tuple[int, bool, str, str, Tile]]] = defaultdict(list)
    for stratum in strata:
        for turn, tile in enumerate(stratum.tiles):
            key = (turn, not tile.is_defect, tile.split, tile.label or "", tile)
            by_category[_group_key(tile)].append(key)
    turns = [
        (turn, group, entry[-1])
        for group, entries in by_category.items()
        for turn, entry in enumerate(sorted(entries, key=itemgetter(0, 1, 2, 3)))
    ]
    chosen = sorted(turns, key=itemgetter(0, 1))[:limit]
    return sorted((tile for *_, tile in chosen), key=_sheet_order)


def _make_where_error(where: str | None, reason: str) -> OptionError:
    return OptionError(
        f"--where {where!r}: DuckDB cannot use it as a condition ({reason.rstrip('.')}). "
        f'Expected SQL over the columns of images, such as "{WHERE_EXAMPLE}".'
    )


def _make_nothing_error(
    connection: duckdb.DuckDBPyConnection, database: str | Path, where: str | None
) -> OptionError | DatabaseNotFoundError:
    [(image_count,)] = connection.execute("SELECT count(*) FROM images").fetchall()
    if image_count:
        return OptionError(
            f"--where {where!r}: none of the {image_count} images in {database} matches. "
            "`darkroom summary` shows the categories, splits and labels there are."
        )
    return DatabaseNotFoundError(
        f"{database}: it holds no image yet. `darkroom ingest ROOT --database {database}` loads some."
    )


def _sheet_order(tile: Tile) -> tuple[object, ...]:
    splits = ("train", "val", "test")
    place = splits.index(tile.split) if tile.split in splits else len(splits)
    return _group_key(tile), place, tile.is_defect is not False, tile.label or "", tile.sample_id


def _group_key(tile: Tile) -> tuple[str, str]:
    return tile.source_dataset, tile.category


def _count_groups(strata: list[_Stratum], tiles: list[Tile]) -> tuple[SheetGroup, ...]:
    images: Counter[tuple[str, str]] = Counter()
    defects: Counter[tuple[str, str]] = Counter()
    for stratum in strata:
        key = _group_key(stratum.tiles[0])
        images[key] += stratum.image_count
        defects[key] += stratum.defect_count
    shown = Counter(map(_group_key, tiles))
    return tuple(SheetGroup(*key, images[key], defects[key], shown[key]) for key in sorted(images))


def _draw_sheet(
    connection: duckdb.DuckDBPyConnection, tiles: list[Tile], groups: tuple[SheetGroup, ...], title: str
) -> Image.Image:
    shown = tuple(group for group in groups if group.shown_count)
    columns = max(_COLUMNS_MIN, min(_COLUMNS, max(group.shown_count for group in shown)))
    sheet = Image.new("RGB", _measure_sheet(shown, columns), drawing.PAPER)
    draw = ImageDraw.Draw(sheet)
    _draw_header(draw, sheet.width, title, groups)
    remaining = iter(tiles)
    top = _HEADER_PX
    for group in shown:
        _draw_heading(draw, top, sheet.width, group)
        for place in _iter_places(top + _HEADING_PX, group.shown_count, columns):
            _draw_tile(sheet, draw, place, next(remaining), connection)
        top += _group_height(group, columns)
    return sheet


def _measure_sheet(groups: tuple[SheetGroup, ...], columns: int) -> tuple[int, int]:
    width = 2 * _MARGIN_PX + columns * (TILE_PX + _GAP_PX) - _GAP_PX
    return width, _HEADER_PX + sum(_group_height(group, columns) for group in groups) + _MARGIN_PX // 2


def _group_height(group: SheetGroup, columns: int) -> int:
    lines = -(-group.shown_count // columns)
    return _HEADING_PX + lines * (TILE_PX + _CAPTION_PX + _GAP_PX) + _GAP_PX


def _iter_places(top: int, count: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yields the left upper corner of each tile of a group, in pixels."""
    for number in range(count):
        line, column = divmod(number, columns)
        yield (
            _MARGIN_PX + column * (TILE_PX + _GAP_PX),
            top + line * (TILE_PX + _CAPTION_PX + _GAP_PX),
        )


def _draw_header(draw: ImageDraw.ImageDraw, width_px: int, title: str, groups: tuple[SheetGroup, ...]) -> None:
    shown = sum(group.shown_count for group in groups)
    total = sum(group.image_count for group in groups)
    inner_px = width_px - 2 * _MARGIN_PX
    drawing.draw_text(draw, (_MARGIN_PX, 22), drawing.shorten(title, 24, inner_px // 2), 24)
    counted = _count_images(total) if shown == total else f"{shown} of {_count_images(total)}"
    drawing.draw_text(draw, (_MARGIN_PX, 54), counted, 14, drawing.FAINT_INK)
    _draw_legend(draw, width_px - _MARGIN_PX)


def _count_images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _draw_legend(draw: ImageDraw.ImageDraw, right_px: int) -> None:
    entries = (
        ("outline of the mask", drawing.OUTLINE),
        ("good", drawing.GOOD),
        ("defect", drawing.DEFECTIVE),
        ("unknown", drawing.UNKNOWN),
    )
    for number, (text, colour) in reversed(list(enumerate(entries))):
        left = right_px - drawing.load_font(13).getlength(text)
        drawing.draw_text(draw, (left, 55), text, 13, drawing.FAINT_INK)
        box = (left - 24, 57, left - 8, 67) if number == 0 else (left - 24, 61, left - 8, 61 + _MARK_PX - 1)
        draw.rectangle(box, outline=colour, fill=None if number == 0 else colour, width=2)
        right_px = int(left) - 44


def _draw_heading(draw: ImageDraw.ImageDraw, top: int, width_px: int, group: SheetGroup) -> None:
    draw.line((_MARGIN_PX, top, width_px - _MARGIN_PX, top), fill=drawing.RULE)
    facts = f"{_count_images(group.image_count)}, {group.defect_count} defective"
    if group.shown_count < group.image_count:
        facts += f", {group.shown_count} shown"
    left = width_px - _MARGIN_PX - drawing.load_font(14).getlength(facts)
    name = drawing.shorten(f"{group.source_dataset} / {group.category}", 18, int(left) - 2 * _MARGIN_PX)
    drawing.draw_text(draw, (_MARGIN_PX, top + 13), name, 18)
    drawing.draw_text(draw, (left, top + 16), facts, 14, drawing.FAINT_INK)


def _draw_tile(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    tile: Tile,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    left, top = place
    picture = _read_picture(connection, tile)
    sheet.paste(picture, (left + (TILE_PX - picture.width) // 2, top + (TILE_PX - picture.height) // 2))
    states = {True: drawing.DEFECTIVE, False: drawing.GOOD, None: drawing.UNKNOWN}
    mark = (left, top + TILE_PX + 1, left + TILE_PX - 1, top + TILE_PX + _MARK_PX)
    draw.rectangle(mark, fill=states[tile.is_defect])
    caption = f"{tile.split} · {tile.label if tile.label is not None else 'no label'}"
    line = top + TILE_PX + _MARK_PX + 3
    drawing.draw_text(draw, (left, line), drawing.shorten(caption, 13, TILE_PX), 13)
    filename = drawing.shorten(tile.filename, 12, TILE_PX)
    drawing.draw_text(draw, (left, line + 17), filename, 12, drawing.FAINT_INK)


def _read_picture(connection: duckdb.DuckDBPyConnection, tile: Tile) -> Image.Image:
    """Reads one tensor, and its mask, and makes the picture of a tile."""
    picture = drawing.fit_picture(_read_tensor(connection, _IMAGE_TENSOR, tile.row_id), TILE_PX)
    if tile.mask_row_id is None:
        return picture
    mask = _read_tensor(connection, _MASK_TENSOR, tile.mask_row_id)
    return drawing.draw_outline(picture, drawing.fit_mask(mask, TILE_PX))


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
