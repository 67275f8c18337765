"""Troubles and how they are played: provoked for real, told in their own words, then mended.

What a page shows of a trouble is the source of the two functions that ran, and what came of them at that moment.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dlt

from classroom.course.workspace import Workspace, temporary_workspace
from classroom.pages.troubles.scripts import ScriptError

Scene = Callable[[Workspace], str]
"""Code that is shown and run: says what came out, or raises."""

_ONE_AT_A_TIME = threading.Lock()
"""The settings and the log of dlt belong to the whole process, and two pages may be open in it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way into a trouble, and the way out.

    Attributes:
        name: What distinguishes it from the trouble's other cases; empty where there is one only.
        provoke: Raises the error, or says what is silently wrong.
        mend: Runs after `provoke`, in the same workspace, and says what came out; None where one can only look.
        words: The words of the message to look for, not all of them on every system; they are marked in the page.
        why: What happened, and how to keep out of it.
        script: The file that both scenes run in a Python of its own; empty where they do not.
    """

    name: str
    provoke: Scene
    mend: Scene | None
    words: tuple[str, ...]
    why: str
    script: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that every learner meets.

    Attributes:
        id: Short name.
        title: What it is, in a few words.
        symptom: What one sees or says when it strikes.
        cases: The ways into it.
    """

    id: str
    title: str
    symptom: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """What came of a scene.

    Attributes:
        message: What the scene said; of an error, the part of it that tells.
        errors: Names of the exceptions, from the one that was raised to its first cause; empty if none was.
        whole: The raised error's message in full.
        log: What dlt wrote to its log as a warning meanwhile.
    """

    message: str
    errors: tuple[str, ...] = ()
    whole: str = ""
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Play:
    """What came of a case; `mended` is None where one can only look."""

    case: Case
    provoked: Act
    mended: Act | None


def play(trouble: Trouble) -> tuple[Play, ...]:
    """Provokes and mends a trouble in a workspace that is deleted afterwards; waits while another one is played."""
    with backstage() as workspace:
        return tuple(play_case(case, part_of(workspace, case)) for case in trouble.cases)


@contextmanager
def backstage() -> Iterator[Workspace]:
    """A workspace for the time of the block, with nobody else on stage, and dlt's log kept off the terminal."""
    with _ONE_AT_A_TIME, temporary_workspace() as workspace, _listen():
        yield workspace


def part_of(workspace: Workspace, case: Case) -> Workspace:
    """A workspace for one case, within another."""
    folder = workspace.folder / case.provoke.__name__
    folder.mkdir()
    return Workspace(folder)


def play_case(case: Case, workspace: Workspace) -> Play:
    """Provokes a case, then mends it, in a workspace that is empty before."""
    provoked = perform(case.provoke, workspace, case.words)
    return Play(case, provoked, perform(case.mend, workspace) if case.mend else None)


def perform(scene: Scene, workspace: Workspace, words: tuple[str, ...] = ()) -> Act:
    """Runs a scene; whatever it raises becomes part of what is told.

    Args:
        scene: What to run.
        workspace: Where.
        words: What to look for in the messages of the error and its causes.
    """
    with _listen() as log:
        try:
            return Act(scene(workspace), log=tuple(log))
        except Exception as error:
            chain = list(_chain(error))
            names = (cause.title if isinstance(cause, ScriptError) else type(cause).__name__ for cause in chain)
            message = _telling_message([str(cause).strip() for cause in chain], words)
            return Act(message, tuple(dict.fromkeys(names)), _whole(error), tuple(log))


@contextmanager
def _listen() -> Iterator[list[str]]:
    """Collects dlt's warnings of this thread in place of printing them."""
    logger = logging.getLogger("dlt")
    collector = _Collector()
    handlers, level = logger.handlers, logger.level
    logger.handlers = [collector]
    logger.setLevel(logging.WARNING)
    try:
        with dlt.config.values({"runtime.log_level": "WARNING"}):
            yield collector.lines
    finally:
        logger.handlers = handlers
        logger.setLevel(level)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread and record.levelno == logging.WARNING:
            self.lines.append(record.getMessage())


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _telling_message(messages: list[str], words: tuple[str, ...]) -> str:
    """The message with most of the words, and of several such the shortest; without words, that of the first cause."""
    if not words:
        return messages[-1]
    return max(messages, key=lambda message: (sum(word in message for word in words), -len(message)))


def _whole(error: BaseException) -> str:
    return error.whole if isinstance(error, ScriptError) else str(error).strip()
