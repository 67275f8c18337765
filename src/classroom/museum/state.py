"""One museum while it is open: its clock, its faults, and what it has been asked."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from classroom.museum.catalogue import Catalogue, make_catalogue
from classroom.museum.faults import NO_FAULTS, FaultInjector, Faults

_BASE_PATH = re.compile(r"(?:/[0-9A-Za-z_-]+)*")
_KINDS_OF_REQUEST = ("pages", "artworks", "images", "image_infos")


class Museum:
    """One museum while it is open.

    Args:
        day: Where the clock stands.
        faults: What goes wrong.
        base_path: Path in front of `/api` and `/iiif`: `/museum`, or nothing.
        clock: Returns seconds that only ever grow; the minutes of clients are counted by it.

    Raises:
        ValueError: There is no such day, or the path cannot be one.
    """

    def __init__(
        self,
        day: int = 1,
        faults: Faults = NO_FAULTS,
        base_path: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_path = _check_base_path(base_path)
        self._clock = clock
        self.move_to(day)
        self.set_faults(faults)
        self.reset_counts()

    @property
    def catalogue(self) -> Catalogue:
        """What is published today."""
        return make_catalogue(self.day)

    def move_to(self, day: int) -> None:
        """Moves the clock, forwards or back.

        Raises:
            ValueError: There is no such day.
        """
        make_catalogue(day)
        self.day = day

    def set_faults(self, faults: Faults) -> None:
        """Lets other things go wrong from now on; every client's minute begins anew."""
        self.injector = FaultInjector(faults, self._clock)

    def reset_counts(self) -> None:
        """Forgets what has been asked."""
        self.asked: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()

    def counts(self) -> dict[str, Any]:
        """Returns how often each kind of thing was asked for, and how it was answered."""
        kinds = {kind: self.asked[kind] for kind in _KINDS_OF_REQUEST}
        statuses = {status: self.statuses[status] for status in sorted(self.statuses)}
        return {**kinds, "impatient": self.injector.impatient, "statuses": statuses}


def _check_base_path(path: str) -> str:
    path = path.rstrip("/")
    if not _BASE_PATH.fullmatch(path):
        raise ValueError(f"A base path is like /museum, and not {path!r}.")
    return path
