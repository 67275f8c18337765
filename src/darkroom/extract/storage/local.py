"""A folder on this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from darkroom.errors import RootUnreadableError
from darkroom.extract.storage.listing import ClosingStorage, Listing, Unusable, make_listing, printable
from darkroom.sample import FileEntry, Reason


class LocalFolder(ClosingStorage):
    """Lists with `os.scandir` and follows links, so that a file counts under every place it is linked to.

    Args:
        folder: An existing folder.
    """

    is_local = True

    def __init__(self, folder: Path) -> None:
        resolved = folder.resolve()
        self.root = resolved.as_posix()
        self.name = resolved.name or "root"
        self._real_paths: dict[str, str] = {}

    def files(self) -> Listing:
        """Lists every file below the folder; see `Storage.files`."""
        walk = _Walk(self.root)
        walk.run()
        self._real_paths = walk.real_paths
        return make_listing(walk.files, walk.rejects, walk.identities)

    def read(self, path: str) -> bytes:
        """Returns the content of one file; see `Storage.read`."""
        # pathlib would cost as much as opening a small file does
        with open(_join(self.root, self._real_paths.get(path, path)), "rb") as file:  # noqa: PTH123
            return file.read()


class _Walk:
    """One walk over a folder: first the folders themselves, then what links lead to.

    A folder is listed at most once by its own name and once through a link: links in a circle end, and a
    pool of files that links sort into a layout is still found in the layout.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.files: list[FileEntry] = []
        self.rejects: list[Unusable] = []
        self.identities: dict[str, str] = {}
        self.real_paths: dict[str, str] = {}
        self._links: list[str] = []
        self._listed: set[tuple[int, int]] = set()

    def run(self) -> None:
        """Fills `files`, `rejects`, `identities` and `real_paths`."""
        self._list_tree("", None)
        self._listed.clear()
        while self._links:
            links, self._links = sorted(self._links), []
            for link in links:
                self._follow(link)

    def _follow(self, link: str) -> None:
        path = _join(self.root, link)
        target = os.path.realpath(path)
        parent = os.path.realpath(os.path.dirname(path))  # noqa: PTH120 (as `realpath`, which keeps `..` exact)
        inside = os.path.join(target, "")  # noqa: PTH118 (as above)
        is_circle = any(os.path.join(start, "").startswith(inside) for start in (parent, self.root))  # noqa: PTH118
        if not is_circle:
            self._list_tree(link, target.replace(os.sep, "/"))

    def _list_tree(self, top: str, target: str | None) -> None:
        """Lists a folder and those below it; `target` is where it really is if a link led here."""
        pending = [top]
        while pending:
            folder = pending.pop()
            real = None if target is None else _join(target, folder[len(top) :].lstrip("/"))
            for entry in self._scan(folder):
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_symlink():
                    self._add_link(path)
                elif entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                else:
                    self._add_file(path, entry, None if real is None else f"{real}/{entry.name}")

    def _scan(self, folder: str) -> Iterator[os.DirEntry[str]]:
        path = _join(self.root, folder)
        try:
            status = os.stat(path)  # noqa: PTH116 (the walk stays with text paths)
            # on Windows a junction is no link, and can lead in a circle
            if (status.st_dev, status.st_ino) in self._listed:
                return
            self._listed.add((status.st_dev, status.st_ino))
            with os.scandir(path) as entries:
                # in a fixed order, so that of two links to one file always the same one comes first
                yield from sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise _unlistable(path, error) from error

    def _add_link(self, path: str) -> None:
        full = _join(self.root, path)
        try:
            status = os.stat(full)  # noqa: PTH116 (as above)
        except PermissionError as error:
            self._reject(path, Reason.UNREADABLE, f"a link that leads where nothing may be read: {error.strerror}")
        except OSError:
            target = printable(os.readlink(full))  # noqa: PTH115 (as above)
            self._reject(path, Reason.DANGLING_SYMLINK, f"a link to {target}, which is not there")
        else:
            if stat.S_ISDIR(status.st_mode):
                self._links.append(path)
            else:
                self._add(path, status, os.path.realpath(full).replace(os.sep, "/"))

    def _add_file(self, path: str, entry: os.DirEntry[str], identity: str | None) -> None:
        try:
            self._add(path, entry.stat(), identity)
        except FileNotFoundError:
            return  # deleted while the folder was being listed
        except OSError as error:
            raise _unlistable(_join(self.root, path.rpartition("/")[0]), error) from error

    def _add(self, path: str, status: os.stat_result, identity: str | None) -> None:
        if not stat.S_ISREG(status.st_mode):
            self._reject(path, Reason.UNREADABLE, "a pipe, socket or device, not a file")
            return
        shown = self._show(path)
        self.files.append(FileEntry(self.root, shown, status.st_size, status.st_mtime_ns // 1000))
        if identity is not None:
            self.identities[shown] = printable(identity)

    def _reject(self, path: str, reason: Reason, message: str) -> None:
        self.rejects.append(Unusable(FileEntry(self.root, self._show(path), 0, 0), reason, message))

    def _show(self, path: str) -> str:
        shown = printable(path)
        if shown != path:
            self.real_paths[shown] = path
        return shown


def _unlistable(folder: str, error: OSError) -> RootUnreadableError:
    return RootUnreadableError(
        f"The folder {printable(folder)} cannot be listed ({error.strerror}). Its files would look "
        "deleted, so nothing was read: give yourself permission, or move it out of the root."
    )


def _join(folder: str, path: str) -> str:
    if not path:
        return folder
    return f"{folder}{path}" if folder.endswith("/") else f"{folder}/{path}"
