"""Notices that the installed checks are no longer what they were when the grading began."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.errors import GradingError


@dataclass(frozen=True, slots=True)
class SourceWatch:
    """What the packages' sources were.

    Attributes:
        packages: The folders of packages that are watched.
        hashes: SHA-256 of each source file when the watch began.
    """

    packages: tuple[Path, ...]
    hashes: dict[Path, str]

    def check(self, suspect: str) -> None:
        """Compares with what the sources are now.

        Args:
            suspect: What was graded just now, for the message.

        Raises:
            GradingError: A file was changed, added or removed; nothing graded from here on could be trusted.
        """
        now = _hash_sources(self.packages)
        changed = sorted(path for path in now.keys() | self.hashes.keys() if now.get(path) != self.hashes.get(path))
        if changed:
            raise GradingError(
                f"The checks were edited while {suspect} was graded: {changed[0]}. Grading was stopped, and none of it "
                "counts. Install the course anew, and grade on Linux with namespaces or in a virtual machine."
            )


def watch_sources(packages: Sequence[Path]) -> SourceWatch:
    """Remembers the sources below some folders."""
    return SourceWatch(tuple(packages), _hash_sources(packages))


def _hash_sources(packages: Sequence[Path]) -> dict[Path, str]:
    files = (path for package in packages for path in package.rglob("*.py") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
