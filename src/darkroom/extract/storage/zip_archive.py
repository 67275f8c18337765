"""A zip file, read in place."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from darkroom.errors import ArchiveRefusedError
from darkroom.extract.storage.archive import (
    ArchiveLimits,
    BombWatch,
    archive_name,
    clean_path,
    damage_as_os_error,
    judge_member,
    refuse_damage,
)
from darkroom.extract.storage.listing import ClosingStorage, Listing, Unusable, make_listing, printable
from darkroom.sample import FileEntry

_ENCRYPTED = 0x1
_UNIX = 3
_SMALL_STEP_BYTES = 4096


class ZipArchive(ClosingStorage):
    """Reads members without unpacking the archive; `zipfile` allows that from several threads.

    Args:
        archive: A zip file on this machine.
        root: The root that its files are listed under: its path, or the URL it came from.
        limits: How much the archive may unpack to.
    """

    is_local = True

    def __init__(self, archive: Path, root: str, limits: ArchiveLimits) -> None:
        self.root = root
        self.name = archive_name(root.rpartition("/")[2])
        self._archive = archive
        self._limits = limits
        self._members: dict[str, zipfile.ZipInfo] = {}
        with refuse_damage(root):
            self._zip = zipfile.ZipFile(archive)

    def files(self) -> Listing:
        """Lists the members; of two members with the same path the later one counts, as in unpacking."""
        watch = BombWatch(self._archive, self._limits)
        files: dict[str, FileEntry] = {}
        rejects: dict[str, Unusable] = {}
        for member in self._zip.infolist():
            if member.is_dir() or member.filename.endswith("\\"):
                continue
            self._refuse_encrypted(member)
            watch.add(member.file_size)
            file = self._entry(member)
            mode = member.external_attr >> 16 if member.create_system == _UNIX else 0
            if reject := judge_member(file, member.filename, mode, self._limits):
                rejects[file.path] = reject
            else:
                files[file.path] = file
                self._members[file.path] = member
        return make_listing(files.values(), (rejects[path] for path in rejects.keys() - files.keys()))

    def read(self, path: str) -> bytes:
        """Returns the content of one member; see `Storage.read`."""
        if not self._members:
            self.files()
        try:
            member = self._members[path]
        except KeyError:
            raise FileNotFoundError(f"{path} is not in {self.root}") from None
        with damage_as_os_error(path):
            content = self._unpack(member)
        if len(content) != member.file_size:
            raise OSError(f"{path} has {len(content)} bytes where the archive declares {member.file_size}")
        return content

    def close(self) -> None:
        """Closes the archive."""
        self._zip.close()

    def _unpack(self, member: zipfile.ZipInfo) -> bytes:
        is_bounded = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        # for bzip2 and LZMA, zipfile unpacks all that one step has read, however much that becomes
        step_bytes = member.file_size + 1 if is_bounded else _SMALL_STEP_BYTES
        with self._zip.open(member) as file:
            return b"".join(iter(lambda: file.read(step_bytes), b""))

    def _entry(self, member: zipfile.ZipInfo) -> FileEntry:
        path = clean_path(member.filename) or printable(member.filename)
        return FileEntry(self.root, path, member.file_size, _modified_us(member))

    def _refuse_encrypted(self, member: zipfile.ZipInfo) -> None:
        if member.flag_bits & _ENCRYPTED:
            raise ArchiveRefusedError(
                f"The archive {self.root} is encrypted (its member {printable(member.filename)} is). "
                "Unpack it with its password and give the folder."
            )


def _modified_us(member: zipfile.ZipInfo) -> int:
    """Takes the time for UTC: a zip tells no time zone, and any other choice depends on the machine."""
    try:
        return int(datetime(*member.date_time, tzinfo=UTC).timestamp()) * 1_000_000
    except ValueError:
        return 0
