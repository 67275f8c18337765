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
from darkroom.tables import DATASET_NAME, IMAGES

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


@pytest.mark.parametrize(
    "sql",
    [
        "COPY images TO '{out}'",
        "COPY (SELECT sample_id FROM images) TO '{out}' (FORMAT parquet)",
        "EXPORT DATABASE '{out}'",
        "ATTACH '{out}' AS other",
        "ATTACH ':memory:' AS other",
        "SET threads = 4",
        "SET GLOBAL memory_limit = '8GB'",
        "RESET memory_limit",
        "PRAGMA threads = 4",
        "USE inspection",
        "CREATE TEMP TABLE kept AS SELECT 1",
        "INSERT INTO inspection.images SELECT * FROM inspection.images",
        "DELETE FROM inspection.images",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CHECKPOINT",
        "VACUUM",
        "BEGIN",
        "PREPARE q AS SELECT 1",
        "CALL pragma_version()",
        "SET VARIABLE a = 1",
    ],
)
def test_what_does_more_than_ask_is_refused_and_leaves_nothing(loaded_database: Path, tmp_path: Path, sql: str) -> None:
    before = loaded_database.read_bytes()
    with pytest.raises(OptionError, match=r"`sql`: [A-Z]+ does more than ask, .* read-only"):
        ask(loaded_database, sql.format(out=tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []
    assert loaded_database.read_bytes() == before


FILE_READING_SQL = (
    "FROM read_text('{file}')",
    "FROM read_csv('{file}')",
    "FROM '{file}'",
    "SELECT * FROM glob('{file}')",
    "SELECT (SELECT content FROM read_text('{file}')) FROM images",
    "WITH f AS (FROM read_blob('{file}')) FROM f",
    "FROM sniff_csv('{file}')",
    "FROM query('FROM read_text(''{file}'')')",
    "DESCRIBE FROM read_csv('{file}')",
    "EXPLAIN ANALYZE COPY images TO '{file}'",
)


@pytest.mark.parametrize("sql", FILE_READING_SQL)
def test_a_question_reads_no_file(loaded_database: Path, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n", encoding="ascii")
    with pytest.raises(OptionError, match=r"`sql`: only the tables of the database may be read"):
        ask(loaded_database, sql.format(file=file.as_posix()))
    assert file.read_text(encoding="ascii") == "a,b\n1,2\n"


def test_a_question_sees_no_variable_of_python(loaded_database: Path) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(OptionError, match="secret does not exist"):
        ask(loaded_database, "FROM secret")
    assert secret.num_rows == 1


@pytest.mark.parametrize(
    ("sql", "row_count"),
    [
        ("SELECT sample_id, image_tensor FROM images ORDER BY 1 LIMIT 3", 3),
        ("FROM masks", 5),
        ("FROM inspection.images SELECT count(*)", 1),
        ("WITH good AS (FROM images WHERE label = 'good') SELECT category, count(*) FROM good GROUP BY ALL", 2),
        ("SELECT sample_id, row_number() OVER (PARTITION BY category ORDER BY sample_id) AS n FROM images", 15),
        ("DESCRIBE images", len(IMAGES.names) + 2),
        ("SUMMARIZE SELECT category, split FROM images", 2),
        ("SHOW TABLES", 6),
        ("EXPLAIN SELECT count(*) FROM images", 1),
        ("VALUES (1), (2)", 2),
        ("PRAGMA table_info('loads')", 5),
        ("SELECT current_setting('threads')", 1),
        ("PIVOT (SELECT category, split FROM images) ON split IN ('train', 'test') USING count(*)", 3),
    ],
)
def test_every_ordinary_question_is_answered(loaded_database: Path, sql: str, row_count: int) -> None:
    assert ask(loaded_database, sql).num_rows == row_count


def test_a_question_changes_nothing_for_whoever_else_has_the_file_open(loaded_database: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.csv"
    with duckdb.connect(loaded_database, read_only=True) as own:
        assert ask(loaded_database, "FROM rejects").num_rows == 2
        with pytest.raises(OptionError, match="does more than ask"):
            ask(loaded_database, f"COPY images TO '{out.as_posix()}'")
        own.execute(f"COPY (SELECT 1) TO '{out.as_posix()}'")
    assert out.exists()


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
