"""A lesson's step cells are the master's, solved and shown; `sync` keeps them so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classroom.authoring.sync import out_of_sync, show_solution_cells, sync
from classroom.course.gaps import cell_code, make_solution
from classroom.course.registry import Course, read_course

PAGE_LIMIT = 'params={"limit": 100}, headers=AGENT_HEADER, timeout=30'


@pytest.fixture
def copied(real_course: Course, tmp_path: Path) -> Course:
    for folder in ("lessons", "solutions", "exercises"):
        shutil.copytree(real_course.root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__*"))
    return read_course(tmp_path)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_follow_along_lesson_has_each_step_as_its_master_has_it(real_course: Course) -> None:
    exercise = real_course.find_exercise("follow_along")
    solution = make_solution(real_course.solution_file(exercise.id).read_text(encoding="utf-8"))
    lesson = real_course.lesson_file(real_course.find_lesson("04")).read_text(encoding="utf-8")
    assert len(exercise.steps) == 5
    for step in exercise.steps:
        shown = cell_code(lesson, step.exercise_cell)
        assert shown == f"{cell_code(solution, step.exercise_cell)}\n\nmo.show_code()"


def test_a_changed_gap_of_the_master_changes_the_lesson_alone(copied: Course) -> None:
    assert out_of_sync(copied) == []
    lesson = copied.lesson_file(copied.find_lesson("04"))
    before = lesson.read_text(encoding="utf-8")
    change(copied.solution_file("follow_along"), PAGE_LIMIT, PAGE_LIMIT.replace("100", "99"))
    assert out_of_sync(copied) == [lesson]
    assert lesson.read_text(encoding="utf-8") == before
    assert sync(copied) == [lesson]
    assert lesson.read_text(encoding="utf-8") == before.replace(PAGE_LIMIT, PAGE_LIMIT.replace("100", "99"))
    assert sync(copied) == []


def test_a_cell_that_was_edited_in_the_lesson_is_set_back(copied: Course) -> None:
    lesson = copied.lesson_file(copied.find_lesson("04"))
    before = lesson.read_text(encoding="utf-8")
    change(lesson, PAGE_LIMIT, PAGE_LIMIT.replace("30", "3"))
    assert sync(copied) == [lesson]
    assert lesson.read_text(encoding="utf-8") == before


def test_a_lesson_of_several_exercises_may_call_its_cells_as_it_likes(copied: Course) -> None:
    lesson = copied.lesson_file(copied.find_lesson("02"))
    change(lesson, "def own_copy(", "def exercise_1(")
    assert out_of_sync(copied) == []


def test_other_cells_stay_as_they_are(real_course: Course) -> None:
    exercise = real_course.find_exercise("follow_along")
    master = real_course.solution_file(exercise.id).read_text(encoding="utf-8")
    lesson = "import marimo\n\n\n@app.cell\ndef exercise_3():\n    return\n\n\n@app.cell\ndef other():\n    return\n"
    shown = show_solution_cells(lesson, master, exercise)
    assert cell_code(shown, "exercise_3").endswith("\n\nmo.show_code()")
    assert shown.endswith("    return (polite_artworks,)\n\n\n@app.cell\ndef other():\n    return\n")
    assert "exercise_1" not in shown
