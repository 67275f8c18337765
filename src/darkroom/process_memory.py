"""How the process handles memory while a run lasts; both settings are put back at its end."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

_M_ARENA_MAX = -8
"""Parameter of glibc's `mallopt`. Source: malloc.h."""
_RARE_COLLECTIONS = (100_000, 50, 1000)


@contextmanager
def frugal_memory() -> Iterator[None]:
    """Spends less of the cores on handing out memory, for the time of the block.

    Python's garbage collector is spared what is imported, and called less often: dlt makes so many objects that it
    would walk there again and again. glibc gives each thread a heap of its own, and hands the pages of a decoded
    picture back to the system after every one of them; from a single heap they are used again.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_RARE_COLLECTIONS)
    _limit_arenas(1)
    try:
        yield
    finally:
        _limit_arenas(0)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _limit_arenas(count: int) -> None:
    """Limits glibc's heaps to `count`, 0 for its own default; elsewhere, and where the user has said, nothing."""
    if platform.libc_ver()[0] == "glibc" and "MALLOC_ARENA_MAX" not in os.environ:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, count)
