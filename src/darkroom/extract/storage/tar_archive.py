"""A tar file, compressed or not."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from darkroom.errors import ArchiveRefusedError, DiskFullError
from darkroom.extract.storage.archive import (
    ArchiveLimits,
    BombWatch,
    archive_name,
    clean_path,
    judge_member,
    refuse_damage,
)
from darkroom.extract.storage.listing import ClosingStorage, Listing, Unusable, make_listing, printable
from darkroom.sample import FileEntry, Reason

_CHUNK_BYTES = 1 << 20
_MAX_HEADER_BYTES = 1 << 20
_MAX_PADDING_CHUNKS = 16


class TarArchive(ClosingStorage):
    """Unpacks the members it is asked for into a temporary folder, under names of its own.

    A compressed tar can only be read from its start on: `prepare` gathers what is wanted in one pass.

    Args:
        archive: A tar file on this machine, compressed with gzip, bzip2 or xz, or not at all.
        root: The root that its files are listed under: its path, or the URL it came from.
        limits: How much the archive may unpack to.
    """

    is_local = True

    def __init__(self, archive: Path, root: str, limits: ArchiveLimits) -> None:
        self.root = root
        self.name = archive_name(root.rpartition("/")[2])
        self._archive = archive
        self._limits = limits
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._unpacked: dict[str, Path] = {}

    def files(self) -> Listing:
        """Lists the members; of two members with the same path the later one counts, as in unpacking."""
        watch = BombWatch(self._archive, self._limits)
        files: dict[str, FileEntry] = {}
        rejects: dict[str, Unusable] = {}
        with refuse_damage(self.root), self._open() as tar:
            for member in tar:
                watch.add(member.size)
                if member.isdir():
                    continue
                file = self._entry(member)
                if reject := self._judge(file, member):
                    rejects[file.path] = reject
                else:
                    files[file.path] = file
            _check_end(tar)
        return make_listing(files.values(), (rejects[path] for path in rejects.keys() - files.keys()))

    def prepare(self, paths: Iterable[str]) -> None:
        """Unpacks these members, in one pass over the archive.

        Raises:
            ArchiveRefusedError: The archive is damaged.
            DiskFullError: The temporary folder has no space for them.
        """
        with self._lock:
            wanted = set(paths) - self._unpacked.keys()
            if wanted:
                with refuse_damage(self.root):
                    self._unpack(wanted)

    def read(self, path: str) -> bytes:
        """Returns the content of one member, unpacking it first if `prepare` has not."""
        if path not in self._unpacked:
            try:
                self.prepare([path])
            except ArchiveRefusedError as error:
                raise OSError(str(error)) from error
        try:
            return self._unpacked[path].read_bytes()
        except KeyError:
            raise FileNotFoundError(f"{path} is not in {self.root}") from None

    def close(self) -> None:
        """Deletes the temporary folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._unpacked.clear()

    @contextmanager
    def _open(self) -> Iterator[tarfile.TarFile]:
        with (
            _open_unpacked(self._archive) as unpacked,
            # as a raw stream of its own: tarfile would read a header of any size into memory
            tarfile.open(fileobj=_BoundedReads(unpacked), mode="r:", encoding="utf-8") as tar,
        ):
            yield tar

    def _entry(self, member: tarfile.TarInfo) -> FileEntry:
        path = clean_path(member.name) or printable(member.name)
        return FileEntry(self.root, path, member.size, max(0, int(member.mtime * 1_000_000)))

    def _judge(self, file: FileEntry, member: tarfile.TarInfo) -> Unusable | None:
        if not member.isreg() or member.issparse():
            return Unusable(file, Reason.UNSAFE_MEMBER, "a link, device or sparse file, not a plain file")
        return judge_member(file, member.name, 0, self._limits)

    def _unpack(self, wanted: set[str]) -> None:
        folder = self._folder = self._folder or Path(tempfile.mkdtemp(prefix="darkroom-"))
        found: dict[str, Path] = {}
        with self._open() as tar:
            for number, member in enumerate(tar):
                path = clean_path(member.name)
                if path in wanted and self._judge(self._entry(member), member) is None:
                    found[path] = folder / f"{len(self._unpacked)}-{number}"
                    _copy_member(tar, member, found[path])
        self._unpacked |= found


class _BoundedReads(io.RawIOBase):
    """A stream that hands out at most 1 MiB at a time, so that a header cannot claim all memory."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header claims {size:,} bytes")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readable(self) -> bool:
        return True


def _open_unpacked(archive: Path) -> io.BufferedIOBase:
    with archive.open("rb") as file:
        magic = file.read(6)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(archive)
    if magic.startswith(b"BZh"):
        return bz2.open(archive)
    return lzma.open(archive) if magic == b"\xfd7zXZ\x00" else archive.open("rb")


def _check_end(tar: tarfile.TarFile) -> None:
    """Raises ReadError where the list of members ends for another reason than the end mark."""
    stream = tar.fileobj
    assert stream is not None  # noqa: S101 (an open tarfile has one)
    stream.seek(tar.offset)
    if stream.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
        raise tarfile.ReadError("the end mark is missing")
    for _ in range(_MAX_PADDING_CHUNKS):
        # gzip and xz compare their checksums only when they are read to the end
        if not stream.read(_CHUNK_BYTES):
            return


def _copy_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = tar.extractfile(member)
    assert content is not None  # noqa: S101 (a plain file always has content)
    try:
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file, _CHUNK_BYTES)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise DiskFullError(
            f"No space is left to unpack {member.name} into {target.parent}: free some, or let the "
            "environment variable TMPDIR name a folder that has it."
        ) from error
