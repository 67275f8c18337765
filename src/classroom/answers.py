"""The learner's notebook, run cell by cell: what a step's cell defines, and where it went wrong if it did."""

from __future__ import annotations

import importlib.util
import linecache
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from marimo import Cell

from classroom.errors import NotebookError
from classroom.gaps import find_cell, parse

Names = Mapping[str, Any]
"""What a cell defines, by name."""

_LIVE_CELL = re.compile(r"__marimo__cell_(?P<cell>\w+?)_")


class AnswerError(Exception):
    """The learner's code raised.

    Attributes:
        message: Exception, cell, line and code, in one sentence.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def read_notebook(path: Path) -> ModuleType:
    """Imports a notebook without running its cells; each call imports it anew.

    Args:
        path: A file in `exercises/` or `solutions/`, or a submission.

    Raises:
        NotebookError: It is not there, not UTF-8, or cannot be parsed; says in which cell and line.
        AnswerError: Its setup raises.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotebookError(f"{path} cannot be read: {error}") from error
    parse(text)
    linecache.checkcache(str(path))
    spec = importlib.util.spec_from_file_location(f"classroom_notebook_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise NotebookError(f"{path} is not a Python file; expected a marimo notebook")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise AnswerError(describe_exception(error, path)) from error
    finally:
        sys.modules.pop(spec.name, None)
    return module


def run_names(notebook: ModuleType, names: Sequence[str]) -> Names:
    """Runs the cells that define some names, and those that they depend on.

    A cell is found by what it defines and not by its name: marimo saves a cell with nothing but a function as that
    function.

    Args:
        notebook: From `read_notebook`.
        names: Names that the learner's cell defines.

    Raises:
        NotebookError: No cell defines one of them.
        AnswerError: A cell raises.
    """
    values: dict[str, Any] = {}
    for name in names:
        if name not in values:
            values |= _run_cell_of(notebook, name)
    return {name: values[name] for name in names}


def _run_cell_of(notebook: ModuleType, name: str) -> Names:
    found = getattr(notebook, name, None)
    if found is not None and not isinstance(found, Cell):
        return {name: found}
    for cell in vars(notebook).values():
        if isinstance(cell, Cell) and name in cell.defs:
            try:
                return dict(cell.run()[1])
            except Exception as error:
                raise AnswerError(describe_exception(error, Path(str(notebook.__file__)))) from error
    raise NotebookError(
        f"no cell of {notebook.__file__} defines {name}; expected it as it was handed out. "
        "`classroom reset` restores the exercise (with a backup)."
    )


def describe_exception(error: BaseException, path: Path | None = None) -> str:
    """One sentence for an exception: what, in which cell and line, and the code there; no traceback.

    Args:
        error: The exception.
        path: The notebook's file; None in a running notebook, whose cells are files of their own.
    """
    what = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        cell = _cell_of(frame, path)
        if cell:
            code = f": `{frame.line}`" if frame.line else ""
            return f"{what} in {cell}, line {frame.lineno}{code}"
    return what


def _cell_of(frame: traceback.FrameSummary, path: Path | None) -> str:
    if path is not None and frame.filename == str(path) and frame.lineno:
        return f"cell {find_cell(path.read_text(encoding='utf-8'), frame.lineno) or 'setup'}"
    return "your cell" if _LIVE_CELL.search(frame.filename) else ""
