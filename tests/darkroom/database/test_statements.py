from __future__ import annotations

from pathlib import Path

import dlt
import duckdb
import pytest

from darkroom.database.dlt_settings import dlt_settings
from darkroom.database.statements import delete_rows, discard_interrupted, select_rows


@pytest.fixture
def pipeline(tmp_path: Path) -> dlt.Pipeline:
    """Three rows loaded, and one that a load left behind which never completed."""
    path = tmp_path / "numbers.duckdb"
    with dlt_settings():
        pipeline = dlt.pipeline(
            "numbers",
            destination=dlt.destinations.duckdb(str(path)),
            dataset_name="inspection",
            pipelines_dir=str(tmp_path / "work"),
        )
        pipeline.run([{"number": number} for number in range(3)], table_name="numbers")
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO inspection.numbers SELECT 99, 'never completed', 'x'")
    return pipeline


def test_rows_of_a_load_that_never_completed_are_deleted_and_no_others(pipeline: dlt.Pipeline) -> None:
    with pipeline.sql_client() as client:
        assert discard_interrupted(client, ["numbers", "no_such_table"]) == 1
        assert sorted(row[0] for row in select_rows(client, "numbers", "number")) == [0, 1, 2]
        assert discard_interrupted(client, ["numbers"]) == 0


def test_a_second_delete_finds_nothing(pipeline: dlt.Pipeline) -> None:
    with pipeline.sql_client() as client:
        assert delete_rows(client, "numbers", "number IN (%s, %s)", "0", "1") == 2
        assert delete_rows(client, "numbers", "number IN (%s, %s)", "0", "1") == 0


def test_a_table_that_does_not_exist_yet_has_no_rows(pipeline: dlt.Pipeline) -> None:
    with pipeline.sql_client() as client:
        assert list(select_rows(client, "no_such_table", "number")) == []
        assert delete_rows(client, "no_such_table", "number = %s", "0") == 0
