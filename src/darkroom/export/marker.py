"""The file that tells a folder made by an export from anybody's own, and what the export wrote from what came later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from darkroom.errors import OptionError
from darkroom.keys import compose
from darkroom.query.selection import Samples

MARKER = "darkroom_export.json"

_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""Files that file managers leave behind, lower case."""


def write_marker(samples: Samples, out: Path) -> None:
    """Writes what a folder is, from what, and which files are in it: called once all others are written."""
    files = {name: _state_of(out / name) for name in sorted(_list_files(out))}
    marker = {"fingerprint": samples.fingerprint, "images": len(samples), "files": files}
    (out / MARKER).write_text(json.dumps(marker, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_replaceable(folder: Path) -> None:
    """Refuses to replace a folder in which there is anything that no export wrote, or that was changed since.

    Raises:
        OptionError: There is such a file, or the folder is not one that an export made.
    """
    if not (folder / MARKER).is_file():
        raise OptionError(
            f"{folder}: this folder holds files and no {MARKER}, so no export made it, and it is not replaced. "
            "Write elsewhere, or empty it yourself."
        )
    written = {compose(name): state for name, state in _read_states(folder / MARKER).items()}
    strangers = [
        name
        for name in _list_files(folder)
        if written.get(compose(name)) != _state_of(folder / name) and name.rpartition("/")[2].lower() not in _LITTER
    ]
    if strangers:
        more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
        raise OptionError(
            f"{folder}: the export that made this folder did not write {min(strangers)}{more} as it is now, so it is "
            "not replaced. Move that elsewhere first, or write elsewhere."
        )


def _list_files(folder: Path) -> Iterator[str]:
    """Yields the files of a folder, links among them, but for the marker."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name != MARKER and (path.is_symlink() or not path.is_dir()):
            yield name


def _state_of(path: Path) -> list[int]:
    """Returns size and time of a file, as JSON has them."""
    found = path.lstat()
    return [found.st_size, found.st_mtime_ns]


def _read_states(marker: Path) -> dict[str, list[int]]:
    try:
        states = json.loads(marker.read_text(encoding="utf-8"))["files"]
    except (ValueError, KeyError, TypeError):
        states = None
    if not isinstance(states, dict):
        raise OptionError(
            f"{marker}: does not say which files the export wrote, so the folder is not replaced. Expected the file as "
            "the export wrote it. Write elsewhere, or empty the folder yourself."
        )
    return states
