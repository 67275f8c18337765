"""The import rules of the design, read from the source itself, room by room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

DARKROOM = {
    "extract": "",
    "harmonise": "",
    "database": "",
    "load": "extract harmonise database",
    "query": "database",
    "export": "database query",
    "training": "database query",
    "sample_data": "",
    "commands": "extract harmonise database load query export training sample_data",
}
"""What each room may import besides itself and the words (`sample`, `tables`, …), which import words only."""

CLASSROOM = {
    "course": "",
    "museum": "course",
    "checks": "course museum",
    "pages": "course museum checks",
    "grading": "course checks",
    "serve": "course grading",
    "authoring": "course checks",
    "commands": "course museum checks pages grading serve authoring",
}

ROOMS = {"darkroom": DARKROOM, "classroom": CLASSROOM}

CLASSROOM_WITH_MARIMO = {
    "answers",
    "broken_cells",
    "checkpoint",
    "demonstrations",
    "guarded_editor",
    "lasting_checkpoints",
    "navigation",
    "outlook",
    "page",
    "quiz",
    "server",
    "slides",
    "widgets",
}
"""Modules of the classroom that know marimo: they run notebooks, show things in them, or serve them."""


def imports_of(file: Path) -> Iterator[str]:
    """Full names of the modules that a file imports anywhere in its code."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files_of(package: str) -> list[Path]:
    return sorted((SOURCE / package).rglob("*.py"))


@pytest.mark.parametrize(
    ("package", "room"),
    [(package, room) for package in ("darkroom", "classroom") for room in (*globals()[package.upper()], "")],
)
def test_a_room_imports_only_what_is_below_it(package: str, room: str) -> None:
    rooms: dict[str, str] = globals()[package.upper()]
    files = (SOURCE / package / room).rglob("*.py") if room else (SOURCE / package).glob("[!_]*.py")
    allowed = {room, *rooms.get(room, "").split()}
    for file in files:
        used = {name.split(".")[1] for name in imports_of(file) if name.startswith(f"{package}.")}
        assert (used & rooms.keys()) - allowed == set(), file


def test_every_room_has_its_rule() -> None:
    for package, rooms in ROOMS.items():
        folders = {file.parent.name for file in (SOURCE / package).glob("*/__init__.py")}
        assert folders == rooms.keys()
        assert len(list((SOURCE / package).glob("*.py"))) <= 12


@pytest.mark.parametrize("file", files_of("darkroom"), ids=lambda path: path.stem)
def test_darkroom_knows_nothing_of_the_classroom(file: Path) -> None:
    assert not {name.split(".")[0] for name in imports_of(file)} & {"classroom", "marimo"}


@pytest.mark.parametrize("file", files_of("classroom"), ids=lambda path: path.stem)
def test_few_modules_of_the_classroom_import_marimo(file: Path) -> None:
    assert "marimo" not in {name.split(".")[0] for name in imports_of(file)} or file.stem in CLASSROOM_WITH_MARIMO


@pytest.mark.parametrize("file", files_of("classroom/checks"), ids=lambda path: path.stem)
def test_a_judge_runs_nothing_of_a_learner_s(file: Path) -> None:
    """`judge` takes evidence alone: it has one argument, and calls nothing that runs a notebook."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == "judge":
            assert [argument.arg for argument in node.args.args] == ["evidence"]
            called = {
                call.func.id
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            }
            assert not called & {"run_names", "read_notebook", "load", "run", "exec", "eval"}
