"""The rows of a table that describes images: CSV, JSON lines or parquet, in any of the spellings that people use."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from darkroom.extract.storage.listing import printable
from darkroom.keys import make_key

COLUMNS = {
    "image": ("image", "image_path", "file_name", "image_file_name", "filename", "path"),
    "mask": ("mask", "mask_path", "mask_file_name"),
    "label": ("label",),
    "is_defect": ("is_defect", "label_index"),
    "split": ("split",),
    "category": ("category", "object"),
    "sample_id": ("sample_id",),
    "source_dataset": ("source_dataset",),
}
"""What a column can be called, lower case, by what it means; of several the first one counts."""

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"})
"""Endings of files, lower case, that can be such a table."""

_DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NOTHING = frozenset({"nan", "none", "null", "n/a", "na"})
"""What programs write into a mask's cell where there is none."""

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a row says of one image; empty texts where it says nothing.

    Attributes:
        where: Its place in the file, for messages: `line 7`.
        image: Path of the image, as written.
        mask: Path of its mask, as written.
        label: Its label.
        is_defect: Whether it is defective, in the word of the table.
        split: Its split, in the word of the table.
        category: The object photographed.
        sample_id: Which sample it is, where an export wrote the table.
        source_dataset: The image dataset that this sample is from.
        fault: Why the row as a whole cannot be trusted.
    """

    where: str
    image: str = ""
    mask: str = ""
    label: str = ""
    is_defect: str = ""
    split: str = ""
    category: str = ""
    sample_id: str = ""
    source_dataset: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """A table that names images.

    Attributes:
        columns: The columns that are used, as the file calls them, by what they mean.
        header: All columns, as the file calls them.
        rows: Its rows.
    """

    columns: Mapping[str, str]
    header: tuple[str, ...]
    rows: Sequence[TableRow]

    @property
    def describes(self) -> bool:
        """Whether it says anything of the images that it names."""
        return bool(self.columns.keys() & {"mask", "label", "is_defect", "split"})


def parse_table(content: bytes, suffix: str) -> ParsedTable | None:
    """Returns the rows of a table; None if it has no column that names images.

    Args:
        content: The bytes of the file.
        suffix: Its ending, lower case, one of `TABLE_SUFFIXES`.

    Raises:
        ValueError: It is damaged.
    """
    if suffix == ".parquet":
        return _parse_parquet(content)
    try:
        text = _decode(content)
        return _parse_json_lines(text) if suffix in (".jsonl", ".ndjson") else _parse_csv(text)
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _decode(content: bytes) -> str:
    """Returns a text without the mark at its beginning; what is no UTF-8 is taken for what Windows writes."""
    if content.startswith(_BYTE_ORDER_MARKS):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _find_columns(header: Iterable[str]) -> dict[str, str]:
    """Returns the columns that mean something, as the file calls them."""
    named: dict[str, str] = {}
    for column in header:
        named.setdefault(make_key(column.strip()).replace(" ", "_").replace("-", "_"), column)
    found = {
        meaning: next((named[name] for name in names if name in named), None) for meaning, names in COLUMNS.items()
    }
    return {meaning: column for meaning, column in found.items() if column is not None}


def _parse_csv(text: str) -> ParsedTable | None:
    lines = text.removeprefix("sep=;\r\n").removeprefix("sep=;\n")
    skipped = text.count("\n", 0, len(text) - len(lines))
    first = lines.partition("\n")[0].rstrip("\r")
    for delimiter in _DELIMITERS:
        header = next(csv.reader([first], delimiter=delimiter), [])
        if "image" in (columns := _find_columns(header)):
            rows = list(_iter_csv(lines, header, columns, delimiter, skipped))
            return ParsedTable(columns, tuple(header), rows)
    return None


def _iter_csv(text: str, header: Sequence[str], columns: Cells, delimiter: str, skipped: int) -> Iterator[TableRow]:
    # strict: a quote that is never closed would swallow all that follows it
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    positions = {meaning: header.index(column) for meaning, column in columns.items()}
    for fields in reader:
        if not any(field.strip() for field in fields):
            continue
        where = f"line {reader.line_num + skipped}"
        cells = {meaning: fields[at] for meaning, at in positions.items() if at < len(fields)}
        is_whole = len(fields) >= len(header) and not any(fields[len(header) :])
        fault = "" if is_whole else f"{len(fields)} cells where {len(header)} were expected"
        yield _make_row(where, cells, fault)


def _parse_json_lines(text: str) -> ParsedTable | None:
    objects: list[tuple[str, dict[str, Any] | None]] = []
    header: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            found = _parse_object(line)
            objects.append((f"line {number}", found))
            header |= dict.fromkeys(found or ())
    if objects and all(found is None for _, found in objects):
        raise ValueError("no line of it is a JSON object")
    if "image" not in (columns := _find_columns(header)):
        return None
    return ParsedTable(columns, tuple(header), [_make_json_row(where, found, columns) for where, found in objects])


def _parse_object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _make_json_row(where: str, found: dict[str, Any] | None, columns: Cells) -> TableRow:
    if found is None:
        return TableRow(where, fault="no JSON object")
    values = {meaning: found.get(column) for meaning, column in columns.items()}
    nested = [columns[meaning] for meaning, value in values.items() if isinstance(value, dict | list)]
    fault = f"{nested[0]} is no single value" if nested else ""
    return _make_row(where, {meaning: _spell(value) for meaning, value in values.items()}, fault)


def _parse_parquet(content: bytes) -> ParsedTable | None:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        schema = file.schema_arrow
        # images that lie in the table itself (a struct of bytes) are nothing for us
        header = [field.name for field in schema if not pa.types.is_nested(field.type) and not _is_binary(field.type)]
        if "image" not in (columns := _find_columns(header)):
            return None
        table = file.read(columns=list(dict.fromkeys(columns.values())))
        values = {meaning: [_spell(value) for value in table[name].to_pylist()] for meaning, name in columns.items()}
    except (pa.ArrowException, OSError) as error:
        raise ValueError(str(error)) from error
    rows = [
        _make_row(f"row {number}", dict(zip(values, cells, strict=True)))
        for number, cells in enumerate(zip(*values.values(), strict=True), start=1)
    ]
    return ParsedTable(columns, tuple(schema.names), rows)


def _is_binary(kind: pa.DataType) -> bool:
    return any(
        is_kind(kind) for is_kind in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    )


def _spell(value: object) -> str:
    """Returns a value as a CSV file would have it: `1` for 1.0, nothing for NaN."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:g}"
    return str(value)


def _make_row(where: str, cells: Cells, fault: str = "") -> TableRow:
    # no database takes a zero byte, or half of a surrogate pair
    texts = {meaning: printable(text.strip()).replace("\0", "") for meaning, text in cells.items()}
    if texts.get("mask", "").lower() in _NOTHING:
        texts["mask"] = ""
    return TableRow(where, **texts, fault=fault)
