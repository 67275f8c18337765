"""Opening the DuckDB file for a moment, and saying in words why it cannot be opened.

Both halves of darkroom come through here: loading with `connect`, reading with `open_readonly`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from darkroom import tables
from darkroom.errors import DatabaseBusyError, DatabaseError, DatabaseNotFoundError, DiskFullError
from darkroom.paths import given_path

MEMORY_LIMIT = "256MB"
"""What DuckDB may keep in memory while darkroom reads; by itself it fills most of the machine with pages."""

MERGED_MEMORY_LIMIT = "4GB"
"""What it may keep to read tensors whose row groups another program has merged; `WRITING` says what that is."""

NEW_BLOCK_BYTES = 1 << 16
"""Block size of a new DuckDB file. With DuckDB's own 256 KiB a tensor of 192 KiB leaves more space unused, and
loading takes twice the time in the kernel, which hands out memory for each block anew."""

WRITING = {"default_block_size": NEW_BLOCK_BYTES, "max_vacuum_tasks": 0}
"""Settings of a DuckDB file that is written to. By itself, DuckDB merges small row groups at a checkpoint, also those
of tables that nobody wrote to. It would copy every picture, again and again; and of merged row groups it reads 2,048
rows for one wherever a segment ends among them: for pictures of 256 px, 400 MB."""

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.binary(): "BLOB",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}

_LOCKED = re.compile(r"Could not set lock|being used by another process")
_HOLDER = re.compile(r"(?:held in|open in)\s+(?P<program>[^\n]+?) \(PID (?P<pid>\d+)\)")

_EXPLANATIONS: tuple[tuple[str, type[DatabaseError], str], ...] = (
    (
        "different configuration",
        DatabaseBusyError,
        "{database}: this process has it open already, in another way. Close that connection (`.close()`, or "
        "`.disconnect()` for ibis), then try again.",
    ),
    (
        "database does not exist",
        DatabaseNotFoundError,
        "{database}: there is no such file. Expected a DuckDB file; "
        "`darkroom ingest ROOT --database {database}` makes one.",
    ),
    (
        "not a valid DuckDB database file",
        DatabaseError,
        "{database}: this is not a DuckDB file. Expected one that `darkroom ingest` has written; let `database` "
        "name it.",
    ),
    (
        "database file with version number",
        DatabaseError,
        "{database}: it is stored in a version of the DuckDB format that DuckDB {installed}, installed here, "
        "cannot read. Open it with the version that wrote it, or ingest again into a new file.",
    ),
    (
        "No space left on device|disk is full",
        DiskFullError,
        "{database}: no space is left on its disk. Free some, then run the same command again.",
    ),
    (
        "Permission denied|Access is denied",
        DatabaseError,
        "{database}: the system does not permit opening it. Check the owner and the permissions of the file "
        "and its folder.",
    ),
    (
        "Is a directory",
        DatabaseError,
        "{database}: this is a folder. Expected a DuckDB file; let `database` name one.",
    ),
    (
        "Cannot open file .*No such file",
        DatabaseError,
        "{database}: its folder does not exist. Make the folder first, or let `database` name a file elsewhere.",
    ),
    (
        "Corrupt|Could not read enough bytes|Failed to deserialize",
        DatabaseError,
        "{database}: the file is damaged or cut short (DuckDB says: {reason}). Delete it and ingest again; "
        "the images on disk are all that is needed.",
    ),
    (
        "^Out of Memory Error",
        DatabaseError,
        "{database}: DuckDB needs more memory than darkroom lets it have, as where another program wrote to the file "
        "and merged its row groups. Ingest again into a new file; before you write to that one by yourself, "
        "`SET max_vacuum_tasks = 0`, or keep your tables in a file of their own.",
    ),
    (
        "^(Binder|Catalog) Error",
        DatabaseError,
        "{database}: its tables are not as this version of darkroom writes them (DuckDB says: {reason}). "
        "Ingest again into a new file.",
    ),
)


def connect(database: str | Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Opens a DuckDB file; use it in a short `with` block, which closes it.

    With `read_only=False` a missing file is made; a second call in another process then fails until the first
    connection is closed.

    Raises:
        DatabaseNotFoundError: There is no such file (`read_only` only).
        DatabaseBusyError: Another process, or this one in another way, holds it.
        DatabaseError: It is not a DuckDB file, damaged, of a newer format, or may not be opened.
    """
    with explain_errors(database):
        if read_only:
            return duckdb.connect(str(database), read_only=True)
        return duckdb.connect(str(database), config=dict(WRITING))


@contextmanager
def open_readonly(database: str | Path, dataset: str = tables.DATASET_NAME) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a database for reading and closes it at the end of the block.

    Inside, `images`, `masks`, `rejects`, `image_datasets` and `loads` are views of completed loads only: rows
    that an interrupted load left behind do not show. `unfinished_rows` (`table_name`, `load_id`, `row_count`)
    counts those. Each view also has `row_id`, its row's number in the table, the fast way to a few tensors.

    Args:
        database: The DuckDB file.
        dataset: The dlt dataset (database schema) that holds the tables.

    Raises:
        DatabaseNotFoundError: There is no such file, or nothing was ever ingested into it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
    """
    database = given_path(database, "database")
    with explain_errors(database), connect(database, read_only=True) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        found = check_tables(connection, database, dataset)
        if not {"images", "_dlt_loads"} <= found.keys():
            raise _make_no_table_error(database, dataset, found.keys())
        _define_views(connection, dataset, found)
        yield connection


def fetch_tensors(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """Answers a query that reads tensors; with more memory, and slowly, where their row groups have been merged.

    Raises:
        duckdb.OutOfMemoryException: `MERGED_MEMORY_LIMIT` does not do; `explain_errors` says what to do then.
    """
    # a relation's rows go straight to Arrow; what `execute` gives would be kept in between, a copy more
    try:
        return connection.sql(query).to_arrow_table()
    except duckdb.OutOfMemoryException:
        connection.execute(f"SET memory_limit = '{MERGED_MEMORY_LIMIT}'")
        return connection.sql(query).to_arrow_table()


@contextmanager
def explain_errors(database: str | Path) -> Iterator[None]:
    """Turns what DuckDB raises inside the block into the `DatabaseError` that says what to do."""
    try:
        yield
    except duckdb.Error as error:
        raise make_database_error(database, str(error)) from error


def make_database_error(database: str | Path, message: str) -> DatabaseError:
    """Finds the error that a message of DuckDB stands for.

    Args:
        database: The file it is about.
        message: DuckDB's own words, also from within another library's message.
    """
    if _LOCKED.search(message):
        return DatabaseBusyError(_explain_lock(database, message))
    reason = message.strip().partition("\n")[0]
    for pattern, kind, text in _EXPLANATIONS:
        if re.search(pattern, message):
            return kind(text.format(database=database, reason=reason, installed=duckdb.__version__))
    return DatabaseError(f"{database}: DuckDB cannot do this: {reason}")


def _explain_lock(database: str | Path, message: str) -> str:
    holder = _HOLDER.search(message)
    who = "another process"
    if holder:
        program = re.split(r"[\\/]", holder["program"])[-1]
        who = f"another process ({program}, PID {holder['pid']})"
    return f"{database}: {who} has it open. Wait until it is done, or close it there, then run the same command again."


def check_tables(
    connection: duckdb.DuckDBPyConnection,
    database: str | Path,
    dataset: str,
    schemas: Mapping[str, pa.Schema] = tables.SCHEMAS,
) -> dict[str, list[str]]:
    """Returns the columns of the tables there are, by name, once darkroom's are known to be so; of others none.

    Args:
        connection: An open connection.
        database: The name of its file, for messages.
        dataset: The dlt dataset (database schema) to look at.
        schemas: The tables of darkroom's to compare, by name.

    Raises:
        DatabaseError: A table bears the name of one of darkroom's, and somebody else made it.
    """
    with explain_errors(database):
        # filtered here: a query with a parameter makes DuckDB import pandas, which takes longer than the query
        rows = connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
        names = {name for schema, name in rows if schema == dataset}
        # not from information_schema.columns, for which DuckDB works out the columns of all its own views, too
        found = {name: _list_columns(connection, dataset, name) if name in schemas else [] for name in names}
    if mismatch := tables.find_mismatch(found, schemas):
        raise make_mismatch_error(f"{database}:", dataset, mismatch)
    return found


def _list_columns(connection: duckdb.DuckDBPyConnection, dataset: str, table: str) -> list[str]:
    result = connection.execute(f"SELECT * FROM {_quote(dataset)}.{table} LIMIT 0")  # noqa: S608 - names
    return [column[0] for column in result.description or ()]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def make_mismatch_error(where: str, dataset: str, mismatch: str) -> DatabaseError:
    """Makes the error that says that tables are not darkroom's, or those of another version.

    Args:
        where: What holds them, as the sentence begins.
        dataset: The dlt dataset (database schema) they are in.
        mismatch: What `tables.find_mismatch` found.
    """
    return DatabaseError(
        f"{where} its tables in {dataset} are not as this version of darkroom writes them ({mismatch}), and they stay "
        "as they are. Let `database` name a new file, or another destination, and ingest again."
    )


def _make_no_table_error(database: str | Path, dataset: str, found: Set[str]) -> DatabaseNotFoundError:
    there = ", ".join(sorted(found)) if found else "no table at all"
    return DatabaseNotFoundError(
        f"{database}: nothing to read in it yet. Expected the tables of the dataset {dataset}, "
        f"found {there}. `darkroom ingest ROOT --database {database}` fills them."
    )


def _define_views(connection: duckdb.DuckDBPyConnection, dataset: str, found: Mapping[str, list[str]]) -> None:
    """Defines the views of `open_readonly`; they are temporary, so the file does not change.

    What a table of an older darkroom lacks, and may be null, is null.
    """
    schema = _quote(dataset)
    connection.execute(f"CREATE TEMP VIEW loads AS FROM {schema}._dlt_loads WHERE status = 0")
    for name in tables.SCHEMAS.keys() & found.keys():
        missing = (field for field in tables.SCHEMAS[name] if field.nullable and field.name not in found[name])
        nulls = "".join(f"NULL::{_SQL_TYPES[field.type]} AS {field.name}, " for field in missing)
        connection.execute(
            f"CREATE TEMP VIEW {name} AS SELECT *, {nulls}rowid AS row_id FROM {schema}.{name} "  # noqa: S608 - names
            "WHERE _dlt_load_id IN (SELECT load_id FROM loads)"
        )
    for name in tables.SCHEMAS.keys() - found.keys():
        columns = ", ".join(f"NULL::{_SQL_TYPES[field.type]} AS {field.name}" for field in tables.SCHEMAS[name])
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT {columns}, NULL::BIGINT AS row_id WHERE false")
    unfinished = " UNION ALL ".join(
        f"SELECT '{name}' AS table_name, _dlt_load_id AS load_id FROM {schema}.{name} "  # noqa: S608 - names
        "WHERE _dlt_load_id NOT IN (SELECT load_id FROM loads)"
        for name in sorted(tables.SCHEMAS.keys() & found.keys())
    )
    connection.execute(
        f"CREATE TEMP VIEW unfinished_rows AS SELECT table_name, load_id, count(*) AS row_count "  # noqa: S608
        f"FROM ({unfinished}) GROUP BY ALL ORDER BY ALL"
    )
