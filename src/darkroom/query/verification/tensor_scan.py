"""Looking at every tensor of a table, a bounded part of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from darkroom.database.duckdb_file import fetch_tensors

SCAN_BYTES = 32 << 20
"""Tensor bytes looked at in one go: blobs are long, and DuckDB takes 2048 rows at a time if it is let."""

_EXTENTS = {
    "images": "SELECT max(row_id), max(tensor_height * tensor_width * tensor_channels) FROM images",
    "masks": "SELECT max(row_id), max(mask_height * mask_width) FROM masks",
}

_TENSORS = {"images": "image_tensor", "masks": "mask_tensor"}


def scan_tensors(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of a query over tensors, looking at no more than `SCAN_BYTES` of them in one go.

    Args:
        connection: A connection of `open_readonly`.
        table: `images` or `masks`.
        query: The query, with `{first}` and `{last}` for the range of `row_id`, both included.
    """
    [(last_row, tensor_bytes)] = connection.execute(_EXTENTS[table]).fetchall()
    if last_row is None:
        return
    step = max(1, SCAN_BYTES // max(1, tensor_bytes))
    for first in range(0, last_row + 1, step):
        found = fetch_tensors(connection, query.format(first=first, last=first + step - 1))
        yield from (tuple(row.values()) for row in found.to_pylist())


def digest_tensors(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, bytes]:
    """Returns a hash of each tensor of `images` or `masks`, by `sample_id`; reads all of them."""
    query = (
        f"SELECT sample_id, unhex(md5({_TENSORS[table]})) FROM {table} "  # noqa: S608 - own names
        "WHERE row_id BETWEEN {first} AND {last}"
    )
    return dict(scan_tensors(connection, table, query))
