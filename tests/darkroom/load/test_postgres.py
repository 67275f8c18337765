"""`ingest` into a real PostgreSQL: the rows of DuckDB, and what is said of a server that cannot be used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from postgres_server import PASSWORD, find_programs, run_server
from real_runs import SAMPLE_DATA, contents

from darkroom.commands.cli import ingest_command
from darkroom.commands.group import name_options
from darkroom.errors import DatabaseError, OptionError
from darkroom.load.limits import SampleLimits
from darkroom.load.report import IngestReport
from darkroom.load.run import ingest
from darkroom.tables import PRIMARY_KEYS, SCHEMAS

KEY = "DESTINATION__POSTGRES__CREDENTIALS"
WASHER = SAMPLE_DATA / "mvtec_like" / "washer"
_NUMBERS = count()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL here: there is no initdb (Debian: `apt-get install postgresql`)")
    with run_server(programs) as url:
        yield url


@pytest.fixture
def url(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database of the server, which dlt is told of."""
    name = f"test_{next(_NUMBERS)}"
    execute(server, f"CREATE DATABASE {name}")
    monkeypatch.setenv(KEY, url := f"{server.rpartition('/')[0]}/{name}")
    return url


def execute(url: str, query: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def plain(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def tables_of(rows: dict[str, list[tuple[Any, ...]]]) -> dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]:
    """The rows of each table by their primary key."""
    tables = {}
    for name, schema in SCHEMAS.items():
        places = [schema.get_field_index(key) for key in PRIMARY_KEYS[name]]
        keyed = {tuple(row[place] for place in places): tuple(map(plain, row)) for row in rows[name]}
        assert len(keyed) == len(rows[name])
        tables[name] = keyed
    return tables


def in_postgres(url: str) -> dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]:
    return tables_of(
        {
            name: execute(url, f"SELECT {', '.join(schema.names)} FROM inspection.{name}")
            for name, schema in SCHEMAS.items()
        }
    )


def in_duckdb(database: Path) -> dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]:
    return tables_of(contents(database))


def load(root: Path, tmp_path: Path, **options: Any) -> IngestReport:
    return ingest([root], destination="postgres", database=tmp_path / "work.duckdb", size_px=48, **options)


@pytest.fixture
def washers(tmp_path: Path) -> Path:
    shutil.copytree(WASHER, tmp_path / "root/washer")
    return tmp_path / "root"


def test_the_rows_are_those_of_duckdb_byte_for_byte_and_a_second_run_loads_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # several packages, so that no later one holds a table for the first time only
    few = SampleLimits(ahead=40, per_tables=10, per_file=20, per_package=60)
    monkeypatch.setattr(SampleLimits, "of", classmethod(lambda *_: few))
    first = load(SAMPLE_DATA, tmp_path)
    assert (first.images.new, first.masks.new, len(first.rejects)) == (204, 65, 12)
    assert first.packages > 1
    duckdb = tmp_path / "darkroom.duckdb"
    assert ingest([SAMPLE_DATA], database=duckdb, size_px=48).fingerprints == first.fingerprints
    assert in_postgres(url) == in_duckdb(duckdb)

    second = load(SAMPLE_DATA, tmp_path)

    assert second.packages == 0
    assert (second.images.unchanged, second.masks.unchanged, second.new_rejects) == (204, 65, 0)
    assert in_postgres(url) == in_duckdb(duckdb)


@pytest.mark.thorough
def test_a_changed_file_replaces_its_row_and_a_file_that_is_gone_is_pruned(
    url: str, washers: Path, tmp_path: Path
) -> None:
    load(washers, tmp_path)
    changed, gone = washers / "washer/train/good/000.png", washers / "washer/train/good/002.png"
    shutil.copy(washers / "washer/train/good/001.png", changed)
    os.utime(changed, (2_000_000_000, 2_000_000_000))
    gone.unlink()
    (washers / "washer/test/scratch/000.png").write_bytes(b"no image")
    report = load(washers, tmp_path, prune=True)
    assert (report.images.replaced, report.pruned, len(report.rejects)) == (1, 1, 2)
    ingest([washers], database=tmp_path / "fresh.duckdb", size_px=48)
    assert in_postgres(url) == in_duckdb(tmp_path / "fresh.duckdb")


@pytest.mark.thorough
def test_all_four_tables_are_there_even_where_no_row_is(url: str, tmp_path: Path) -> None:
    shutil.copytree(WASHER / "train", tmp_path / "root/washer/train")
    load(tmp_path / "root", tmp_path)
    assert [execute(url, f"SELECT count(*) FROM inspection.{name}") for name in ("masks", "rejects")] == [[(0,)]] * 2
    shutil.copytree(WASHER, tmp_path / "root/washer", dirs_exist_ok=True)
    load(tmp_path / "root", tmp_path)
    ingest([tmp_path / "root"], database=tmp_path / "fresh.duckdb", size_px=48)
    assert in_postgres(url) == in_duckdb(tmp_path / "fresh.duckdb")


def test_tables_of_somebody_else_are_left_alone(url: str, washers: Path, tmp_path: Path) -> None:
    execute(url, "CREATE SCHEMA inspection; CREATE TABLE inspection.images (id int, taken_on date)")
    with pytest.raises(
        DatabaseError, match=r"postgres: its tables in inspection are not as .*images without _dlt_loads"
    ) as error:
        load(washers, tmp_path)
    assert "safe" not in str(error.value)
    there = "SELECT table_name FROM information_schema.tables WHERE table_schema LIKE 'inspection%'"
    assert execute(url, there) == [("images",)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (PASSWORD, "wrong-sesame", "password authentication failed for user"),
        ("/test_", "/absent_", "does not exist"),
        (r":\d+/", ":1/", "port 1 failed"),
    ],
)
def test_a_server_that_refuses_is_one_sentence_without_the_password(
    url: str, old: str, new: str, said: str, washers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, re.sub(old, new, url))
    with pytest.raises(DatabaseError, match=f"`destination` postgres: it cannot be used .*{said}") as error:
        load(washers, tmp_path)
    assert KEY in str(error.value)
    assert "Nothing was loaded" in str(error.value)
    assert "sesame" not in str(error.value)


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        (None, r"lacks database, password, username and host\."),
        ("postgresql://user@localhost/db", r"lacks password\. In the environment, set "),
        (
            "postgresql://user:sesame@/db",
            r"lacks host\. .*DESTINATION__POSTGRES__CREDENTIALS__HOST; or write host under",
        ),
        ("postgresql://user:sesame@localhost", r"lacks database\. "),
        ("user:sesame@localhost", r"cannot be read .* Expected postgresql://USER:PASSWORD@HOST/DATABASE\."),
        ("postgresql://user:sesame@localhost:port/db", r"cannot be read "),
        ("mysql://user:sesame@localhost/db", r"cannot be used "),
    ],
)
def test_what_is_missing_is_named_and_where_it_is_configured(
    credentials: str | None, said: str, washers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY, raising=False)
    if credentials is not None:
        monkeypatch.setenv(KEY, credentials)
    with pytest.raises((OptionError, DatabaseError), match=rf"`destination` postgres: (its \w+|it) {said}") as error:
        load(washers, tmp_path)
    assert KEY in str(error.value)
    assert ".dlt/secrets.toml" in str(error.value)
    assert "sesame" not in str(error.value)
    assert "safe" not in str(error.value)


@pytest.mark.thorough
def test_a_password_set_beside_the_url_is_enough(
    url: str, tmp_path: Path, washers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, url.replace(f":{PASSWORD}@", "@"))
    monkeypatch.setenv(f"{KEY}__PASSWORD", PASSWORD)
    assert load(washers, tmp_path).images.new > 0


def test_a_missing_setting_is_told_by_the_command_in_its_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "postgresql://user@localhost/db")
    with pytest.raises(OptionError) as error:
        load(WASHER, tmp_path)
    told = name_options(str(error.value), ingest_command)
    assert told.startswith("`--destination` postgres: its configuration lacks password.")


@pytest.mark.thorough
def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from darkroom.errors import OptionError
        from darkroom.load.run import ingest
        for module in ("adbc_driver_manager", "psycopg2"):
            sys.modules[module] = None  # what Python notes of a module that is not there
            try:
                ingest([sys.argv[1]], destination="postgres")
            except OptionError as error:
                print(error)
            del sys.modules[module]
    """
    run = subprocess.run(
        [sys.executable, "-c", code, str(WASHER)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, KEY: "postgresql://user:sesame@localhost/db"},
        check=True,
    )
    without_adbc, without_psycopg2 = run.stdout.splitlines()
    assert "dlt can send it none" in without_adbc
    assert "a library that dlt needs for it is missing" in without_psycopg2
    assert run.stdout.count("install darkroom with the extra postgres") == 2
