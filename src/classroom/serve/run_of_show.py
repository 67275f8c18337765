"""The run of show: all that an instructor has to know, minute by minute, as a list and as a page to print.

Its one source is the registry; what is typed comes from the demo's own cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from classroom.course.contents import Beat, Lesson
from classroom.course.registry import Course
from classroom.serve.live import DemoCell, find_demo_cells
from darkroom.html import render

TYPED_PER_S = 3.0
"""Characters that somebody types in a second who talks at the same time; the editor sets the indentation."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A cell that is typed before the room.

    Attributes:
        name: The cell's name.
        cue: What the instructor is reminded of.
        code: What is typed.
        lines: How many lines it has.
        seconds: How long that takes, at `TYPED_PER_S`.
    """

    name: str
    cue: str
    code: str
    lines: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Cue:
    """One stretch of the hour.

    Attributes:
        clock: Time of day at which it begins, `HH:MM`.
        minute: Minute of the workshop at which it begins.
        lesson: Title and length of the lesson; empty for all but its first stretch.
        page: Where the lesson is shown; empty for all but its first stretch.
        beat: What the registry says of it.
        says: What to say, a paragraph each.
        typed: The cells that are typed in it.
    """

    clock: str
    minute: int
    lesson: str
    page: str
    beat: Beat
    says: tuple[str, ...]
    typed: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out when time is short.

    Attributes:
        rank: When: 1 is the first to go.
        title: What.
        minutes: What that saves.
        saved: What it saves together with all before it.
    """

    rank: int
    title: str
    minutes: int
    saved: int


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


def list_cuts(cues: tuple[Cue, ...]) -> tuple[Cut, ...]:
    """Lists what may be left out, the first to go first, with the time that is won."""
    beats = sorted((cue.beat for cue in cues if cue.beat.cut), key=lambda beat: beat.cut)
    totals = accumulate(beat.minutes for beat in beats)
    return tuple(Cut(beat.cut, beat.title, beat.minutes, total) for beat, total in zip(beats, totals, strict=True))


def render_page(course: Course, cues: tuple[Cue, ...]) -> str:
    """Makes one HTML page of the run of show, with nothing from elsewhere, to be printed on A4."""
    end = _clock(cues[0].clock, cues[-1].minute + cues[-1].beat.minutes) if cues else ""
    values = {"title": course.title, "before": course.before, "cues": cues, "cuts": list_cuts(cues), "end": end}
    return render("classroom.serve", "run_of_show.html", **values)


def _cues(course: Course, begin: datetime) -> Iterator[Cue]:
    minute = 0
    for lesson in course.lessons:
        if not lesson.is_workshop:
            continue
        name, page = f"{lesson.title} · {lesson.minutes} minutes", lesson.page
        demos = _read_demos(course, lesson)
        notes = dict(lesson.notes)
        for beat in lesson.beats:
            clock = (begin + timedelta(minutes=minute)).strftime("%H:%M")
            says = (beat.say,) if beat.say else tuple(notes[slide] for slide in beat.slides)
            yield Cue(clock, minute, name, page, beat, says, tuple(_typed(demos[cell]) for cell in beat.types))
            minute += beat.minutes
            name, page = "", ""


def _read_demos(course: Course, lesson: Lesson) -> dict[str, DemoCell]:
    if not any(beat.types for beat in lesson.beats):
        return {}
    text = course.lesson_file(lesson).read_text(encoding="utf-8")
    return {cell.name: cell for cell in find_demo_cells(text)}


def _typed(cell: DemoCell) -> Typed:
    lines = [line.strip() for line in cell.code.splitlines() if line.strip()]
    return Typed(cell.name, cell.cue, cell.code, len(lines), round(sum(map(len, lines)) / TYPED_PER_S))


def _clock(start: str, minutes: int) -> str:
    begin = datetime.strptime(start, "%H:%M")
    return (begin + timedelta(minutes=minutes)).strftime("%H:%M")
