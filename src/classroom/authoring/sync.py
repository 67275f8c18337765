"""`exercises/` made from `solutions/`: written anew, or compared."""

from __future__ import annotations

from pathlib import Path

from classroom.course.exercise_files import read_master, read_text
from classroom.course.gaps import make_exercise
from classroom.course.registry import Course


def sync(course: Course) -> list[Path]:
    """Writes `exercises/` anew from `solutions/`; returns the files that changed. A second call changes none."""
    changed = out_of_sync(course)
    for path in changed:
        path.parent.mkdir(exist_ok=True)
        path.write_text(make_exercise(read_master(course, path.stem)), encoding="utf-8")
    return changed


def out_of_sync(course: Course) -> list[Path]:
    """Returns exercises that are not what their master says; writes nothing."""
    files = [course.exercise_file(exercise.id) for exercise in course.exercises]
    return [file for file in files if read_text(file) != make_exercise(read_master(course, file.stem))]
