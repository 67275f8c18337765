"""Lessons teach by code that one sees: it stands in visible cells, cells are short, and few modules are used.

A line of code is a line in a cell that holds a token. None are: comments, docstrings, words for people (the arguments
of `mo.md` and `Question`), and what marimo wants: the `return` that hands names on, a bare `mo.show_code()`, the setup.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from classroom.course.registry import find_course

PROJECT = Path(__file__).parents[3]
COURSE = find_course(PROJECT)
LESSONS = [COURSE.lesson_file(lesson) for lesson in COURSE.lessons]
FOLDERS = ("lessons", "solutions", "exercises")
NOTEBOOKS = sorted(path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.py"))
MOST_LINES = 15
"""Of code in one cell."""

SHOWING = ("mo.show_code(", "render_code(", "show_case(", "show_tip(")
"""What makes a page show the code of a cell, or of a function in it."""

WORDS_FOR_PEOPLE = {"mo.md", "Question"}
NOT_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}

CLASSROOM = {
    "lessons": {
        *("course.registry", "course.workspace", "museum.loading"),
        *(
            "pages",
            "pages.follow_along_loads",
            "pages.navigation",
            "pages.quiz",
            "pages.widgets",
            "pages.tips",
            "pages.troubles",
        ),
    },
    "exercises": {
        *("course.registry", "course.workspace", "museum.loading", "pages", "pages.checkpoint", "pages.quiz"),
        *("pages.navigation", "pages.widgets"),
        *("checks.faulty_database", "checks.handle_a_bad_file", "checks.query_class_balance"),
        *("checks.write_the_resource",),
    },
}
"""What a notebook imports of the course's machinery; of darkroom, nothing but what it makes public."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook, with its lines of code."""

    name: str
    is_visible: bool
    code: tuple[str, ...]


def read_cells(text: str) -> list[Cell]:
    """The cells of a notebook without its setup."""
    return [
        Cell(node.name, not is_hidden(node), tuple(code_of(node, text)))
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]


def is_hidden(node: ast.FunctionDef | ast.ClassDef) -> bool:
    options = [option for call in node.decorator_list if isinstance(call, ast.Call) for option in call.keywords]
    return any(option.arg == "hide_code" and ast.literal_eval(option.value) for option in options)


def code_of(node: ast.FunctionDef | ast.ClassDef, text: str) -> Iterator[str]:
    lines = text.splitlines()
    dropped = {line for part in ast.walk(node) for line in lines_without_code(part)}
    is_function = ast.unparse(node.decorator_list[0]).startswith(("app.function", "app.class_definition"))
    if not is_function:
        dropped |= set(range(node.lineno, first_line(node.body[0])))
        dropped |= lines_of(node.body[-1]) if isinstance(node.body[-1], ast.Return) else set()
    for number in sorted(lines_with_tokens(text) & lines_of(node) - dropped):
        if lines[number - 1].strip() != "mo.show_code()":
            yield lines[number - 1]


def first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def lines_without_code(part: ast.AST) -> set[int]:
    """Lines of a docstring, or of words for people; a call that is more than a line's only content keeps its first."""
    if isinstance(part, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(part):
        return lines_of(part.body[0])
    if isinstance(part, ast.Expr) and is_for_people(part.value):
        return lines_of(part)
    if is_for_people(part):
        return set(range(part.lineno + 1, (part.end_lineno or part.lineno) + 1))  # type: ignore[attr-defined]
    return set()


def is_for_people(part: ast.AST) -> bool:
    return isinstance(part, ast.Call) and ast.unparse(part.func) in WORDS_FOR_PEOPLE


def lines_of(part: ast.stmt) -> set[int]:
    return set(range(part.lineno, (part.end_lineno or part.lineno) + 1))


def lines_with_tokens(text: str) -> set[int]:
    return {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in NOT_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }


def count(text: str) -> tuple[int, int]:
    """Lines of code in visible and in hidden cells."""
    cells = read_cells(text)
    visible, hidden = (sum(len(cell.code) for cell in cells if cell.is_visible is way) for way in (True, False))
    return visible, hidden


EXAMPLE = '''import marimo

app = marimo.App()

with app.setup:
    import marimo as mo

    MANY = 1


@app.cell(hide_code=True)
def prose():
    mo.md("""
    A lot of words,
    more than one line.
    """)
    return


@app.function
def double(number):
    """Twice."""
    return 2 * number


@app.cell(hide_code=True)
def ask_it():
    guess = Question(
        text="Why?",
        why="Because.",
    )
    guess
    return (guess,)


@app.cell
def taught():
    # why
    query = """
    SELECT 1
    """

    @twice
    def again():
        return query

    mo.show_code()
    return (
        query,
    )
'''


def test_words_are_no_code_and_queries_are() -> None:
    cells = {cell.name: (cell.is_visible, len(cell.code)) for cell in read_cells(EXAMPLE)}
    assert cells == {"prose": (False, 0), "double": (True, 2), "ask_it": (False, 2), "taught": (True, 6)}
    assert count(EXAMPLE) == (8, 2)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_at_least_half_of_a_lesson_s_code_is_visible(lesson: Path) -> None:
    visible, hidden = count(lesson.read_text(encoding="utf-8"))
    assert visible >= hidden
    assert visible > 0


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_cell_is_short(lesson: Path) -> None:
    cells = read_cells(lesson.read_text(encoding="utf-8"))
    assert {cell.name: len(cell.code) for cell in cells if len(cell.code) > MOST_LINES} == {}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_what_is_visible_is_seen_in_a_page_too(lesson: Path) -> None:
    """A served page shows no code but what a cell asks for: all of its own, or that of a function."""
    text = lesson.read_text(encoding="utf-8")
    cells = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    sources = {node.name: ast.unparse(node) for node in cells}
    for cell in read_cells(text):
        if cell.is_visible:
            calls = (f"render_code({cell.name}, ", f"script={cell.name})")
            is_shown_elsewhere = any(call in source for source in sources.values() for call in calls)
            assert is_shown_elsewhere or any(way in sources[cell.name] for way in SHOWING), cell.name


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_notebook_imports_what_darkroom_makes_public_and_few_modules_of_the_course(notebook: Path) -> None:
    import darkroom

    used: set[str] = set()
    for node in ast.walk(ast.parse(notebook.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            used.add(str(node.module))
            if node.module == "darkroom":
                assert {alias.name for alias in node.names} <= set(darkroom.__all__)
    assert {name for name in used if name.split(".")[0] == "darkroom"} <= {"darkroom"}
    allowed = CLASSROOM["lessons" if notebook.parent.name == "lessons" else "exercises"]
    assert {name.removeprefix("classroom.") for name in used if name.startswith("classroom.")} <= allowed
