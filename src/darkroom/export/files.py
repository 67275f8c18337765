"""The table, or a part of it, as files for other programs: `.npz`, parquet, or a folder of images.

All are written batch by batch in bounded memory, sorted by `sample_id`, and carry the fingerprint of the
samples in them; the same samples give the same file, but for what a library writes of its own version.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Unpack

import duckdb
import pyarrow.compute as pc

from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import DiskFullError, OptionError
from darkroom.export.arrays import write_npz, write_parquet
from darkroom.export.csv_folder import write_csv_folder
from darkroom.export.folder import write_folder
from darkroom.export.image_files import write_facts
from darkroom.export.marker import check_replaceable, write_marker
from darkroom.export.placeable import keep_placeable
from darkroom.export.visa import SPLITS as VISA_SPLITS
from darkroom.export.visa import write_visa
from darkroom.paths import given_path
from darkroom.query.selection import Filters, Samples, Selection, find_samples
from darkroom.query.tensors import TensorReader
from darkroom.sample import Split
from darkroom.tables import DATASET_NAME

_FOLDER_WRITERS = MappingProxyType({"mvtec": write_folder, "visa": write_visa, "csv": write_csv_folder})
_WRITERS: Mapping[str, Callable[[TensorReader, Path], None]] = MappingProxyType(
    {"npz": write_npz, "parquet": write_parquet, **_FOLDER_WRITERS}
)
_SPLITS = MappingProxyType({"mvtec": tuple(Split), "visa": VISA_SPLITS})
"""The layouts that do not have a place for everything, and the splits of each."""

FORMATS = tuple(_WRITERS)
"""What `write_export` can write."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `write_export` wrote.

    Attributes:
        path: The file or folder written.
        format: What was written, one of `FORMATS`.
        image_count: How many images are in it.
        mask_count: How many masks are in it; of `npz`, without the masks of zeros.
        size_bytes: The size of all files written.
        fingerprint: The fingerprint of the samples in it.
        left_out: How many images were asked for and the format has no place for, by reason.
        left_out_masks: How many masks, of images that are in it, the format has no place for, by reason.
    """

    path: Path
    format: str
    image_count: int
    mask_count: int
    size_bytes: int
    fingerprint: str
    left_out: dict[str, int] = field(default_factory=dict)
    left_out_masks: dict[str, int] = field(default_factory=dict)


def write_export(
    database: str | Path,
    out: str | Path,
    *,
    format: str,  # noqa: A002 - the word everybody uses for it
    overwrite: bool = False,
    all_labelled: bool = False,
    dataset: str = DATASET_NAME,
    **filters: Unpack[Filters],
) -> ExportReport:
    """Writes samples for other programs; nothing is left behind if it fails.

    Args:
        database: The DuckDB file.
        out: The file to write, or the folder for the last three formats; its parent must exist.
        format: `npz` (`arrays.write_npz`), `parquet` (`arrays.write_parquet`), `mvtec` (`folder.write_folder`) or
            `visa` (`visa.write_visa`: one root of that layout for each image dataset), or `csv`
            (`csv_folder.write_csv_folder`: images and masks beside a table).
        overwrite: Replace an earlier file, or a folder that an earlier export made and nobody put anything into.
        all_labelled: Of `mvtec` and `visa`, write also what the published ones do not have and anomalib refuses:
            defective images outside `test`, or without a mask.
        dataset: The dlt dataset (database schema) that holds the tables.
        **filters: As for `batches.iter_batches`.

    Raises:
        OptionError: There is no such format; `out` is there already or cannot be written; a filter names what
            is not there, nothing passes, or the tensors have several sizes.
        DatabaseError: The database cannot be read, or is not there, or busy.
        DiskFullError: No space is left.
    """
    path = _check_out(given_path(out, "out"), format, overwrite=overwrite)
    with open_readonly(database, dataset) as connection:
        samples = find_samples(connection, database, Selection(**filters))
        left_out: dict[str, int] = {}
        left_out_masks: dict[str, int] = {}
        if format in _SPLITS:
            samples, left_out, left_out_masks = keep_placeable(
                samples, all_labelled=all_labelled, splits=_SPLITS[format]
            )
        reader = TensorReader(connection, samples, dataset)
        with _replacing(path) as unfinished:
            _WRITERS[format](reader, unfinished)
            if format in _FOLDER_WRITERS:
                write_facts(_read_facts(connection, samples), unfinished)
                write_marker(samples, unfinished)
    return ExportReport(
        path,
        format,
        image_count=len(samples),
        mask_count=len(samples) - samples.facts["mask_row_id"].null_count,
        size_bytes=_measure(path),
        fingerprint=samples.fingerprint,
        left_out=left_out,
        left_out_masks=left_out_masks,
    )


def _read_facts(connection: duckdb.DuckDBPyConnection, samples: Samples) -> dict[str, dict[str, str | None]]:
    names = pc.unique(samples.facts["source_dataset"]).to_pylist()
    columns = ("name", "licence", "citation", "homepage")
    query = f"SELECT {', '.join(columns)} FROM image_datasets WHERE list_contains($1, name)"  # noqa: S608 - own words
    rows = connection.execute(query, [names]).fetchall()
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def _check_out(path: Path, format: str, *, overwrite: bool) -> Path:  # noqa: A002 - as above
    if format not in FORMATS:
        raise OptionError(f"`format` {format!r}: expected one of {', '.join(FORMATS)}.")
    if not path.absolute().parent.is_dir():
        raise OptionError(f"{path}: there is no folder {path.parent}. Make it first, or write elsewhere.")
    if format in _FOLDER_WRITERS:
        _check_folder(path, overwrite)
    elif path.is_dir():
        raise OptionError(f"{path}: this is a folder. Expected the name of a file, such as {path / 'images'}.{format}.")
    elif path.exists() and not overwrite:
        raise OptionError(f"{path}: there is a file of that name. Write elsewhere, or give `overwrite`.")
    return path


def _check_folder(path: Path, overwrite: bool) -> None:
    if path.exists() and not path.is_dir():
        raise OptionError(f"{path}: this is a file. Expected a folder that is empty or not there yet.")
    if not path.is_dir() or not any(path.iterdir()):
        return
    if not overwrite:
        raise OptionError(f"{path}: this folder is not empty. Write elsewhere, or give `overwrite`.")
    check_replaceable(path)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Gives a name beside `path` to write to; puts that in place of `path` at the end, or removes it."""
    target = path.resolve()  # a link stays one, and leads to what was written
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        yield unfinished
        if target.is_dir():
            _fill(target, unfinished)
        else:
            unfinished.replace(target)
    except OSError as error:
        kind = DiskFullError if error.errno == errno.ENOSPC else OptionError
        raise kind(f"{path}: cannot be written ({error.strerror or error}).") from error
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        unfinished.unlink(missing_ok=True)


def _fill(folder: Path, source: Path) -> None:
    """Puts what is in one folder in place of what is in another, which stays itself: somebody may be in it."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    for entry in source.iterdir():
        entry.replace(folder / entry.name)


def _measure(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
