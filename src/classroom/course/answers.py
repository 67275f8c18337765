"""The learner's notebook, run cell by cell: what a step's cell defines, and where it went wrong if it did."""

from __future__ import annotations

import ast
import linecache
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from dlt.extract.exceptions import ResourceExtractionError
from dlt.normalize.exceptions import NormalizeJobFailed
from dlt.pipeline.exceptions import PipelineStepFailed
from marimo import Cell

from classroom.course.contents import Names
from classroom.course.gaps import find_cell, parse
from classroom.errors import NotebookError
from darkroom.errors import iter_causes

_WRAPPERS = (PipelineStepFailed, ResourceExtractionError, NormalizeJobFailed)
_NOBODY_ANSWERS = "EOF when reading a line"
"""What Python says when `input()` reads from an empty standard input."""
_LIVE_CELL = re.compile(r"__marimo__cell_(?P<cell>\w+?)_")


class AnswerError(Exception):
    """The learner's code raised.

    Attributes:
        message: Exception, cell, line and code, in one sentence.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as marimo sees it, and its code as Python's compiler does."""

    marimo: Cell
    code: CodeType


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook of which only the setup has run.

    Attributes:
        path: The file that it was read from.
        module: What its setup defines, and the functions that marimo saved as such.
        cells: Its cells, none of which has run.
    """

    path: Path
    module: ModuleType
    cells: tuple[_Cell, ...]


def read_notebook(path: Path) -> Notebook:
    """Reads a notebook and runs its setup; each call does so anew.

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
    tree = parse(text)
    bodies = _name_cells(tree)
    module = ModuleType(f"classroom_notebook_{path.stem}")
    module.__file__ = str(path)
    # it stays there: dlt looks a function's module up when it makes a resource of it
    sys.modules[module.__name__] = module
    linecache.checkcache(str(path))
    try:
        exec(compile(tree, str(path), "exec"), vars(module))  # noqa: S102 - running the learner's code is the point
    except (Exception, SystemExit) as error:
        raise AnswerError(describe_exception(error, path)) from error
    cells = [(vars(module).get(name), body) for name, body in bodies.items()]
    codes = [_Cell(cell, compile(body, str(path), "exec")) for cell, body in cells if isinstance(cell, Cell)]
    return Notebook(path, module, tuple(codes))


def run_names(notebook: Notebook, names: Sequence[str]) -> Names:
    """Runs the cells that define some names, and those that they depend on.

    A cell is found by what it defines and not by its name: marimo saves a cell with nothing but a function as that
    function. marimo's own `Cell.run` leaves functions without a module, which dlt needs.

    Args:
        notebook: From `read_notebook`.
        names: Names that the learner's cell defines.

    Raises:
        NotebookError: No cell defines one of them.
        AnswerError: A cell raises.
    """
    cells = {id(cell.marimo) for cell in notebook.cells}
    values = {name: value for name, value in vars(notebook.module).items() if id(value) not in cells}
    for name in names:
        _define(notebook, name, values)
        if name not in values:
            raise NotebookError(
                f"no cell of {notebook.path} defines {name}; expected it as it was handed out. "
                "`classroom reset` restores the exercise (with a backup)."
            )
    return {name: values[name] for name in names}


def _define(notebook: Notebook, name: str, values: dict[str, Any], waiting: frozenset[str] = frozenset()) -> None:
    """Runs the cell that defines a name, after those that define what it refers to; nothing if there is none."""
    if name in values or name in waiting:
        return
    for cell in notebook.cells:
        if name in cell.marimo.defs:
            for reference in sorted(cell.marimo.refs):
                _define(notebook, reference, values, waiting | {name})
            try:
                exec(cell.code, values)  # noqa: S102 - running the learner's code is the point
            except (Exception, SystemExit) as error:
                raise AnswerError(describe_exception(error, notebook.path)) from error
            return


def _name_cells(tree: ast.Module) -> dict[str, ast.Module]:
    """Returns the bodies of the cells by name; cells without a name of their own are given one, in the tree itself."""
    bodies = {}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    for number, function in enumerate(functions):
        if function.name == "_":
            function.name = f"_unnamed_{number}"
        body = [node for node in function.body if not isinstance(node, ast.Return)]
        bodies[function.name] = ast.Module(body, type_ignores=[])
    return bodies


def describe_exception(error: BaseException, path: Path | None = None) -> str:
    """Returns one sentence for an exception: what, in which cell and line, and the code there; no traceback.

    Args:
        error: The exception.
        path: The notebook's file; None in a running notebook, whose cells are files of their own.
    """
    cause = find_cause(error)
    what = f"{type(cause).__name__}: {str(cause).strip().splitlines()[0] if str(cause).strip() else 'no message'}"
    if isinstance(cause, EOFError) and str(cause) == _NOBODY_ANSWERS:
        what = "input() asked a question, and nobody answers while a check runs,"
    frames = [frame for raised in (cause, error) for frame in reversed(traceback.extract_tb(raised.__traceback__))]
    return f"{what} {place}" if (place := _place(frames, path)) else what


def describe_running(path: Path) -> str:
    """Tells where a notebook's code is just now, whichever thread it runs in: cell, line and code; empty if nowhere.

    Args:
        path: The notebook's file.
    """
    threads = sorted(sys._current_frames().items(), key=lambda entry: entry[0] != threading.main_thread().ident)
    frames = [frame for _, running in threads for frame in reversed(traceback.extract_stack(running))]
    return _place(frames, path)


def find_cause(error: BaseException) -> BaseException:
    """Returns what lies behind dlt's wrappers, which name a step and a load id and no reason."""
    causes = list(iter_causes(error))
    return next((cause for cause in causes if not isinstance(cause, _WRAPPERS)), causes[-1])


def _place(frames: Iterable[traceback.FrameSummary], path: Path | None) -> str:
    """Tells of the first of some frames that is in a cell: which, its line and code; empty if none is."""
    for frame in frames:
        if cell := _cell_of(frame, path):
            return f"in {cell}, line {frame.lineno}{f': `{frame.line}`' if frame.line else ''}"
    return ""


def _cell_of(frame: traceback.FrameSummary, path: Path | None) -> str:
    if path is not None and frame.filename == str(path) and frame.lineno:
        return f"cell {find_cell(path.read_text(encoding='utf-8'), frame.lineno) or 'setup'}"
    return "your cell" if _LIVE_CELL.search(frame.filename) else ""
