"""What is in the table, as one picture: images with their masks' outlines, by image dataset and category."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import OptionError
from darkroom.paths import given_path
from darkroom.query.contact_sheet.choosing import (
    SheetGroup,
    choose_tiles,
    count_groups,
    make_nothing_error,
    read_strata,
)
from darkroom.query.contact_sheet.drawing import draw_contact_sheet
from darkroom.tables import DATASET_NAME

TILES = 64
"""Tiles on one sheet, unless more are asked for."""

TILES_MAX = 2000
"""Tiles on one sheet at most: more would make a picture that few programs open."""


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """What `write_contact_sheet` wrote.

    Attributes:
        path: The PNG file.
        database: The file that the images are from.
        where: The condition asked for, or None.
        width_px: The width of the picture.
        height_px: The height of the picture.
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
        """How many images were asked for, shown or not."""
        return sum(group.image_count for group in self.groups)

    @property
    def shown_count(self) -> int:
        """How many tiles are on the sheet."""
        return sum(group.shown_count for group in self.groups)


def write_contact_sheet(
    out: str | Path,
    database: str | Path,
    where: str | None = None,
    limit: int = TILES,
    dataset: str = DATASET_NAME,
) -> ContactSheet:
    """Writes a PNG overview of the images, in place of an earlier file of that name.

    With more images than fit, the choice is spread over categories, splits and labels, and is the same in
    every run; only the images shown are read.

    Args:
        out: The PNG file to write.
        database: The DuckDB file.
        where: SQL over the columns of `images`, and `defect_fraction` of the mask.
        limit: The most tiles to draw, 1 to `TILES_MAX`.
        dataset: The dlt dataset (database schema) in the database.

    Raises:
        OptionError: `where` is no such SQL or matches no image; `limit` or `out` cannot be used.
        DatabaseNotFoundError: There is no such file, or no image in it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
    """
    path = check_sheet_path(out, "out")
    if not 1 <= limit <= TILES_MAX:
        raise OptionError(f"`limit` {limit}: expected a number of tiles from 1 to {TILES_MAX}.")
    with open_readonly(database, dataset) as connection:
        strata = read_strata(connection, where, limit)
        if not strata:
            raise make_nothing_error(connection, database, where)
        tiles = choose_tiles(strata, limit)
        groups = count_groups(strata, tiles)
        sheet = draw_contact_sheet(connection, tiles, groups, Path(database).name)
    save_sheet(sheet, path)
    return ContactSheet(path, str(database), where, *sheet.size, groups)


def check_sheet_path(out: str | Path, parameter: str) -> Path:
    """Returns the path that somebody gave for the PNG file to write.

    Raises:
        OptionError: It is empty, has another ending, or its folder is not there.
    """
    path = given_path(out, parameter)
    if path.suffix.lower() != ".png":
        raise OptionError(f"{path}: a contact sheet is a PNG picture; expected a name that ends in .png.")
    if not path.parent.is_dir():
        raise OptionError(f"{path}: there is no folder {path.parent}. Make it first, or write elsewhere.")
    return path


def save_sheet(sheet: Image.Image, path: Path) -> None:
    """Writes a sheet as PNG, in place of an earlier file.

    Raises:
        OptionError: It cannot be written.
    """
    try:
        sheet.save(path, format="PNG")
    except OSError as error:
        raise OptionError(f"{path}: cannot be written ({error.strerror or error}).") from error
