"""Paths as they were given: an empty text is none, though as one it would mean the current folder."""

from __future__ import annotations

import os
from pathlib import Path

from darkroom.errors import OptionError


def given_path(path: str | os.PathLike[str], parameter: str) -> Path:
    """Returns a path that somebody gave for a parameter.

    Raises:
        OptionError: It is empty, or blank.
    """
    if not os.fspath(path).strip():
        raise OptionError(f"`{parameter}` {os.fspath(path)!r} is empty: expected a path. `.` is the current folder.")
    return Path(path)
