"""What keeps a run fast and its memory level: samples in flight, threads that read, how often garbage is collected."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from darkroom.extract.storage import Storage

REMOTE_WORKERS = 16
"""Threads where files come over a network: they wait more than they work."""

_TABLES_BYTES = 6 << 20
_RARE_COLLECTIONS = (100_000, 50, 1000)


@dataclass(frozen=True, slots=True)
class SampleLimits:
    """How many samples are in flight or go together, from bounds in bytes of their tensors.

    Attributes:
        ahead: Samples read ahead of dlt: enough to keep the cores busy while a package is loaded.
        per_tables: Samples in one set of Arrow tables.
        per_file: Samples in one parquet file, loaded in one transaction.
        per_package: Samples in one dlt load package, whose files lie on disk until it is loaded.
    """

    ahead: int
    per_tables: int
    per_file: int
    per_package: int

    @classmethod
    def of(cls, size_px: int) -> SampleLimits:
        """Returns the limits for tensors of `size_px` × `size_px` RGB."""
        count = max(1, _TABLES_BYTES // (3 * size_px * size_px))
        return cls(ahead=10 * count, per_tables=count, per_file=4 * count, per_package=32 * count)


def count_workers(storages: Iterable[Storage]) -> int:
    """Returns how many threads are to read and decode, unless somebody says otherwise."""
    workers = (os.cpu_count() or 1) + 1  # one more, so that no core is idle while a thread waits for the interpreter
    return workers if all(storage.is_local for storage in storages) else max(workers, REMOTE_WORKERS)


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Spares the garbage collector what is imported, and calls it less often: dlt makes very many objects.

    At the end of the block all is as it was.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_RARE_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
