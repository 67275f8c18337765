"""SQL that a user wrote: it may ask the tables whatever it likes, and reaches nothing else.

The file is opened read-only. That alone lets SQL write other files (`COPY … TO`), read any (`read_text`), attach
databases and change settings; so DuckDB's own lock on all but the open database is set, and only questions are asked.
"""

from __future__ import annotations

import re

import duckdb

from darkroom.errors import OptionError

_QUESTIONS = {"SELECT", "EXPLAIN"}
"""What DuckDB calls statements that only ask: WITH, FROM, VALUES, DESCRIBE, SUMMARIZE and SHOW are a SELECT to it."""

_CLOSED = re.compile(r"file system operations are disabled|disabled (through|by) configuration")


def close_outside(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps SQL from reaching files, networks, extensions and Python's variables; a second call does nothing.

    It cannot be undone, and holds for all connections that this process has to the file. So where somebody else has
    one besides, it is left: they can reach all that by themselves.

    Args:
        connection: A connection of `open_readonly`; what else is to be set on it may still be set afterwards.
    """
    [(connection_count,)] = connection.execute("FROM duckdb_connection_count()").fetchall()
    if connection_count == 1:
        connection.execute("SET enable_external_access = false")
        connection.execute("SET python_enable_replacements = false")


def check_question(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Checks that SQL is one statement, and that it only asks; executes nothing.

    Raises:
        OptionError: It is none, or several, or does more.
        duckdb.Error: It is no SQL.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise OptionError("`sql`: expected one statement, without a second one after a semicolon.")
    kind = statements[0].type.name
    if kind not in _QUESTIONS:
        raise OptionError(
            f"`sql`: {kind} does more than ask, and darkroom opens the database read-only, where nothing is written, "
            "attached or set. Expected SELECT, FROM, WITH, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN."
        )


def explain_closed(error: duckdb.Error, name: str) -> OptionError | None:
    """Makes the error that says why SQL may not reach a file; None if that is not what DuckDB refused.

    Args:
        error: What DuckDB raised.
        name: The parameter that the SQL came in.
    """
    reason = str(error).partition("\n")[0].strip()
    if not _CLOSED.search(reason):
        return None
    return OptionError(
        f"`{name}`: only the tables of the database may be read and nothing may be written, no other file, address or "
        f"extension (DuckDB says: {reason}). For those, open the file in DuckDB itself."
    )
