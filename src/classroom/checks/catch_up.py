"""Bringing a learner up to a step: what comes before it becomes the solution, and is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from classroom.course.contents import Exercise, Step
from classroom.course.exercise_files import Change, read_master, read_text, replace_file, take_cells
from classroom.course.gaps import cell_code, make_exercise, make_solution, replace_cell
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import record_result
from classroom.course.registry import Course
from classroom.errors import ClassroomError, NotebookError


def catch_up(
    course: Course, name: str, check_file: Callable[[Step, Path], CheckResult]
) -> list[tuple[Change, CheckResult]]:
    """Brings the learner up to a step: what comes before it becomes the solution, and is run.

    Whatever passes already is left alone, so a second call changes nothing.

    Args:
        course: The course.
        name: The step to go on with, as in `follow_along:3`, or an exercise.
        check_file: Checks one step of a notebook's file.

    Raises:
        UnknownError: There is no such exercise or step.
        ClassroomError: A solution does not pass on this machine.
    """
    done: list[tuple[Change, CheckResult]] = []
    for step in steps_before(course, name):
        exercise = course.find_exercise(step.exercise_id)
        path = course.exercise_file(exercise.id)
        if not _is_untouched(course, step) and check_file(step, path).outcome is Outcome.PASS:
            continue
        # what this very call has written need not be kept
        is_kept = all(change.file != path for change, _ in done)
        change = _solve(course, exercise, step, path, is_kept=is_kept)
        result = check_file(step, path)
        record_result(course.root, result)
        if result.outcome is not Outcome.PASS:
            raise ClassroomError(
                f"The solution of {step.id} does not pass here: {result.message} "
                "Run `classroom doctor` and send what it prints."
            )
        done.append((change, result))
    return done


def steps_before(course: Course, name: str) -> tuple[Step, ...]:
    """Returns what comes before a step of its exercise; before an exercise, all steps of those before it.

    The follow-along begins anew: nothing comes before it.

    Args:
        course: The course.
        name: The step or the exercise.

    Raises:
        UnknownError: There is no such exercise or step.
    """
    target = course.find_steps(name)[0]
    if ":" in name or course.find_exercise(target.exercise_id).is_walked_together:
        return course.find_exercise(target.exercise_id).steps[: target.number - 1]
    return course.steps[: course.steps.index(target)]


def _is_untouched(course: Course, step: Step) -> bool:
    """Returns whether a step's cell is as it was handed out: then it does not pass, and nothing has to be run."""
    stub = make_exercise(read_master(course, step.exercise_id))
    try:
        current = cell_code(read_text(course.exercise_file(step.exercise_id)) or stub, step.exercise_cell)
    except NotebookError:
        return False
    return current == cell_code(stub, step.exercise_cell)


def _solve(course: Course, exercise: Exercise, step: Step, path: Path, *, is_kept: bool) -> Change:
    solution = make_solution(read_master(course, exercise.id))
    if step.is_only:
        return replace_file(course, path, solution, is_kept=is_kept)
    current = read_text(path) or make_exercise(read_master(course, exercise.id))
    try:
        text = replace_cell(current, step.cell_names, solution)
    except NotebookError:
        # the file cannot be parsed any more: everything up to this step anew, the rest as handed out
        stub = make_exercise(read_master(course, exercise.id))
        text = take_cells(stub, solution, exercise.steps[: step.number])
    return replace_file(course, path, text, is_kept=is_kept)
