"""The run of show: who says what at which minute, on the clock of the day, as a table and as a page to print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from classroom.course.registry import Course
from darkroom.html import render


@dataclass(frozen=True, slots=True)
class Cue:
    """One stretch of the hour.

    Attributes:
        clock: Time of day at which it begins, `HH:MM`.
        minute: Minute of the workshop at which it begins.
        minutes: How long it takes.
        lesson: Title of the lesson; empty for all but its first stretch.
        title: What happens.
        poll: What the room is asked; empty for no poll.
        say: What to say.
        cut: Rank in which it is left out when time is short; 0 is never cut.
    """

    clock: str
    minute: int
    minutes: int
    lesson: str
    title: str
    poll: str
    say: str
    cut: int


def make_run_of_show(course: Course, start: str) -> tuple[Cue, ...]:
    """Lists the workshop's stretches on the clock.

    Args:
        course: The course.
        start: When the workshop begins, `HH:MM`.

    Raises:
        ValueError: `start` is not a time of day.
    """
    begin = datetime.strptime(start, "%H:%M")
    return tuple(_cues(course, begin))


def render_page(course: Course, cues: tuple[Cue, ...]) -> str:
    """Makes one HTML page of the run of show, with nothing from elsewhere, to be printed on A4."""
    end = _clock(cues[0].clock, cues[-1].minute + cues[-1].minutes) if cues else ""
    return render("classroom.serve", "run_of_show.html", title=course.title, cues=cues, end=end)


def _cues(course: Course, begin: datetime) -> Iterator[Cue]:
    minute = 0
    for lesson in course.lessons:
        if not lesson.is_workshop:
            continue
        name = f"{lesson.title} · {lesson.minutes} minutes"
        for beat in lesson.beats:
            clock = (begin + timedelta(minutes=minute)).strftime("%H:%M")
            yield Cue(clock, minute, beat.minutes, name, beat.title, beat.poll, beat.say, beat.cut)
            minute += beat.minutes
            name = ""


def _clock(start: str, minutes: int) -> str:
    begin = datetime.strptime(start, "%H:%M")
    return (begin + timedelta(minutes=minutes)).strftime("%H:%M")
