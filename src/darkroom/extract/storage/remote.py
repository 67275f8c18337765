"""Whatever fsspec can open: buckets, web servers, and more."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import fsspec

from darkroom.errors import DarkroomError, RootError, RootNotFoundError, RootUnreadableError
from darkroom.extract.storage.listing import ClosingStorage, Listing, Storage, make_listing, printable
from darkroom.sample import FileEntry

EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "azure"),
    **dict.fromkeys(("http", "https"), "http"),
}
"""The extra of this package that brings what a protocol needs."""

_TIME_KEYS = ("LastModified", "last_modified", "mtime", "updated", "modified")


class RemoteFolder(ClosingStorage):
    """The files below a URL.

    Args:
        url: Such as `s3://bucket/folder`.

    Raises:
        RootError: The address cannot be used.
    """

    is_local = False

    def __init__(self, url: str) -> None:
        self.root = without_credentials(url)
        self.name = self.root.rpartition("/")[2] or "root"
        self._names: dict[str, str] = {}
        with explain_address(self.root):
            self._filesystem, top = fsspec.core.url_to_fs(url)
        self._top = top.rstrip("/")

    def files(self) -> Listing:
        """Lists every file below the URL; see `Storage.files`."""
        with explain_address(self.root):
            # fsspec keeps listings for as long as the process lives
            self._filesystem.invalidate_cache()
            found = self._filesystem.find(self._top, detail=True)
            if not found and not self._filesystem.exists(self._top):
                raise FileNotFoundError(self.root)
        infos = {name: info for name, info in found.items() if info.get("type", "file") == "file"}
        return make_listing([self._entry(name, info) for name, info in infos.items() if self._path(name)], ())

    def read(self, path: str) -> bytes:
        """Returns the content of one file; see `Storage.read`."""
        name = self._names.get(path, f"{self._top}/{path}")
        try:
            content: bytes = self._filesystem.cat_file(name)
        except OSError:
            raise
        except Exception as error:  # each client library has errors of its own
            raise OSError(f"{path}: {error or type(error).__name__}") from error
        return content

    def _entry(self, name: str, info: dict[str, Any]) -> FileEntry:
        path = self._path(name)
        self._names[path] = name
        return FileEntry(self.root, path, int(info.get("size") or 0), modified_us(info))

    def _path(self, name: str) -> str:
        return "" if name.endswith("/") else printable(name.removeprefix(self._top).lstrip("/"))


class DownloadedArchive(ClosingStorage):
    """An archive at a URL, downloaded to a temporary file and then read like any other.

    Args:
        url: Address of the archive.
        open_archive: Opens the local file as a storage with the given root.
    """

    is_local = True

    def __init__(self, url: str, open_archive: Callable[[Path, str], Storage]) -> None:
        self.root = without_credentials(url)
        self._folder = Path(tempfile.mkdtemp(prefix="darkroom-"))
        try:
            self._archive = open_archive(self._download(url), self.root)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self.name = self._archive.name

    def files(self) -> Listing:
        """Lists the members."""
        return self._archive.files()

    def read(self, path: str) -> bytes:
        """Returns the content of one member; see `Storage.read`."""
        return self._archive.read(path)

    def prepare(self, paths: Iterable[str]) -> None:
        """Unpacks these members where that is needed."""
        self._archive.prepare(paths)

    def close(self) -> None:
        """Deletes the downloaded file."""
        self._archive.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _download(self, url: str) -> Path:
        target = self._folder / (self.root.rpartition("/")[2] or "archive")
        with explain_address(self.root):
            filesystem, path = fsspec.core.url_to_fs(url)
            filesystem.get_file(path, str(target))
        return target


def without_credentials(url: str) -> str:
    """Returns a URL without user, password, query and fragment: signed links carry their key in the query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def modified_us(info: dict[str, Any]) -> int:
    """Returns the time of last modification in microseconds since 1970 UTC; 0 if fsspec's `info` has none."""
    value = next((info[key] for key in _TIME_KEYS if info.get(key)), None)
    if isinstance(value, str):
        value = _parse_time(value)
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return round(value * 1_000_000) if isinstance(value, int | float) else 0


def _parse_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@contextmanager
def explain_address(root: str) -> Iterator[None]:
    """Turns what fsspec and the client libraries raise into one sentence.

    Raises:
        RootError: The address is unknown, not there, refused, or needs an optional package.
    """
    protocol = root.partition("://")[0]
    try:
        yield
    except DarkroomError:
        raise
    except ImportError as error:
        raise RootError(f"{root} cannot be opened: {_missing_package(protocol)}") from error
    except FileNotFoundError as error:
        raise RootNotFoundError(f"There is nothing at {root}: look for a slip in the address.") from error
    except Exception as error:  # each client library has errors of its own
        if isinstance(error, ValueError) and "Protocol not known" in str(error):
            raise RootError(f"{root} cannot be opened: no storage is called {protocol}://.") from error
        raise RootUnreadableError(
            f"{root} cannot be read ({_one_line(error)}). Check the address, the network, and the "
            f"credentials of {protocol}:// in the environment."
        ) from error


def _missing_package(protocol: str) -> str:
    extra = EXTRAS.get(protocol)
    if extra is None:
        return f"{protocol}:// needs a Python package that is not installed; fsspec's documentation names it."
    return (
        f"{protocol}:// needs the optional packages of the extra {extra}: "
        f'`uv sync --extra {extra}` or `pip install "darkroom-classroom[{extra}]"`.'
    )


def _one_line(error: Exception) -> str:
    # client libraries repeat the full address, and with it a signed link's key
    text = re.sub(r"\?[^\s'\"]+", "?…", " ".join(str(error).split()))
    return text or type(error).__name__
