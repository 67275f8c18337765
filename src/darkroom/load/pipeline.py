"""The dlt pipeline that darkroom loads with, and what it asks of the destination besides loading.

A run *appends* rows it knows to be new, in packages of a bounded size. Should it be killed in between, rows of a
half-loaded package stay behind; they carry a `_dlt_load_id` that `_dlt_loads` does not list as complete, so
the next run finds and deletes exactly those (`take_stock`) and reads their files again. The working
folder of dlt holds nothing that cannot be made again, and is made again in every run: a package left pending by
an earlier failure is never loaded in place of new files.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pandas  # noqa: F401 - dlt and DuckDB import these three when a run first needs them: so they are part of the start
import pyarrow.parquet  # noqa: F401 - see above
import requests  # noqa: F401 - see above
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.sql_client import SqlClientBase

from darkroom.database import duckdb_file as database
from darkroom.database.dlt_settings import DLT_DEFAULTS, PIPELINE_NAME, work_folder
from darkroom.errors import OptionError
from darkroom.load.duckdb_destination import ReleasingDuckDb
from darkroom.load.plan import FileKey, Loaded, LoadedFile, LoadedImage, LoadedReject
from darkroom.load.rows import to_microseconds
from darkroom.tables import DATASET_NAME, IMAGE_DATASETS, PRIMARY_KEYS, SCHEMAS

DELETE_CHUNK = 500
"""Keys per DELETE statement."""

_DUCKDB_SETTINGS = {
    # the cores are busy decoding
    "threads": 1,
    # each parquet file is read once
    "enable_external_file_cache": False,
    # DuckDB would analyse each picture for a compression that noise does not allow
    "force_compression": "uncompressed",
    # a transaction of pictures goes straight to the table: in the log first, each would be written twice
    "auto_checkpoint_skip_wal_threshold": 0,
}


@contextmanager
def open_pipeline(destination: str, database_path: Path, file_rows: int) -> Iterator[dlt.Pipeline]:
    """Opens the pipeline with an empty working folder; a DuckDB file stays locked until the end.

    Args:
        destination: Name of a dlt destination.
        database_path: The DuckDB file; for another destination, only its folder and name count (work folder).
        file_rows: Rows per parquet file, each of which becomes one transaction.

    Raises:
        DatabaseBusyError: Another process holds the DuckDB file.
        DatabaseError: It is not a DuckDB file, or cannot be opened.
        OptionError: dlt has no such destination, or it holds files that could not be replaced.
    """
    settings = {
        **DLT_DEFAULTS,
        "data_writer.compression": "none",  # pixels do not compress; trying costs more than it saves
        "data_writer.file_max_items": file_rows,
        "data_writer.buffer_max_items": max(1, file_rows // 2),  # in memory; fewer cost more than they save
    }
    with dlt.config.values(settings):
        if destination != "duckdb":
            pipeline = _make_pipeline(_find_destination(destination), database_path)
            _check_replaceable(pipeline)
            yield pipeline
            return
        with database.connect(database_path, read_only=False) as connection:
            yield _make_pipeline(ReleasingDuckDb(_tune(connection)), database_path)


def _tune(connection: duckdb.DuckDBPyConnection) -> DuckDbCredentials:
    for name, value in _DUCKDB_SETTINGS.items():
        connection.execute(f"SET GLOBAL {name} = '{value}'")
    credentials = DuckDbCredentials(connection)
    # dlt would let the log grow to 1 GB; DuckDB counts 16 bytes for a picture, and is not to wait for more of them
    credentials.pragmas = ["checkpoint_threshold = '1KB'"]
    credentials.resolve()  # there is nothing more to find out, in any job
    return credentials


def _find_destination(name: str) -> Any:
    try:
        return dlt.destination(name)
    except UnknownDestinationModule as error:
        raise OptionError(
            f"dlt has no destination {name}. Expected duckdb, postgres, motherduck, filesystem or another one that dlt "
            f"names; for a name of your own, set DESTINATION__{name.upper()}__DESTINATION_TYPE."
        ) from error


def _make_pipeline(destination: Any, database_path: Path) -> dlt.Pipeline:
    folder = work_folder(database_path)
    shutil.rmtree(folder, ignore_errors=True)
    return dlt.pipeline(PIPELINE_NAME, destination=destination, dataset_name=DATASET_NAME, pipelines_dir=str(folder))


def _check_replaceable(pipeline: dlt.Pipeline) -> None:
    """Plain files cannot be replaced row by row, so they can be loaded once."""
    if has_sql(pipeline):
        return
    if SCHEMAS.keys() & set(dlt.dataset(pipeline.destination, DATASET_NAME).tables):
        raise OptionError(
            f"The dataset {DATASET_NAME} is in the destination filesystem already, and rows in plain files cannot be "
            "replaced. Delete it there, or name another bucket, to write it anew; load into duckdb to go on "
            "incrementally."
        )


def has_sql(pipeline: dlt.Pipeline) -> bool:
    """Whether rows can be asked for, deleted and replaced; plain files only take more of them."""
    return pipeline.destination.destination_type != "dlt.destinations.filesystem"


def take_stock(pipeline: dlt.Pipeline) -> tuple[int, Loaded]:
    """Deletes the rows of loads that were never completed, and reads the facts of all others, without a pixel.

    A second call deletes nothing.

    Returns:
        How many rows were deleted, and the facts.
    """
    if not has_sql(pipeline):
        return 0, Loaded()
    with pipeline.sql_client() as client:
        return _discard_interrupted(client), _read_loaded(client)


def _discard_interrupted(client: SqlClientBase[Any]) -> int:
    loads = client.make_qualified_table_name("_dlt_loads")
    condition = f"_dlt_load_id NOT IN (SELECT load_id FROM {loads} WHERE status = 0)"  # noqa: S608 - a table name
    return sum(_delete(client, table, condition) for table in PRIMARY_KEYS)


def delete_rows(pipeline: dlt.Pipeline, table: str, keys: Sequence[str], column: str = "sample_id") -> int:
    """Deletes the rows whose `column` is among `keys` and returns how many there were."""
    deleted = 0
    if not keys:
        return deleted
    with pipeline.sql_client() as client:
        for start in range(0, len(keys), DELETE_CHUNK):
            chunk = keys[start : start + DELETE_CHUNK]
            places = ", ".join(["%s"] * len(chunk))
            deleted += _delete(client, table, f"{column} IN ({places})", *chunk)
    return deleted


def delete_rejects(pipeline: dlt.Pipeline, files: Sequence[FileKey]) -> int:
    """Deletes the rejects of these files and returns how many there were."""
    if not files:
        return 0
    with pipeline.sql_client() as client:
        condition = "source_root = %s AND source_path = %s"
        return sum(_delete(client, "rejects", condition, root, path) for root, path in files)


def _delete(client: SqlClientBase[Any], table: str, condition: str, *values: str) -> int:
    name = client.make_qualified_table_name(table)
    rows = _fetch(client, f"SELECT count(*) FROM {name} WHERE {condition}", *values)  # noqa: S608 - own words
    count = int(rows[0][0]) if rows else 0
    if count:
        client.execute_sql(f"DELETE FROM {name} WHERE {condition}", *values)  # noqa: S608 - own words
    return count


def _fetch(client: SqlClientBase[Any], query: str, *values: str) -> Sequence[Sequence[Any]]:
    """Rows of a query; none where its table does not exist yet."""
    try:
        return client.execute_sql(query, *values) or ()
    except DatabaseUndefinedRelation:
        return ()


def _read_loaded(client: SqlClientBase[Any]) -> Loaded:
    file = "source_root, source_path, file_size_bytes, modified_at"
    images = _select(client, "images", f"sample_id, source_dataset, label, has_mask, {file}, content_sha256")
    masks = _select(client, "masks", f"sample_id, {file}, content_sha256")
    rejects = _select(client, "rejects", f"source_dataset, reason, message, {file}")
    datasets = _select(client, "image_datasets", ", ".join(IMAGE_DATASETS.names))
    return Loaded(
        images={row[0]: LoadedImage(_loaded_file(*row[4:]), *row[1:4]) for row in images},
        masks={row[0]: _loaded_file(*row[1:]) for row in masks},
        rejects={(row[3], row[4]): LoadedReject(_loaded_file(*row[3:]), *row[:3]) for row in rejects},
        image_datasets={row[0]: dict(zip(IMAGE_DATASETS.names, row, strict=True)) for row in datasets},
    )


def _select(client: SqlClientBase[Any], table: str, columns: str) -> Sequence[Sequence[Any]]:
    return _fetch(client, f"SELECT {columns} FROM {client.make_qualified_table_name(table)}")  # noqa: S608 - own words


def _loaded_file(root: str, path: str, size_bytes: int, modified_at: datetime, content_sha256: str = "") -> LoadedFile:
    return LoadedFile(root, path, size_bytes, to_microseconds(modified_at), content_sha256)
