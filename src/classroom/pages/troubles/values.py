"""Troubles with values: Arrow batches of unlike schemas, and arrays where JSON is expected."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from classroom.course.workspace import Workspace
from classroom.pages.troubles.play import Case, Trouble
from classroom.pages.troubles.tables import rows_of


def provoke_unlike_batches(workspace: Workspace) -> str:
    """One camera measures whole pixels, the other halves."""

    def batches() -> Iterator[pa.Table]:
        yield pa.table({"id": [1], "defect_px": [12]})
        yield pa.table({"id": [2], "defect_px": [12.5]})

    workspace.pipeline().run(batches(), table_name="images")
    return rows_of(workspace)


def mend_unlike_batches(workspace: Workspace) -> str:
    """Write the schema down once, and make every batch with it."""
    schema = pa.schema([("id", pa.int64()), ("defect_px", pa.float64())])

    def batches() -> Iterator[pa.Table]:
        yield pa.table({"id": [1], "defect_px": [12]}, schema=schema)
        yield pa.table({"id": [2], "defect_px": [12.5]}, schema=schema)

    workspace.pipeline().run(batches(), table_name="images")
    return rows_of(workspace, "id, defect_px")


def provoke_ndarray(workspace: Workspace) -> str:
    """An array as a value of a row."""
    pixels = np.zeros((2, 3), np.uint8)
    workspace.pipeline().run([{"id": 1, "pixels": pixels}], table_name="images")
    return rows_of(workspace)


def mend_ndarray(workspace: Workspace) -> str:
    """Bytes, and the shape to read them by; never lists of pixels."""
    pixels = np.zeros((2, 3), np.uint8)
    row = {"id": 1, "pixels": pixels.tobytes(), "height": 2, "width": 3}
    workspace.pipeline().run([row], table_name="images")
    return rows_of(workspace, "octet_length(pixels) AS size_bytes, height, width")


VALUES = Trouble(
    "values",
    "Batches and arrays that do not fit",
    "NumPy and Arrow are fast ways into dlt, if every batch has the same types.",
    (
        Case(
            "Arrow batches with unlike schemas",
            provoke_unlike_batches,
            mend_unlike_batches,
            ("Schema at index 1 was different",),
            "Arrow guesses the types of each batch from its values. One schema for all batches ends the guessing. "
            "`arrow_concat_promote_options` lets dlt widen types instead; a schema in your code says what you mean.",
        ),
        Case(
            "`numpy.ndarray` is not JSON",
            provoke_ndarray,
            mend_ndarray,
            ("not JSON serializable", "numpy.ndarray"),
            "Dicts travel through dlt as JSON. `.tolist()` would end the error and begin a worse trouble: a child "
            "table with a row for every pixel.",
        ),
    ),
)
