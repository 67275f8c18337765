"""Why a name is missing in a running notebook: the cell that should define it cannot be read, or defines another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from classroom.course.answers import describe_exception
from classroom.course.contents import Step
from classroom.course.workspace import KEPT_ERRORS


def find_problem(step: Step) -> str:
    """Tells why a step's names are not there, in a sentence or two.

    Args:
        step: The step whose cell does not define what it should.
    """
    names = ", ".join(f"`{name}`" for name in step.defines)
    missing = f"No cell defines {names}. `classroom reset {step.id}` restores the cell, and keeps what you wrote."
    problems = (*map(describe_cell_error, _find_errors()), *map(describe_exception, _find_exceptions()))
    return next(iter(problems), missing)


def describe_cell_error(error: Any) -> str:
    """Returns a sentence for what marimo says of a cell that it cannot run.

    Args:
        error: From marimo. That of a syntax error has a `lineno`, as the editor counts, and ends as Python's traceback.
    """
    lines = str(error.describe()).strip().splitlines()
    line = getattr(error, "lineno", None)
    if not line:
        return f"marimo does not run your cell: {lines[0]}"
    code = next((line.strip() for line in lines[1:-1] if line.strip(" ^~")), "")
    return f"Python cannot read your cell, line {line}{f': `{code}`' if code else ''}. {lines[-1]}."


def _find_errors() -> Iterator[Any]:
    """Yields what marimo says of the cells that it cannot run; nothing where it keeps that otherwise than in 0.25."""
    kernel = _find_kernel()
    for name in ("errors", KEPT_ERRORS):
        for of_cell in getattr(kernel, name, {}).values():
            yield from of_cell


def _find_exceptions() -> Iterator[BaseException]:
    """Yields what cells raised when they ran last; nothing where marimo keeps that otherwise than in 0.25."""
    cells = getattr(getattr(_find_kernel(), "graph", None), "cells", {})
    for cell in cells.values():
        if isinstance(error := getattr(cell, "exception", None), BaseException):
            yield error


def _find_kernel() -> Any:
    try:
        from marimo._runtime.context.types import safe_get_context
    except ImportError:
        return None
    return getattr(safe_get_context(), "_kernel", None)
