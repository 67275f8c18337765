"""The dlt source: sets of Arrow tables in, the four tables of the destination out.

One resource hands on the sets; the four tables are transformers on it, so that a picture is read once and each table
takes its part. Arrow goes to parquet and into the destination without a Python object per pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TDeleteInsertStrategyDict

from darkroom.load.loaded import Loaded
from darkroom.load.rows import make_reject_row
from darkroom.load.sample_reader import SampleRows
from darkroom.tables import PRIMARY_KEYS, SCHEMAS

Tables = dict[str, pa.Table]
"""Arrow tables on their way to dlt, by name; one with no rows still makes its destination table exist."""

Disposition = Literal["append", "merge"]

MERGE: TDeleteInsertStrategyDict = {"disposition": "merge", "strategy": "delete-insert", "deduplicated": True}
"""A package never holds a key twice, so dlt need not sort the pictures to find out."""


def make_tables(samples: Sequence[SampleRows], loaded: Loaded) -> Tables:
    """Sorts the rows of some samples by table; tables without rows are left out.

    Args:
        samples: What became of them.
        loaded: The facts of the tables before the run: a reject whose row stands as it is needs no other.
    """
    rejects = (reject for sample in samples for reject in sample.rejects)
    rows = {
        "images": [sample.image for sample in samples if sample.image],
        "masks": [sample.mask for sample in samples if sample.mask],
        "rejects": [make_reject_row(reject) for reject in rejects if not loaded.states_reject(reject)],
    }
    return {name: make_table(name, table_rows) for name, table_rows in rows.items() if table_rows}


def make_empty_tables() -> Tables:
    """Makes all four tables without a row, so that they exist in the destination."""
    return {name: schema.empty_table() for name, schema in SCHEMAS.items()}


def make_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Makes an Arrow table of rows, in the types of the data contract; what a row does not have is null."""
    schema = SCHEMAS[name]
    columns = [_make_column([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _make_column(values: list[Any], kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Makes a column of Arrow. Tensors stay in the bytes they were decoded to: gathering them would copy each twice."""
    if kind != pa.binary():
        return pa.array(values, kind)
    return pa.chunked_array([_wrap(value) for value in values], kind)


def _wrap(value: bytes) -> pa.Array:
    offsets = pa.array([0, len(value)], pa.int32()).buffers()[1]
    return pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(value)])


@dlt.source(name="darkroom", max_table_nesting=0)
def inspection(tables: Iterable[Tables], disposition: Disposition) -> Iterator[Any]:
    """Gives the four tables of the data contract as dlt resources over one stream of Arrow tables.

    Args:
        tables: The rows to load, in bounded pieces.
        disposition: `append` where the primary keys are known to be new (no staging copy is needed then), else
            `merge`. Rejects and image datasets are always merged: they are small.
    """
    shared = dlt.resource(iter(tables), name="tables", selected=False)
    for name in SCHEMAS:
        is_appended = disposition == "append" and name in ("images", "masks")
        resource = dlt.transformer(_take(name), data_from=shared, name=name)
        resource.apply_hints(
            primary_key=PRIMARY_KEYS[name],
            write_disposition="append" if is_appended else MERGE,
        )
        yield resource


def _take(name: str) -> Callable[[Tables], Iterator[pa.Table]]:
    def take(tables: Tables) -> Iterator[pa.Table]:
        if name in tables:
            yield tables[name]

    return take
