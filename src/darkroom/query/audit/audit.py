"""What a team wants to know of its images before it trains: leakage, contradictions, masks, sizes, drift, rejects."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb

from darkroom.database.duckdb_file import open_readonly
from darkroom.progress import ProgressCallback, ProgressCounter
from darkroom.query.audit.concerns import NAMES, Concern, ConcernCase, make_concern
from darkroom.query.audit.drift import GoodLevels
from darkroom.query.audit.identical import (
    IdenticalImages,
    find_identical,
    find_near_identical,
    find_other_labels,
    iter_near_identical,
)
from darkroom.query.audit.looks import SampleKey, iter_looks
from darkroom.query.audit.sheet import PairSheet, write_pair_sheet
from darkroom.query.audit.table_rules import find_mask_faults, find_rejects, find_size_differences
from darkroom.query.contact_sheet.write import check_sheet_path
from darkroom.query.selection import make_no_image_error
from darkroom.query.summary import UnfinishedRows, read_unfinished_rows
from darkroom.tables import DATASET_NAME


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome of `audit`.

    Attributes:
        database: The file it was read from.
        image_count: The images looked at.
        concerns: What each rule found, also nothing, in the order of `concerns.NAMES`.
        sheet: The picture of the pairs; None if none was asked for.
        unfinished: What interrupted loads left behind; nothing here counts those rows.
    """

    database: str
    image_count: int
    concerns: tuple[Concern, ...]
    sheet: PairSheet | None
    unfinished: tuple[UnfinishedRows, ...]

    @property
    def ok(self) -> bool:
        """Whether no rule found anything."""
        return not any(concern.cases for concern in self.concerns)


def audit(
    database: str | Path,
    sheet: str | Path | None = None,
    *,
    dataset: str = DATASET_NAME,
    progress: ProgressCallback | None = None,
) -> Audit:
    """Looks at every image once, and says what to know of them before training; changes nothing.

    Identical are images of one file or of one tensor. Near-identical are copies by compression, size, brightness,
    contrast, or a shift by a pixel, among images whose categories have one name; `audit.copies` states the method, and
    `docs/audit.md` what it finds. Memory grows with the largest category, by some 8 KB an image.

    Args:
        database: The DuckDB file.
        sheet: A PNG file to draw the identical and near-identical pairs in, in place of an earlier one.
        dataset: The dlt dataset (database schema) that holds the tables.
        progress: Called with how many images have been looked at, and how many there are.

    Raises:
        OptionError: `sheet` cannot be written.
        DatabaseNotFoundError: There is no such file, or no image in it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read, or a tensor is not as its row says.
    """
    path = None if sheet is None else check_sheet_path(sheet, "sheet")
    with open_readonly(database, dataset) as connection:
        [(image_count,)] = connection.execute("SELECT count(*) FROM images").fetchall()
        if not image_count:
            raise make_no_image_error(database)
        cases = _find_in_table(connection)
        cases |= _find_in_pictures(connection, dataset, ProgressCounter(image_count, progress))
        concerns = tuple(make_concern(name, cases.get(name, ())) for name in NAMES)
        drawn = None if path is None else write_pair_sheet(connection, concerns, path, Path(database).name)
        return Audit(str(database), image_count, concerns, drawn, read_unfinished_rows(connection))


def _find_in_table(connection: duckdb.DuckDBPyConnection) -> dict[str, list[ConcernCase]]:
    cases: defaultdict[str, list[ConcernCase]] = defaultdict(list)
    for name, case in find_mask_faults(connection):
        cases[name].append(case)
    cases["size_or_mode_differs"] = list(find_size_differences(connection))
    cases["rejects"] = list(find_rejects(connection))
    return dict(cases)


def _find_in_pictures(
    connection: duckdb.DuckDBPyConnection, dataset: str, progress: ProgressCounter
) -> dict[str, list[ConcernCase]]:
    identical, good_levels = IdenticalImages(), GoodLevels()
    pairs: list[tuple[SampleKey, SampleKey, float]] = []
    for looks in iter_looks(connection, dataset, progress):
        identical.add(looks)
        good_levels.add(looks)
        pairs += iter_near_identical(looks)
    groups = identical.groups()
    return {
        "identical_across_splits": list(find_identical(groups, across_splits=True)),
        "near_identical_across_splits": list(find_near_identical(pairs, across_splits=True)),
        "identical_with_other_labels": list(find_other_labels(groups)),
        "identical_within_split": list(find_identical(groups, across_splits=False)),
        "near_identical_within_split": list(find_near_identical(pairs, across_splits=False)),
        "drift_between_splits": list(good_levels.find_between_splits()),
        "drift_between_sources": list(good_levels.find_between_sources()),
    }
