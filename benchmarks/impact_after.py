"""The same with darkroom, after `darkroom ingest MVTEC_ROOT DAGM_ROOT` has been run once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from darkroom.query.batches import Batch, iter_batches


def iter_samples(database: Path) -> Iterator[Batch]:
    """Yields the samples of all image datasets in the table, a batch at a time."""
    yield from iter_batches(database, batch_size=32)
