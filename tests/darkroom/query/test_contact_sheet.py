from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from small_database import editing

from darkroom.commands.views.contact_sheet import render_contact_sheet
from darkroom.errors import DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.query import paint
from darkroom.query.contact_sheet.drawing import TILE_PX
from darkroom.query.contact_sheet.write import ContactSheet, write_contact_sheet

pytest_plugins = ["fixtures_database"]


def counts(sheet: ContactSheet) -> list[tuple[str, str, int, int, int]]:
    return [(g.source_dataset, g.category, g.image_count, g.defect_count, g.shown_count) for g in sheet.groups]


def has_colour(picture: Image.Image, colour: paint.Rgb) -> bool:
    return bool((np.asarray(picture) == colour).all(axis=-1).any())


def test_shows_all_of_a_small_table(loaded_database: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    sheet = write_contact_sheet(out, loaded_database)
    assert counts(sheet) == [
        ("alpha", "bottle", 9, 3, 9),
        ("alpha", "screw", 1, 0, 1),
        ("beta", "Class1", 5, 2, 5),
    ]
    with Image.open(out) as picture:
        assert picture.format == "PNG"
        assert picture.size == (sheet.width_px, sheet.height_px)
        assert has_colour(picture, paint.OUTLINE)
        assert has_colour(picture, paint.GOOD)


def test_few_tiles_show_a_bit_of_everything(loaded_database: Path, tmp_path: Path) -> None:
    sheet = write_contact_sheet(tmp_path / "sheet.png", loaded_database, limit=6)
    assert [group.shown_count for group in sheet.groups] == [3, 1, 2]
    sheet = write_contact_sheet(tmp_path / "sheet.png", loaded_database, limit=1)
    assert [group.shown_count for group in sheet.groups] == [1, 0, 0]
    assert (sheet.shown_count, sheet.image_count) == (1, 15)
    with Image.open(tmp_path / "sheet.png") as picture:
        assert has_colour(picture.crop((0, 140, picture.width, picture.height)), paint.DEFECTIVE)


def test_is_the_same_in_every_run(loaded_database: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.png", tmp_path / "2.png"
    write_contact_sheet(first, loaded_database, limit=5)
    write_contact_sheet(second, loaded_database, limit=5)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("category = 'bottle' AND is_defect", 3),
        ("defect_fraction > 0.01", 5),
        ("label IS NULL", 1),
        ("split = 'train' OR split = 'val' -- of both", 7),
    ],
)
def test_where_chooses(loaded_database: Path, tmp_path: Path, where: str, expected: int) -> None:
    sheet = write_contact_sheet(tmp_path / "sheet.png", loaded_database, where)
    assert (sheet.image_count, sheet.shown_count) == (expected, expected)


@pytest.mark.parametrize(
    "where",
    ["colour = 'red'", "category =", "label::INT = 3", "count(*) > 1", "", "x = ?", "1=1); SELECT (1"],
)
def test_where_that_is_no_condition(loaded_database: Path, tmp_path: Path, where: str) -> None:
    with pytest.raises(OptionError, match="category = 'bottle' AND is_defect"):
        write_contact_sheet(tmp_path / "sheet.png", loaded_database, where)
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize(
    "where",
    [
        "exists (FROM read_text('{file}'))",
        "label = (SELECT content FROM read_text('{file}'))",
        "(SELECT count(*) FROM glob('{file}')) > 0",
    ],
)
def test_where_reads_no_file(loaded_database: Path, tmp_path: Path, where: str) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("good", encoding="ascii")
    with pytest.raises(OptionError, match="`where`: only the tables of the database may be read"):
        write_contact_sheet(tmp_path / "sheet.png", loaded_database, where.format(file=file.as_posix()))
    assert not (tmp_path / "sheet.png").exists()


def test_where_that_matches_nothing(loaded_database: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="none of the 15 images"):
        write_contact_sheet(tmp_path / "sheet.png", loaded_database, "category = 'zipper'")


def test_an_empty_table(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("DELETE FROM images")
    with pytest.raises(DatabaseNotFoundError, match="no image yet"):
        write_contact_sheet(tmp_path / "sheet.png", database)


def test_a_tensor_of_the_wrong_length(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET image_tensor = 'short'::BLOB WHERE category = 'screw'")
    with pytest.raises(DatabaseError, match="5 bytes, expected 3072"):
        write_contact_sheet(tmp_path / "sheet.png", database)


@pytest.mark.parametrize("limit", [0, -1, 100_000])
def test_a_limit_out_of_range(loaded_database: Path, tmp_path: Path, limit: int) -> None:
    with pytest.raises(OptionError, match=f"`limit` {limit}: expected .* from 1 to 2000"):
        write_contact_sheet(tmp_path / "sheet.png", loaded_database, limit=limit)


@pytest.mark.parametrize("out", ["sheet.jpg", "sheet", "none/sheet.png"])
def test_a_place_that_cannot_be_written(loaded_database: Path, tmp_path: Path, out: str) -> None:
    with pytest.raises(OptionError):
        write_contact_sheet(tmp_path / out, loaded_database)


def test_names_of_any_length_and_script_fit(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET filename = repeat('long', 99), label = '欠陥\n\u200b' || label")
        connection.execute("UPDATE images SET category = repeat('category', 99) WHERE category = 'screw'")
    assert write_contact_sheet(tmp_path / "sheet.png", database).shown_count == 15


def test_shortening_keeps_both_ends() -> None:
    short = paint.shorten("a_very_long_file_name_of_a_photograph_000.png", 12, TILE_PX)
    assert short.startswith("a_very")
    assert short.endswith("000.png")
    assert paint.load_font(12).getlength(short) <= TILE_PX
    assert paint.shorten("欠.png", 12, TILE_PX) == "?.png"


def test_one_defect_pixel_stays_visible() -> None:
    mask = np.zeros((1024, 1024), dtype=np.uint8)
    mask[500, 700] = 1
    scaled = paint.fit_mask(mask, TILE_PX)
    assert scaled.size == (TILE_PX, TILE_PX)
    assert np.count_nonzero(scaled) >= 1
    outlined = paint.draw_outline(Image.new("RGB", scaled.size, (200, 200, 200)), scaled)
    assert has_colour(outlined, paint.OUTLINE)


def test_the_outline_leaves_the_defect_uncovered() -> None:
    mask = np.zeros((64, 64), dtype=np.uint8)
    mask[20:40, 10:30] = 1
    picture = Image.new("RGB", (64, 64), (200, 180, 160))
    outlined = np.asarray(paint.draw_outline(picture, paint.fit_mask(mask, 64)))
    assert (outlined[20:40, 10:30] == (200, 180, 160)).all()


def test_pictures_keep_their_proportions() -> None:
    assert paint.fit_picture(np.zeros((100, 200, 3), dtype=np.uint8), 50).size == (50, 25)
    assert paint.fit_picture(np.zeros((300, 3, 1), dtype=np.uint8), 50).size == (1, 50)


def test_view(loaded_database: Path, tmp_path: Path) -> None:
    sheet = write_contact_sheet(tmp_path / "sheet.png", loaded_database, limit=4)
    console = Console(file=io.StringIO(), width=300)
    console.print(render_contact_sheet(sheet))
    assert isinstance(console.file, io.StringIO)
    assert "sheet.png: 4 of 15 images in 3 categories" in console.file.getvalue()
