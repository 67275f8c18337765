"""What a table holds, as text of even columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from classroom.course.workspace import Workspace


def rows_of(workspace: Workspace, columns: str = "id", dataset: str = "inspection") -> str:
    """The number of rows in the table `images`, and the rows."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        query = f"SELECT {columns} FROM {dataset}.images ORDER BY ALL"  # noqa: S608 - names of the course's own
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        rows = result.fetchall()
    return f"{len(rows)} row{'s' * (len(rows) != 1)} in images\n{align([names, *rows])}"


def align(rows: Sequence[Sequence[Any]]) -> str:
    """Rows as lines, every column as wide as its widest value."""
    texts = [["–" if value is None else str(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in texts)
