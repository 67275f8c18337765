"""What zip and tar archives have in common: safe member paths, limits, and errors turned into sentences."""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from darkroom.errors import ArchiveRefusedError
from darkroom.extract.storage.listing import Unusable, printable
from darkroom.sample import FileEntry, Reason

ARCHIVE_ENDINGS = (
    *(".tar.gz", ".tar.bz2", ".tar.xz"),
    *(".zip", ".tar", ".tgz", ".tbz2", ".txz"),
)
"""Endings, lower case, that are taken for archives; those of two parts first."""

DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError),
    # what the zip and tar readers let through for an unknown method, a wrong password, a broken field or name
    *(NotImplementedError, RuntimeError, ValueError),
)
"""What a damaged or strange archive makes the standard library raise, besides OSError."""

MAX_MEMBER_BYTES = 1 << 30
"""A larger member is rejected as `too_large`; inspection pictures take some megabytes."""

MAX_TOTAL_BYTES = 1 << 30
MAX_EXPANSION = 200
"""An archive is refused that unpacks to more than this many times its size *and* to over `MAX_TOTAL_BYTES`.

PNG and JPEG files hardly shrink, BMP and TIFF of plain surfaces by some tens; bombs by thousands.
"""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may unpack to, by what it declares.

    Attributes:
        member_bytes: Larger members are rejected.
        total_bytes: Archives up to this size in total are read whatever their expansion.
        expansion: Larger archives that unpack to more than this many times their size are refused.
    """

    member_bytes: int = MAX_MEMBER_BYTES
    total_bytes: int = MAX_TOTAL_BYTES
    expansion: int = MAX_EXPANSION


class BombWatch:
    """Adds up what members declare, and refuses as soon as it is too much."""

    def __init__(self, archive: Path, limits: ArchiveLimits) -> None:
        self._archive = archive
        self._size_bytes = archive.stat().st_size
        self._limits = limits
        self._total_bytes = 0

    def add(self, size_bytes: int) -> None:
        """Counts one member.

        Raises:
            ArchiveRefusedError: The archive declares too much.
        """
        self._total_bytes += size_bytes
        if self._total_bytes > max(self._limits.total_bytes, self._size_bytes * self._limits.expansion):
            raise ArchiveRefusedError(
                f"The archive {self._archive} has {self._size_bytes:,} bytes and would unpack to at least "
                f"{self._total_bytes:,}, over {self._limits.expansion} times as much: it may be a "
                "decompression bomb. If you trust it, unpack it yourself and give the folder."
            )


def judge_member(file: FileEntry, name: str, mode: int, limits: ArchiveLimits) -> Unusable | None:
    """Returns why a member cannot be used, or None.

    Args:
        file: The member as it would be listed.
        name: Its name as the archive has it.
        mode: Its Unix mode; 0 where the archive tells none.
        limits: How large a member may be.
    """
    if clean_path(name) is None:
        return Unusable(file, Reason.UNSAFE_MEMBER, "a name that leads out of the archive's own folder")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return Unusable(file, Reason.UNSAFE_MEMBER, "a link or device, not a file")
    if file.size_bytes > limits.member_bytes:
        message = f"{file.size_bytes:,} bytes unpacked; at most {limits.member_bytes:,} are read"
        return Unusable(file, Reason.TOO_LARGE, message)
    return None


def clean_path(name: str) -> str | None:
    r"""Returns a member's path with `/` and without `.` parts; None if it is absolute or has `..`.

    A `\` counts as `/`: old Windows tools write it, and on Windows it would act as one.
    """
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    is_absolute = path.startswith("/") or path[1:2] == ":"
    return None if is_absolute or not parts or ".." in parts else printable("/".join(parts))


def archive_name(filename: str) -> str:
    """Returns the name of an archive without its ending."""
    ending = next((ending for ending in ARCHIVE_ENDINGS if filename.lower().endswith(ending)), "")
    return filename[: len(filename) - len(ending)] or filename


@contextmanager
def refuse_damage(archive: str | Path) -> Iterator[None]:
    """Turns whatever a damaged archive raises into one sentence.

    Raises:
        ArchiveRefusedError: The archive cannot be listed to its end.
    """
    try:
        yield
    except (*DAMAGE, OSError) as error:
        raise ArchiveRefusedError(
            f"The archive {archive} cannot be read to its end ({error or type(error).__name__}): it is "
            "damaged or was not completely copied. Download or pack it again."
        ) from error


@contextmanager
def damage_as_os_error(path: str) -> Iterator[None]:
    """Turns whatever a damaged member raises into an OSError.

    Raises:
        OSError: The member cannot be unpacked.
    """
    try:
        yield
    except DAMAGE as error:
        raise OSError(f"the archive is damaged at {path}: {error or type(error).__name__}") from error
