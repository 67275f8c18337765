"""Troubles between a run and the table: pending packages, contracts, locks, two kinds of rows, missing keys."""

from __future__ import annotations

from contextlib import suppress

import dlt
import duckdb
import pandas as pd
from dlt.common.schema.typing import TSchemaContractDict
from dlt.pipeline.exceptions import PipelineStepFailed

from classroom.course.workspace import Workspace
from classroom.pages.troubles.play import Case, Trouble
from classroom.pages.troubles.scripts import open_elsewhere
from classroom.pages.troubles.tables import rows_of


def provoke_pending(workspace: Workspace) -> str:
    """A load fails; you mend the typo in your row and run again."""
    pipeline = workspace.pipeline()
    database = str(workspace.database)
    pipeline.run([{"id": 1, "label": "good"}], table_name="images")
    with duckdb.connect(database, read_only=True), suppress(PipelineStepFailed):
        pipeline.run([{"id": 2, "label": "godo"}], table_name="images")

    pipeline.run([{"id": 2, "label": "good"}], table_name="images")
    return rows_of(workspace, "id, label")


def mend_pending(workspace: Workspace) -> str:
    """After a failure, throw away what is pending, then run."""
    pipeline = workspace.pipeline("mended", dataset="mended")
    database = str(workspace.database)
    with duckdb.connect(database, read_only=True), suppress(PipelineStepFailed):
        pipeline.run([{"id": 2, "label": "godo"}], table_name="images")

    if pipeline.has_pending_data:
        pipeline.abort_packages()
    pipeline.run([{"id": 2, "label": "good"}], table_name="images")
    return rows_of(workspace, "id, label", "mended")


def provoke_frozen(workspace: Workspace) -> str:
    """The columns are frozen, and a new one arrives."""
    pipeline = workspace.pipeline()
    frozen: TSchemaContractDict = {"columns": "freeze"}
    pipeline.run([{"id": 1}], table_name="images", schema_contract=frozen)
    rows = [{"id": 2, "camera": "B"}]
    pipeline.run(rows, table_name="images", schema_contract=frozen)
    return rows_of(workspace)


def mend_frozen(workspace: Workspace) -> str:
    """You want the column: say so, on purpose."""
    pipeline = workspace.pipeline()
    pipeline.abort_packages()
    evolve: TSchemaContractDict = {"columns": "evolve"}
    rows = [{"id": 2, "camera": "B"}]
    pipeline.run(rows, table_name="images", schema_contract=evolve)
    return rows_of(workspace, "id, camera")


def provoke_lock_process(workspace: Workspace) -> str:
    """Another program, here a second Python, has the file open."""
    pipeline = workspace.pipeline()
    pipeline.run([{"id": 1}], table_name="images")
    with open_elsewhere(workspace.database):
        pipeline.run([{"id": 2}], table_name="images")
    return rows_of(workspace)


def mend_lock_process(workspace: Workspace) -> str:
    """The other program is closed; a run without rows finishes the load."""
    workspace.pipeline().run()
    return rows_of(workspace)


def provoke_lock_connection(workspace: Workspace) -> str:
    """You look at the table, and leave the connection open."""
    pipeline = workspace.pipeline()
    pipeline.run([{"id": 1}], table_name="images")
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        connection.sql("SELECT count(*) FROM inspection.images").fetchone()
        pipeline.run([{"id": 2}], table_name="images")
    return rows_of(workspace)


def mend_lock_connection(workspace: Workspace) -> str:
    """Look in a short block; run after it."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        connection.sql("SELECT count(*) FROM inspection.images").fetchone()
    workspace.pipeline().run()
    return rows_of(workspace)


def provoke_mixed(workspace: Workspace) -> str:
    """Dicts first, then a DataFrame, with dlt's own settings."""
    pipeline = workspace.pipeline()
    pipeline.run([{"id": 1}], table_name="images")
    setting = "normalize.parquet_normalizer.add_dlt_load_id"
    with dlt.config.values({setting: False}):  # as it is unless you say so
        pipeline.run(pd.DataFrame({"id": [2]}), table_name="images")
    return rows_of(workspace)


def mend_mixed(workspace: Workspace) -> str:
    """Let dlt add its two columns to Arrow tables and DataFrames as well."""
    pipeline = workspace.pipeline()
    pipeline.abort_packages()
    section = "normalize.parquet_normalizer"
    both = {f"{section}.add_dlt_load_id": True, f"{section}.add_dlt_id": True}
    with dlt.config.values(both):
        pipeline.run(pd.DataFrame({"id": [2]}), table_name="images")
    return rows_of(workspace, "id, _dlt_load_id IS NOT NULL AS has_load_id")


def provoke_duplicates(workspace: Workspace) -> str:
    """The same two rows, merged twice."""
    pipeline = workspace.pipeline()
    for _ in range(2):
        rows = [{"id": 1, "label": "good"}, {"id": 2, "label": "scratch"}]
        pipeline.run(rows, table_name="images", write_disposition="merge")
    return rows_of(workspace)


def mend_duplicates(workspace: Workspace) -> str:
    """Name the key; merging once more removes the doubles."""
    rows = [{"id": 1, "label": "good"}, {"id": 2, "label": "scratch"}]
    images = dlt.resource(rows, name="images", primary_key="id")
    workspace.pipeline().run(images, write_disposition="merge")
    return rows_of(workspace)


PENDING = Trouble(
    "pending",
    "My new rows are ignored",
    "The run says that it succeeded. The table holds the rows of the run before it, the one that failed.",
    (
        Case(
            "",
            provoke_pending,
            mend_pending,
            ("godo",),
            "What failed to load stays as a *pending package*. The next `run` finishes that package and does not "
            "even read what you pass. Only the log says so. `pipeline.abort_packages()` throws it away; "
            "a `run()` without rows finishes it.",
        ),
    ),
)

FROZEN = Trouble(
    "frozen",
    "A frozen contract is violated",
    "Yesterday it ran. Today the camera writes one column more.",
    (
        Case(
            "",
            provoke_frozen,
            mend_frozen,
            ("Contract on `columns`", "contract_mode=freeze", "`camera`"),
            "The contract did its work: nothing changed the table behind your back. The message names table and "
            "column. Decide: pass `evolve` once, or drop the column in your resource. The "
            "refused package is pending, so abort it first.",
        ),
    ),
)

LOCK = Trouble(
    "lock",
    "DuckDB's file is locked",
    "The pipeline ran a minute ago. You only opened the table to look.",
    (
        Case(
            "Another program",
            provoke_lock_process,
            mend_lock_process,
            ("IO Error", "Could not set lock", "Conflicting lock is held", "being used by another process"),
            "While one process has a DuckDB file open for writing, no other may open it. On Linux and macOS the "
            "message names the process that holds the lock: often a notebook or a database viewer.",
        ),
        Case(
            "The same program, another configuration",
            provoke_lock_connection,
            mend_lock_connection,
            ("different configuration",),
            "Within one process, all connections to a file must be opened alike. A read-only connection that is "
            "still open keeps dlt from opening the file for writing. An ibis connection does the same until "
            "`disconnect()`.",
        ),
    ),
)

MIXED = Trouble(
    "mixed",
    "Dicts and a DataFrame in one table",
    "Dicts load. A DataFrame loads. One after the other, they do not.",
    (
        Case(
            "",
            provoke_mixed,
            mend_mixed,
            ("NOT NULL constraint failed", "_dlt_load_id"),
            "dlt adds `_dlt_load_id` and `_dlt_id` to dicts, and the table then demands both. Arrow tables and "
            "DataFrames are passed on as they are. Switch both on in `[normalize.parquet_normalizer]`, or send one "
            "kind of rows into each table.",
        ),
    ),
)

DUPLICATES = Trouble(
    "duplicates",
    "Rows appear twice, and nobody says so",
    "The second run of the same rows succeeds. The counts double.",
    (
        Case(
            "",
            provoke_duplicates,
            mend_duplicates,
            ("4 rows",),
            "Without a key, `merge` cannot know which rows are the same, and appends. Only the log says so. Give "
            "`primary_key`, and count after a second run: that is the cheapest test there is.",
        ),
    ),
)
