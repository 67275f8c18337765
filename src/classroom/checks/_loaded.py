"""What the checks of loads share: whether a gap is empty, and what stands in the table `images` afterwards."""

from __future__ import annotations

import dis
from collections.abc import Iterable, Mapping
from typing import Any

from dlt.extract import DltResource

from classroom.course.outcomes import CheckResult, failed
from classroom.course.workspace import Workspace

ImageRow = dict[str, Any]
"""A row of `images`, by column."""

_IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
"""What a function's bytecode has where its body is a docstring and `pass`, in all Pythons from 3.11 on."""


def is_blank(function: object) -> bool:
    """Returns whether a function's body does nothing at all, as it was handed out.

    A function that returns None need not be one: it may have read everything and handed on nothing, which is a
    mistake to tell of.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    steps = list(dis.get_instructions(code))
    constants = [step.argval for step in steps if step.opname.endswith("_CONST")]
    return {step.opname for step in steps} <= _IDLE and constants == [None]


def is_rows(answer: object) -> bool:
    """Returns whether rows can be taken from what a learner's function returned: it is neither one row nor nothing."""
    return isinstance(answer, Iterable) and not isinstance(answer, str | bytes | Mapping)


def load_answer(workspace: Workspace, answer: Iterable[Any]) -> None:
    """Loads the rows that a learner's function returned into `images`, in place of what was there.

    Unless they are a dlt resource with hints of its own, they are read beforehand, so that an exception in the
    learner's generator is not wrapped by dlt.

    Args:
        workspace: Where to load.
        answer: The rows.
    """
    rows = answer if isinstance(answer, DltResource) else list(answer)
    workspace.pipeline().run(rows, table_name="images", write_disposition="replace")


def read_columns(workspace: Workspace) -> dict[str, str]:
    """Returns DuckDB's type of each column of `images`; none where the table does not exist."""
    if not workspace.database.exists():
        return {}
    return dict(
        workspace.query(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'inspection' AND table_name = 'images' ORDER BY ordinal_position"
        )
    )


def read_images(workspace: Workspace) -> list[ImageRow]:
    """Returns the rows of `images`; none where the table does not exist."""
    columns = read_columns(workspace)
    if not columns:
        return []
    rows = workspace.query("SELECT * FROM inspection.images ORDER BY ALL")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def returned_no_rows(returned: str, call: str) -> CheckResult:
    """Returns what to say to a function that was written and returns no rows.

    Args:
        returned: Name of the type that it returned.
        call: What was called, as one would type it.
    """
    is_nothing = returned == "NoneType"
    return failed(
        "The function does something and hands nothing on: what it returns is None."
        if is_nothing
        else f"The function returns one {returned}, where many rows are expected.",
        expected="rows",
        actual="None" if is_nothing else returned,
        next_step="Hand the rows on with `yield`, or `yield from` where another generator makes them.",
        call=call,
    )
