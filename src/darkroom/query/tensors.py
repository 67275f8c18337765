"""Tensors of chosen rows, out of DuckDB into numpy without a copy per row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from darkroom.database.duckdb_file import fetch_tensors
from darkroom.errors import DatabaseError
from darkroom.query.selection import Samples
from darkroom.tables import DATASET_NAME

FETCH_BYTES = 8 << 20
"""Tensor bytes asked for in one query; DuckDB cannot hand over 2 GiB in one Arrow array."""

READERS = 2
"""Threads that can read at a time."""

CACHE_BYTES = 12 << 20
"""What DuckDB may keep in memory for each of them: a query's tensors, each of which is read once, and some pages."""

FETCH_RANGES = 128
"""Ranges of rows in one query: one range where the table's order is followed, one per row where it is not."""

Range = tuple[int, int]
"""First and last row id, both included."""


class TensorReader:
    """Reads tensors of some samples over an open connection, in up to `READERS` threads at a time.

    Attributes:
        samples: The samples whose tensors it reads; positions count from 0 in their order.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, samples: Samples, dataset: str = DATASET_NAME) -> None:
        self.samples = samples
        self._connection = connection
        self._schema = '"' + dataset.replace('"', '""') + '"'
        self._row_ids = samples.facts["row_id"].to_numpy()
        self._mask_row_ids = samples.facts["mask_row_id"].fill_null(-1).to_numpy()
        mask_bytes = samples.height_px * samples.width_px
        self._tensor_bytes = {"image_tensor": 3 * mask_bytes, "mask_tensor": mask_bytes}
        # one thread: a query never has more than one row group to scan, and each thread holds memory of its own
        connection.execute("SET threads = 1")
        connection.execute(f"SET memory_limit = '{READERS * max(CACHE_BYTES, 12 * mask_bytes)}B'")

    def iter_positions(self) -> Iterator[NDArray[np.int64]]:
        """Yields the positions of all samples in order, as many at a time as fit into `FETCH_BYTES`."""
        step = max(1, FETCH_BYTES // (3 * self.samples.height_px * self.samples.width_px))
        for start in range(0, len(self.samples), step):
            yield np.arange(start, min(start + step, len(self.samples)))

    def read_images(self, positions: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Reads images.

        Returns:
            `(N, H, W, 3)` uint8, RGB, 0–255, in the order of `positions`; read-only.

        Raises:
            DatabaseError: The bytes of a tensor do not make up its shape.
        """
        shape = (self.samples.height_px, self.samples.width_px, 3)
        return self._read("images", "image_tensor", self._row_ids[positions], shape)

    def has_mask(self, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tells which samples have a mask, `(N,)`; reads nothing."""
        has_mask: NDArray[np.bool_] = self._mask_row_ids[positions] >= 0
        return has_mask

    def read_masks(self, positions: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Reads masks; one of zeros where there is none.

        Returns:
            `(N, H, W)` uint8 in {0, 1}, in the order of `positions`.

        Raises:
            DatabaseError: The bytes of a tensor do not make up its shape.
        """
        shape = (self.samples.height_px, self.samples.width_px)
        has_mask = self.has_mask(positions)
        row_ids = self._mask_row_ids[positions[has_mask]]
        if has_mask.all():
            return self._read("masks", "mask_tensor", row_ids, shape)
        masks = np.zeros((len(positions), *shape), np.uint8)
        if row_ids.size:
            masks[has_mask] = self._read("masks", "mask_tensor", row_ids, shape)
        return masks

    def read_rows(self, table: str, columns: Sequence[str], positions: NDArray[np.int64]) -> pa.Table:
        """Reads columns of the rows of `images`, or of those rows of `masks` that there are, as Arrow.

        Args:
            table: `images` or `masks`.
            columns: The names of the columns to read.
            positions: Positions of no more samples than fit into `FETCH_BYTES`.

        Raises:
            DatabaseError: The bytes of a tensor do not make up its shape.
        """
        if table == "masks":
            positions = positions[self.has_mask(positions)]
        row_ids = (self._mask_row_ids if table == "masks" else self._row_ids)[positions]
        names = ", ".join(columns)
        parts = [self._fetch(table, names, ranges) for ranges in _batch_ranges(iter_ranges(row_ids, FETCH_RANGES), 1)]
        for part, name in product(parts, self._tensor_bytes.keys() & set(columns)):
            view_tensors(part[name], self._tensor_bytes[name], f"{table}.{name}")
        return pa.concat_tables(parts or [self._fetch(table, names, [(-1, -1)])]).select(list(columns))

    def _read(self, table: str, column: str, row_ids: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.uint8]:
        tensor_bytes = math.prod(shape)
        batches = list(_batch_ranges(iter_ranges(row_ids, max(1, FETCH_BYTES // tensor_bytes)), tensor_bytes))
        if len(batches) == 1:
            return self._read_ranges(table, column, batches[0], shape)
        whole = np.empty((len(row_ids), *shape), np.uint8)
        end = 0
        for ranges in batches:
            part = self._read_ranges(table, column, ranges, shape)
            start, end = end, end + len(part)
            whole[start:end] = part
        return whole

    def _read_ranges(
        self, table: str, column: str, ranges: Sequence[Range], shape: tuple[int, ...]
    ) -> NDArray[np.uint8]:
        found = self._fetch(table, column, ranges)
        _check_rows(found, ranges, table)
        return view_tensors(found[column], math.prod(shape), f"{table}.{column}").reshape(-1, *shape)

    def _fetch(self, table: str, column: str, ranges: Sequence[Range]) -> pa.Table:
        # not the view: its join with the completed loads costs a third, and the row ids came through it already
        select = f"SELECT rowid AS row_id, {column} FROM {self._schema}.{table} WHERE rowid BETWEEN"  # noqa: S608
        query = " UNION ALL ".join(f"{select} {first} AND {last}" for first, last in ranges)
        with self._connection.cursor() as cursor:
            return fetch_tensors(cursor, query)


def iter_ranges(row_ids: NDArray[np.int64], longest: int) -> Iterator[Range]:
    """Yields the ranges of consecutive row ids, in their order, each of at most `longest` rows."""
    breaks = np.flatnonzero(np.diff(row_ids) != 1) + 1
    for consecutive in np.split(row_ids, breaks):
        for start in range(0, len(consecutive), longest):
            part = consecutive[start : start + longest]
            yield int(part[0]), int(part[-1])


def _batch_ranges(ranges: Iterable[Range], tensor_bytes: int) -> Iterator[list[Range]]:
    """Groups ranges so that one query stays within `FETCH_BYTES` and `FETCH_RANGES`."""
    batch: list[Range] = []
    rows = 0
    for first, last in ranges:
        count = last - first + 1
        if batch and ((rows + count) * tensor_bytes > FETCH_BYTES or len(batch) == FETCH_RANGES):
            yield batch
            batch, rows = [], 0
        batch.append((first, last))
        rows += count
    if batch:
        yield batch


def _check_rows(found: pa.Table, ranges: Sequence[Range], table: str) -> None:
    expected = np.concatenate([np.arange(first, last + 1) for first, last in ranges])
    if not np.array_equal(found["row_id"].to_numpy(), expected):
        raise DatabaseError(
            f"{table}: DuckDB gave other rows than asked for ({found.num_rows} rows, expected {len(expected)} from "
            f"row {expected[0]} on). The file may have been replaced meanwhile; try again."
        )


def view_tensors(column: pa.ChunkedArray, tensor_bytes: int, name: str) -> NDArray[np.uint8]:
    """Looks at a binary column as `(N, tensor_bytes)` uint8, read-only; copies only if it is in chunks."""
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    _, offsets_buffer, tensors = array.buffers()
    offset_type = np.int64 if pa.types.is_large_binary(array.type) else np.int32
    offsets = np.frombuffer(offsets_buffer, offset_type)[array.offset : array.offset + len(array) + 1]
    lengths = np.diff(offsets)
    if array.null_count or np.any(lengths != tensor_bytes):
        raise DatabaseError(
            f"{name}: tensors of {lengths.min()} to {lengths.max()} bytes, expected {tensor_bytes} for the shape in "
            "their rows. `darkroom verify` names every such row; delete them, or ingest again into a new file."
        )
    whole = np.frombuffer(tensors, np.uint8)[offsets[0] : offsets[-1]].reshape(len(array), tensor_bytes)
    whole.flags.writeable = False
    return whole
