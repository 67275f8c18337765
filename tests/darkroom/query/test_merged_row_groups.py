"""Another program can have DuckDB merge the row groups of all pictures; darkroom reads them all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_database import editing, load_rows, make_rows

from darkroom.database.duckdb_file import connect
from darkroom.errors import DatabaseError
from darkroom.query.batches import iter_batches
from darkroom.query.contact_sheet.write import write_contact_sheet
from darkroom.query.verification.verify import verify

IMAGES = 4200


def make_merged(folder: Path, edge: int) -> Path:
    """4,200 images in one row group, of which DuckDB reads 2,048 for a row where its first segment ends."""
    path = folder / "merged.duckdb"
    connect(path, read_only=False).close()
    load_rows(path, make_rows(), folder / "work")
    with editing(path) as connection:
        connection.execute("SET force_compression = 'uncompressed'")
        connection.execute("CREATE TABLE one AS FROM images LIMIT 1")
        connection.execute("DELETE FROM masks")
        connection.execute("DELETE FROM images")
        connection.execute(
            f"INSERT INTO images SELECT one.* REPLACE (format('{{:04d}}.png', number) AS sample_id, "
            f"{edge} AS tensor_height, {edge} AS tensor_width, false AS has_mask, "
            f"repeat(chr((number % 26 + 65)::INTEGER), {edge} * {edge} * 3)::BLOB AS image_tensor) "
            f"FROM one, range({IMAGES}) AS numbers(number)"
        )
    return path


@pytest.fixture(scope="module")
def merged_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 KB a tensor: a block of the file holds five."""
    return make_merged(tmp_path_factory.mktemp("merged"), 64)


@pytest.fixture
def large_merged_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """66 KB a tensor, more than a block; a memory limit of 256 MB would do for these, so it is lower here."""
    monkeypatch.setattr("darkroom.database.duckdb_file.MEMORY_LIMIT", "48MB")
    return make_merged(tmp_path, 148)


def test_batches(merged_database: Path) -> None:
    first_bytes = [int(image[0, 0, 0]) for batch in iter_batches(merged_database) for image in batch.images]
    assert first_bytes == [number % 26 + 65 for number in range(IMAGES)]


def test_where_memory_does_not_do_what_to_do_is_said(merged_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darkroom.database.duckdb_file.MERGED_MEMORY_LIMIT", "24MB")
    with pytest.raises(DatabaseError, match="SET max_vacuum_tasks = 0"):
        list(iter_batches(merged_database))


@pytest.mark.thorough
def test_verify_and_contact_sheet(large_merged_database: Path, tmp_path: Path) -> None:
    [checked] = [check for check in verify(large_merged_database).checks if check.name == "image_bytes"]
    assert checked.breaches == ()
    sheet = tmp_path / "sheet.png"
    write_contact_sheet(sheet, large_merged_database)
    assert sheet.stat().st_size > 0
