"""Several open storages at once: a file is read from the one that it was found in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from darkroom.extract.storage.listing import Storage
from darkroom.sample import FileEntry


class Roots:
    """Open storages by their root; one that is given twice counts once.

    Args:
        storages: The storages; whoever opened them closes them.
    """

    def __init__(self, storages: Iterable[Storage]) -> None:
        self._storages = {storage.root: storage for storage in storages}

    def __iter__(self) -> Iterator[Storage]:
        return iter(self._storages.values())

    @property
    def names(self) -> frozenset[str]:
        """The roots themselves, as `FileEntry.root` has them."""
        return frozenset(self._storages)

    def read(self, file: FileEntry) -> bytes:
        """Returns the content of a file; may be called from several threads.

        Raises:
            OSError: The bytes cannot be had.
        """
        return self._storages[file.root].read(file.path)

    def prepare(self, files: Iterable[FileEntry]) -> None:
        """Makes files quick to read, where that takes a pass over an archive; a second call adds to it."""
        paths: dict[str, list[str]] = defaultdict(list)
        for file in files:
            paths[file.root].append(file.path)
        for root, wanted in paths.items():
            self._storages[root].prepare(wanted)
