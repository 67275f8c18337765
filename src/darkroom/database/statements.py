"""What darkroom asks of a destination through dlt's SQL client, besides loading. Only SQL that all of them know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.sql_client import SqlClientBase


def discard_interrupted(client: SqlClientBase[Any], tables: Iterable[str]) -> int:
    """Deletes the rows of loads that were never completed, and returns how many; a second call deletes nothing.

    A package that was killed while it was loaded leaves rows with a `_dlt_load_id` that `_dlt_loads` does not list as
    complete.

    Args:
        client: An open client.
        tables: The names of the tables to look through; one that does not exist has no rows.
    """
    loads = client.make_qualified_table_name("_dlt_loads")
    condition = f"_dlt_load_id NOT IN (SELECT load_id FROM {loads} WHERE status = 0)"  # noqa: S608 - a table name
    return sum(delete_rows(client, table, condition) for table in tables)


def delete_rows(client: SqlClientBase[Any], table: str, condition: str, *values: str) -> int:
    """Deletes the rows that meet a condition, and returns how many; a second call deletes nothing.

    Args:
        client: An open client.
        table: The table; one that does not exist has no rows.
        condition: SQL, with `%s` for each value.
        values: What stands for the `%s`, in their order.
    """
    name = client.make_qualified_table_name(table)
    rows = _fetch(client, f"SELECT count(*) FROM {name} WHERE {condition}", *values)  # noqa: S608 - own words
    count = int(rows[0][0]) if rows else 0
    if count:
        client.execute_sql(f"DELETE FROM {name} WHERE {condition}", *values)  # noqa: S608 - own words
    return count


def select_rows(client: SqlClientBase[Any], table: str, columns: str) -> Sequence[Sequence[Any]]:
    """Returns some columns of all rows of a table; no row where the table does not exist yet."""
    return _fetch(client, f"SELECT {columns} FROM {client.make_qualified_table_name(table)}")  # noqa: S608 - own words


def find_columns(client: SqlClientBase[Any], tables: Iterable[str]) -> dict[str, list[str]]:
    """Returns the columns of those of some tables that exist, by table."""
    found = {}
    for table in tables:
        query = f"SELECT * FROM {client.make_qualified_table_name(table)} WHERE 1 = 0"  # noqa: S608 - a table name
        try:
            with client.execute_query(query) as cursor:
                found[table] = [column[0].lower() for column in cursor.native_cursor.description]
        except DatabaseUndefinedRelation:
            continue
    return found


def select_records(client: SqlClientBase[Any], table: str, columns: Iterable[str]) -> list[dict[str, Any]]:
    """Returns all rows of a table, as far as it has these columns: one that an older darkroom made lacks some."""
    wanted = set(columns)
    query = f"SELECT * FROM {client.make_qualified_table_name(table)}"  # noqa: S608 - own words
    try:
        with client.execute_query(query) as cursor:
            names = [str(column[0]).lower() for column in cursor.description or ()]
            rows = cursor.fetchall()
    except DatabaseUndefinedRelation:
        return []
    return [{name: value for name, value in zip(names, row, strict=True) if name in wanted} for row in rows]


def _fetch(client: SqlClientBase[Any], query: str, *values: str) -> Sequence[Sequence[Any]]:
    try:
        return client.execute_sql(query, *values) or ()
    except DatabaseUndefinedRelation:
        return ()
