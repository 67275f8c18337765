"""A lesson to be typed live: its demo cells emptied to a one-line cue, each with its code to reveal.

A demo cell is called `demo_…` and begins with the comment `# cue: …`. In the copy it defines its names as None, so that
no cell fails before somebody has typed; cells that need them wait, and say for which cell.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from classroom.course.contents import Lesson
from classroom.course.gaps import parse
from classroom.course.progress import FOLDER
from classroom.course.registry import Course
from classroom.errors import NotebookError

DEMO_PREFIX = "demo_"
CUE = "# cue: "

_INDENT = " " * 4
_SHOW_CODE = re.compile(r"^mo\.show_code\((?P<shown>.*)\)$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'(?<=app_title=")')


@dataclass(frozen=True, slots=True)
class DemoCell:
    """A cell that is typed live.

    Attributes:
        name: The cell's name, with `demo_` in front.
        cue: What the instructor is reminded of.
        code: What is typed: without the cue, and without what only shows the code in a page.
        gives: The names that it defines for other cells.
        lines: Its lines in the notebook, first and last, from 1; from the decorator on.
        code_lines: The lines below the cue and above the `return`, first and last.
    """

    name: str
    cue: str
    code: str
    gives: tuple[str, ...]
    lines: tuple[int, int]
    code_lines: tuple[int, int]


def open_live(course: Course, lesson: Lesson) -> Path:
    """Writes the copy of a lesson to be typed live, below `.classroom/live/`, and returns its path.

    An earlier copy that was changed is kept beside it as `<lesson>.kept-1.py`, `.kept-2.py`, …

    Args:
        course: The course.
        lesson: One with demo cells.

    Raises:
        NotebookError: It has none, or one without a cue.
    """
    text = make_live(course.lesson_file(lesson).read_text(encoding="utf-8"))
    path = course.root / FOLDER / "live" / f"{lesson.id}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        kept = (path.with_suffix(f".kept-{number}.py") for number in count(1))
        shutil.copy2(path, next(place for place in kept if not place.exists()))
    new = path.with_suffix(f".new-{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    return path


def make_live(notebook: str) -> str:
    """Returns a notebook with its demo cells emptied, their code to reveal below, and the other cells waiting for them.

    Args:
        notebook: Text of a lesson, which imports marimo as `mo`.

    Raises:
        NotebookError: It has no demo cell, one has no cue, or it cannot be parsed.
    """
    demos = find_demo_cells(notebook)
    if not demos:
        raise NotebookError(
            f"there is no cell to type live; expected some called {DEMO_PREFIX}…, as in 02_live_demo. "
            "Type `classroom live 02`."
        )
    makers = {name: demo.name for demo in demos for name in demo.gives}
    lines = notebook.splitlines(keepends=True)
    # from the last line upwards, so that line numbers above stay true
    edits = [*_empty(demos), *_guard(notebook, makers)]
    for first, last, text in sorted(edits, reverse=True):
        lines[first - 1 : last] = [text]
    return _TITLE.sub("Live: ", "".join(lines), count=1)


def find_demo_cells(notebook: str) -> tuple[DemoCell, ...]:
    """Returns the demo cells of a notebook, in order.

    Raises:
        NotebookError: One has no cue, or the notebook cannot be parsed.
    """
    lines = notebook.splitlines()
    return tuple(_read_cell(cell, lines) for cell in _cells(notebook) if cell.name.startswith(DEMO_PREFIX))


def _cells(notebook: str) -> Iterator[ast.FunctionDef]:
    for node in parse(notebook).body:
        if isinstance(node, ast.FunctionDef) and any("app.cell" in ast.unparse(line) for line in node.decorator_list):
            yield node


def _read_cell(cell: ast.FunctionDef, lines: list[str]) -> DemoCell:
    last = cell.body[-1]
    body_first = _first_line(cell.body[0])
    cues = [number for number in range(cell.lineno, body_first) if lines[number - 1].strip().startswith(CUE)]
    if not cues or not isinstance(last, ast.Return):
        raise NotebookError(
            f"cell {cell.name} has no cue; expected `{CUE}…` as its first line and `return` as its last.", cell.lineno
        )
    code = textwrap.dedent("\n".join(lines[cues[0] : last.lineno - 1]))
    return DemoCell(
        name=cell.name,
        cue=lines[cues[0] - 1].strip().removeprefix(CUE),
        code=_SHOW_CODE.sub(r"\g<shown>", code).strip(),
        gives=tuple(node.id for node in ast.walk(last) if isinstance(node, ast.Name)),
        lines=(_first_line(cell), cell.end_lineno or last.lineno),
        code_lines=(cues[0] + 1, last.lineno - 1),
    )


def _empty(demos: tuple[DemoCell, ...]) -> Iterator[tuple[int, int, str]]:
    for demo in demos:
        names = "".join(f"{name} = " for name in demo.gives)
        yield (*demo.code_lines, f"{_INDENT}{names}None  # type it here\n" if names else "")
        end = demo.lines[1]
        yield end + 1, end, _reveal_cell(demo)


def _reveal_cell(demo: DemoCell) -> str:
    name = demo.name.removeprefix(DEMO_PREFIX)
    fenced = f"```python\n{demo.code}\n```"
    return (
        f"\n\n@app.cell(hide_code=True)\ndef reveal_{name}():\n"
        f'{_INDENT}mo.accordion(\n{_INDENT * 2}{{"The code of this cell": mo.md({fenced!r})}}\n{_INDENT})\n'
        f"{_INDENT}return\n"
    )


def _guard(notebook: str, makers: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yields the lines that let a cell wait for the demo cells whose names it takes."""
    for cell in _cells(notebook):
        taken = [argument.arg for argument in cell.args.args if argument.arg in makers]
        if not taken or cell.name.startswith(DEMO_PREFIX):
            continue
        cells = ", ".join(dict.fromkeys(f"*{makers[name].removeprefix(DEMO_PREFIX)}*" for name in taken))
        line = _first_line(cell.body[0])
        names = "".join(f"{name}, " for name in taken).strip()
        told = f"Waits for the cell that is typed above: {cells}."
        wait = f"mo.stop(any(_typed is None for _typed in ({names})), mo.md({told!r}))"
        yield line, line - 1, f"{_INDENT}{wait}\n"


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])
