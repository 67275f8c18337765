"""What a course consists of: lessons with their beats, exercises with their steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Names = Mapping[str, Any]
"""What a notebook's cell defines, by name."""


class Kind(StrEnum):
    """What a lesson is for."""

    SLIDES = "slides"
    DEMO = "demo"
    TIPS = "tips"
    FOLLOW_ALONG = "follow_along"
    QUESTIONS = "questions"
    DEEP_DIVE = "deep_dive"


@dataclass(frozen=True, slots=True)
class Beat:
    """A stretch of a lesson in the run of show.

    Attributes:
        title: What happens.
        minutes: How long it takes.
        say: What to say, in the instructor's words; empty where its slides have notes.
        cut: Rank in which it is left out when time is short, 1 first; 0 is never cut.
        poll: What the room is asked, to be answered in the chat before anything is shown; empty for no poll.
        slides: Names of the cells that are its slides, in order.
        types: Names of the demo cells that are typed in it, in order.
        do: What to press, choose or move.
        see: What appears then.
        otherwise: What to do if it does not.
        shorten: How it takes less time, without leaving it out.
    """

    title: str
    minutes: int
    say: str = ""
    cut: int = 0
    poll: str = ""
    slides: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    do: str = ""
    see: str = ""
    otherwise: str = ""
    shorten: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One notebook of the course.

    Attributes:
        id: Stem of its file below `lessons/`, with `/`.
        title: Title of the card and the page.
        kind: What the lesson is for.
        minutes: Its share of the workshop's hour; of a deep dive, the time it takes alone.
        objectives: What one can do afterwards.
        beats: The run of show; empty for a deep dive.
        exercises: Ids of the exercises that belong to it.
        docs: Pages to read next, as links in Markdown.
        page: Where the instructor shows it; empty for a deep dive.
        notes: For slides, the name of each slide's cell, and what the instructor says to it.
    """

    id: str
    title: str
    kind: Kind
    minutes: int
    objectives: tuple[str, ...]
    beats: tuple[Beat, ...] = ()
    exercises: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    page: str = ""
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def is_workshop(self) -> bool:
        """Whether it is part of the 60 minutes."""
        return self.kind is not Kind.DEEP_DIVE


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a question leads after the workshop.

    Attributes:
        title: Its name.
        asks: What one wants to know, in a sentence.
        here: What this course has of it: lessons, exercises, pages, commands.
        read: Pages elsewhere, as links in Markdown.
    """

    title: str
    asks: str
    here: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One gap of an exercise, its checkpoint and its hints.

    Attributes:
        exercise_id: The exercise it belongs to.
        number: Its place among the exercise's steps, from 1.
        title: What is to be done.
        points: Points that a pass earns.
        hints: Exactly three: a nudge, a pointer, nearly the answer.
        is_only: Whether the exercise has no other step; the id then needs no number.
        defines: Names that the step's cell defines and its check looks at.
        minute: Minute of the follow-along at which the room should be here; 0 where nobody walks together.
    """

    exercise_id: str
    number: int
    title: str
    points: int
    hints: tuple[str, ...]
    is_only: bool
    defines: tuple[str, ...]
    minute: int = 0

    @property
    def id(self) -> str:
        """As the command names it: `01_read_a_layout`, or `follow_along:3` where there are several."""
        return self.exercise_id if self.is_only else f"{self.exercise_id}:{self.number}"

    @property
    def exercise_cell(self) -> str:
        """Name of the notebook's cell with the gap."""
        return f"exercise_{self.number}"

    @property
    def cell_names(self) -> tuple[str, ...]:
        """Names that the cell with the gap has in a learner's file: marimo saves a lone function as such."""
        return (self.exercise_cell, *self.defines)


@dataclass(frozen=True, slots=True)
class Exercise:
    """One notebook with gaps; `exercises/<id>.py`, and its master `solutions/<id>.py`.

    Attributes:
        id: Stem of its files, as in `01_read_a_layout`.
        title: Title of the card and the page.
        minutes: How long it takes.
        objectives: What one can do afterwards.
        steps: Its gaps, in the order in which they are solved.
        is_bug: Whether it is a "spot the bug".
        docs: Pages to read next, as links in Markdown.
    """

    id: str
    title: str
    minutes: int
    objectives: tuple[str, ...]
    steps: tuple[Step, ...]
    is_bug: bool = False
    docs: tuple[str, ...] = ()

    @property
    def is_walked_together(self) -> bool:
        """Whether it is the follow-along, in which a room goes from step to step."""
        return any(step.minute for step in self.steps)
