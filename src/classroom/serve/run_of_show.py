"""The run of show: who says what at which minute, on the clock of the day, as a table and as a page to print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from classroom.course.registry import Course


@dataclass(frozen=True, slots=True)
class Cue:
    """One stretch of the hour.

    Attributes:
        clock: Time of day at which it begins, `HH:MM`.
        minute: Minute of the workshop at which it begins.
        minutes: How long it takes.
        lesson: Title of the lesson; empty for all but its first stretch.
        title: What happens.
        say: What to say.
        cut: Rank in which it is left out when time is short; 0 is never cut.
    """

    clock: str
    minute: int
    minutes: int
    lesson: str
    title: str
    say: str
    cut: int


def make_run_of_show(course: Course, start: str) -> tuple[Cue, ...]:
    """The workshop's stretches on the clock.

    Args:
        course: The course.
        start: When the workshop begins, `HH:MM`.

    Raises:
        ValueError: `start` is not a time of day.
    """
    begin = datetime.strptime(start, "%H:%M")
    return tuple(_cues(course, begin))


def render_page(course: Course, cues: tuple[Cue, ...]) -> str:
    """The run of show as one HTML page without anything from elsewhere, made to be printed on A4."""
    rows = "".join(
        (f"<tr class='lesson'><th colspan='4'>{escape(cue.lesson)}</th></tr>" if cue.lesson else "")
        + f"<tr><td class='clock'>{cue.clock}</td><td class='minutes'>{cue.minutes} min</td>"
        f"<td><b>{escape(cue.title)}</b><br>{escape(cue.say)}</td><td>{f'cut {cue.cut}' if cue.cut else ''}</td></tr>"
        for cue in cues
    )
    end = _clock(cues[0].clock, cues[-1].minute + cues[-1].minutes) if cues else ""
    return _PAGE.format(title=escape(course.title), rows=rows, end=end)


def _cues(course: Course, begin: datetime) -> Iterator[Cue]:
    minute = 0
    for lesson in course.lessons:
        if not lesson.is_workshop:
            continue
        name = f"{lesson.title} · {lesson.minutes} minutes"
        for beat in lesson.beats:
            clock = (begin + timedelta(minutes=minute)).strftime("%H:%M")
            yield Cue(clock, minute, beat.minutes, name, beat.title, beat.say, beat.cut)
            minute += beat.minutes
            name = ""


def _clock(start: str, minutes: int) -> str:
    begin = datetime.strptime(start, "%H:%M")
    return (begin + timedelta(minutes=minutes)).strftime("%H:%M")


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Run of show: {title}</title>
<style>
body {{ font: 11pt/1.4 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #0f172a; }}
h1 {{ font-size: 1.4rem; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #e2e8f0; }}
.lesson th {{ padding-top: 1rem; font-size: 1.05rem; border-bottom: 2px solid #0f172a; }}
.clock {{ font-variant-numeric: tabular-nums; font-weight: 600; }}
.minutes {{ color: #475569; }}
td:last-child {{ white-space: nowrap; color: #b45309; }}
tr {{ break-inside: avoid; }}
@page {{ size: A4; margin: 15mm; }}
@media print {{ body {{ margin: 0; }} }}
</style></head><body>
<h1>{title}</h1>
<p>When time is short, leave out what says <i>cut 1</i> first, then <i>cut 2</i>, and so on. The rest is the course.</p>
<table>{rows}</table>
<p>{end} · end</p>
</body></html>
"""
