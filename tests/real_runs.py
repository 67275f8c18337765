"""What several tests run and look at: the sample data, the command as a process of its own, and the rows it left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from darkroom.tables import SCHEMAS

SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"


def darkroom(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "darkroom", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query gives in the database schema of the tables."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(f"SET search_path = 'inspection'; {query}").fetchall()


def contents(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All four tables but for the load ids, in an order of their own."""
    columns = {name: ", ".join(schema.names) for name, schema in SCHEMAS.items()}
    return {name: rows(database, f"SELECT {columns[name]} FROM {name} ORDER BY ALL") for name in SCHEMAS}
