"""The course's front page: lessons and exercises as cards, with how far one is. Plain HTML, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from classroom.course.contents import Exercise, Lesson
from classroom.course.progress import Progress
from classroom.course.registry import Course

Link = Callable[[str], str]
"""Address that opens a notebook in the editor, by its path below the course's folder."""


def render_gallery(course: Course, progress: Progress, edit: Link) -> str:
    """The front page.

    Args:
        course: The course.
        progress: How far the learner is.
        edit: Gives the addresses in the editor.
    """
    workshop = [lesson for lesson in course.lessons if lesson.is_workshop]
    dives = [lesson for lesson in course.lessons if not lesson.is_workshop]
    sections = [
        _section("The workshop", f"{course.minutes} minutes", [_lesson_card(lesson, edit) for lesson in workshop]),
        _section("Exercises", _tell_progress(course, progress), _exercise_cards(course, progress, edit, is_bug=False)),
        _section("Spot the bug", "a broken pipeline each", _exercise_cards(course, progress, edit, is_bug=True)),
        _section("Deep dives", "at your own pace", [_lesson_card(lesson, edit) for lesson in dives]),
    ]
    note = f"<p class='note'>{escape(progress.note)}</p>" if progress.note else ""
    return _PAGE.format(title=escape(course.title), note=note, sections="".join(sections), css=_CSS)


def _section(title: str, aside: str, cards: list[str]) -> str:
    if not cards:
        return ""
    return (
        f"<section><h2>{title} <small>{escape(aside)}</small></h2><div class='cards'>{''.join(cards)}</div></section>"
    )


def _lesson_card(lesson: Lesson, edit: Link) -> str:
    goals = "".join(f"<li>{escape(goal)}</li>" for goal in lesson.objectives)
    actions = (
        f"<a class='main' href='/lessons/{lesson.id}/'>Open</a>"
        f"<a href='{escape(edit(f'lessons/{lesson.id}.py'))}'>Edit</a>"
    )
    return _card(lesson.title, f"{lesson.minutes} min", f"<ul>{goals}</ul>", actions)


def _exercise_cards(course: Course, progress: Progress, edit: Link, *, is_bug: bool) -> list[str]:
    exercises = [exercise for exercise in course.exercises if exercise.is_bug is is_bug]
    return [_exercise_card(exercise, progress, edit) for exercise in exercises]


def _exercise_card(exercise: Exercise, progress: Progress, edit: Link) -> str:
    steps = [progress.of(step.id) for step in exercise.steps]
    done = sum(step.has_passed for step in steps)
    points = sum(step.points for step in exercise.steps)
    if done == len(steps):
        state = "<span class='state passed'>✓ passed</span>"
    elif any(step.attempts for step in steps):
        state = f"<span class='state begun'>✎ begun{f', {done} of {len(steps)}' if len(steps) > 1 else ''}</span>"
    else:
        state = "<span class='state'>✎ to do</span>"
    goals = "".join(f"<li>{escape(goal)}</li>" for goal in exercise.objectives)
    action = f"<a class='main' href='{escape(edit(f'exercises/{exercise.id}.py'))}'>Open</a>"
    return _card(exercise.title, f"{exercise.minutes} min · {points} points", f"<ul>{goals}</ul>", action + state)


def _card(title: str, aside: str, body: str, actions: str) -> str:
    return (
        f"<article><h3>{escape(title)}</h3><p class='aside'>{escape(aside)}</p>{body}"
        f"<footer>{actions}</footer></article>"
    )


def _tell_progress(course: Course, progress: Progress) -> str:
    done = sum(progress.of(step.id).has_passed for step in course.steps)
    return f"{done} of {len(course.steps)} steps passed"


_CSS = """
:root { color-scheme: light dark; --ink: #0f172a; --soft: #475569; --line: #e2e8f0; --paper: #fff; --desk: #f8fafc;
  --blue: #1d4ed8; --green: #15803d; --amber: #b45309; }
@media (prefers-color-scheme: dark) { :root { --ink: #f1f5f9; --soft: #a8b3c4; --line: #334155; --paper: #1e293b;
  --desk: #0f172a; --blue: #93b4ff; --green: #6ee7a0; --amber: #fbbf24; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--desk); }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: clamp(1.5rem, 4vw, 2.2rem); line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .8rem; }
h2 small { font-weight: 400; color: var(--soft); margin-left: .5rem; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); }
article { background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.1rem;
  display: flex; flex-direction: column; }
h3 { margin: 0; font-size: 1.05rem; }
.aside { margin: .1rem 0 .5rem; color: var(--soft); font-size: .9rem; }
ul { margin: 0 0 .9rem; padding-left: 1.1rem; font-size: .93rem; }
footer { margin-top: auto; display: flex; gap: .9rem; align-items: center; flex-wrap: wrap; }
a { color: var(--blue); }
a.main { background: var(--blue); color: var(--paper); padding: .35rem .9rem; border-radius: .5rem;
  text-decoration: none; }
a:focus-visible { outline: 3px solid var(--amber); outline-offset: 2px; }
.state { color: var(--soft); font-size: .9rem; }
.passed { color: var(--green); font-weight: 600; }
.begun, .note { color: var(--amber); }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>{css}</style></head><body><main>
<h1>{title}</h1>
<p>Open a lesson to read and press its buttons. Open an exercise to write in it; its checkpoint says at once how it
stands. Instructor: <a href="/run-of-show">the run of show</a>.</p>
{note}{sections}
</main></body></html>
"""
