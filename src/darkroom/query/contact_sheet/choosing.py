"""Which images are shown on a contact sheet: a bit of everything, the same in every run. Reads no pixel."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from darkroom.errors import DatabaseNotFoundError, OptionError
from darkroom.query.own_sql import close_outside, explain_closed
from darkroom.query.selection import make_no_image_error

WHERE_EXAMPLE = "category = 'bottle' AND is_defect"
"""What `where` may look like."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One image on the sheet, before its pixels are read.

    Attributes:
        sample_id: The key of the sample.
        source_dataset: The name of the image dataset.
        category: The object photographed.
        split: The part of the image dataset that it is in.
        label: The text from disk; None where nobody knows.
        is_defect: Whether it is defective; None where nobody knows.
        filename: The name of the file, as on disk.
        row_id: The number of its row in `images`.
        mask_row_id: The number of its row in `masks`; None without a mask.
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
        source_dataset: The name of the image dataset.
        category: The object photographed.
        image_count: How many images were asked for, shown or not.
        defect_count: How many of those are known to be defective.
        shown_count: How many tiles are on the sheet.
    """

    source_dataset: str
    category: str
    image_count: int
    defect_count: int
    shown_count: int


@dataclass(frozen=True, slots=True)
class Stratum:
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


def read_strata(connection: duckdb.DuckDBPyConnection, where: str | None, limit: int) -> list[Stratum]:
    """Reads what there is of each category, split and label.

    Args:
        connection: A connection of `open_readonly`.
        where: SQL over the columns of `images`, and `defect_fraction` of the mask, that reads no file; None for all
            images.
        limit: The most images to read of one stratum.

    Raises:
        OptionError: `where` is no such SQL.
    """
    query = _STRATA.format(where="true" if where is None else where, limit=limit)
    if where is not None:
        close_outside(connection)
    try:
        if len(connection.extract_statements(query)) != 1:
            raise _make_where_error(where, "it holds a semicolon")
        rows = connection.execute(query).fetchall()
    except duckdb.PermissionException as error:
        raise explain_closed(error, "where") or error from error
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
) -> Stratum:
    tiles = [
        Tile(source_dataset=source_dataset, category=category, split=split, label=label, **image) for image in images
    ]
    return Stratum(image_count, defect_count, tiles)


def choose_tiles(strata: list[Stratum], limit: int) -> list[Tile]:
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
        f"`where` {where!r}: DuckDB cannot use it as a condition ({reason.rstrip('.')}). "
        f'Expected SQL over the columns of images, such as "{WHERE_EXAMPLE}".'
    )


def make_nothing_error(
    connection: duckdb.DuckDBPyConnection, database: str | Path, where: str | None
) -> OptionError | DatabaseNotFoundError:
    """Makes the error that says why there is no image to show: none matches `where`, or there is none at all."""
    [(image_count,)] = connection.execute("SELECT count(*) FROM images").fetchall()
    if image_count:
        return OptionError(
            f"`where` {where!r}: none of the {image_count} images in {database} matches. "
            "`darkroom summary` shows the categories, splits and labels there are."
        )
    return make_no_image_error(database)


def _sheet_order(tile: Tile) -> tuple[object, ...]:
    splits = ("train", "val", "test")
    place = splits.index(tile.split) if tile.split in splits else len(splits)
    return _group_key(tile), place, tile.is_defect is not False, tile.label or "", tile.sample_id


def _group_key(tile: Tile) -> tuple[str, str]:
    return tile.source_dataset, tile.category


def count_groups(strata: list[Stratum], tiles: list[Tile]) -> tuple[SheetGroup, ...]:
    """Counts the images and the tiles of each category, in the order of the sheet."""
    images: Counter[tuple[str, str]] = Counter()
    defects: Counter[tuple[str, str]] = Counter()
    for stratum in strata:
        key = _group_key(stratum.tiles[0])
        images[key] += stratum.image_count
        defects[key] += stratum.defect_count
    shown = Counter(map(_group_key, tiles))
    return tuple(SheetGroup(*key, images[key], defects[key], shown[key]) for key in sorted(images))
