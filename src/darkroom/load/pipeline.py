"""The dlt pipeline that darkroom loads with, and what it asks of the destination besides loading.

A run *appends* rows it knows to be new, in packages of a bounded size. Should it be killed in between, rows of a
half-loaded package stay behind; they carry a `_dlt_load_id` that `_dlt_loads` does not list as complete, so
the next run finds and deletes exactly those (`statements.discard_interrupted`) and reads their files again. The working
folder of dlt holds nothing that cannot be made again, and is made again in every run: a package left pending by
an earlier failure is never loaded in place of new files.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pandas  # noqa: F401 - dlt and DuckDB import these three when a run first needs them: so they are part of the start
import pyarrow.parquet  # noqa: F401 - see above
import requests  # noqa: F401 - see above
from dlt.common.libs.pyarrow import py_arrow_to_table_schema_columns
from dlt.common.schema.typing import TColumnSchema
from dlt.common.schema.utils import new_table
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.sql_client import SqlClientBase

from darkroom.database import duckdb_file
from darkroom.database.dlt_settings import PIPELINE_NAME, dlt_settings, work_folder
from darkroom.database.statements import delete_rows, find_columns, select_records, select_rows
from darkroom.errors import OptionError
from darkroom.load.destination import explain_destination, find_destination
from darkroom.load.duckdb_destination import ReleasingDuckDb
from darkroom.load.loaded import Loaded, LoadedFile, LoadedImage, LoadedMask, LoadedReject
from darkroom.load.rows import to_microseconds
from darkroom.load.white_levels import is_unscaled
from darkroom.sample import FileEntry
from darkroom.tables import DATASET_NAME, IMAGE_DATASETS, PRIMARY_KEYS, SCHEMAS, find_mismatch

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
    """Opens the pipeline with an empty working folder; a DuckDB file stays locked until the end of the block.

    Args:
        destination: Name of a dlt destination.
        database_path: The DuckDB file; for another destination, it only says where the work folder is.
        file_rows: Rows per parquet file, each of which becomes one transaction.

    Raises:
        DatabaseBusyError: Another process holds the DuckDB file.
        DatabaseError: It is not a DuckDB file, or cannot be opened, or its tables are not darkroom's.
        OptionError: dlt has no such destination, or it is not configured, takes no parquet files, or holds files that
            could not be replaced.
    """
    settings = {
        "data_writer.compression": "none",  # pixels do not compress; trying costs more than it saves
        "data_writer.file_max_items": file_rows,
        "data_writer.buffer_max_items": max(1, file_rows // 2),  # in memory; fewer cost more than they save
    }
    with dlt_settings(settings):
        if destination != "duckdb":
            pipeline = _make_pipeline(find_destination(destination), database_path)
            with explain_destination(pipeline.destination):
                _check_replaceable(pipeline)
            yield pipeline
            return
        with duckdb_file.connect(database_path, read_only=False) as connection:
            duckdb_file.check_tables(connection, database_path, DATASET_NAME)
            yield _make_pipeline(ReleasingDuckDb(_tune(connection)), database_path)


def _tune(connection: duckdb.DuckDBPyConnection) -> DuckDbCredentials:
    for name, value in _DUCKDB_SETTINGS.items():
        connection.execute(f"SET GLOBAL {name} = '{value}'")
    credentials = DuckDbCredentials(connection)
    # dlt would let the log grow to 1 GB; DuckDB counts 16 bytes for a picture, and is not to wait for more of them
    credentials.pragmas = ["checkpoint_threshold = '1KB'"]
    credentials.resolve()  # there is nothing more to find out, in any job
    return credentials


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
    """Tells whether rows can be asked for, deleted and replaced; plain files only take more of them."""
    return pipeline.destination.destination_type != "dlt.destinations.filesystem"


def takes_empty_files(pipeline: dlt.Pipeline) -> bool:
    """Tells whether a parquet file without a row makes its table exist; the drivers of most databases refuse it."""
    return isinstance(pipeline.destination, ReleasingDuckDb) or not has_sql(pipeline)


def make_missing_tables(pipeline: dlt.Pipeline) -> None:
    """Makes those of the four tables that no row was loaded into; a second call does nothing."""
    schema = pipeline.default_schema
    missing = [name for name in SCHEMAS if "_dlt_load_id" not in schema.tables.get(name, {}).get("columns", {})]
    if not missing:
        return
    load_id: TColumnSchema = {"name": "_dlt_load_id", "data_type": "text", "nullable": False}
    for name in missing:
        columns = [*py_arrow_to_table_schema_columns(SCHEMAS[name]).values(), load_id]
        schema.update_table(new_table(name, columns=columns))
    pipeline.sync_schema()


@contextmanager
def open_tables(pipeline: dlt.Pipeline) -> Iterator[SqlClientBase[Any]]:
    """Opens a client to the tables of a destination that `has_sql`, once they are known to be darkroom's.

    Raises:
        OptionError: The destination is not configured, or not rightly.
        DatabaseError: It cannot be asked, or its tables are not darkroom's.
    """
    if isinstance(pipeline.destination, ReleasingDuckDb):
        with pipeline.sql_client() as client:
            yield client
        return
    with explain_destination(pipeline.destination), pipeline.sql_client() as client:
        if mismatch := find_mismatch(find_columns(client, ("_dlt_loads", *SCHEMAS))):
            name = f"`destination` {pipeline.destination.destination_name}:"
            raise duckdb_file.make_mismatch_error(name, DATASET_NAME, mismatch)
        yield client


def read_loaded(client: SqlClientBase[Any]) -> Loaded:
    """Reads the facts of all rows, without a pixel; tables that do not exist yet have no rows."""
    file = "source_root, source_path, file_size_bytes, modified_at"
    facts = "sample_id, original_mode, source_dataset, split, label, has_mask"
    images = select_rows(client, "images", f"{facts}, {file}, content_sha256")
    masks = select_rows(client, "masks", f"sample_id, defect_fraction, {file}, content_sha256")
    rejects = select_rows(client, "rejects", f"source_dataset, reason, message, {file}")
    records = select_records(client, "image_datasets", IMAGE_DATASETS.names)
    datasets = {record["name"]: dict.fromkeys(IMAGE_DATASETS.names) | record for record in records}
    return Loaded(
        images={
            sample_id: LoadedImage(
                _loaded_file(*file), name, split, label, has_mask, is_unscaled(mode, datasets.get(name))
            )
            for sample_id, mode, name, split, label, has_mask, *file in images
        },
        masks={row[0]: _loaded_mask(row[1], *row[2:]) for row in masks},
        rejects={(row[3], row[4]): LoadedReject(_loaded_file(*row[3:]), *row[:3]) for row in rejects},
        image_datasets=datasets,
    )


def _loaded_file(root: str, path: str, size_bytes: int, modified_at: datetime, content_sha256: str = "") -> LoadedFile:
    return LoadedFile(root, path, size_bytes, to_microseconds(modified_at), content_sha256)


def _loaded_mask(
    defect_fraction: float, root: str, path: str, size_bytes: int, modified_at: datetime, content_sha256: str
) -> LoadedMask:
    return LoadedMask(root, path, size_bytes, to_microseconds(modified_at), content_sha256, defect_fraction > 0)


def delete_samples(pipeline: dlt.Pipeline, table: str, sample_ids: Sequence[str]) -> None:
    """Deletes the rows of these samples from `images` or `masks`; a second call deletes nothing."""
    if not sample_ids:
        return
    with pipeline.sql_client() as client:
        for start in range(0, len(sample_ids), DELETE_CHUNK):
            chunk = sample_ids[start : start + DELETE_CHUNK]
            places = ", ".join(["%s"] * len(chunk))
            delete_rows(client, table, f"sample_id IN ({places})", *chunk)


def write_places(pipeline: dlt.Pipeline, table: str, files: Mapping[str, FileEntry]) -> None:
    """Writes into rows of `images` or `masks` where their files are now; a second call changes nothing.

    Args:
        pipeline: The pipeline.
        table: `images` or `masks`.
        files: By `sample_id`.
    """
    if not files:
        return
    with pipeline.sql_client() as client:
        name = client.make_qualified_table_name(table)
        statement = f"UPDATE {name} SET source_root = %s, source_path = %s WHERE sample_id = %s"  # noqa: S608 - own words
        for sample_id, file in files.items():
            client.execute_sql(statement, file.root, file.path, sample_id)


def delete_rejects(pipeline: dlt.Pipeline, rows: Sequence[LoadedReject]) -> None:
    """Deletes these rows of `rejects`; a second call deletes nothing."""
    if not rows:
        return
    condition = " AND ".join(f"{column} = %s" for column in PRIMARY_KEYS["rejects"])
    with pipeline.sql_client() as client:
        for row in rows:
            delete_rows(client, "rejects", condition, row.source_dataset, row.file.root, row.file.path)


def delete_image_datasets(pipeline: dlt.Pipeline, names: Iterable[str]) -> None:
    """Deletes the rows of these image datasets from `image_datasets` alone; a second call deletes nothing."""
    for name in names:
        with pipeline.sql_client() as client:
            delete_rows(client, "image_datasets", "name = %s", name)
