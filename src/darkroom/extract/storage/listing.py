"""What every storage gives: the files below a root, and their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from darkroom.sample import FileEntry, Reason


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that cannot be used for what it is, whatever is in it: a dangling link, an unsafe member."""

    file: FileEntry
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Every file below a root.

    Attributes:
        files: The usable ones, sorted by path.
        rejects: The unusable ones, sorted by path.
        identities: For files that were reached through a link: their path to where they really are, so that
            a file reached twice can be counted once. Shorter detours come first.
    """

    files: tuple[FileEntry, ...]
    rejects: tuple[Unusable, ...] = ()
    identities: Mapping[str, str] = field(default_factory=dict)


class Storage(Protocol):
    """Where files come from. `open_storage` picks the right one; it is a context manager.

    Attributes:
        root: Stable identity: absolute path of a folder or archive with `/`, or a URL without credentials.
        name: What the root is called: the name of the folder, or of the archive without its ending.
        is_local: Whether reading costs no network round trip.
    """

    root: str
    name: str
    is_local: bool

    def files(self) -> Listing:
        """Lists every file below the root, anew at each call.

        Raises:
            RootError: A folder below the root, or the archive, cannot be listed completely.
        """

    def read(self, path: str) -> bytes:
        """Returns the content of one listed file; may be called from several threads.

        Raises:
            OSError: The bytes cannot be had.
        """

    def prepare(self, paths: Iterable[str]) -> None:
        """Makes files quick to read, where that takes a pass over an archive; a second call adds to it."""

    def close(self) -> None:
        """Gives up what is held open, and deletes temporary files; a second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ClosingStorage:
    """Makes a storage a context manager that closes itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def prepare(self, paths: Iterable[str]) -> None:
        """Does nothing: every file is equally quick to read."""

    def close(self) -> None:
        """Does nothing: nothing is held open."""


def make_listing(
    files: Iterable[FileEntry], rejects: Iterable[Unusable], identities: Mapping[str, str] | None = None
) -> Listing:
    """Sorts what was found by path."""
    return Listing(
        tuple(sorted(files, key=lambda file: file.path)),
        tuple(sorted(rejects, key=lambda reject: reject.file.path)),
        identities or {},
    )


def printable(name: str) -> str:
    r"""Returns a name that every database can store: bytes that are no UTF-8 become `\udcxx`."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode("utf-8")
