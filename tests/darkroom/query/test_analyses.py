from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from inspect import signature
from pathlib import Path

import dlt
import duckdb
import ibis
import pyarrow as pa
import pytest
from small_database import can_be_written_elsewhere, editing

from darkroom.commands.query import ANALYSIS_NAMES
from darkroom.errors import OptionError
from darkroom.query import analyses
from darkroom.query.analyses import ANALYSES, analyse, ask, explain_analysis
from darkroom.tables import DATASET_NAME

pytest_plugins = ["fixtures_database"]


def rows_of(answer: pa.Table) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in answer.to_pylist()]


def test_class_balance(loaded_database: Path) -> None:
    answer = analyse(loaded_database, "class_balance")
    assert rows_of(answer) == [("alpha", 10, 6, 3, 1, pytest.approx(1 / 3)), ("beta", 5, 3, 2, 0, 0.4)]


def test_class_balance_by_other_columns(loaded_database: Path) -> None:
    by = ("category", "split")
    answer = analyse(loaded_database, lambda tables: analyses.class_balance(tables["images"], by))
    assert ("screw", "test", 1, 0, 0, 1, None) in rows_of(answer)
    assert answer.num_rows == 5


def test_size_harmony(loaded_database: Path) -> None:
    alpha, beta = analyse(loaded_database, "size_harmony").to_pylist()
    assert (alpha["original_sizes"], alpha["smallest_height"], alpha["largest_width"]) == (3, 480, 900)
    assert (alpha["tensor_sizes"], alpha["tensor_width"], alpha["tensor_height"]) == (1, 32, 32)
    assert beta["original_sizes"] == 1


def test_defect_area(loaded_database: Path) -> None:
    share = 8 * 8 / (32 * 32)
    assert rows_of(analyse(loaded_database, "defect_area")) == [
        ("alpha", "bottle", "broken", 3, share, share, share),
        ("beta", "Class1", "defect", 2, share, share, share),
    ]


def test_loads_over_time(loaded_database: Path) -> None:
    answer = analyse(loaded_database, "loads_over_time").to_pylist()
    assert [(row["source_dataset"], row["image_count"]) for row in answer] == [("alpha", 10), ("beta", 5)]


def test_rejects_by_reason(loaded_database: Path) -> None:
    [reject] = analyse(loaded_database, "rejects_by_reason").to_pylist()
    assert (reject["reason"], reject["reject_count"], reject["example_path"]) == ("corrupt", 2, "bottle/a.png")


def copy_to_sqlite(backend: ibis.BaseBackend, name: str, content: pa.Table) -> None:
    # ibis' own create_table(name, content) ends in a syntax error of SQLite with the sqlglot that dlt needs
    backend.create_table(name, schema=ibis.Schema.from_pyarrow(content.schema))
    rows = [[str(v) if isinstance(v, datetime) else v for v in row.values()] for row in content.to_pylist()]
    marks = ", ".join("?" * content.num_columns)
    backend.con.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


@pytest.mark.parametrize("name", ANALYSES)
def test_an_expression_gives_the_same_on_another_backend(loaded_database: Path, name: str) -> None:
    other = ibis.sqlite.connect()
    for table in ("images", "masks", "rejects", "loads"):
        content = ask(loaded_database, f"FROM {table}")
        copy_to_sqlite(other, table, content.select([c for c in content.column_names if "tensor" not in c[-6:]]))
    expression = ANALYSES[name]({table: other.table(table) for table in other.list_tables()})
    here, there = analyse(loaded_database, name), expression.to_pyarrow()
    assert here.column_names == there.column_names
    assert rows_of(here) == rows_of(there)


def test_the_sql_of_an_analysis_gives_the_same(loaded_database: Path) -> None:
    for name in ANALYSES:
        sql = explain_analysis(loaded_database, name)
        assert rows_of(ask(loaded_database, sql)) == rows_of(analyse(loaded_database, name))


def test_every_analysis_is_a_documented_function_and_a_command() -> None:
    assert tuple(ANALYSES) == ANALYSIS_NAMES
    for name in ANALYSES:
        function = getattr(analyses, name)
        assert function.__doc__
        assert next(iter(signature(function).parameters)) in ("images", "rejects")


def test_rows_of_an_interrupted_load_do_not_show(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET _dlt_load_id = 'unfinished' WHERE source_dataset = 'beta'")
    assert analyse(database, "class_balance").num_rows == 1


def test_ask_takes_one_reading_statement(loaded_database: Path) -> None:
    assert ask(loaded_database, "SELECT count(*) AS n FROM images WHERE has_mask").to_pylist() == [{"n": 5}]
    for sql, message in [
        ("SELEC 1", "syntax error"),
        ("SELECT nope FROM images", "nope"),
        ("SELECT 1; SELECT 2", "`sql`: expected one statement"),
        ("DROP TABLE inspection.images", "read-only"),
        ("", "`sql`: expected one statement"),
    ]:
        with pytest.raises(OptionError, match=message):
            ask(loaded_database, sql)


def test_an_unknown_analysis_is_said(loaded_database: Path) -> None:
    with pytest.raises(OptionError, match=r"`analysis` .clas_balance.: .* class_balance, size_harmony"):
        analyse(loaded_database, "clas_balance")


def test_dlt_s_own_access_works_on_the_same_file(loaded_database: Path) -> None:
    images = dlt.dataset(dlt.destinations.duckdb(str(loaded_database)), DATASET_NAME).table("images")
    assert images.select("sample_id").arrow().num_rows == 15
    assert len(images.select("category").df()) == 15


def test_nothing_holds_the_file_open(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    kept = [analyse(database, name) for name in ANALYSES]
    kept += [
        ask(database, "FROM rejects"),
        dlt.dataset(dlt.destinations.duckdb(str(database)), DATASET_NAME).table("rejects").arrow(),
    ]
    assert can_be_written_elsewhere(database)
    with duckdb.connect(database) as connection:
        connection.execute("CREATE TABLE here AS SELECT 1")
