"""The tables below all roots that name images, and the files that their rows are about."""

from __future__ import annotations

import os.path
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from darkroom.extract.readers.survey import judge_name
from darkroom.extract.readers.table_rows import COLUMNS, TABLE_SUFFIXES, ParsedTable, TableRow, parse_table
from darkroom.extract.storage import Listing, Storage
from darkroom.extract.storage.listing import printable
from darkroom.keys import make_key
from darkroom.layout_words import SPLITS
from darkroom.sample import (
    EXPORTED_SAMPLES_FILE,
    EXPORTED_TABLE_COLUMNS,
    EXPORTED_TABLE_FILE,
    FileEntry,
    FileKey,
    Split,
)

_SHOWN_BYTES = 80
MOST_TABLES = 1000
"""How many files of one root are opened, to see whether they are tables of images."""

MOST_BYTES = 256 * 2**20
"""A larger file is not opened: one that names images has a few hundred bytes for each."""

_OWN_TABLES = re.compile(r"(^|/)(image_anno\.csv|split_csv/[^/]*\.csv)$", re.IGNORECASE)
"""Tables that the reader of VisA reads by itself."""

_ENDINGS = tuple(TABLE_SUFFIXES)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://")
_FILE_NAMES = frozenset({"file_name", "image_file_name"})
"""Columns by which Hugging Face knows its `metadata.*`."""


class FileIndex:
    """The files of one root, found by the paths that people write into tables."""

    def __init__(self, listing: Listing) -> None:
        self._files = listing.files
        self._by_path = {file.path: file for file in listing.files}
        self._by_key: dict[str, FileEntry | None] | None = None

    def find(self, path: str) -> FileEntry | None:
        """Returns the file of a path from the root on; one in another case or Unicode form if it is the only one."""
        return self._by_path.get(path) or self._keys().get(make_key(path))

    def _keys(self) -> dict[str, FileEntry | None]:
        if self._by_key is None:
            self._by_key = {}
            for file in self._files:
                key = make_key(file.path)
                self._by_key[key] = None if key in self._by_key else file
        return self._by_key


class _PathRefusedError(ValueError):
    """A path that is absolute, or leads out of the root; says which."""


class RowRemarks:
    """What is to be said of the rows of one table: how many there are of each kind, and the first one of them."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def add(self, kind: str, example: str) -> None:
        """Counts a row of which something is to be said."""
        self._counts[kind] += 1
        self._examples.setdefault(kind, example)

    def __iter__(self) -> Iterator[str]:
        for kind, count in self._counts.items():
            yield f"{count:,} {'row' if count == 1 else 'rows'} {kind} (first: {self._examples[kind]})"


@dataclass(frozen=True, slots=True)
class ImageTable:
    """A table, and the images that its rows are about.

    Attributes:
        file: The table itself.
        parsed: What is in it.
        index: The files of its root.
        overrules: Whether it takes all images below its folder, whatever another layout makes of them.
        is_export: Whether it is the table of an export of ours.
        split: The split that its name, or that of its folder, says all images are in.
        root_name: What its root is called.
        rows: The rows whose image is there, each with it.
        remarks: What is to be said of its rows.
    """

    file: FileEntry
    parsed: ParsedTable
    index: FileIndex
    overrules: bool
    is_export: bool
    split: Split | None
    root_name: str
    rows: list[tuple[TableRow, FileEntry]] = field(default_factory=list)
    remarks: RowRemarks = field(default_factory=RowRemarks)

    @property
    def folder(self) -> str:
        """The folder that it lies in, relative to the root."""
        return self.file.path.rpartition("/")[0]

    def find_file(self, path: str, where: str, what: str) -> FileEntry | None:
        """Returns the file that a path means, or remarks why there is none.

        Args:
            path: As written, from the table's folder on or else from the root on.
            where: The row that it stands in.
            what: What the file is to be: `an image`, `a mask`.
        """
        try:
            file = self._resolve(path)
        except _PathRefusedError as error:
            self.remarks.add(f"with a path of {what} that {error}", f"{where}: {path}")
            return None
        if file is None:
            self.remarks.add(f"with {what} that is not there", f"{where}: {path}")
        elif judge_name(file.path, file.path.rpartition("/")[2]):
            self.remarks.add(f"with {what} that is no picture by its ending", f"{where}: {path}")
            return None
        return file

    def _resolve(self, path: str) -> FileEntry | None:
        path = path.replace("\\", "/")
        if _ABSOLUTE.match(path):
            raise _PathRefusedError("is absolute: write it from the table's folder on")
        beside = posixpath.normpath(f"{self.folder}/{path}".lstrip("/"))
        if beside == ".." or beside.startswith("../"):
            raise _PathRefusedError("leads out of the root, which is refused")
        return self.index.find(beside) or self.index.find(posixpath.normpath(path))


@dataclass(slots=True)
class FoundTables:
    """The tables of all roots.

    Attributes:
        tables: Those that can be used, in the order in which they count.
        notes: One line for each that cannot.
        strange: One line for each file that could be one by its ending, and names no images; told where nothing is
            recognised.
        named: The images that they name.
    """

    tables: list[ImageTable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    named: set[FileKey] = field(default_factory=set)

    @property
    def labels(self) -> set[str]:
        """All labels, as written."""
        return {row.label for table in self.tables for row, _ in table.rows if row.label}


def find_tables(listings: Sequence[tuple[Storage, Listing]], *, is_given: bool) -> FoundTables:
    """Opens what may be a table, and finds the images of its rows.

    Args:
        listings: The storage of each root, and all files below it.
        is_given: Whether tables were asked for: then one that says nothing of its images counts as well.
    """
    found = FoundTables()
    for storage, listing in listings:
        candidates = _choose_candidates(listing, found, is_given)
        storage.prepare([file.path for file in candidates])
        index = FileIndex(listing)
        for file in candidates:
            if table := _open(file, index, storage, found, is_given):
                found.tables.append(table)
    found.tables.sort(key=_rank)
    found.named = {image.key for table in found.tables for _, image in table.rows}
    return found


def _choose_candidates(listing: Listing, found: FoundTables, is_given: bool) -> list[FileEntry]:
    files = [file for file in listing.files if _may_be_table(file.path, is_given)]
    for file in (file for file in files if file.size_bytes > MOST_BYTES):
        found.notes.append(f"{file.path}: not looked at, as no table of images has more than {MOST_BYTES >> 20} MiB")
    files = sorted((file for file in files if file.size_bytes <= MOST_BYTES), key=lambda file: file.path.count("/"))
    if len(files) > MOST_TABLES:
        found.notes.append(
            f"{len(files) - MOST_TABLES:,} files that may be tables of images, such as {files[MOST_TABLES].path}: not "
            f"looked at, as there are more than {MOST_TABLES:,}"
        )
    return files[:MOST_TABLES]


def _may_be_table(path: str, is_given: bool) -> bool:
    if not path.lower().endswith(_ENDINGS):
        return False
    name = path.rpartition("/")[2]
    if name.lower() == EXPORTED_SAMPLES_FILE:
        return False
    # by its ending it is no image; the macOS twin of a table is called like one
    is_litter = not (judge_name(path, name) or "").startswith("not an image")
    return not is_litter and (is_given or not _OWN_TABLES.search(path))


def _find_suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 (pathlib is slow for 10⁵ files)


def _open(file: FileEntry, index: FileIndex, storage: Storage, found: FoundTables, is_given: bool) -> ImageTable | None:
    try:
        content = storage.read(file.path)
        parsed = parse_table(content, _find_suffix(file.path))
    except (OSError, ValueError) as error:
        found.notes.append(f"{file.path}: not used, as it cannot be read as a table ({error})")
        return None
    if parsed is None:
        found.strange.append(f"{file.path}: no column of it names images{_show_first_line(content)}")
        return None
    if not (parsed.describes or is_given):
        found.notes.append(
            f"{file.path}: it names images in its column {parsed.columns['image']}, but has none of labels, masks or "
            "splits, so it is not used; `layout` table goes by it"
        )
        return None
    is_export = _is_export(file, parsed)
    overrules = is_export or _is_hugging_face(file, parsed)
    table = ImageTable(file, parsed, index, overrules, is_export, _find_split(file.path), storage.name)
    for row in parsed.rows:
        if image := _find_image(table, row):
            table.rows.append((row, image))
    if table.rows:
        return table
    why = next(iter(table.remarks), "it has no rows")
    found.notes.append(f"{file.path}: not used, as it names no image that is here: {why}")
    return None


def _show_first_line(content: bytes) -> str:
    """Says how a text begins, and what was expected there; nothing of what is no text."""
    first = printable(content.split(b"\n", 1)[0][:_SHOWN_BYTES].decode("utf-8", "replace").strip())
    expected = f"expected one called {', '.join(COLUMNS['image'])}"
    return f"; {expected}" if "\ufffd" in first or "\\x" in first else f", as it begins with {first!r}; {expected}"


def _find_image(table: ImageTable, row: TableRow) -> FileEntry | None:
    if row.image:
        return table.find_file(row.image, row.where, "an image")
    table.remarks.add("with damage" if row.fault else "without an image", f"{row.where}: {row.fault}")
    return None


def _find_split(path: str) -> Split | None:
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    return SPLITS.get(stem.lower()) or SPLITS.get(folder.rpartition("/")[2].lower())


def _is_export(file: FileEntry, parsed: ParsedTable) -> bool:
    name = file.path.rpartition("/")[2].lower()
    return name == EXPORTED_TABLE_FILE and set(EXPORTED_TABLE_COLUMNS) <= set(parsed.header)


def _is_hugging_face(file: FileEntry, parsed: ParsedTable) -> bool:
    name = file.path.rpartition("/")[2].lower()
    return name.partition(".")[0] == "metadata" and make_key(parsed.columns["image"]) in _FILE_NAMES


def _rank(table: ImageTable) -> tuple[bool, bool, int, str, str]:
    """Sorts tables: those that overrule folders come first, then those that know splits, then the least deep."""
    knows_splits = "split" in table.parsed.columns or table.split is not None
    path = table.file.path
    return not table.overrules, not knows_splits, path.count("/"), table.file.root, path
