"""What a run of `ingest` did, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Count:
    """Files of one kind: new to the table, taking the place of an earlier row, or as they were."""

    new: int = 0
    replaced: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.new + self.replaced + self.unchanged

    def add(self, *, is_new: bool) -> None:
        """Counts one more file: new to the table, or in place of an earlier row."""
        if is_new:
            self.new += 1
        else:
            self.replaced += 1


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that could not be used, and why."""

    source_path: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one run did. Files seen = images + masks + rejects + ignored.

    Attributes:
        database: The DuckDB file, or the name of the destination.
        notes: What each root was taken for, and why; and which level is white in deep images, where that was decided.
        files_seen: Files found under all roots.
        images: Image files with a row.
        masks: Mask files with a row.
        rejects: Files that could not be used.
        new_rejects: How many rejects the table did not hold yet.
        ignored: How many files were left out on purpose, by why.
        gone: Paths of rows whose file is no longer there.
        pruned: How many rows were deleted because their file is gone.
        interrupted_rows: How many rows of an earlier, interrupted run were deleted, to be read again.
        fingerprints: The fingerprint of each image dataset, by its name.
        packages: How many dlt load packages were loaded.
        duration_s: Seconds from call to return.
    """

    database: str
    notes: tuple[str, ...]
    files_seen: int
    images: Count
    masks: Count
    rejects: tuple[RejectedFile, ...]
    new_rejects: int
    ignored: dict[str, int]
    gone: tuple[str, ...]
    pruned: int
    interrupted_rows: int
    fingerprints: dict[str, str]
    packages: int
    duration_s: float
