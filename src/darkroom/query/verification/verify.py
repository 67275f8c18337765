"""Is the table what it says it is, and is it the same as another one?

The fingerprints are made again from the rows, every integrity rule of the data contract is one `Check`, and a
comparison names each sample that differs from another database, and how.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from darkroom.database.duckdb_file import open_readonly
from darkroom.query.summary import UnfinishedRows, read_unfinished_rows
from darkroom.query.verification.comparison import (
    DatabaseComparison,
    FingerprintMatch,
    compare_databases,
    match_fingerprint,
    parse_fingerprint,
)
from darkroom.query.verification.fingerprints import FingerprintCheck, check_fingerprints, make_total_fingerprint
from darkroom.query.verification.rules import Check, run_checks
from darkroom.tables import DATASET_NAME


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of `verify`.

    Attributes:
        database: The file it was read from.
        fingerprint: The fingerprint over all image datasets.
        image_datasets: The fingerprint of each image dataset.
        checks: The integrity rules.
        comparison: How it compares with what `against` named; None without `against`.
        unfinished: What interrupted loads left behind; nothing here counts those rows.
    """

    database: str
    fingerprint: str
    image_datasets: tuple[FingerprintCheck, ...]
    checks: tuple[Check, ...]
    comparison: FingerprintMatch | DatabaseComparison | None
    unfinished: tuple[UnfinishedRows, ...]

    @property
    def ok(self) -> bool:
        """Whether every rule holds, and the comparison, if any, found the same."""
        return all(check.ok for check in self.checks) and (self.comparison is None or self.comparison.ok)


def verify(
    database: str | Path,
    against: str | Path | None = None,
    *,
    deep: bool = False,
    dataset: str = DATASET_NAME,
) -> Verification:
    """Makes the fingerprints again and checks the tables; changes nothing.

    Takes about as long as reading the database file once: DuckDB learns the length of a tensor by reading it. Against
    another database, tensors are compared too, so both files are read once more.

    Args:
        database: The DuckDB file.
        against: A fingerprint (`sha256:` and 64 hexadecimal digits, without the prefix, or an unambiguous
            beginning of at least `FINGERPRINT_DIGITS_MIN` digits) or another DuckDB file.
        deep: Also look at every mask pixel.
        dataset: The dlt dataset (database schema) that holds the tables, in both databases.

    Raises:
        DatabaseNotFoundError: A database is not there, or empty.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
        OptionError: `against` is too short, or the beginning of several fingerprints.
    """
    wanted = parse_fingerprint(against) if against is not None else None
    with open_readonly(database, dataset) as connection:
        fingerprint = make_total_fingerprint(connection)
        image_datasets = check_fingerprints(connection)
        checks = run_checks(connection, image_datasets, deep=deep)
        comparison: FingerprintMatch | DatabaseComparison | None = None
        if wanted is not None:
            comparison = match_fingerprint(str(against), wanted, fingerprint, image_datasets)
        elif against is not None:
            comparison = compare_databases(connection, against, dataset)
        unfinished = read_unfinished_rows(connection)
    return Verification(str(database), fingerprint, image_datasets, checks, comparison, unfinished)
