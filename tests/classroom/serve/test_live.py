from __future__ import annotations

import ast
import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from classroom.course.registry import Course, read_course
from classroom.errors import NotebookError
from classroom.serve.live import find_demo_cells, make_live, open_live

REPOSITORY = Path(__file__).parents[3]
LESSON = REPOSITORY / "lessons" / "02_live_demo.py"

SMALL = '''import marimo

app = marimo.App(app_title="A lesson")

with app.setup:
    import marimo as mo


@app.cell
def demo_double(
    start,
):
    # cue: twice what comes in
    @staticmethod
    def double(number):
        """Twice."""
        return 2 * number

    both = [double(start), start]
    mo.show_code()
    return both, double


@app.cell
def number():
    start = 4
    return (start,)


@app.cell
def look(both, start):
    # the sum, for whoever looks
    total = sum(both) + start
    mo.md(f"{total}")
    return (total,)


if __name__ == "__main__":
    app.run()
'''


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of the one lesson, whose copies may be changed."""
    for folder in ("lessons", "sample_data"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    registry = (tmp_path / "lessons" / "course.toml").read_text(encoding="utf-8")
    assert 'id = "02_live_demo"' in registry
    return read_course(tmp_path)


def write(text: str, folder: Path, name: str = "notebook") -> Path:
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


def read_notebook(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def type_all(live: str, lesson: str) -> str:
    """What the instructor does: put below each cue what the lesson has there."""
    for cell in find_demo_cells(lesson):
        gives = "".join(f"{name} = " for name in cell.gives)
        emptied = f"    # cue: {cell.cue}\n    {gives}None  # type it here\n"
        assert live.count(emptied) == 1
        typed = "".join(f"    {line}".rstrip() + "\n" for line in cell.code.splitlines())
        live = live.replace(emptied, f"    # cue: {cell.cue}\n{typed}")
    return live


def test_a_demo_cell_keeps_its_cue_and_defines_its_names_as_none() -> None:
    live = make_live(SMALL)
    assert "    # cue: twice what comes in\n    both = double = None  # type it here\n    return both, double\n" in live
    assert 'app_title="Live: A lesson"' in live


def test_what_was_taken_out_stands_below_to_reveal_and_without_what_only_shows_it() -> None:
    [cell] = find_demo_cells(SMALL)
    assert cell.code.startswith('@staticmethod\ndef double(number):\n    """Twice."""\n')
    assert cell.code.endswith("both = [double(start), start]")
    names = [node.name for node in ast.parse(make_live(SMALL)).body if isinstance(node, ast.FunctionDef)]
    assert names == ["demo_double", "reveal_double", "number", "look"]
    assert repr(f"```python\n{cell.code}\n```") in make_live(SMALL)


def test_an_emptied_notebook_runs_and_cells_that_need_a_demo_wait(tmp_path: Path) -> None:
    app = read_notebook(write(make_live(SMALL), tmp_path)).app
    outputs, names = app.run()
    assert names["both"] is None
    assert "total" not in names
    assert any("Waits for" in getattr(output, "text", "") for output in outputs)


def test_a_typed_notebook_runs_to_its_end(tmp_path: Path) -> None:
    typed = type_all(make_live(SMALL), SMALL)
    _, names = read_notebook(write(typed, tmp_path)).app.run()
    assert names["total"] == 16


def test_output_shown_with_the_code_is_revealed_as_plain_code() -> None:
    [cell] = find_demo_cells(SMALL.replace("mo.show_code()", "mo.show_code(\n        sum(both)\n    )"))
    assert [line.strip() for line in cell.code.splitlines()][-1] == "sum(both)"
    assert "show_code" not in cell.code


def test_a_demo_cell_without_a_cue_is_named() -> None:
    with pytest.raises(NotebookError, match="demo_double has no cue"):
        make_live(SMALL.replace("# cue: ", "# "))


def test_a_notebook_without_demo_cells_is_refused() -> None:
    with pytest.raises(NotebookError, match="no cell to type live"):
        make_live(SMALL.replace("demo_double", "double_it"))


def test_the_lesson_has_a_cue_in_each_demo_cell_and_few_lines_to_type() -> None:
    cells = find_demo_cells(LESSON.read_text(encoding="utf-8"))
    assert len(cells) >= 6
    assert all(cell.cue and len(cell.code.splitlines()) <= 12 for cell in cells)


def test_the_live_copy_of_the_lesson_runs_with_nothing_typed(course: Course) -> None:
    _, names = read_notebook(open_live(course, course.find_lesson("02"))).app.run()
    assert names["samples"] is None
    assert "first" not in names
    assert len(names["originals"]) == 4


@pytest.mark.thorough
def test_typed_anew_the_lesson_loads_skips_adds_and_learns(course: Course) -> None:
    path = open_live(course, course.find_lesson("02"))
    typed = type_all(path.read_text(encoding="utf-8"), LESSON.read_text(encoding="utf-8"))
    _, names = read_notebook(write(typed, path.parent)).app.run()
    loaded, tables = len(names["samples"]), [names[run].table_count for run in ("first", "second", "third")]
    assert [names[run].row_count for run in ("first", "second", "third")] == [loaded, 0, 1]
    assert tables == [loaded, loaded, loaded + 1]
    assert names["trap"]["as_lists"].row_count == 1 + 12 + 12 * 12 + 12 * 12 * 3
    assert names["trap"]["as_bytes"].row_count == 1
    ingested, trained = names["impact"]
    assert ingested.images.new == loaded + 1
    assert {training.category for training in trained.trainings} == {"washer", "weave", "Class11", "Class12"}


def test_a_copy_that_was_typed_in_is_kept_and_one_that_was_not_is_replaced(course: Course) -> None:
    lesson = course.find_lesson("02")
    path = open_live(course, lesson)
    fresh = path.read_text(encoding="utf-8")
    assert open_live(course, lesson) == path
    assert list(path.parent.iterdir()) == [path]
    for rehearsal in ("first", "second"):
        path.write_text(fresh + f"# {rehearsal} rehearsal\n", encoding="utf-8")
        open_live(course, lesson)
    kept = sorted(place for place in path.parent.iterdir() if place != path)
    assert [place.name for place in kept] == [f"{path.stem}.kept-1.py", f"{path.stem}.kept-2.py"]
    assert [place.read_text(encoding="utf-8").splitlines()[-1] for place in kept] == [
        "# first rehearsal",
        "# second rehearsal",
    ]
    assert path.read_text(encoding="utf-8") == fresh
