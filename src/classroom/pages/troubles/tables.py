"""What a table holds, and which versions are installed, as text."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import Any

import dlt
import duckdb
from packaging.version import Version

from classroom.course.versions import BREAKS
from classroom.course.workspace import Workspace


def rows_of(workspace: Workspace, columns: str = "id", dataset: str = "inspection") -> str:
    """Returns the number of rows in the table `images`, and the rows."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        query = f"SELECT {columns} FROM {dataset}.images ORDER BY ALL"  # noqa: S608 - names of the course's own
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        rows = result.fetchall()
    return f"{len(rows)} row{'s' * (len(rows) != 1)} in images\n{align([names, *rows])}"


def align(rows: Sequence[Sequence[Any]]) -> str:
    """Returns rows as lines, every column as wide as its widest value."""
    texts = [["–" if value is None else str(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in texts)


def tell_versions(breaks: Sequence[tuple[str, str, str]] = BREAKS) -> str:
    """Returns what is installed here, beside what is known to break.

    Args:
        breaks: Package, the first version that breaks, and how.
    """
    lines = [f"dlt {dlt.__version__}"]
    for name, first, how in breaks:
        here = metadata.version(name)
        verdict = "BROKEN" if Version(here) >= Version(first) else "fine"
        lines.append(f"{name} {here}: {verdict}. From {first} on, {how}.")
    return "\n".join(lines)
