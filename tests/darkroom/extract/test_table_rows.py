"""Rows come out alike, in whatever format and spelling a table was written."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from darkroom.extract.readers.table_rows import ParsedTable, parse_table

ROWS = [
    {"image": "a/ü 1.png", "mask": "", "label": "good", "label_index": 0, "split": "train"},
    {"image": "a/2.png", "mask": "m/2.png", "label": "scratch, long", "label_index": 1, "split": "test"},
]


def as_csv(delimiter: str = ",", end: str = "\n") -> str:
    lines = [delimiter.join(ROWS[0])]
    lines += [delimiter.join(f'"{value}"' for value in row.values()) for row in ROWS]
    return end.join([*lines, ""])


def as_parquet() -> bytes:
    buffer = io.BytesIO()
    table = pa.Table.from_pylist(ROWS)
    table = table.set_column(2, "label", table["label"].dictionary_encode())
    pq.write_table(table.append_column("image_bytes", pa.array([b"\x00", b"\x01"])), buffer)
    return buffer.getvalue()


def facts(table: ParsedTable | None) -> list[tuple[str, ...]]:
    assert table is not None
    return [(row.image, row.mask, row.label, row.is_defect, row.split, row.fault) for row in table.rows]


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (as_csv().encode(), ".csv"),
        (as_csv(end="\r\n").encode("utf-8-sig"), ".csv"),
        (as_csv(";").encode(), ".csv"),
        (("sep=;\r\n" + as_csv(";", "\r\n")).encode("cp1252"), ".csv"),
        (as_csv("\t").encode("utf-16"), ".tsv"),
        ("\n".join(json.dumps(row) for row in ROWS).encode(), ".jsonl"),
        ("\r\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode("utf-8-sig"), ".ndjson"),
        (as_parquet(), ".parquet"),
    ],
)
def test_every_format_says_the_same(content: bytes, suffix: str) -> None:
    assert facts(parse_table(content, suffix)) == [
        ("a/ü 1.png", "", "good", "0", "train", ""),
        ("a/2.png", "m/2.png", "scratch, long", "1", "test", ""),
    ]


@pytest.mark.parametrize("name", ["image", "Image Path", "file_name", "FileName", "path", "image-path"])
def test_what_the_column_of_images_can_be_called(name: str) -> None:
    table = parse_table(f"id,{name},is_defect\n7,x.png,true\n".encode(), ".csv")
    assert table is not None and table.describes
    assert [(row.where, row.image, row.is_defect) for row in table.rows] == [("line 2", "x.png", "true")]


@pytest.mark.parametrize(
    ("content", "suffix"),
    [(b"id,label\n1,good\n", ".csv"), (b"", ".csv"), (b'{"text": "x"}\n', ".jsonl"), (b"\x00\x01\x02", ".csv")],
)
def test_a_table_without_images_is_none_of_ours(content: bytes, suffix: str) -> None:
    assert parse_table(content, suffix) is None


def test_images_inside_a_parquet_file_are_no_paths() -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": [{"bytes": b"x", "path": "1.png"}], "label": [0]}), buffer)
    assert parse_table(buffer.getvalue(), ".parquet") is None


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b'image,label\n"1.png,good\n2.png,good\n', ".csv"),  # a quote that is never closed
        (b"image,label\n1.png,\x81\xff\n", ".csv"),  # neither UTF-8 nor what Windows writes
        (b"\xff\xfei\x00m", ".csv"),
        (b"not json\nat all\n", ".jsonl"),
        (as_parquet()[:-20], ".parquet"),
        (b"PAR1", ".parquet"),
    ],
)
def test_a_damaged_table_is_an_error(content: bytes, suffix: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_table(content, suffix)


def test_damaged_rows_are_kept_apart() -> None:
    table = parse_table(b"image,label,split\n1.png,good,train\n2.png,go\n3.png,a,b,c\n\n4.png,good,test,,\n", ".csv")
    assert [(image, fault) for image, *_, fault in facts(table)] == [
        ("1.png", ""),
        ("2.png", "2 cells where 3 were expected"),
        ("3.png", "4 cells where 3 were expected"),
        ("4.png", ""),
    ]
    assert table is not None and table.rows[-1].where == "line 6"
    table = parse_table(
        b'{"file_name": "1.png", "label": 1.0}\n[1]\n{"file_name": "2.png", "label": {}}\n{"file_n', ".jsonl"
    )
    assert [(image, label, fault) for image, _, label, _, _, fault in facts(table)] == [
        ("1.png", "1", ""),
        ("", "", "no JSON object"),
        ("2.png", "", "label is no single value"),
        ("", "", "no JSON object"),
    ]


def test_what_programs_write_for_nothing() -> None:
    table = parse_table(b"image,mask,label\n1.png,nan,None\n2.png,None,x\n", ".csv")
    assert [(mask, label) for _, mask, label, *_ in facts(table)] == [("", ""), ("", "x")]


def test_what_no_database_takes_is_written_out() -> None:
    table = parse_table(b'{"image": "1.png", "label": "a\\ud800b\\u0000c"}\n', ".jsonl")
    assert [label for _, _, label, *_ in facts(table)] == ["a\\ud800bc"]
