"""The course that is open already: where it is, kept for the person who opened it."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from classroom.course.progress import FOLDER

_FILE = "open_at"
_PATIENCE_S = 2.0


def find_running(root: Path) -> str:
    """Returns the address, with its key, of the course that is served from a folder; empty where none is.

    Args:
        root: The course's folder.
    """
    try:
        address = (root / FOLDER / _FILE).read_text(encoding="utf-8")
    except OSError:
        return ""
    return address if _lets_in(address) else ""


@contextmanager
def remembered(root: Path, address: str) -> Iterator[None]:
    """Keeps the address for `find_running` for the time of the block, in a file that its owner alone can read."""
    file = root / FOLDER / _FILE
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as text:
        text.write(address)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _lets_in(address: str) -> bool:
    """Asks whether a course answers there, and takes the key."""
    try:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().status == http.HTTPStatus.SEE_OTHER
    except (OSError, http.client.HTTPException, ValueError):
        return False
