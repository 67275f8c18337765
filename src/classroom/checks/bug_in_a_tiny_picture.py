"""Exercise 10: pixels as nested lists, which dlt turns into a table for each depth."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import (
    is_blank,
    is_rows,
    load_answer,
    read_columns,
    read_images,
    returned_no_rows,
)
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace

Pictures = dict[str, npt.NDArray[Any]]

_SHAPE = ("tensor_height", "tensor_width", "tensor_channels")
_COLUMNS = ("sample_id", "image_tensor", *_SHAPE, "tensor_dtype")
_CALL = "images(pictures)"


def make_pictures() -> Pictures:
    """Returns small pictures with traps: none is square; one is mirrored, one in Fortran order, two of 16 bits."""
    numbers = np.arange(60)
    return {
        "bottle/000.png": (numbers * 4).astype(np.uint8).reshape(4, 5, 3),
        "bottle/001.png": (numbers * 4).astype(np.uint8).reshape(5, 4, 3)[:, ::-1],
        "cable/000.png": np.asfortranarray((numbers * 4).astype(np.uint8).reshape(4, 5, 3)),
        "grid/000.png": (numbers[:6] * 1000).astype(np.uint16).reshape(2, 3, 1),
        "grid/001.png": (numbers[:6] * 1000).astype(">u2").reshape(2, 3, 1),
    }


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Loads what `images` yields for three pictures; tables, columns and rows as they stand in the database."""
    images = names["images"]
    if is_blank(images):
        return EMPTY
    answer = images(make_pictures())
    if not is_rows(answer):
        return {"returned": type(answer).__name__}
    load_answer(workspace, answer)
    rows = [{name: _plain(value) for name, value in row.items()} for row in read_images(workspace)]
    return {"tables": workspace.tables(), "columns": read_columns(workspace), "rows": rows}


def judge(evidence: Evidence) -> CheckResult:
    """Judges the schema first, which nested lists spoil; then whether a picture can be made of each row again."""
    if "returned" in evidence:
        return returned_no_rows(evidence["returned"], _CALL)
    rows = {row.get("sample_id"): row for row in evidence["rows"]}
    problem = _judge_tables(evidence["tables"]) or _judge_columns(evidence["columns"])
    problem = problem or _judge_keys([row.get("sample_id") for row in evidence["rows"]])
    for sample_id, picture in make_pictures().items():
        problem = problem or _judge_row(sample_id, picture, rows.get(sample_id, {}))
    return problem or passed(
        "The bug: pixels as lists. "
        "A picture is one value in one column. Its shape and dtype beside it make it an array again with "
        "`np.frombuffer(…).reshape(…)`, and the database never sees a pixel."
    )


def _judge_tables(tables: list[str]) -> CheckResult | None:
    if tables == ["images"]:
        return None
    children = [table for table in tables if table != "images"]
    if not children:
        return failed(
            "Nothing was loaded.",
            expected="the table images",
            actual="no table",
            next_step="Yield one dict for each picture.",
            call=_CALL,
        )
    return failed(
        f"dlt had to make {len(children)} more {'table' if len(children) == 1 else 'tables'} for your pixels.",
        expected="the table images, and no other",
        actual=", ".join(tables),
        next_step="A list of any depth becomes a table. Which Python type is one value, however long?",
        call=_CALL,
    )


def _judge_columns(columns: dict[str, str]) -> CheckResult | None:
    if missing := [name for name in _COLUMNS if name not in columns]:
        return failed(
            f"The table has no {', '.join(f'`{name}`' for name in missing)}.",
            expected=", ".join(_COLUMNS),
            actual=", ".join(name for name in columns if not name.startswith("_dlt")),
            next_step="Bytes alone do not tell how wide a picture is nor what its numbers are: store both beside them.",
            call=_CALL,
        )
    if columns["image_tensor"] != "BLOB":
        return failed(
            "The pixels are text, which has to be parsed number by number each time somebody reads a picture.",
            expected="image_tensor BLOB",
            actual=f"image_tensor {columns['image_tensor']}",
            next_step="NumPy can give an array's memory as `bytes`, and DuckDB keeps those as they are.",
            call=_CALL,
        )
    return None


def _judge_keys(found: list[object]) -> CheckResult | None:
    expected = sorted(make_pictures())
    if sorted(map(str, found)) == expected:
        return None
    return failed(
        "There is not one row for each picture.",
        expected=", ".join(expected),
        actual=", ".join(sorted(map(str, found))) or "no rows",
        next_step="Yield one dict for each picture; its key in `pictures` is its `sample_id`.",
        call=_CALL,
    )


def _judge_row(sample_id: str, picture: npt.NDArray[Any], row: dict[str, Any]) -> CheckResult | None:
    """Returns whether the row is enough to make the picture again."""
    shape = tuple(row[name] for name in _SHAPE)
    if shape != picture.shape:
        return failed(
            f"`{sample_id}` has another shape in its row.",
            expected=f"{', '.join(_SHAPE)} = {picture.shape}",
            actual=shape,
            next_step="An array's shape is (height, width, channels), in this order.",
            call=_CALL,
        )
    if not _is_dtype(row["tensor_dtype"], picture.dtype):
        return failed(
            f"`tensor_dtype` of `{sample_id}` is not that of the picture.",
            expected=picture.dtype,
            actual=row["tensor_dtype"],
            next_step="Not every picture is uint8: ask the array.",
            call=_CALL,
        )
    if row["image_tensor"] != picture.tobytes().hex():
        return failed(
            f"`image_tensor` of `{sample_id}` does not hold the picture's bytes.",
            expected=f"{picture.nbytes} bytes, row by row",
            actual=f"{len(row['image_tensor'] or '') // 2} bytes, other ones",
            next_step="Store the array as it is: not converted, not compressed, its pixels in C order.",
            call=_CALL,
        )
    return None


def _is_dtype(text: object, dtype: np.dtype[Any]) -> bool:
    try:
        return np.dtype(str(text)) == dtype
    except (TypeError, ValueError, SyntaxError):  # whatever NumPy makes of text that is no dtype
        return False


def _plain(value: Any) -> Any:
    """Returns bytes as hexadecimal digits, numbers as they are, anything else as text."""
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _answer(pixels: str, height_width: str = "*picture.shape", dtype: str = "str(picture.dtype)") -> str:
    return f"""
import json
for sample_id, picture in pictures.items():
    height, width, channels = ({height_width},)
    row = {{"sample_id": sample_id, "image_tensor": {pixels}, "tensor_dtype": {dtype}}}
    yield row | {{"tensor_height": height, "tensor_width": width, "tensor_channels": channels}}
"""


STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer("lists, with the shape beside them", _answer("picture.tolist()"), "3 more tables"),
            WrongAnswer("one flat list", _answer("picture.ravel().tolist()"), "1 more table for"),
            WrongAnswer("JSON text", _answer("json.dumps(picture.tolist())"), "The pixels are text"),
            WrongAnswer(
                "bytes and nothing else",
                "for sample_id, picture in pictures.items():\n"
                '    yield {"sample_id": sample_id, "image_tensor": picture.tobytes()}',
                "The table has no `tensor_height`",
            ),
            WrongAnswer(
                "width before height",
                _answer("picture.tobytes()", "picture.shape[1], picture.shape[0], picture.shape[2]"),
                "has another shape in its row",
            ),
            WrongAnswer(
                "every picture is uint8",
                _answer("picture.tobytes()", dtype='"uint8"'),
                "`tensor_dtype` of `grid/000.png`",
            ),
            WrongAnswer(
                "the name of the type, without its byte order",
                _answer("picture.tobytes()", dtype="picture.dtype.name"),
                "`tensor_dtype` of `grid/001.png`",
            ),
            WrongAnswer(
                "bytes in whatever order they have",
                _answer('picture.tobytes(order="A")'),
                "`image_tensor` of `cable/000.png`",
            ),
            WrongAnswer(
                "bytes as text",
                _answer("picture.tobytes().hex()"),
                "The pixels are text",
            ),
            WrongAnswer(
                "a pickle",
                _answer('__import__("pickle").dumps(picture)'),
                "does not hold the picture's bytes",
            ),
            WrongAnswer(
                "converted to 8 bits",
                _answer('picture.astype("uint8").tobytes()'),
                "does not hold the picture's bytes",
            ),
        ),
        demands=(
            "one row for each picture",
            "into one table",
            "`sample_id`",
            "`image_tensor`",
            "`tensor_height`, `tensor_width`, `tensor_channels`",
            "`tensor_dtype`",
            "its byte order included",
        ),
    ),
)
