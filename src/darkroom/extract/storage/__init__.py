"""Where files come from: a folder, an archive as it was downloaded, or any address that fsspec knows."""

from __future__ import annotations

import os
import re
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from darkroom.errors import (
    ArchiveRefusedError,
    LayoutNotRecognisedError,
    RootNotFoundError,
    RootUnreadableError,
)
from darkroom.extract.storage.archive import ARCHIVE_ENDINGS, ArchiveLimits
from darkroom.extract.storage.listing import Listing, Storage, Unusable, printable
from darkroom.extract.storage.local import LocalFolder
from darkroom.extract.storage.remote import DownloadedArchive, RemoteFolder
from darkroom.extract.storage.roots import Roots
from darkroom.extract.storage.tar_archive import TarArchive
from darkroom.extract.storage.zip_archive import ZipArchive
from darkroom.paths import given_path

__all__ = ["ArchiveLimits", "Listing", "Roots", "Storage", "Unusable", "open_storage"]

_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")


def open_storage(root: str | os.PathLike[str], *, limits: ArchiveLimits | None = None) -> Storage:
    """Opens a root for listing and reading; use it in a `with` block. Writes only temporary files.

    Args:
        root: A folder, a `.zip` or `.tar[.gz|.bz2|.xz]`, or a URL (`file://`, `s3://`, `gs://`, `az://`, `https://`,
            ...) of either; from a web server, only archives.
        limits: How much an archive may unpack to.

    Raises:
        RootError: The root is not there, may not be read, is refused, or needs an optional package.
        OptionError: The root is empty.
    """
    address, limits = os.fspath(root), limits or ArchiveLimits()
    scheme = _scheme(address)
    if scheme in ("", "file", "local"):
        return _open_local(given_path(local_path(address), "root").expanduser(), limits)
    if scheme in ("http", "https") or urlsplit(address).path.lower().endswith(ARCHIVE_ENDINGS):
        return DownloadedArchive(address, lambda path, url: _open_archive(path, url, limits))
    return RemoteFolder(address)


def local_path(address: str) -> str:
    """Returns the path that a `file://` URL names, also in its Windows forms; other text stays as it is."""
    if not _scheme(address):
        return address
    host, path = re.fullmatch(r"[^:]+://([^/]*)(.*)", address, re.DOTALL).groups()  # type: ignore[union-attr]
    path = unquote(path)
    if re.fullmatch(r"[A-Za-z]:", host):
        return f"{host}{path}"
    if re.match(r"/[A-Za-z]:(/|$)", path):
        return path[1:]
    return path if host in ("", "localhost") else f"//{host}{path}"


def _scheme(address: str) -> str:
    match = re.match(r"([A-Za-z][A-Za-z0-9+.:-]*?)://", address)
    return match[1].lower() if match else ""


def _open_local(path: Path, limits: ArchiveLimits) -> Storage:
    try:
        if path.is_dir():
            return LocalFolder(path)
        with path.open("rb"):
            return _open_archive(path.resolve(), path.resolve().as_posix(), limits)
    except (FileNotFoundError, NotADirectoryError) as error:
        what = printable(str(path))
        if path.is_symlink():
            target = printable(str(path.readlink()))
            raise RootNotFoundError(
                f"{what} is a link to {target}, which is not there: mend the link, or give the folder itself."
            ) from error
        raise RootNotFoundError(f"There is no folder or file {what}: look for a slip in the path.") from error
    except OSError as error:
        raise RootUnreadableError(
            f"{printable(str(path))} cannot be read ({error.strerror}): give yourself permission, or copy it."
        ) from error


def _open_archive(path: Path, root: str, limits: ArchiveLimits) -> Storage:
    # tar first: `is_zipfile` looks at the end of a file, where a tar may hold a zip
    if _is_tar(path):
        return TarArchive(path, root, limits)
    if zipfile.is_zipfile(path):
        return ZipArchive(path, root, limits)
    if root.lower().endswith(ARCHIVE_ENDINGS):
        raise ArchiveRefusedError(
            f"{root} is called an archive but is none, or only the beginning of one "
            f"({path.stat().st_size:,} bytes). Download or copy it again."
        )
    raise LayoutNotRecognisedError(
        f"{root} is a single file and no archive; a folder, a .zip or a .tar.gz was expected. "
        "Give the folder above its category folders."
    )


def _is_tar(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(tarfile.BLOCKSIZE)
    return head[257:262] == b"ustar" or head.startswith(_COMPRESSED)
