"""Ways out of a page: to the course's front page, and to what comes next.

Links work where `classroom start` serves the pages. A notebook that somebody opened by marimo alone shows the words.
"""

from __future__ import annotations

import os
from urllib.parse import urlencode

import marimo as mo

from classroom.course.contents import Exercise
from classroom.course.registry import Course, find_course
from classroom.course.workspace import HOME_VARIABLE
from darkroom.html import render


def exercise_banner(exercise_id: str, /) -> mo.Html:
    """Shows where one is, how to work here, and the ways out; the first cell of an exercise.

    Args:
        exercise_id: As in the registry.
    """
    course = find_course(mo.notebook_dir())
    exercise = course.find_exercise(exercise_id)
    values = {"number": course.exercises.index(exercise) + 1, "count": len(course.exercises), "exercise": exercise}
    following = next_exercise(course, exercise)
    return mo.Html(
        render(
            "classroom.pages",
            "exercise_banner.html",
            home=_home(),
            following=following,
            link_to_next=exercise_link(following) if following else "",
            **values,
        )
    )


def lesson_links(lesson_id: str, /) -> mo.Html:
    """Shows the ways to the front page and to the next lesson; the last cell of a lesson.

    Args:
        lesson_id: As in the registry.
    """
    course = find_course(mo.notebook_dir())
    lessons = course.lessons
    place = lessons.index(course.find_lesson(lesson_id))
    following = lessons[place + 1] if place + 1 < len(lessons) else None
    is_served = mo.app_meta().mode == "run"
    return mo.Html(
        render(
            "classroom.pages",
            "lesson_links.html",
            home="/" if is_served else _home(),
            following=following,
            link_to_next=f"/lessons/{following.id}/" if following and is_served else "",
        )
    )


def next_exercise(course: Course, exercise: Exercise) -> Exercise | None:
    """Returns the exercise after another, in the registry's order; None after the last."""
    place = course.exercises.index(exercise)
    return course.exercises[place + 1] if place + 1 < len(course.exercises) else None


def exercise_link(exercise: Exercise) -> str:
    """Returns the address of an exercise in the editor that shows this page; empty where no course is served."""
    return f"/?{urlencode({'file': f'exercises/{exercise.id}.py'})}" if _home() else ""


def _home() -> str:
    return os.environ.get(HOME_VARIABLE, "")
