"""The file that tells a folder made by an export from anybody's own, and what the export wrote from what came later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from darkroom.errors import OptionError
from darkroom.keys import make_key
from darkroom.query.selection import Samples

MARKER = "darkroom_export.json"

_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""Files that file managers leave behind, lower case."""


def write_marker(samples: Samples, out: Path) -> None:
    """Writes what a folder is, from what, and which files are in it: called once all others are written."""
    files = sorted(_list_files(out))
    marker = {"fingerprint": samples.fingerprint, "images": len(samples), "files": files}
    (out / MARKER).write_text(json.dumps(marker, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_replaceable(folder: Path) -> None:
    """Refuses to replace a folder in which there is anything that no export wrote.

    Raises:
        OptionError: There is such a file, or the folder is not one that an export made.
    """
    if not (folder / MARKER).is_file():
        raise OptionError(
            f"{folder}: this folder holds files and no {MARKER}, so no export made it, and it is not replaced. "
            "Write elsewhere, or empty it yourself."
        )
    written = {make_key(name) for name in _read_names(folder / MARKER)}
    strangers = [
        name
        for name in _list_files(folder)
        if make_key(name) not in written and name.rpartition("/")[2].lower() not in _LITTER
    ]
    if strangers:
        more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
        raise OptionError(
            f"{folder}: the export that made this folder did not write {min(strangers)}{more}, so it is not replaced. "
            "Move that elsewhere first, or write elsewhere."
        )


def _list_files(folder: Path) -> Iterator[str]:
    """Yields the files of a folder, links among them, but for the marker."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name != MARKER and (path.is_symlink() or not path.is_dir()):
            yield name


def _read_names(marker: Path) -> list[str]:
    try:
        names = json.loads(marker.read_text(encoding="utf-8"))["files"]
    except (ValueError, KeyError, TypeError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise OptionError(
            f"{marker}: does not say which files the export wrote, so the folder is not replaced. Expected the file as "
            "the export wrote it. Write elsewhere, or empty the folder yourself."
        )
    return names
