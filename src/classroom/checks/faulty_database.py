"""A database to ask questions of: small, really ingested, and with labels that nobody knows."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import duckdb
from PIL import Image

import darkroom
from darkroom.sample_data.encode import encode_with_pillow
from darkroom.sample_data.faulty_files import iter_faulty_files

_SIZE_PX = 16


def make_database(folder: Path) -> Path:
    """Ingests `faulty/` of the sample data, drawn anew, and returns the path of the database.

    To it come a good image of `Class19`, and one whose mask was truncated: without it, and with no `Labels.txt`, nobody
    knows whether that image is good, and its `is_defect` is NULL. Somebody wrote `unclear` as its label. One good image
    of `gasket` has a mask, which is empty.

    Args:
        folder: Where the files and the database go.
    """
    database = folder / "darkroom.duckdb"
    darkroom.ingest([_write_files(folder / "faulty")], database=database, size_px=_SIZE_PX)
    _execute(database, "UPDATE inspection.images SET label = 'unclear' WHERE is_defect IS NULL")
    return database


def add_category(database: Path) -> None:
    """Adds a category `bracket`, with the images of `gasket` in `test`; a second call adds them twice."""
    _execute(
        database,
        """
        INSERT INTO inspection.images BY NAME
        SELECT * REPLACE ('bracket' AS category, replace(sample_id, 'gasket', 'bracket') AS sample_id)
        FROM inspection.images WHERE category = 'gasket' AND split = 'test'
        """,
    )


def _execute(database: Path, sql: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(sql)


def _write_files(root: Path) -> Path:
    contents = {file.path.removeprefix("faulty/"): file.content for file in iter_faulty_files(seed=0)}
    contents["Class19/Test/0007.PNG"] = contents["Class19/Test/0004.PNG"]
    contents["Class19/Test/0006.PNG"] = contents["Class19/Test/0005.PNG"]
    mask = contents["Class19/Test/Label/0005_label.PNG"]
    contents["Class19/Test/Label/0006_label.PNG"] = mask[: len(mask) // 2]
    with Image.open(BytesIO(contents["gasket/test/good/000.png"])) as good:
        contents["gasket/ground_truth/good/000_mask.png"] = encode_with_pillow(Image.new("L", good.size), "PNG")
    for path, content in contents.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root
