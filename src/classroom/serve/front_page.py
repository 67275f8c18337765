"""The course's front page: lessons and exercises as cards, with how far one is. Nothing in it comes from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from classroom.course.contents import Exercise, Lesson
from classroom.course.progress import Progress
from classroom.course.registry import Course
from darkroom.html import render

Link = Callable[[str], str]
"""Returns the address that opens a notebook in the editor, by its path below the course's folder."""


@dataclass(frozen=True, slots=True)
class Card:
    """A lesson or an exercise on the front page.

    Attributes:
        title: What it is called.
        aside: How long it takes, and what it is worth.
        goals: What one can do afterwards.
        links: The text and the address of each link, the most important first.
        state: `passed`, `begun` or `todo`; empty for a lesson, which cannot be passed.
        state_text: The state in words.
    """

    title: str
    aside: str
    goals: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    state: str = ""
    state_text: str = ""


def render_gallery(course: Course, progress: Progress, edit: Link) -> str:
    """Makes the front page for whoever started the course.

    Args:
        course: The course.
        progress: How far the learner is.
        edit: Returns the addresses in the editor.
    """
    workshop = [_lesson_card(lesson, edit) for lesson in course.lessons if lesson.is_workshop]
    dives = [_lesson_card(lesson, edit) for lesson in course.lessons if not lesson.is_workshop]
    exercises = [_exercise_card(entry, progress, edit) for entry in course.exercises if not entry.is_bug]
    bugs = [_exercise_card(entry, progress, edit) for entry in course.exercises if entry.is_bug]
    done = sum(progress.of(step.id).has_passed for step in course.steps)
    sections = (
        ("The workshop", f"{course.minutes} minutes", workshop),
        ("Exercises", f"{done} of {len(course.steps)} steps passed", exercises),
        ("Spot the bug", "a broken pipeline each", bugs),
        ("Deep dives", "at your own pace", dives),
    )
    return render("classroom.serve", "front_page.html", title=course.title, note=progress.note, sections=sections)


def render_shut_page(course: Course) -> str:
    """Makes the page for everybody else: what to do, and nothing that opens anything."""
    return render("classroom.serve", "shut_page.html", title=course.title)


def render_keyless_page(home: str) -> str:
    """Makes the page for who opens an exercise without the editor's key: where to get one.

    Args:
        home: Address of the front page; empty where there is none.
    """
    return render("classroom.serve", "keyless_page.html", title="This exercise is not open yet", home=home)


def _lesson_card(lesson: Lesson, edit: Link) -> Card:
    links = (("Open", f"/lessons/{lesson.id}/"), ("Edit", edit(f"lessons/{lesson.id}.py")))
    return Card(lesson.title, f"lesson {lesson.id[:2]} · {lesson.minutes} min", tuple(lesson.objectives), links)


def _exercise_card(exercise: Exercise, progress: Progress, edit: Link) -> Card:
    points = sum(step.points for step in exercise.steps)
    state, text = _tell_state(exercise, progress)
    return Card(
        exercise.title,
        f"{_name_exercise(exercise)} · {exercise.minutes} min · {points} points",
        tuple(exercise.objectives),
        (("Open", edit(f"exercises/{exercise.id}.py")),),
        state,
        text,
    )


def _name_exercise(exercise: Exercise) -> str:
    """Returns what commands call an exercise: by its number, or by those of its steps."""
    if exercise.id[:2].isdigit():
        return f"exercise {exercise.id[:2]}"
    return f"steps :1 to :{len(exercise.steps)}"


def _tell_state(exercise: Exercise, progress: Progress) -> tuple[str, str]:
    steps = [progress.of(step.id) for step in exercise.steps]
    done = sum(step.has_passed for step in steps)
    if done == len(steps):
        return "passed", "✓ passed"
    if any(step.attempts for step in steps):
        return "begun", f"✎ begun, {done} of {len(steps)}" if len(steps) > 1 else "✎ begun"
    return "todo", "✎ to do"
