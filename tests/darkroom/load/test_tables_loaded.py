"""Images that a table describes, loaded: what the table says is in the rows, and a second run loads nothing."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from real_runs import rows

from darkroom.load.report import IngestReport
from darkroom.load.run import ingest
from darkroom.query.verification.verify import verify

COLUMNS = ["image", "mask", "label", "split", "category"]
TABLE = [
    ["images/0.png", "", "good", "train", "nut"],
    ["images/1.png", "", "ok", "test", "nut"],
    ["images/2.png", "masks/2.png", "scratch", "test", "nut"],
    ["images/3.png", "", "", "val", "bolt"],
    ["images/4.png", "masks/4.png", "", "val", "bolt"],
    ["images/5.png", "", "good", "someday", "bolt"],
    ["images/6.png", "", "good", "train", "bolt"],
]


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def write_table(folder: Path, table: list[list[str]]) -> None:
    columns = dict(zip(COLUMNS, zip(*table, strict=True), strict=True))
    pq.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), folder / "samples.parquet")


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    folder = tmp_path / "parts"
    mask = np.zeros((32, 32))
    mask[:8] = 255
    contents = {f"images/{number}.png": png(np.full((32, 32, 3), 20 * number)) for number in range(6)}
    contents |= {"images/6.png": b"no image", "images/7.png": png(np.zeros((32, 32, 3)))}
    contents |= {f"masks/{number}.png": png(mask) for number in (2, 4)} | {"notes.txt": b"7 is missing in the table"}
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    write_table(folder, TABLE)
    return folder


def load(root: Path, tmp_path: Path) -> IngestReport:
    return ingest([root], database=tmp_path / "x.duckdb", size_px=32)


@pytest.mark.parametrize("kind", ["", "zip", "gztar"])
def test_what_the_table_says_is_in_the_rows(parts: Path, tmp_path: Path, kind: str) -> None:
    root = Path(shutil.make_archive(str(tmp_path / "packed" / "parts"), kind, parts)) if kind else parts
    report = load(root, tmp_path)
    facts = "sample_id, category, split, label, is_defect, has_mask"
    assert rows(tmp_path / "x.duckdb", f"SELECT {facts} FROM images ORDER BY 1") == [
        ("parts/bolt/images/3.png", "bolt", "val", None, None, False),
        ("parts/bolt/images/4.png", "bolt", "val", "defect", True, True),
        ("parts/nut/images/0.png", "nut", "train", "good", False, False),
        ("parts/nut/images/1.png", "nut", "test", "good", False, False),
        ("parts/nut/images/2.png", "nut", "test", "scratch", True, True),
    ]
    assert rows(tmp_path / "x.duckdb", "SELECT defect_fraction FROM masks") == [(0.25,), (0.25,)]
    assert rows(tmp_path / "x.duckdb", "SELECT layout FROM image_datasets") == [("table",)]
    assert {reject.source_path: reject.reason for reject in report.rejects} == {
        "images/5.png": "unusable_row",
        "images/6.png": "not_an_image",
        "images/7.png": "outside_layout",
    }
    assert report.ignored == {
        "table of images, read for what it says of them": 1,
        "not an image by its ending (.txt)": 1,
    }
    assert report.files_seen == 5 + 2 + 3 + 2
    assert verify(tmp_path / "x.duckdb").ok
    again = load(root, tmp_path)
    assert (again.packages, again.images.new) == (0, 0)


@pytest.mark.thorough
def test_a_corrected_table_is_taken_up_by_the_next_run(parts: Path, tmp_path: Path) -> None:
    load(parts, tmp_path)
    corrected = [[*row] for row in TABLE]
    corrected[1][3] = "val"
    corrected[3][2], corrected[5][3] = "cut", "train"
    write_table(parts, [*corrected, ["images/7.png", "", "good", "train", "bolt"]])
    report = load(parts, tmp_path)
    assert report.images.new == 2
    found = "SELECT sample_id, label, split FROM images WHERE category = 'bolt' ORDER BY 1"
    assert rows(tmp_path / "x.duckdb", found) == [
        ("parts/bolt/images/3.png", "cut", "val"),
        ("parts/bolt/images/4.png", "defect", "val"),
        ("parts/bolt/images/5.png", "good", "train"),
        ("parts/bolt/images/7.png", "good", "train"),
    ]
    assert rows(tmp_path / "x.duckdb", "SELECT split FROM images WHERE sample_id LIKE '%/1.png'") == [("val",)]
    assert rows(tmp_path / "x.duckdb", "SELECT source_path FROM rejects") == [("images/6.png",)]
    assert verify(tmp_path / "x.duckdb").ok


@pytest.mark.thorough
def test_a_mask_that_a_corrected_table_gives_to_another_image(parts: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((32, 32), 255, np.uint8)).save(parts / "masks/0.bmp")
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(parts / "masks/1.bmp")
    for name in ("0", "1"):
        os.utime(parts / f"masks/{name}.bmp", (1_700_000_000, 1_700_000_000))
    table = [
        ["images/0.png", "masks/0.bmp", "cut", "test", "nut"],
        ["images/1.png", "masks/1.bmp", "cut", "test", "nut"],
    ]
    write_table(parts, table)
    load(parts, tmp_path)
    table[0][1], table[1][1] = table[1][1], table[0][1]
    write_table(parts, table)
    load(parts, tmp_path)
    found = "SELECT sample_id, source_path, defect_fraction FROM masks ORDER BY 1"
    assert rows(tmp_path / "x.duckdb", found) == [
        ("parts/nut/images/0.png", "masks/1.bmp", 0.0),
        ("parts/nut/images/1.png", "masks/0.bmp", 1.0),
    ]
    assert verify(tmp_path / "x.duckdb").ok
    assert load(parts, tmp_path).packages == 0


def test_a_corrected_category_takes_the_place_of_the_row(parts: Path, tmp_path: Path) -> None:
    wrong = [[*row[:4], "nutt" if row[4] == "nut" else row[4]] for row in TABLE]
    write_table(parts, wrong)
    load(parts, tmp_path)
    write_table(parts, TABLE)
    report = load(parts, tmp_path)
    assert any("3 images have another sample_id now, such as parts/nut/images/" in note for note in report.notes)
    database = tmp_path / "x.duckdb"
    assert rows(database, "SELECT DISTINCT category FROM images ORDER BY ALL") == [("bolt",), ("nut",)]
    assert rows(database, "SELECT count(*), count(DISTINCT source_path) FROM images") == [(5, 5)]
    assert rows(database, "SELECT count(*) FROM masks") == [(2,)]
    assert verify(database).ok
    assert load(parts, tmp_path).packages == 0


@pytest.mark.thorough
def test_a_table_added_to_folders_takes_the_place_of_their_rows(tmp_path: Path) -> None:
    root, database = tmp_path / "line", tmp_path / "x.duckdb"
    for path in ("train/good/0.png", "test/good/1.png", "test/bent/2.png"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(png(np.full((32, 32, 3), 20 * int(path[-5]))))
    load(root, tmp_path)
    cells = [
        [path, "", label, split, "rod"]
        for path, label, split in (
            ("train/good/0.png", "good", "train"),
            ("test/good/1.png", "good", "test"),
            ("test/bent/2.png", "bent", "test"),
        )
    ]
    write_table(root, cells)
    ingest([root], database=database, size_px=32, layout="table")
    assert rows(database, "SELECT DISTINCT category, count(*) FROM images GROUP BY ALL") == [("rod", 3)]
    assert verify(database).ok
