"""Which samples are meant: filters over the table, and the facts of the samples that pass. Reads no tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypedDict

import duckdb
import pandas as pd  # noqa: F401 - pyarrow imports it at its first conversion, in the midst of the first batch
import pyarrow as pa
import pyarrow.compute as pc

from darkroom.errors import DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.fingerprint import FingerprintRow, make_fingerprint
from darkroom.keys import compose
from darkroom.query.folds import Fold, fold_of

AnyOf = str | Sequence[str]
"""One name, or several of which any will do."""

_COLUMNS = {"source": "source_dataset", "category": "category", "split": "split", "label": "label"}
"""The column that each filter by name looks at."""


class Filters(TypedDict, total=False):
    """The keyword arguments of `Selection`, for the functions that hand them on."""

    source: AnyOf | None
    category: AnyOf | None
    split: AnyOf | None
    label: AnyOf | None
    is_defect: bool | None
    has_mask: bool | None
    fold: str | None
    validation_fraction: float
    fold_seed: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters that a sample must pass, all of them; None lets everything through.

    Attributes:
        source: The names of the image datasets to let through.
        category: The objects photographed.
        split: The parts of the image dataset: `train`, `test`, `val`.
        label: The texts from disk.
        is_defect: Whether it is defective; either way leaves out samples of which nobody knows.
        has_mask: Whether a mask exists.
        fold: `train` or `validation`, as `folds.fold_of` deals.
        validation_fraction: The share of samples that `fold` deals to `validation`, 0 to 1.
        fold_seed: The seed with which `fold` deals.

    Raises:
        OptionError: `fold` is none, or the fraction out of range.
    """

    source: AnyOf | None = None
    category: AnyOf | None = None
    split: AnyOf | None = None
    label: AnyOf | None = None
    is_defect: bool | None = None
    has_mask: bool | None = None
    fold: str | None = None
    validation_fraction: float = 0.2
    fold_seed: int = 0

    def __post_init__(self) -> None:
        fold_of("", self.fold_seed, self.validation_fraction)
        if self.fold is not None and self.fold not in set(Fold):
            raise OptionError(f"`fold` {self.fold!r}: expected one of {', '.join(Fold)}.")

    def __str__(self) -> str:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return ", ".join(f"`{key}` {_list(value)}" for key, value in given.items() if value != getattr(_ALL, key))

    def names(self, name: str) -> list[str] | None:
        """Returns what the filter `source`, `category`, `split` or `label` lets through; None for everything."""
        value: AnyOf | None = getattr(self, name)
        if value is None:
            return None
        return [compose(name) for name in ([value] if isinstance(value, str) else value)]


def _list(value: object) -> str:
    return ", ".join(map(repr, value)) if isinstance(value, list | tuple) else repr(value)


_ALL = Selection()


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of a selection, at least one, without their pixels; all tensors have one size.

    Attributes:
        facts: One row per sample, sorted by `sample_id`, with the columns of `_FACTS`.
        height_px: The height of every tensor.
        width_px: The width of every tensor.
    """

    facts: pa.Table
    height_px: int
    width_px: int

    def __len__(self) -> int:
        return int(self.facts.num_rows)

    @property
    def fingerprint(self) -> str:
        """The fingerprint over these samples, as `darkroom.fingerprint` defines it."""
        columns = (self.facts[name].to_pylist() for name in _IN_FINGERPRINT)
        return make_fingerprint(map(FingerprintRow, *columns))


_IN_FINGERPRINT = ("sample_id", "content_sha256", "mask_sha256", "split", "label")

_FACTS = """
SELECT i.sample_id, i.source_dataset, i.category, i.split, i.label, i.is_defect, i.filename,
       i.content_sha256, i.tensor_height, i.tensor_width, i.tensor_channels, i.tensor_dtype, i.row_id,
       m.content_sha256 AS mask_sha256, m.mask_height, m.mask_width, m.row_id AS mask_row_id
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
ORDER BY i.sample_id
"""


def find_samples(connection: duckdb.DuckDBPyConnection, database: str | Path, selection: Selection) -> Samples:
    """Finds the samples of a selection.

    Args:
        connection: A connection of `open_readonly`.
        database: The name of its file, for messages.
        selection: The filters that samples must pass.

    Raises:
        DatabaseNotFoundError: There is no image at all.
        OptionError: A filter names what is not there, nothing passes, or the tensors have several sizes.
        DatabaseError: A mask has another size than its image.
    """
    everything = connection.execute(_FACTS).to_arrow_table()
    if not everything.num_rows:
        raise make_no_image_error(database)
    _check_names(everything, database, selection)
    facts = _deal(_filter(everything, selection), selection)
    if not facts.num_rows:
        raise OptionError(
            f"{selection}: none of the {everything.num_rows:,} images in {database} passes all of these filters. "
            "`darkroom summary` shows the categories, splits and labels there are."
        )
    return Samples(facts, *_check_sizes(facts, database))


def make_no_image_error(database: str | Path) -> DatabaseNotFoundError:
    """Makes the error that says of a database that there is no image in it."""
    return DatabaseNotFoundError(
        f"{database}: it holds no image yet. `darkroom ingest ROOT --database {database}` loads some."
    )


def _check_names(facts: pa.Table, database: str | Path, selection: Selection) -> None:
    for option, column in _COLUMNS.items():
        wanted = selection.names(option)
        if wanted is None:
            continue
        there = {name for name in pc.unique(facts[column]).to_pylist() if name is not None}
        if missing := [name for name in wanted if name not in there]:
            raise OptionError(
                f"`{option}` {', '.join(map(repr, missing))}: not in {database}. "
                f"Expected one of: {', '.join(sorted(there))}."
            )


def _filter(facts: pa.Table, selection: Selection) -> pa.Table:
    for option, column in _COLUMNS.items():
        wanted = selection.names(option)
        if wanted is not None:
            facts = facts.filter(pc.is_in(facts[column], pa.array(wanted, pa.string())))
    if selection.is_defect is not None:
        facts = facts.filter(pc.equal(facts["is_defect"], selection.is_defect))
    if selection.has_mask is not None:
        facts = facts.filter(pc.equal(facts["mask_row_id"].is_valid(), selection.has_mask))
    return facts


def _deal(facts: pa.Table, selection: Selection) -> pa.Table:
    if selection.fold is None:
        return facts
    seed, fraction = selection.fold_seed, selection.validation_fraction
    folds = (fold_of(sample_id, seed, fraction) for sample_id in facts["sample_id"].to_pylist())
    return facts.filter(pa.array([fold == selection.fold for fold in folds], pa.bool_()))


def _check_sizes(facts: pa.Table, database: str | Path) -> tuple[int, int]:
    columns = ("source_dataset", "tensor_height", "tensor_width", "tensor_channels", "tensor_dtype")
    found = sorted(set(zip(*(facts[name].to_pylist() for name in columns), strict=True)))
    shapes = {tuple(shape) for _, *shape in found}
    if len(shapes) > 1 or next(iter(shapes))[2:] != (3, "uint8"):
        seen = "; ".join(f"{source}: {' × '.join(map(str, shape))}" for source, *shape in found)
        raise OptionError(
            f"{database}: arrays need tensors of one size, height × width × 3 × uint8; the images asked for have "
            f"{seen}. Ask for one image dataset, or ingest all into a new file, in one size."
        )
    [(height_px, width_px, *_)] = shapes
    _check_mask_sizes(facts, height_px, width_px)
    return height_px, width_px


def _check_mask_sizes(facts: pa.Table, height_px: int, width_px: int) -> None:
    other = facts.filter(
        pc.or_(pc.not_equal(facts["mask_height"], height_px), pc.not_equal(facts["mask_width"], width_px))
    )
    if other.num_rows:
        row = other.slice(0, 1).to_pylist()[0]
        raise DatabaseError(
            f"{row['sample_id']}: a mask of {row['mask_height']} × {row['mask_width']}, expected {height_px} × "
            f"{width_px} as its image. `darkroom verify` names every such row; ingest again into a new file."
        )
