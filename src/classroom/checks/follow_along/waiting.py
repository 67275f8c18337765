"""Time that runs with the waits of the learner's code, so that a check need not sit through a museum's minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import SupportsIndex

_ASKING_S = 0.25

_real_sleep = time.sleep
_clocks: dict[int, MuseumClock] = {}
_lock = threading.Lock()


@dataclass(slots=True)
class MuseumClock:
    """A clock that `time.sleep` moves on instead of waiting, in the thread that `skipped_waits` was called in.

    Attributes:
        skipped_s: Seconds that were not waited for.
    """

    skipped_s: float = 0.0

    def __call__(self) -> float:
        """Returns seconds that only ever grow, by a quarter of one at each call.

        Code that asks without waiting reaches the end of the minute so, after some hundred requests.
        """
        self.skipped_s += _ASKING_S
        return time.monotonic() + self.skipped_s


@contextmanager
def skipped_waits() -> Iterator[MuseumClock]:
    """For the time of the block, lets `time.sleep` of this thread move a clock on; other threads wait as ever."""
    clock, thread = MuseumClock(), threading.get_ident()
    with _lock:
        _clocks[thread] = clock
        time.sleep = _sleep
    try:
        yield clock
    finally:
        with _lock:
            del _clocks[thread]
            if not _clocks:
                time.sleep = _real_sleep


def _sleep(seconds: float | SupportsIndex, /) -> None:
    clock = _clocks.get(threading.get_ident())
    if clock is None:
        _real_sleep(seconds)
    else:
        clock.skipped_s += float(seconds)
