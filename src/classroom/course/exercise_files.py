"""The learner's file of an exercise: set back, rewritten with what was edited kept, and its solution shown."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.course.contents import Step
from classroom.course.gaps import find_gaps, make_exercise, replace_cell
from classroom.course.progress import FOLDER, forget, read_progress, record_solution
from classroom.course.registry import Course
from classroom.errors import LockedError


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a learner's file.

    Attributes:
        file: The file that was written.
        backup: Where it was kept before; None where there was nothing to keep.
    """

    file: Path
    backup: Path | None


def reset(course: Course, name: str) -> Change:
    """Sets an exercise, or one step of it, back to how it was handed out, and forgets its progress.

    Args:
        course: The course.
        name: As in `01_read_a_layout`, or `follow_along:3` for one step.

    Raises:
        UnknownError: There is no such exercise or step.
    """
    steps = course.find_steps(name)
    exercise = course.find_exercise(steps[0].exercise_id)
    path = course.exercise_file(exercise.id)
    stub = make_exercise(read_master(course, exercise.id))
    text = stub if len(steps) == len(exercise.steps) else take_cells(read_text(path) or stub, stub, steps)
    change = replace_file(course, path, text)
    for step in steps:
        forget(course.root, step.id)
    return change


def show_solution(course: Course, name: str, *, is_forced: bool = False) -> str:
    """Returns the solution of an exercise as its learner would have written it.

    Args:
        course: The course.
        name: The exercise, or one of its steps.
        is_forced: For an instructor: without an attempt.

    Raises:
        LockedError: Nothing was tried yet.
        UnknownError: There is no such exercise or step.
    """
    steps = course.find_steps(name)
    progress = read_progress(course.root)
    locked = [step.id for step in steps if not progress.of(step.id).is_unlocked]
    if locked and not is_forced:
        raise LockedError(
            f"The solution of {locked[0]} opens after one attempt. Write something in its gap, then run "
            f"`classroom check {locked[0]}`; or take a hint: `classroom hint {locked[0]}`."
        )
    for step in steps:
        record_solution(course.root, step.id)
    return read_solution(course, steps)


def read_solution(course: Course, steps: Sequence[Step]) -> str:
    """Returns the code that the master has in the gaps of some steps of one exercise."""
    numbers = {step.number for step in steps}
    gaps = find_gaps(read_master(course, steps[0].exercise_id))
    return "\n".join(gap.code for gap in gaps if gap.step in numbers)


def take_cells(notebook: str, source: str, steps: Iterable[Step]) -> str:
    """Returns a notebook with the cells of some steps taken from another."""
    for step in steps:
        notebook = replace_cell(notebook, step.cell_names, source)
    return notebook


def replace_file(course: Course, path: Path, text: str, *, is_kept: bool = True) -> Change:
    """Writes a learner's file as a whole; keeps what was there if it was edited."""
    before = read_text(path)
    backup = None
    if is_kept and before is not None and before not in (text, make_exercise(read_master(course, path.stem))):
        backup = _free_name(course.root / FOLDER / "backups", path)
        backup.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, backup)
    new = path.with_suffix(f".new-{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    return Change(path, backup)


def _free_name(folder: Path, path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = [f"{path.stem}.{stamp}.py", *(f"{path.stem}.{stamp}-{number}.py" for number in range(2, 1000))]
    return next(folder / name for name in names if not (folder / name).exists())


def read_master(course: Course, exercise_id: str) -> str:
    """Returns the text of the master of an exercise."""
    return course.solution_file(exercise_id).read_text(encoding="utf-8")


def read_text(path: Path) -> str | None:
    """Returns the text of a file; None where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
