"""One museum while it is open: its clock, its faults, and what it has been asked."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from classroom.museum.catalogue import Catalogue, make_catalogue
from classroom.museum.faults import HEALTHY, Faults, FaultyCourse

_BASE_PATH = re.compile(r"(?:/[0-9A-Za-z_-]+)*")
KINDS_OF_REQUEST = ("pages", "artworks", "images", "image_infos")


class Museum:
    """One museum while it is open.

    Args:
        day: Where the clock stands.
        faults: What goes wrong.
        base_path: Path in front of `/api` and `/iiif`: `/museum`, or nothing.
        public_url: Scheme, host and path under which clients reach what is in front of `/api`, where the
            request's own `Host` does not say so: behind a proxy that rewrites it.

    Raises:
        ValueError: There is no such day, or the path or the URL cannot be one.
    """

    def __init__(
        self, day: int = 1, faults: Faults = HEALTHY, base_path: str = "", public_url: str | None = None
    ) -> None:
        self.base_path = _check_base_path(base_path)
        self.public_url = None if public_url is None else _check_url(public_url)
        self.move_to(day)
        self.set_faults(faults)
        self.reset_counts()

    @property
    def catalogue(self) -> Catalogue:
        """What is published today."""
        return make_catalogue(self.day)

    def move_to(self, day: int) -> None:
        """Move the clock, forwards or back.

        Raises:
            ValueError: There is no such day.
        """
        make_catalogue(day)
        self.day = day

    def set_faults(self, faults: Faults) -> None:
        """Let other things go wrong from now on; every client's minute begins anew."""
        self.course = FaultyCourse(faults)

    def reset_counts(self) -> None:
        """Forget what has been asked."""
        self.asked: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()

    def counts(self) -> dict[str, Any]:
        """How often each kind of thing was asked for, how it was answered, and how many answers were cut."""
        kinds = {kind: self.asked[kind] for kind in (*KINDS_OF_REQUEST, "truncated")}
        return {**kinds, "statuses": {status: self.statuses[status] for status in sorted(self.statuses)}}


def _check_base_path(path: str) -> str:
    path = path.rstrip("/")
    if not _BASE_PATH.fullmatch(path):
        raise ValueError(f"A base path is like /museum, and not {path!r}.")
    return path


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"A public URL is like https://example.org/museum, and not {url!r}.")
    return url.rstrip("/")
