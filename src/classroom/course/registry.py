"""The registry `lessons/course.toml`: checked strictly, read again only when it was edited."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from classroom.course.contents import Beat, Exercise, Kind, Lesson, Step, Topic
from classroom.errors import CourseError, UnknownError

T = TypeVar("T")
REGISTRY = Path("lessons", "course.toml")
HINTS_PER_STEP = 3
"""A nudge, a pointer, nearly the answer."""
_COURSES_KEPT = 8


@dataclass(frozen=True)
class Course:
    """The whole registry.

    Attributes:
        root: The folder that holds `lessons/`, `exercises/`, `solutions/` and `sample_data/`.
        title: Title of the course.
        minutes: How long the workshop takes.
        lessons: The lessons in the order of the course.
        exercises: The exercises in the order of the course.
        before: What the instructor does before the hour.
        topics: Where to go after it.
    """

    root: Path
    title: str
    minutes: int
    lessons: tuple[Lesson, ...]
    exercises: tuple[Exercise, ...]
    before: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps of all exercises, in order."""
        return tuple(step for exercise in self.exercises for step in exercise.steps)

    def find_lesson(self, name: str) -> Lesson:
        """Returns the lesson called `name`: its id, or its number (`2` and `02` are the same).

        Raises:
            UnknownError: There is none.
        """
        return _find(name, {lesson.id: lesson for lesson in self.lessons}, "lesson")

    def find_exercise(self, name: str) -> Exercise:
        """Returns the exercise called `name`: its id, or its number.

        Raises:
            UnknownError: There is none.
        """
        return _find(name, {exercise.id: exercise for exercise in self.exercises}, "exercise")

    def find_steps(self, name: str) -> tuple[Step, ...]:
        """Returns the steps that `name` stands for: all for `05`, one for `05:2`, and for `:3` one of the follow-along.

        Raises:
            UnknownError: There is no such exercise or step.
        """
        stem, colon, number = name.partition(":")
        stem = stem or next((exercise.id for exercise in self.exercises if exercise.is_walked_together), stem)
        steps = self.find_exercise(stem).steps
        chosen = tuple(step for step in steps if not colon or str(step.number) == number)
        if not chosen:
            raise UnknownError(
                f"{stem} has no step {number or '(nothing)'}; expected 1 to {len(steps)}, as in `{stem}:1`. "
                "Type `classroom list` to see all."
            )
        return chosen

    def lesson_file(self, lesson: Lesson) -> Path:
        """Returns the notebook of a lesson."""
        return self.root / "lessons" / f"{lesson.id}.py"

    def exercise_file(self, exercise_id: str) -> Path:
        """Returns the notebook that the learner edits."""
        return self.root / "exercises" / f"{exercise_id}.py"

    def solution_file(self, exercise_id: str) -> Path:
        """Returns the master that the exercise is made from."""
        return self.root / "solutions" / f"{exercise_id}.py"


def find_course(start: Path | None = None) -> Course:
    """Finds the course in a folder or one of those above it, and reads it.

    Args:
        start: Where to begin; by default `CLASSROOM_ROOT`, or the current folder.

    Raises:
        CourseError: There is none, or its registry is wrong.
    """
    begin = (start or Path(os.environ.get("CLASSROOM_ROOT") or Path.cwd())).absolute()
    for folder in (begin, *begin.parents):
        if (folder / REGISTRY).is_file():
            return read_course(folder)
    raise CourseError(
        f"No course here: {begin} and the folders above it have no {REGISTRY.as_posix()}. "
        "Go into the folder of the course (`cd darkroom-classroom`), or name it with CLASSROOM_ROOT, and try again."
    )


def read_course(root: Path) -> Course:
    """Reads and checks the registry below `root`, unless it is as it was when it was read last.

    Raises:
        CourseError: It cannot be read, a key is missing or unknown, or two things have the same id.
    """
    path = root / REGISTRY
    try:
        file = path.stat()
        return _read_registry(path, (file.st_mtime_ns, file.st_size))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        restore = f"git checkout {REGISTRY.as_posix()}"
        raise CourseError(f"{path} cannot be read: {error}. Restore it with `{restore}`.") from error


@lru_cache(maxsize=_COURSES_KEPT)
def _read_registry(path: Path, _state: tuple[int, int]) -> Course:
    """Reads the registry once for each state of its file: each checkpoint of a page asks for it."""
    course = _Reader(path).course(tomllib.loads(path.read_text(encoding="utf-8")))
    _check_ids(course, path)
    return course


@dataclass(frozen=True, slots=True)
class _Reader:
    """Tables of the registry → dataclasses; says which table is wrong."""

    path: Path

    def course(self, table: Mapping[str, Any]) -> Course:
        head = {"title": table.get("title"), "minutes": table.get("minutes")}
        if not isinstance(head["title"], str) or not isinstance(head["minutes"], int):
            raise self.error("the top", "expected `title` (text) and `minutes` (a whole number)")
        return Course(
            root=self.path.parent.parent,
            title=head["title"],
            minutes=head["minutes"],
            before=tuple(table.get("before", ())),
            topics=tuple(self.make(Topic, entry, "a topic") for entry in table.get("topic", [])),
            lessons=tuple(self.lesson(entry) for entry in table.get("lesson", [])),
            exercises=tuple(self.exercise(entry) for entry in table.get("exercise", [])),
        )

    def lesson(self, table: Mapping[str, Any]) -> Lesson:
        where = f"lesson {table.get('id')!r}"
        beats = tuple(self.make(Beat, beat, f"a beat of {where}") for beat in table.get("beat", []))
        values = {key: value for key, value in table.items() if key != "beat"}
        values["notes"] = tuple(table.get("notes", {}).items())
        try:
            values["kind"] = Kind(values.get("kind", ""))
        except ValueError as error:
            raise self.error(where, f"`kind` is one of {', '.join(Kind)}") from error
        return self.make(Lesson, values | {"beats": beats}, where)

    def exercise(self, table: Mapping[str, Any]) -> Exercise:
        where = f"exercise {table.get('id')!r}"
        entries = table.get("step", [])
        steps = tuple(
            self.step({**entry, "number": number, "is_only": len(entries) == 1, "exercise_id": table.get("id")})
            for number, entry in enumerate(entries, start=1)
        )
        if not steps:
            raise self.error(where, "expected at least one [[exercise.step]]")
        values = {key: value for key, value in table.items() if key != "step"}
        return self.make(Exercise, values | {"steps": steps}, where)

    def step(self, table: Mapping[str, Any]) -> Step:
        where = f"step {table['number']} of exercise {table['exercise_id']!r}"
        step = self.make(Step, table, where)
        if len(step.hints) != HINTS_PER_STEP:
            raise self.error(where, f"expected {HINTS_PER_STEP} hints, found {len(step.hints)}")
        return step

    def make(self, kind: type[T], table: Mapping[str, Any], where: str) -> T:
        known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
        needed = {name for name, field in known.items() if field.default is MISSING}
        if unknown := sorted(table.keys() - known.keys()):
            raise self.error(where, f"{', '.join(unknown)} is not a key here; known are {', '.join(known)}")
        if missing := sorted(needed - table.keys()):
            raise self.error(where, f"{', '.join(missing)} is missing")
        return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})

    def error(self, where: str, what: str) -> CourseError:
        return CourseError(f"{self.path}, {where}: {what}. Mend it there, then run `classroom dev check`.")


def _check_ids(course: Course, path: Path) -> None:
    for ids in ([lesson.id for lesson in course.lessons], [exercise.id for exercise in course.exercises]):
        if doubles := {name for name in ids if ids.count(name) > 1}:
            raise CourseError(f"{path}: {', '.join(sorted(doubles))} is there twice; ids are unique.")
    known = {exercise.id for exercise in course.exercises}
    for lesson in course.lessons:
        if strangers := set(lesson.exercises) - known:
            raise CourseError(f"{path}, lesson {lesson.id!r}: no exercise is called {', '.join(sorted(strangers))}.")


def _find(name: str, things: Mapping[str, T], what: str) -> T:
    matches = [thing for key, thing in things.items() if name in _names_of(key)]
    if len(matches) == 1:
        return matches[0]
    there = ", ".join(things)
    raise UnknownError(f"No {what} is called {name!r}; there are {there}. Type `classroom list` to see them.")


def _names_of(key: str) -> Iterator[str]:
    stem = key.rpartition("/")[2]
    number, _, rest = stem.partition("_")
    yield from (key, stem)
    if number.isdigit():
        yield from (number, str(int(number)), rest)
