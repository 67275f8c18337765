"""Why a name is missing in a running notebook: the cell that should define it cannot be read, or defines another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from classroom.course.contents import Step


def find_problem(step: Step) -> str:
    """Tells why a step's names are not there, in a sentence or two.

    Args:
        step: The step whose cell does not define what it should.
    """
    names = ", ".join(f"`{name}`" for name in step.defines)
    missing = f"No cell defines {names}. `classroom reset {step.id}` restores the cell, and keeps what you wrote."
    return next((describe_cell_error(error) for error in _find_errors()), missing)


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
    try:
        from marimo._runtime.context.types import safe_get_context

        errors = safe_get_context()._kernel.errors.values()  # type: ignore[union-attr] # None is told below
    except (ImportError, AttributeError):
        return
    for of_cell in errors:
        yield from of_cell
