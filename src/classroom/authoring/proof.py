"""`classroom dev check`: proves that the course holds together, by running all of it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from classroom.authoring.sync import out_of_sync
from classroom.checks import find_check
from classroom.checks.checking import check_file, check_notebook
from classroom.course.contents import Exercise, Lesson, Step
from classroom.course.exercise_files import read_text
from classroom.course.gaps import fill, find_gaps, without_cells
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import Course
from classroom.errors import ClassroomError

MIN_WRONG_ANSWERS = 2
_DEMO_CELL = re.compile(r"^def (demo_\w+)", re.MULTILINE)
_TELLING_LENGTH = 25
"""A line of a solution this long or longer gives it away where the exercise shows it."""


def prove(course: Course, *, only: str = "", say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Returns all that is wrong with the course, one sentence each; empty where nothing is.

    Args:
        course: The course.
        only: Id of one exercise, to prove no other.
        say: Called with the name of what is being proved.
    """
    problems: list[str] = []
    if not only:
        problems += [*_check_registry(course), *_check_orphans(course)]
    for exercise in course.exercises:
        if only in ("", exercise.id):
            say(exercise.id)
            problems += _check_exercise(course, exercise)
    return problems


def _check_registry(course: Course) -> Iterator[str]:
    workshop = [lesson for lesson in course.lessons if lesson.is_workshop]
    if (total := sum(lesson.minutes for lesson in workshop)) != course.minutes:
        yield f"course.toml: the workshop's lessons take {total} minutes; expected {course.minutes}."
    for lesson in course.lessons:
        if not lesson.objectives or lesson.minutes <= 0:
            yield f"lesson {lesson.id}: objectives and minutes are needed."
        if not course.lesson_file(lesson).is_file():
            yield f"lesson {lesson.id}: {course.lesson_file(lesson)} is not there."
        beats = sum(beat.minutes for beat in lesson.beats)
        if lesson.is_workshop and beats != lesson.minutes:
            yield f"lesson {lesson.id}: its beats take {beats} minutes; expected {lesson.minutes}."
        yield from _check_beats(course, lesson)
    ranks = [beat.cut for lesson in course.lessons for beat in lesson.beats if beat.cut]
    if sorted(ranks) != list(range(1, len(ranks) + 1)):
        yield f"course.toml: the cut ranks are {sorted(ranks)}; expected each of 1 to {len(ranks)} once."
    taught = {exercise for lesson in course.lessons for exercise in lesson.exercises}
    for exercise in course.exercises:
        if exercise.id not in taught:
            yield f"exercise {exercise.id}: no lesson names it."


def _check_beats(course: Course, lesson: Lesson) -> Iterator[str]:
    if lesson.is_workshop and not lesson.page:
        yield f"lesson {lesson.id}: `page` is needed, where the instructor shows it."
    for beat in lesson.beats:
        if not beat.say and not beat.slides:
            yield f"lesson {lesson.id}: {beat.title!r} has neither `say` nor `slides`."
    shown = [slide for beat in lesson.beats for slide in beat.slides]
    if sorted(shown) != sorted(name for name, _ in lesson.notes):
        yield f"lesson {lesson.id}: the beats show the slides {shown}; expected those that have notes, each once."
    text = read_text(course.lesson_file(lesson)) or ""
    typed = [cell for beat in lesson.beats for cell in beat.types]
    if typed != _DEMO_CELL.findall(text):
        yield f"lesson {lesson.id}: its beats type {typed}; expected its demo cells, each once, in order."


def _check_orphans(course: Course) -> Iterator[str]:
    exercises = {exercise.id for exercise in course.exercises}
    for folder in ("exercises", "solutions"):
        for path in sorted((course.root / folder).glob("*.py")):
            if path.stem not in exercises:
                yield f"{folder}/{path.name}: no exercise of course.toml is called so."
    lessons = {course.lesson_file(lesson) for lesson in course.lessons}
    for path in sorted((course.root / "lessons").rglob("*.py")):
        if path not in lessons and "__marimo__" not in path.parts:
            yield f"{path.relative_to(course.root).as_posix()}: no lesson of course.toml is called so."
    for path in out_of_sync(course):
        yield f"{path.relative_to(course.root).as_posix()} is not what its master says; `classroom dev sync` writes it."


def _check_exercise(course: Course, exercise: Exercise) -> Iterator[str]:
    try:
        yield from _check_words(course, exercise)
        yield from _check_outcomes(course, exercise)
    except (ClassroomError, OSError) as error:
        yield f"{exercise.id}: {error}"


def _check_words(course: Course, exercise: Exercise) -> Iterator[str]:
    if not exercise.objectives or exercise.minutes <= 0:
        yield f"{exercise.id}: objectives and minutes are needed."
    master = course.solution_file(exercise.id).read_text(encoding="utf-8")
    handed_out = fill(master, {})
    gaps = find_gaps(master)
    for step in exercise.steps:
        own = [gap for gap in gaps if gap.step == step.number]
        if not own:
            yield f"{step.id}: its master has no gap in the cell {step.exercise_cell}."
        if not step.defines or step.points <= 0:
            yield f"{step.id}: points and the names that it defines are needed."
        yield from _check_demands(step, handed_out)
        others = [other.exercise_cell for other in exercise.steps if other is not step]
        shown = without_cells(handed_out, others) + " ".join(step.hints[:2])
        for line in {line.strip() for gap in own for line in gap.code.splitlines()}:
            if len(line) >= _TELLING_LENGTH and line in shown:
                yield f"{step.id}: the exercise or an early hint gives this line of the solution away: {line}"


def _check_demands(step: Step, handed_out: str) -> Iterator[str]:
    """Yields what the check wants and the page does not say; each step shows one input with what comes of it."""
    before = " ".join(handed_out.partition(f"def checkpoint_{step.number}(")[0].split())
    demands = find_check(step).demands
    if not demands:
        yield f"{step.id}: its check names no demands; expected what an answer has to do."
    for demand in demands:
        if demand not in before:
            yield f"{step.id}: its check wants {demand!r}, and the page does not say so before the checkpoint."
    if before.lower().count("for example") < step.number:
        yield f"{step.id}: the page shows no input with what comes of it; expected a sentence with `for example`."


def _check_outcomes(course: Course, exercise: Exercise) -> Iterator[str]:
    master = course.solution_file(exercise.id).read_text(encoding="utf-8")
    solution = {gap.step: gap.code for gap in reversed(find_gaps(master))}
    for result in check_notebook(exercise, course.solution_file(exercise.id)):
        if result.outcome is not Outcome.PASS:
            yield f"{result.id}: the solution gives {_tell(result)}; expected pass."
    for step in exercise.steps:
        before = {number: code for number, code in solution.items() if number < step.number}
        result = _check_text(exercise, step, fill(master, before))
        if result.outcome is not Outcome.TODO:
            yield f"{step.id}: the empty gap gives {_tell(result)}; expected todo."
        yield from _check_wrong_answers(exercise, step, master, solution)


def _check_wrong_answers(exercise: Exercise, step: Step, master: str, solution: dict[int, str]) -> Iterator[str]:
    wrong_answers = find_check(step).wrong_answers
    if len(wrong_answers) < MIN_WRONG_ANSWERS:
        yield f"{step.id}: {len(wrong_answers)} wrong answers; expected at least {MIN_WRONG_ANSWERS}."
    for wrong in wrong_answers:
        result = _check_text(exercise, step, fill(master, solution | {step.number: wrong.code}))
        if result.outcome is not Outcome.FAIL or wrong.message not in result.message:
            expected = f"expected fail with {wrong.message!r}"
            yield f"{step.id}, wrong answer {wrong.name!r}: gives {_tell(result)}; {expected}."


def _check_text(exercise: Exercise, step: Step, notebook: str) -> CheckResult:
    with tempfile.TemporaryDirectory(prefix="classroom-") as folder:
        path = Path(folder, f"{exercise.id}.py")
        path.write_text(notebook, encoding="utf-8")
        return check_file(step, path)


def _tell(result: CheckResult) -> str:
    return f"{result.outcome} ({result.message})"
