"""Versions of packages that are known to break the course."""

from __future__ import annotations

BREAKS: tuple[tuple[str, str, str], ...] = (
    ("sqlglot", "30.22", "dlt's dataset access fails with `qualify() got an unexpected keyword argument`"),
    ("duckdb", "2", "dlt and ibis miss `fetch_arrow_table`, and DuckDB 1.5 cannot open its files"),
)
"""Package, the first version that breaks, and how."""
