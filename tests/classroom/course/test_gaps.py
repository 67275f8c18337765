"""Masters, exercises and solutions are one text."""

from __future__ import annotations

import textwrap

import pytest

from classroom.course.gaps import (
    cell_code,
    fill,
    find_cell,
    find_gaps,
    make_exercise,
    make_solution,
    parse,
    replace_cell,
    without_cells,
)
from classroom.errors import NotebookError

MASTER = textwrap.dedent(
    '''\
    import marimo

    app = marimo.App()

    with app.setup(hide_code=True):
        import marimo as mo


    @app.cell
    def exercise_1():
        def f(x):
            """Adds."""
            # BEGIN SOLUTION
            if x:
                return x + 1
            return 1
            # END SOLUTION

        return (f,)


    @app.cell
    def exercise_2():
        rows = None
        # BEGIN SOLUTION
        rows = [1]
        # END SOLUTION
        return (rows,)
    '''
)


def test_a_gap_knows_its_step_its_code_and_its_line() -> None:
    first, second = find_gaps(MASTER)
    assert (first.step, first.code, first.line) == (1, "if x:\n    return x + 1\nreturn 1\n", 13)
    assert (second.step, second.code) == (2, "rows = [1]\n")


def test_the_exercise_shows_nothing_of_the_solution_and_runs() -> None:
    exercise = make_exercise(MASTER)
    assert "x + 1" not in exercise
    assert "SOLUTION" not in exercise
    assert exercise.count("pass  # write here") == 2
    parse(exercise)


def test_the_solution_is_the_master_without_markers() -> None:
    solution = make_solution(MASTER)
    assert "SOLUTION" not in solution
    assert solution.splitlines() == [line for line in MASTER.splitlines() if "SOLUTION" not in line]


def test_filling_all_gaps_with_their_own_code_is_the_solution() -> None:
    assert fill(MASTER, {gap.step: gap.code for gap in find_gaps(MASTER)}) == make_solution(MASTER)
    assert fill(MASTER, {}) == make_exercise(MASTER)


def test_code_keeps_its_own_indentation_in_a_gap() -> None:
    filled = fill(MASTER, {1: "    for y in x:\n        return y\n"})
    assert "        for y in x:\n            return y\n" in filled


def test_a_cell_is_replaced_and_no_other() -> None:
    exercise = make_exercise(MASTER)
    caught_up = replace_cell(exercise, ("exercise_1", "f"), make_solution(MASTER))
    assert "return x + 1" in caught_up
    assert "rows = [1]" not in caught_up
    assert replace_cell(caught_up, ("exercise_1", "f"), exercise) == exercise


def test_a_cell_that_marimo_saved_as_a_function_is_found() -> None:
    saved = "import marimo\n\napp = marimo.App()\n\n\n@app.function\ndef f(x):\n    return 0\n\n\nx = 1\n"
    replaced = replace_cell(saved, ("exercise_1", "f"), make_solution(MASTER))
    assert "return x + 1" in replaced
    assert "return 0" not in replaced
    assert replaced.endswith("\n\nx = 1\n")


def test_a_missing_cell_says_how_to_restore_it() -> None:
    with pytest.raises(NotebookError, match="no cell called exercise_1 or f; `classroom reset`"):
        replace_cell("x = 1\n", ("exercise_1", "f"), MASTER)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("            # END SOLUTION\n", "", "2 × '# BEGIN SOLUTION' and 1 × '# END SOLUTION'"),
        ("def exercise_1():", "def other():", "a gap in the cell other; expected it in exercise_N"),
    ],
)
def test_a_master_with_stray_markers_is_refused(old: str, new: str, message: str) -> None:
    broken = MASTER.replace(old.replace("            ", "        "), new, 1)
    assert broken != MASTER
    with pytest.raises(NotebookError, match=message):
        find_gaps(broken)


def test_a_syntax_error_is_told_with_cell_and_line() -> None:
    broken = MASTER.replace("return x + 1", "return x +")
    with pytest.raises(NotebookError, match=r"SyntaxError in cell exercise_1, line 15: .*`return x \+`") as caught:
        parse(broken)
    assert caught.value.line == 15


def test_the_code_of_a_cell_is_as_an_editor_shows_it() -> None:
    shown = cell_code(make_solution(MASTER), "exercise_1")
    assert shown.splitlines()[0] == "def f(x):"
    assert shown.splitlines()[-1] == "    return 1"
    assert "def f" not in without_cells(MASTER, ["exercise_1"])
    assert "exercise_2" in without_cells(MASTER, ["exercise_1"])


def test_a_line_belongs_to_the_cell_above() -> None:
    assert [find_cell(MASTER, line) for line in (1, 6, 12, 24)] == ["", "setup", "exercise_1", "exercise_2"]
