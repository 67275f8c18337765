"""The dlt source: batches of rows in, four Arrow tables out.

One resource hands on the batches; the four tables are transformers on it, so that a picture is read once and
each table takes its part. Arrow goes to parquet and into the destination without a Python object per pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TDeleteInsertStrategyDict

from darkroom.load.rows import Outcome, reject_row
from darkroom.tables import PRIMARY_KEYS, SCHEMAS

Batch = dict[str, pa.Table]
"""Arrow tables by table name; a table with no rows still makes its destination table exist."""

Disposition = Literal["append", "merge"]

MERGE: TDeleteInsertStrategyDict = {"disposition": "merge", "strategy": "delete-insert", "deduplicated": True}
"""A package never holds a key twice, so dlt need not sort the pictures to find out."""


def make_batch(outcomes: Iterable[Outcome]) -> Batch:
    """Sorts the rows of some outcomes by table; tables without rows are left out."""
    outcomes = list(outcomes)
    rows = {
        "images": [outcome.image for outcome in outcomes if outcome.image],
        "masks": [outcome.mask for outcome in outcomes if outcome.mask],
        "rejects": [reject_row(reject) for outcome in outcomes for reject in outcome.rejects],
    }
    return {name: make_table(name, table_rows) for name, table_rows in rows.items() if table_rows}


def make_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of one table as Arrow, in the types of the data contract; what a row does not have is null."""
    schema = SCHEMAS[name]
    columns = [_make_column([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _make_column(values: list[Any], kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """A column of Arrow. Tensors stay in the bytes they were decoded to: gathering them would copy each twice."""
    if kind != pa.binary():
        return pa.array(values, kind)
    return pa.chunked_array([_wrap(value) for value in values], kind)


def _wrap(value: bytes) -> pa.Array:
    offsets = pa.array([0, len(value)], pa.int32()).buffers()[1]
    return pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(value)])


def make_empty_batch() -> Batch:
    """A batch without a row that makes all four tables exist."""
    return {name: schema.empty_table() for name, schema in SCHEMAS.items()}


@dlt.source(name="darkroom", max_table_nesting=0)
def inspection(batches: Iterable[Batch], disposition: Disposition) -> Iterator[Any]:
    """The four tables of the data contract as dlt resources over one stream of batches.

    Args:
        batches: The rows to load, in bounded pieces.
        disposition: `append` where the primary keys are known to be new (no staging copy is needed then), else
            `merge`. Rejects and image datasets are always merged: they are small.
    """
    shared = dlt.resource(iter(batches), name="batches", selected=False)
    for name in SCHEMAS:
        is_appended = disposition == "append" and name in ("images", "masks")
        table = dlt.transformer(_take(name), data_from=shared, name=name)
        table.apply_hints(
            primary_key=PRIMARY_KEYS[name],
            write_disposition="append" if is_appended else MERGE,
        )
        yield table


def _take(name: str) -> Callable[[Batch], Iterator[pa.Table]]:
    def take(batch: Batch) -> Iterator[pa.Table]:
        if name in batch:
            yield batch[name]

    return take
