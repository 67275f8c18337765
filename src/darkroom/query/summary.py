"""What the table holds, as data. Every reading opens the database, takes its answer and closes it.

Rows that an interrupted load left behind are left out of every count and named apart (`UnfinishedRows`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from darkroom.database.duckdb_file import open_readonly
from darkroom.tables import DATASET_NAME

TOP_SIZES = 3
"""Sizes that a `GroupSummary` names; it counts all."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SizeCount:
    """How many images have one original size, in pixels."""

    width_px: int
    height_px: int
    image_count: int


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """The images of one image dataset, category, split and label.

    Attributes:
        source_dataset: Name of the image dataset.
        category: The object photographed.
        split: Part of the image dataset.
        label: The text from disk; None where nobody knows.
        image_count: How many images there are.
        defect_count: How many of them are known to be defective.
        mask_count: How many of them have a mask.
        defect_fraction_mean: Mean share of defect pixels over the masks, 0 to 1; None without a mask.
        size_count: How many different original sizes they have.
        top_sizes: The most frequent of them, at most `TOP_SIZES`.
    """

    source_dataset: str
    category: str
    split: str
    label: str | None
    image_count: int
    defect_count: int
    mask_count: int
    defect_fraction_mean: float | None
    size_count: int
    top_sizes: tuple[SizeCount, ...]


@dataclass(frozen=True, slots=True)
class RejectSummary:
    """The rejects of one image dataset for one reason, and the first of them by path."""

    source_dataset: str
    reason: str
    reject_count: int
    example_path: str


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """The completed loads; the times are when dlt finished them, in UTC."""

    load_count: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class ImageDataset:
    """One row of `image_datasets`."""

    name: str
    root: str
    layout: str
    licence: str | None
    citation: str | None
    homepage: str | None
    file_count: int
    fingerprint: str
    size_px: int
    fit: str
    deep_white_level: int | None
    float_white_level: float | None
    resampler: str | None
    resampler_version: str | None


@dataclass(frozen=True, slots=True)
class UnfinishedRows:
    """Rows of one table that an interrupted load left behind; the next `darkroom ingest` clears them."""

    table: str
    load_id: str
    row_count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What is in a database.

    Attributes:
        database: The file it was read from.
        groups: One entry per image dataset, category, split and label, in this order.
        rejects: The files that could not be used, counted by image dataset and reason.
        loads: The completed loads.
        image_datasets: The rows of `image_datasets`, by name.
        unfinished: Rows that interrupted loads left behind; no count includes them.
    """

    database: str
    groups: tuple[GroupSummary, ...]
    rejects: tuple[RejectSummary, ...]
    loads: LoadSummary
    image_datasets: tuple[ImageDataset, ...]
    unfinished: tuple[UnfinishedRows, ...]

    @property
    def image_count(self) -> int:
        """Images in all groups."""
        return sum(group.image_count for group in self.groups)

    @property
    def defect_count(self) -> int:
        """Images known to be defective in all groups."""
        return sum(group.defect_count for group in self.groups)

    @property
    def mask_count(self) -> int:
        """Images with a mask in all groups."""
        return sum(group.mask_count for group in self.groups)

    @property
    def reject_count(self) -> int:
        """Files that could not be used."""
        return sum(reject.reject_count for reject in self.rejects)


def summary(database: str | Path, dataset: str = DATASET_NAME) -> Summary:
    """Counts what is in a database; reads no tensor.

    Args:
        database: The DuckDB file.
        dataset: The dlt dataset (database schema) in it.

    Raises:
        DatabaseNotFoundError: There is no such file, or nothing was ever ingested into it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
    """
    with open_readonly(database, dataset) as connection:
        return Summary(
            database=str(database),
            groups=_read_groups(connection),
            rejects=_read_rejects(connection),
            loads=_read_loads(connection),
            image_datasets=read_image_datasets(connection),
            unfinished=read_unfinished_rows(connection),
        )


def read_image_datasets(connection: duckdb.DuckDBPyConnection) -> tuple[ImageDataset, ...]:
    """Reads the table `image_datasets` over a connection of `open_readonly`."""
    rows = connection.execute(
        "SELECT name, root, layout, licence, citation, homepage, file_count, fingerprint, size_px, fit, "
        "deep_white_level, float_white_level, resampler, resampler_version FROM image_datasets ORDER BY name"
    ).fetchall()
    return tuple(ImageDataset(*row) for row in rows)


def read_unfinished_rows(connection: duckdb.DuckDBPyConnection) -> tuple[UnfinishedRows, ...]:
    """Counts what interrupted loads left behind, over a connection of `open_readonly`."""
    rows = connection.execute("SELECT table_name, load_id, row_count FROM unfinished_rows").fetchall()
    return tuple(UnfinishedRows(*row) for row in rows)


_GROUPS = """
SELECT i.source_dataset, i.category, i.split, i.label,
       count(*), count(*) FILTER (i.is_defect), count(m.sample_id), avg(m.defect_fraction)
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
GROUP BY i.source_dataset, i.category, i.split, i.label
ORDER BY i.source_dataset, i.category, list_position(['train', 'val', 'test'], i.split),
         i.label <> 'good', i.label
"""

_SIZES = """
SELECT source_dataset, category, split, label, original_width, original_height, count(*) AS image_count
FROM images
GROUP BY ALL
ORDER BY image_count DESC, original_width DESC, original_height DESC
"""


def _read_groups(connection: duckdb.DuckDBPyConnection) -> tuple[GroupSummary, ...]:
    sizes: defaultdict[tuple[str | None, ...], list[SizeCount]] = defaultdict(list)
    for *key, width_px, height_px, image_count in connection.execute(_SIZES).fetchall():
        sizes[tuple(key)].append(SizeCount(width_px, height_px, image_count))
    groups = []
    for row in connection.execute(_GROUPS).fetchall():
        group_sizes = sizes[row[:4]]
        groups.append(GroupSummary(*(*row, len(group_sizes), tuple(group_sizes[:TOP_SIZES]))))
    return tuple(groups)


def _read_rejects(connection: duckdb.DuckDBPyConnection) -> tuple[RejectSummary, ...]:
    rows = connection.execute(
        "SELECT source_dataset, reason, count(*), min(source_path) FROM rejects "
        "GROUP BY ALL ORDER BY source_dataset, reason"
    ).fetchall()
    return tuple(RejectSummary(*row) for row in rows)


def _read_loads(connection: duckdb.DuckDBPyConnection) -> LoadSummary:
    [(load_count, first_us, last_us)] = connection.execute(
        "SELECT count(*), epoch_us(min(inserted_at)), epoch_us(max(inserted_at)) FROM loads"
    ).fetchall()
    return LoadSummary(load_count, _to_datetime(first_us), _to_datetime(last_us))


def _to_datetime(moment_us: int | None) -> datetime | None:
    return None if moment_us is None else _EPOCH + timedelta(microseconds=moment_us)
