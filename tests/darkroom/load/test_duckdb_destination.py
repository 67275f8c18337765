from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import pytest

from darkroom.database.dlt_settings import dlt_settings
from darkroom.load.duckdb_destination import ReleasingDuckDb
from darkroom.load.resources import Disposition

NUMBERS = pa.table({"number": range(100)})


def load_numbers(folder: Path, disposition: Disposition) -> dlt.Pipeline:
    """Loads the same hundred rows twice, and keeps what dlt would delete."""
    with dlt_settings({"load.delete_completed_jobs": False}):
        pipeline = dlt.pipeline(
            "releasing",
            destination=ReleasingDuckDb(str(folder / "numbers.duckdb")),
            dataset_name="inspection",
            pipelines_dir=str(folder / "work"),
        )
        numbers = dlt.resource(
            [NUMBERS],
            name="numbers",
            primary_key="number",
            write_disposition=disposition,
        )
        for _ in range(2):
            pipeline.run(numbers, loader_file_format="parquet")
    return pipeline


def completed_files(folder: Path) -> list[Path]:
    return sorted((folder / "work").rglob("completed_jobs/numbers.*.parquet"))


def count_rows(folder: Path) -> int:
    with duckdb.connect(str(folder / "numbers.duckdb"), read_only=True) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM inspection.numbers").fetchall()
    return int(count)


@pytest.mark.parametrize(("disposition", "rows"), [("append", 200), ("merge", 100)])
def test_a_loaded_file_is_emptied_and_its_rows_are_in_the_table(
    tmp_path: Path, disposition: Disposition, rows: int
) -> None:
    load_numbers(tmp_path, disposition)
    assert [file.stat().st_size for file in completed_files(tmp_path)] == [0, 0]
    assert count_rows(tmp_path) == rows


def test_where_a_file_cannot_be_emptied_nothing_is_loaded_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, _length: int) -> None:
        raise PermissionError(13, "used by another process", path)

    monkeypatch.setattr(os, "truncate", refuse)
    load_numbers(tmp_path, "append")
    assert [file.stat().st_size > 0 for file in completed_files(tmp_path)] == [True, True]
    assert count_rows(tmp_path) == 200


def test_other_pipelines_take_it_for_the_destination_of_dlt(tmp_path: Path) -> None:
    pipeline = load_numbers(tmp_path, "append")
    assert pipeline.destination.destination_type == dlt.destinations.duckdb().destination_type
    plain = dlt.destinations.duckdb(str(tmp_path / "numbers.duckdb"))
    other = dlt.pipeline(
        "releasing", destination=plain, dataset_name="inspection", pipelines_dir=str(tmp_path / "other")
    )
    other.sync_destination()
    assert other.dataset().table("numbers").arrow().num_rows == 200


def test_settings_are_looked_up_once_and_are_those_that_dlt_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "numbers.duckdb")
    destination = ReleasingDuckDb(path)
    lookups = []
    look_up = ReleasingDuckDb.configuration

    def note(asked: ReleasingDuckDb, *args: Any, **options: Any) -> Any:
        lookups.append(asked)
        return look_up(asked, *args, **options)

    monkeypatch.setattr(ReleasingDuckDb, "configuration", note)
    first, second = destination.capabilities(), destination.capabilities()
    assert lookups == [destination]
    assert dict(first) == dict(second) == dict(dlt.destinations.duckdb(path).capabilities())
    assert first is not second
