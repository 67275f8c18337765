"""dlt's DuckDB destination, but for two things.

A loaded file gives its space back at once, not with its package. dlt keeps the parquet files of a package until all
of them are loaded. Here they are pictures: DuckDB writes to its table what the system's file cache still holds as a
file that nobody will read again. Emptied file by file, that very memory, and as much of the disk, takes the next rows
of the table.

And its settings are looked up once. dlt asks what the destination can do some ten times for each package, and would go
through environment and files for each setting every time: 8 % of what a run with few changes costs.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import dlt
from dlt.destinations.impl.duckdb.duck import DuckDbClient, DuckDbCopyJob

if TYPE_CHECKING:
    from dlt.common.destination import DestinationCapabilitiesContext
    from dlt.common.destination.client import LoadJob
    from dlt.common.destination.typing import PreparedTableSchema
    from dlt.common.normalizers.naming import NamingConvention
    from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration


class ReleasingDuckDb(dlt.destinations.duckdb):
    """A `dlt.destinations.duckdb`, which other pipelines and `dlt.dataset` take it for."""

    @property
    def destination_type(self) -> str:
        """The name that dlt stores with the pipeline's state: that of dlt's own destination."""
        return "dlt.destinations.duckdb"

    @cached_property
    def _settled_configuration(self) -> DuckDbClientConfiguration:
        return self.configuration(self.spec(), accept_partial=True)

    def capabilities(
        self, config: DuckDbClientConfiguration | None = None, naming: NamingConvention | None = None
    ) -> DestinationCapabilitiesContext:
        """Says what the destination can do, by its settings as they were when it was first asked."""
        return super().capabilities(config or self._settled_configuration, naming)

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
