"""dlt's DuckDB destination, but for one thing: a loaded file gives its space back at once, not with its package.

dlt keeps the parquet files of a package until all of them are loaded. Here they are pictures: DuckDB writes to its
table what the system's file cache still holds as a file that nobody will read again. Emptied file by file, that very
memory, and as much of the disk, takes the next rows of the table.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import dlt
from dlt.destinations.impl.duckdb.duck import DuckDbClient, DuckDbCopyJob

if TYPE_CHECKING:
    from dlt.common.destination.client import LoadJob
    from dlt.common.destination.typing import PreparedTableSchema


class ReleasingDuckDb(dlt.destinations.duckdb):
    """A `dlt.destinations.duckdb`, which other pipelines and `dlt.dataset` take it for."""

    @property
    def destination_type(self) -> str:
        """The name that dlt stores with the pipeline's state: that of dlt's own destination."""
        return "dlt.destinations.duckdb"

    @property
    def client_class(self) -> type[DuckDbClient]:
        """What makes the jobs."""
        return _Client


class _Client(DuckDbClient):
    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        job = super().create_load_job(table, file_path, load_id, restore)
        return _CopyJob(file_path) if isinstance(job, DuckDbCopyJob) else job


class _CopyJob(DuckDbCopyJob):
    def run(self) -> None:
        super().run()
        # the rows are committed; if a system will not have the file emptied now, dlt deletes it with the package
        with suppress(OSError):
            os.truncate(self._file_path, 0)
