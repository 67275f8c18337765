"""The learner's files: made from the masters, set back, and brought up to a step; what was edited is kept."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from classroom.checks.checking import collect_from_notebook, judge_evidence
from classroom.course.gaps import cell_code, find_gaps, make_exercise, make_solution, replace_cell
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import FOLDER, forget, read_progress, record_result, record_solution
from classroom.course.registry import Course, Exercise, Step
from classroom.errors import ClassroomError, LockedError, NotebookError


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a learner's file.

    Attributes:
        file: The file that was written.
        backup: Where it was kept before; None where there was nothing to keep.
    """

    file: Path
    backup: Path | None


def sync(course: Course) -> list[Path]:
    """Writes `exercises/` anew from `solutions/`; returns the files that changed. A second call changes none."""
    changed = out_of_sync(course)
    for path in changed:
        path.parent.mkdir(exist_ok=True)
        path.write_text(make_exercise(_master(course, path.stem)), encoding="utf-8")
    return changed


def out_of_sync(course: Course) -> list[Path]:
    """Exercises that are not what their master says; writes nothing."""
    files = [course.exercise_file(exercise.id) for exercise in course.exercises]
    return [file for file in files if _text(file) != make_exercise(_master(course, file.stem))]


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
    stub = make_exercise(_master(course, exercise.id))
    text = stub if len(steps) == len(exercise.steps) else _with_cells(_text(path) or stub, stub, steps)
    change = _replace(course, path, text)
    for step in steps:
        forget(course.root, step.id)
    return change


def catch_up(course: Course, name: str) -> list[tuple[Change, CheckResult]]:
    """Brings the learner up to a step: what comes before it becomes the solution, and is run.

    Within an exercise of several steps, the steps before; else all exercises before it. Whatever passes already
    is left alone, so a second call changes nothing.

    Args:
        course: The course.
        name: The step to go on with, as in `follow_along:3`, or an exercise.

    Raises:
        UnknownError: There is no such exercise or step.
        ClassroomError: A solution does not pass on this machine.
    """
    target = course.find_steps(name)[0]
    done: list[tuple[Change, CheckResult]] = []
    for step in _steps_before(course, target):
        exercise = course.find_exercise(step.exercise_id)
        path = course.exercise_file(exercise.id)
        if not _is_untouched(course, step) and _check(step, path).outcome is Outcome.PASS:
            continue
        # what this very call has written need not be kept
        is_kept = all(change.file != path for change, _ in done)
        change = _solve(course, exercise, step, path, is_kept=is_kept)
        result = _check(step, path)
        record_result(course.root, result)
        if result.outcome is not Outcome.PASS:
            raise ClassroomError(
                f"The solution of {step.id} does not pass here: {result.message} "
                "Run `classroom doctor` and send what it prints."
            )
        done.append((change, result))
    return done


def show_solution(course: Course, name: str, *, is_forced: bool = False) -> str:
    """The solution of an exercise as its learner would have written it.

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
    numbers = {step.number for step in steps}
    gaps = find_gaps(_master(course, steps[0].exercise_id))
    return "\n".join(gap.code for gap in gaps if gap.step in numbers)


def _steps_before(course: Course, target: Step) -> tuple[Step, ...]:
    if not target.is_only:
        return course.find_exercise(target.exercise_id).steps[: target.number - 1]
    single = [step for step in course.steps if step.is_only]
    return tuple(single[: single.index(target)])


def _check(step: Step, path: Path) -> CheckResult:
    return judge_evidence(step, collect_from_notebook(step, path))


def _is_untouched(course: Course, step: Step) -> bool:
    """Whether a step's cell is as it was handed out, so that nothing has to be run to know that it does not pass."""
    stub = make_exercise(_master(course, step.exercise_id))
    try:
        current = cell_code(_text(course.exercise_file(step.exercise_id)) or stub, step.exercise_cell)
    except NotebookError:
        return False
    return current == cell_code(stub, step.exercise_cell)


def _solve(course: Course, exercise: Exercise, step: Step, path: Path, *, is_kept: bool) -> Change:
    solution = make_solution(_master(course, exercise.id))
    if step.is_only:
        return _replace(course, path, solution, is_kept=is_kept)
    current = _text(path) or make_exercise(_master(course, exercise.id))
    try:
        text = replace_cell(current, step.cell_names, solution)
    except NotebookError:
        # the file cannot be parsed any more: everything up to this step anew, the rest as handed out
        stub = make_exercise(_master(course, exercise.id))
        text = _with_cells(stub, solution, exercise.steps[: step.number])
    return _replace(course, path, text, is_kept=is_kept)


def _with_cells(notebook: str, source: str, steps: tuple[Step, ...]) -> str:
    for step in steps:
        notebook = replace_cell(notebook, step.cell_names, source)
    return notebook


def _replace(course: Course, path: Path, text: str, *, is_kept: bool = True) -> Change:
    """Writes a learner's file as a whole; keeps what was there if it was edited."""
    before = _text(path)
    backup = None
    if is_kept and before is not None and before not in (text, make_exercise(_master(course, path.stem))):
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


def _master(course: Course, exercise_id: str) -> str:
    return course.solution_file(exercise_id).read_text(encoding="utf-8")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
