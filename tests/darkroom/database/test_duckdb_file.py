from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from small_database import editing

from darkroom.database.duckdb_file import connect, make_database_error, open_readonly
from darkroom.errors import DatabaseBusyError, DatabaseError, DatabaseNotFoundError, DiskFullError

pytest_plugins = ["fixtures_database"]

HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@contextmanager
def held_by_another_process(database: Path) -> Iterator[int]:
    command = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.communicate()


@pytest.mark.parametrize("read_only", [True, False])
def test_another_process_holds_the_file(copy_database: Callable[[], Path], read_only: bool) -> None:
    database = copy_database()
    with held_by_another_process(database) as pid:
        with pytest.raises(DatabaseBusyError) as caught:
            connect(database, read_only=read_only)
        assert str(database) in str(caught.value)
        assert f"PID {pid}" in str(caught.value)
        assert "duckdb.org" not in str(caught.value)
    with connect(database, read_only=read_only):
        pass


def test_this_process_holds_the_file_in_another_way(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with duckdb.connect(database), pytest.raises(DatabaseBusyError, match="this process has it open"):
        connect(database, read_only=True)


def test_windows_names_the_holder_too() -> None:
    message = (
        'IO Error: Cannot open file "d.duckdb": The process cannot access the file because it is being used '
        "by another process.\n\nFile is already open in \nC:\\Python311\\python.exe (PID 1234)"
    )
    error = make_database_error("d.duckdb", message)
    assert isinstance(error, DatabaseBusyError)
    assert "(python.exe, PID 1234)" in str(error)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotFoundError, match="darkroom ingest ROOT"):
        connect(tmp_path / "none.duckdb", read_only=True)
    assert not (tmp_path / "none.duckdb").exists()


def test_writing_makes_the_file_but_not_its_folder(tmp_path: Path) -> None:
    with connect(tmp_path / "new.duckdb", read_only=False):
        assert (tmp_path / "new.duckdb").exists()
    with pytest.raises(DatabaseError, match="its folder does not exist"):
        connect(tmp_path / "none" / "new.duckdb", read_only=False)


@pytest.mark.parametrize(("content", "expected"), [(b"", "not a DuckDB file"), (b"x" * 9000, "not a DuckDB file")])
def test_not_a_duckdb_file(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "notes.duckdb").write_bytes(content)
    with pytest.raises(DatabaseError, match=expected):
        connect(tmp_path / "notes.duckdb", read_only=True)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="this is a folder"):
        connect(tmp_path, read_only=True)


def test_a_file_cut_short(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with database.open("r+b") as file:
        file.truncate(5000)
    with pytest.raises(DatabaseError, match="damaged or cut short"):
        connect(database, read_only=True)


def test_a_newer_format() -> None:
    message = (
        "IO Error: Trying to read a database file with version number 69, but we can only read versions "
        "between 64 and 68.\nThe database file was created with a newer version of DuckDB."
    )
    assert f"DuckDB {duckdb.__version__}" in str(make_database_error("d.duckdb", message))


def test_a_full_disk() -> None:
    message = 'IO Error: Could not write file "d.duckdb": No space left on device'
    assert isinstance(make_database_error("d.duckdb", message), DiskFullError)


def test_a_database_without_the_tables(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "other.duckdb") as connection:
        connection.execute("CREATE SCHEMA inspection; CREATE TABLE inspection.measurements (x INT)")
    expected = pytest.raises(DatabaseNotFoundError, match=r"found measurements\..*darkroom ingest")
    with expected, open_readonly(tmp_path / "other.duckdb"):
        pass
    expected = pytest.raises(DatabaseNotFoundError, match="no table at all")
    with expected, open_readonly(tmp_path / "other.duckdb", dataset='odd "name'):
        pass


def test_tables_of_another_make_are_named_as_such(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    expected = pytest.raises(DatabaseError, match="not as this version of darkroom writes them")
    with expected, open_readonly(database) as connection:
        connection.execute("SELECT colour FROM images")


def test_a_table_that_is_missing_reads_as_empty(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("DROP TABLE masks")
    with open_readonly(database) as connection:
        assert connection.execute("SELECT sample_id, modified_at, row_id FROM masks").fetchall() == []


def test_rows_of_interrupted_loads_do_not_show(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET _dlt_load_id = 'cut off' WHERE category = 'screw'")
        connection.execute("INSERT INTO _dlt_loads VALUES ('begun', 'fixture', 1, now(), '')")
        connection.execute("UPDATE masks SET _dlt_load_id = 'begun' WHERE sample_id LIKE 'beta/%'")
    with open_readonly(database) as connection:
        assert connection.execute("SELECT count(*) FROM images").fetchall() == [(14,)]
        assert connection.execute("SELECT count(*) FROM masks").fetchall() == [(3,)]
        unfinished = connection.execute("FROM unfinished_rows").fetchall()
    assert unfinished == [("images", "cut off", 1), ("masks", "begun", 2)]


def test_nothing_holds_the_file_afterwards(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with open_readonly(database):
        pass
    with pytest.raises(ZeroDivisionError), open_readonly(database):
        raise ZeroDivisionError
    with duckdb.connect(database) as connection:
        connection.execute("CREATE TABLE t (x INT)")


def count_row_groups(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        query = "SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('numbers')"
        ((count,),) = connection.execute(query).fetchall()
    return int(count)


def test_writing_one_table_does_not_merge_the_row_groups_of_another(tmp_path: Path) -> None:
    database = tmp_path / "x.duckdb"
    for start in range(3):
        with connect(database, read_only=False) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS numbers (number BIGINT)")
            connection.execute("INSERT INTO numbers FROM range(?, ?)", [start * 128, start * 128 + 128])
    assert count_row_groups(database) == 3
    with connect(database, read_only=False) as connection:
        connection.execute("CREATE TABLE notes AS SELECT 1 AS note")
    assert count_row_groups(database) == 3
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE TABLE more_notes AS SELECT 1 AS note")
    assert count_row_groups(database) == 1, "DuckDB no longer merges row groups: then `max_vacuum_tasks` can go"
