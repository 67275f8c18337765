"""What was handed in: one folder or one zip a student, notebooks named as the exercises.

Nothing is unpacked and no link is followed: a notebook is bytes from here on.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from classroom.errors import GradingError

NOTEBOOK_LIMIT_BYTES = 1 << 20
ZIP_LIMIT_BYTES = 64 << 20
_ENTRY_LIMIT = 10_000
"""Files and folders looked at in one submission."""
_NAMES_IN_NOTE = 5
_IGNORED = {"__MACOSX", "__marimo__", "__pycache__", "desktop.ini", "Thumbs.db"}


class _UnusableError(Exception):
    """A file is there and cannot be graded; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in.

    Attributes:
        student: Name of the folder or zip.
        notebooks: Content by id of the exercise.
        problems: By id of the exercise, why its file cannot be graded.
        notes: What else was found, in sentences.
    """

    student: str
    notebooks: Mapping[str, bytes]
    problems: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """A file, or what stands in its place; `read` raises `_UnusableError`."""

    path: PurePosixPath
    read: Callable[[], bytes]


def read_submissions(folder: Path, exercise_ids: Collection[str]) -> tuple[list[Submission], list[str]]:
    """Reads a folder of submissions, sorted by student.

    Args:
        folder: Holds one folder or one zip a student.
        exercise_ids: Ids from the registry.

    Returns:
        The submissions, and notes on what is none.

    Raises:
        GradingError: The folder cannot be read, or holds no submission.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        raise GradingError(
            f"{folder} cannot be read: {error.strerror}. Expected a folder with one folder or zip a student; "
            "try `classroom grade DIR`."
        ) from error
    found: dict[str, Submission] = {}
    notes: list[str] = []
    shown = [entry for entry in entries if not _is_ignored(entry.name)]
    for entry in sorted(shown, key=lambda entry: (not entry.is_dir(), entry.name)):  # a folder before a zip of its name
        student = _student_of(entry)
        if student is None:
            notes.append(f"{entry.name} is no submission and was left out: expected a folder or a zip.")
        elif student in found:
            notes.append(f"{entry.name} was left out: the folder {student} is graded.")
        else:
            found[student] = _read_submission(entry, student, exercise_ids)
    if not found:
        raise GradingError(f"{folder} holds no submission; expected one folder or zip a student, as in {folder}/ada/.")
    return [found[student] for student in sorted(found)], notes


def _student_of(entry: Path) -> str | None:
    if entry.is_symlink():
        return None
    if entry.is_dir():
        return entry.name
    return entry.stem if entry.suffix.lower() == ".zip" and entry.is_file() else None


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name in _IGNORED


def _read_submission(entry: Path, student: str, exercise_ids: Collection[str]) -> Submission:
    try:
        if entry.is_dir():
            return _sort_files(student, list(_files_of_folder(entry)), exercise_ids)
        with zipfile.ZipFile(_open_zip(entry)) as archive:
            return _sort_files(student, list(_files_of_zip(archive)), exercise_ids)
    except (_UnusableError, zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        problem = f"{entry.name} cannot be read: {error}"
        return Submission(student, {}, dict.fromkeys(exercise_ids, problem))


def _sort_files(student: str, files: list[_File], exercise_ids: Collection[str]) -> Submission:
    notebooks: dict[str, bytes] = {}
    problems: dict[str, str] = {}
    unknown: list[str] = []
    for file in sorted(files, key=lambda file: (len(file.path.parts), str(file.path))):
        name = file.path.stem
        if file.path.suffix != ".py" or name not in exercise_ids or name in notebooks or name in problems:
            unknown.append(str(file.path))
            continue
        try:
            notebooks[name] = file.read()
        except _UnusableError as error:
            problems[name] = f"{file.path.name} {error}"
    return Submission(student, notebooks, problems, _note_unknown(student, unknown))


def _note_unknown(student: str, unknown: list[str]) -> tuple[str, ...]:
    if not unknown:
        return ()
    names = ", ".join(unknown[:_NAMES_IN_NOTE])
    more = f" and {len(unknown) - _NAMES_IN_NOTE} more" if len(unknown) > _NAMES_IN_NOTE else ""
    return (f"{student}: no exercise of this course, or there twice: {names}{more}.",)


def _files_of_folder(folder: Path) -> Iterator[_File]:
    seen = 0
    for parent, folders, names in os.walk(folder):
        here = PurePosixPath(Path(parent).relative_to(folder).as_posix())
        odd = [name for name in folders if name.endswith(".py") or Path(parent, name).is_symlink()]
        folders[:] = [name for name in folders if name not in odd and not _is_ignored(name)]
        seen += len(folders) + len(names)
        if seen > _ENTRY_LIMIT:
            raise _UnusableError(f"more than {_ENTRY_LIMIT} files")
        for name in (*names, *odd):
            if not _is_ignored(name):
                yield _File(here / name, lambda path=Path(parent, name): _read_file(path))  # type: ignore[misc]


def _read_file(path: Path) -> bytes:
    """Reads an ordinary file; never waits for one that is not."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise _UnusableError(f"is {_KINDS.get(stat.S_IFMT(mode), 'no ordinary file')}; expected a notebook.")
        with os.fdopen(os.open(path, flags), "rb") as file:
            content = file.read(NOTEBOOK_LIMIT_BYTES + 1)
    except OSError as error:
        raise _UnusableError(f"cannot be read: {error.strerror}.") from error
    return _not_too_large(content)


_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a symbolic link, which is not followed", stat.S_IFIFO: "a pipe"}


def _not_too_large(content: bytes) -> bytes:
    if len(content) > NOTEBOOK_LIMIT_BYTES:
        raise _UnusableError(f"is larger than {NOTEBOOK_LIMIT_BYTES >> 20} MiB; notebooks are not.")
    return content


def _open_zip(path: Path) -> Path:
    size = path.stat().st_size
    if size > ZIP_LIMIT_BYTES:
        raise _UnusableError(f"it is larger than {ZIP_LIMIT_BYTES >> 20} MiB")
    return path


def _files_of_zip(archive: zipfile.ZipFile) -> Iterator[_File]:
    infos = archive.infolist()
    if len(infos) > _ENTRY_LIMIT:
        raise _UnusableError(f"more than {_ENTRY_LIMIT} files")
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if not info.is_dir() and not any(_is_ignored(part) and part != ".." for part in path.parts):
            yield _File(path, lambda info=info: _read_member(archive, info))  # type: ignore[misc]


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Reads one member, and no more of it than a notebook has, whatever size the archive claims."""
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise _UnusableError("is a link in the zip, which is not followed.")
    try:
        with archive.open(info) as member:
            return _not_too_large(member.read(NOTEBOOK_LIMIT_BYTES + 1))
    except _UnusableError:
        raise
    except Exception as error:  # zlib.error, RuntimeError for a password, EOFError, …: a stranger's bytes
        raise _UnusableError(f"cannot be unpacked: {error}") from error


def tell_missing(exercise_id: str) -> str:
    """Returns what a grade says of an exercise that was not handed in."""
    return f"{exercise_id}.py was not handed in."
