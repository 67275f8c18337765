"""What is made from elsewhere: exercises and cells of lessons from `solutions/`, notes of slides from the registry."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from classroom.course.contents import Exercise
from classroom.course.exercise_files import read_master, read_text
from classroom.course.gaps import make_exercise, make_solution, parse, replace_cell
from classroom.course.registry import Course


def sync(course: Course) -> list[Path]:
    """Writes anew what is made from elsewhere; returns the files that changed. A second call changes none."""
    changed = dict(_read_differing(course))
    for path, text in changed.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(changed)


def out_of_sync(course: Course) -> list[Path]:
    """Returns exercises and lessons that are not what a master says; writes nothing."""
    return [path for path, _ in _read_differing(course)]


def show_solution_cells(lesson: str, master: str, exercise: Exercise) -> str:
    """Makes a lesson whose cells called like those of an exercise's steps hold the master's code, solved and shown.

    Args:
        lesson: Text of the lesson, which imports marimo as `mo`.
        master: Text of the exercise's file in `solutions/`.
        exercise: The exercise.

    Raises:
        NotebookError: The lesson or the master cannot be parsed.
    """
    solution = make_solution(master)
    for step in exercise.steps:
        cell = step.exercise_cell
        if f"\ndef {cell}(" in lesson:
            shown = re.sub(rf"(?ms)^(def {cell}\(.*?)(?=^    return)", r"\g<1>    mo.show_code()\n", solution, count=1)
            lesson = replace_cell(lesson, (cell,), shown)
    return lesson


def _read_differing(course: Course) -> Iterator[tuple[Path, str]]:
    """Yields the files that differ, with the text that they should have."""
    for path, text in (*_make_exercises(course), *_make_lessons(course), *_make_layouts(course)):
        if read_text(path) != text:
            yield path, text


def _make_exercises(course: Course) -> Iterator[tuple[Path, str]]:
    for exercise in course.exercises:
        yield course.exercise_file(exercise.id), make_exercise(read_master(course, exercise.id))


def _make_lessons(course: Course) -> Iterator[tuple[Path, str]]:
    """Yields lessons of exactly one exercise: with several, `exercise_1` would not say whose it is."""
    for lesson in course.lessons:
        text = read_text(course.lesson_file(lesson))
        if text is not None and len(lesson.exercises) == 1:
            exercise = course.find_exercise(lesson.exercises[0])
            master = read_master(course, exercise.id)
            yield course.lesson_file(lesson), show_solution_cells(text, master, exercise)


def _make_layouts(course: Course) -> Iterator[tuple[Path, str]]:
    """Yields the layouts of lessons with slides, each with the registry's notes at its slides."""
    for lesson in course.lessons:
        path = course.lesson_file(lesson).parent / "layouts" / f"{lesson.id}.slides.json"
        notebook, layout = read_text(course.lesson_file(lesson)), read_text(path)
        if lesson.notes and notebook is not None and layout is not None:
            yield path, add_speaker_notes(layout, notebook, dict(lesson.notes))


def add_speaker_notes(layout: str, notebook: str, notes: Mapping[str, str]) -> str:
    """Makes a layout of slides whose cells have the notes that are given, and no others.

    Args:
        layout: Text of the layout, which has an entry for each cell of the notebook, the setup first.
        notebook: Text of the notebook.
        notes: By the name of a slide's cell.

    Raises:
        NotebookError: The notebook cannot be parsed.
    """
    content = json.loads(layout)
    names = [
        getattr(node, "name", "") for node in parse(notebook).body if isinstance(node, (ast.With, ast.FunctionDef))
    ]
    for name, cell in zip(names, content["data"]["cells"], strict=False):
        cell.pop("speakerNotes", None)
        if name in notes:
            cell["speakerNotes"] = notes[name]
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
