"""The rows of a table that describes images: CSV, JSON lines or parquet, in any of the spellings that people use."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
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
_NOTHING = frozenset({"nan", "none", "null", "n/a", "na", "<na>"})
"""What programs write into a cell where there is nothing."""

_MAY_BE_NOTHING = ("mask", "label", "is_defect", "split", "category")
_LONGEST_PATH = 4096

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


def _find_columns(header: Sequence[str]) -> dict[str, str]:
    """Returns the columns that mean something, as the file calls them.

    Raises:
        ValueError: Two columns have a name that means something; which of them counts, nobody knows.
    """
    named: dict[str, str] = {}
    for column in header:
        named.setdefault(make_key(column.strip()).replace(" ", "_").replace("-", "_"), column)
    found = {
        meaning: next((named[name] for name in names if name in named), None) for meaning, names in COLUMNS.items()
    }
    columns = {meaning: column for meaning, column in found.items() if column is not None}
    for column in columns.values():
        if header.count(column) > 1:
            raise ValueError(f"{header.count(column)} columns are called {column}; one of them must have another name")
    return columns


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
    spellings: dict[tuple[str, ...], dict[str, str]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            found = _parse_object(line)
            objects.append((f"line {number}", found))
            header |= dict.fromkeys(found or ())
    if objects and all(found is None for _, found in objects):
        raise ValueError("no line of it is a JSON object")
    if "image" not in (columns := _find_columns(tuple(header))):
        return None
    rows = []
    for where, found in objects:
        # each line may spell them in its own way
        names = tuple(found or ())
        if names not in spellings:
            spellings[names] = _find_columns(names)
        rows.append(_make_json_row(where, found, spellings[names]))
    return ParsedTable(columns, tuple(header), rows)


def _parse_object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _make_json_row(where: str, found: dict[str, Any] | None, columns: Cells) -> TableRow:
    if found is None:
        return TableRow(where, fault="no JSON object")
    return _make_value_row(where, {meaning: found.get(column) for meaning, column in columns.items()}, columns)


def _make_value_row(where: str, values: Mapping[str, Any], columns: Cells) -> TableRow:
    """Makes a row of values that may be lists: one of a single value counts as that, another cannot be one cell."""
    singles = {meaning: _take_single(value) for meaning, value in values.items()}
    nested = [columns[meaning] for meaning, value in singles.items() if isinstance(value, dict | list)]
    fault = f"{nested[0]} is no single value" if nested else ""
    return _make_row(where, {meaning: _spell(value) for meaning, value in singles.items()}, fault)


def _take_single(value: Any) -> Any:
    """Returns the one value of a list of one, None of an empty list; anything else as it is."""
    if isinstance(value, list) and len(value) <= 1:
        return value[0] if value else None
    return value


def _parse_parquet(content: bytes) -> ParsedTable | None:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        schema = file.schema_arrow
        # images that lie in the table itself (bytes, or a struct of them) are nothing for us
        header = [field.name for field in schema if _holds_text(file, field)]
        if "image" not in (columns := _find_columns(header)):
            return None
        table = file.read(columns=list(dict.fromkeys(columns.values())))
        values = {meaning: _decode_cells(table[name]) for meaning, name in columns.items()}
    except (pa.ArrowException, OSError) as error:
        raise ValueError(str(error)) from error
    rows = [
        _make_value_row(f"row {number}", dict(zip(values, cells, strict=True)), columns)
        for number, cells in enumerate(zip(*values.values(), strict=True), start=1)
    ]
    return ParsedTable(columns, tuple(schema.names), rows)


def _holds_text(file: pq.ParquetFile, field: pa.Field) -> bool:
    """Tells whether a column has values that a CSV file could have; some programs store texts as bytes."""
    if _is_binary(field.type):
        first = next(file.iter_batches(batch_size=1, columns=[field.name]), None)
        value = first.column(0)[0].as_py() if first is not None and first.num_rows else None
        return value is None or (len(value) < _LONGEST_PATH and value.decode("utf-8", "replace").isprintable())
    return not pa.types.is_nested(field.type) or pa.types.is_list(field.type) or pa.types.is_large_list(field.type)


def _decode_cells(column: pa.ChunkedArray) -> list[Any]:
    if _is_binary(column.type):
        return [None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()]
    return list(column.to_pylist())


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
    texts |= {meaning: "" for meaning in _MAY_BE_NOTHING if texts.get(meaning, "").lower() in _NOTHING}
    return TableRow(where, **texts, fault=fault)
