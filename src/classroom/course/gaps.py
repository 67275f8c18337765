"""The one source of exercise and solution: gaps in the master are cut out, and can be filled with something else.

A gap is what stands between `# BEGIN SOLUTION` and `# END SOLUTION`, inside a cell. What an exercise shows in its
place is a line that does nothing, so that no cell raises because nobody has written in it yet.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from classroom.errors import NotebookError

BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"
EMPTY_GAP = "pass  # write here"

_GAP = re.compile(rf"^(?P<indent>[ ]*){BEGIN}\n(?P<code>.*?)^[ ]*{END}\n", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap of a master.

    Attributes:
        step: Number of the step, from the name of its cell: `exercise_3` holds the gap of step 3.
        code: What the master has in it, without indentation.
        line: Line of the file at which it begins, from 1.
    """

    step: int
    code: str
    line: int


def find_gaps(master: str) -> tuple[Gap, ...]:
    """Returns the gaps of a master, in order.

    Args:
        master: Text of a file in `solutions/`.

    Raises:
        NotebookError: A marker has no counterpart, or a gap is outside a cell called `exercise_N`.
    """
    gaps = tuple(
        Gap(_step_at(master, match.start()), textwrap.dedent(match["code"]), _line_at(master, match.start()))
        for match in _GAP.finditer(master)
    )
    if not len(gaps) == master.count(BEGIN) == master.count(END):
        raise NotebookError(
            f"{master.count(BEGIN)} × {BEGIN!r} and {master.count(END)} × {END!r}, of which {len(gaps)} pairs; "
            "expected each on a line of its own, the one before the other."
        )
    return gaps


def make_exercise(master: str) -> str:
    """Returns the exercise that a master becomes: every gap emptied."""
    return _GAP.sub(lambda match: f"{match['indent']}{EMPTY_GAP}\n", master)


def make_solution(master: str) -> str:
    """Returns the master without its markers, as a learner sees it."""
    return _GAP.sub(lambda match: match["code"], master)


def fill(master: str, codes: Mapping[int, str]) -> str:
    """Returns the exercise with the gaps of some steps filled.

    Args:
        master: Text of a file in `solutions/`.
        codes: Code by number of step, without indentation; where a step has several gaps, all but the first
            become empty.
    """
    seen: set[int] = set()

    def put(match: re.Match[str]) -> str:
        step = _step_at(master, match.start())
        code = EMPTY_GAP if step in seen else codes.get(step, EMPTY_GAP)
        seen.add(step)
        return textwrap.indent(textwrap.dedent(code).strip("\n") + "\n", match["indent"])

    return _GAP.sub(put, master)


def replace_cell(notebook: str, names: Collection[str], source: str) -> str:
    """Returns a notebook with one of its cells taken from another; all other cells stay as they are.

    Args:
        notebook: Text of the notebook to change.
        names: Names the cell can have: its own, and those of the functions it defines, as marimo saves a cell with
            nothing but a function as that function.
        source: Text of the notebook to take the cell from.

    Raises:
        NotebookError: Either has no such cell, or cannot be parsed.
    """
    lines = notebook.splitlines(keepends=True)
    first, last = _cell_lines(notebook, names)
    taken_first, taken_last = _cell_lines(source, names)
    taken = source.splitlines(keepends=True)[taken_first - 1 : taken_last]
    return "".join(lines[: first - 1] + taken + lines[last:])


def cell_code(notebook: str, cell: str) -> str:
    """Returns the code of a cell as an editor shows it: without the function around it, without what it hands on.

    Args:
        notebook: Text of the notebook.
        cell: Name of the cell, which is there.
    """
    first, last = _cell_lines(notebook, (cell,))
    lines = notebook.splitlines(keepends=True)[first - 1 : last]
    begin = next(number for number, line in enumerate(lines) if line.startswith("def ")) + 1
    end = max(number for number, line in enumerate(lines) if line.startswith("    return"))
    return textwrap.dedent("".join(lines[begin:end])).strip("\n")


def without_cells(notebook: str, cells: Collection[str]) -> str:
    """Returns a notebook without some of its cells.

    Args:
        notebook: Text of the notebook.
        cells: Names of the cells; each is there.
    """
    lines = notebook.splitlines(keepends=True)
    for cell in cells:
        first, last = _cell_lines(notebook, (cell,))
        lines[first - 1 : last] = [""] * (last - first + 1)
    return "".join(lines)


def find_cell(notebook: str, line: int) -> str:
    """Returns the name of the cell at a line, from 1, even where the text cannot be parsed; empty above all cells."""
    names = [
        match["name"]
        for match in re.finditer(r"^(?:async )?(?:def (?P<name>\w+)|with app\.setup)", notebook, re.MULTILINE)
        if _line_at(notebook, match.start()) <= line
    ]
    return (names[-1] or "setup") if names else ""


def _cell_lines(notebook: str, names: Collection[str]) -> tuple[int, int]:
    for node in parse(notebook).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in names:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            return first, node.end_lineno or first
    there = " or ".join(names)
    raise NotebookError(f"there is no cell called {there}; `classroom reset` restores the exercise (with a backup).")


def parse(notebook: str) -> ast.Module:
    """Returns the syntax tree of a notebook.

    Raises:
        NotebookError: It cannot be parsed; says in which cell and line.
    """
    try:
        return ast.parse(notebook)
    except SyntaxError as error:
        line = error.lineno or 0
        code = (error.text or "").strip()
        where = f"cell {find_cell(notebook, line) or '(before the first)'}, line {line}"
        raise NotebookError(f"SyntaxError in {where}: {error.msg}: `{code}`", line) from error


def _step_at(master: str, position: int) -> int:
    cell = find_cell(master, _line_at(master, position))
    match = re.fullmatch(r"exercise_(\d+)", cell)
    if match is None:
        raise NotebookError(
            f"line {_line_at(master, position)}: a gap in the cell {cell or '(none)'}; expected it in exercise_N."
        )
    return int(match[1])


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
