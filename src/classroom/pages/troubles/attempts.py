"""Code that is tried out: what it said or raised, and what dlt wrote to its log meanwhile.

Whatever is tried runs in a workspace that is deleted afterwards, and alone: dlt's settings and its log belong to the
whole process, and two pages may be open in it.
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
from classroom.pages.troubles.texts import Case
from darkroom.errors import iter_causes

Experiment = Callable[[Workspace], str]
"""Code that is shown and run: says what came out, or raises."""

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an experiment.

    Attributes:
        message: What it said; of an error, the part of it that tells.
        errors: Names of the exceptions, from the one that was raised to its first cause; empty if none was.
        whole: The raised error's message in full.
        log: What dlt wrote to its log as a warning meanwhile.
    """

    message: str
    errors: tuple[str, ...] = ()
    whole: str = ""
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A case that was provoked and mended.

    Attributes:
        case: Its texts.
        provoke: The code that raises the error, or says what is silently wrong.
        mend: The code that ran after it in the same workspace; None where one can only look.
        script: The file that both start in a Python of its own; empty where they do not.
        provoked: What came of `provoke`.
        mended: What came of `mend`.
    """

    case: Case
    provoke: Experiment
    mend: Experiment | None
    script: str
    provoked: Attempt
    mended: Attempt | None


@contextmanager
def exclusive_workspace() -> Iterator[Workspace]:
    """A workspace for the time of the block, with nobody else at an experiment, and dlt's log kept off the terminal."""
    with _ONE_AT_A_TIME, temporary_workspace() as workspace, _collect_warnings():
        yield workspace


def provoke_and_mend(
    case: Case, workspace: Workspace, provoke: Experiment, mend: Experiment | None = None, script: str = ""
) -> Demonstration:
    """Provokes a case, then mends it, in a workspace that is empty before."""
    provoked = attempt_experiment(provoke, workspace, case.words)
    mended = attempt_experiment(mend, workspace) if mend else None
    return Demonstration(case, provoke, mend, script, provoked, mended)


def attempt_experiment(experiment: Experiment, workspace: Workspace, words: tuple[str, ...] = ()) -> Attempt:
    """Runs an experiment; whatever it raises becomes part of what is told.

    Args:
        experiment: What to run.
        workspace: Where.
        words: What to look for in the messages of the error and its causes.
    """
    with _collect_warnings() as log:
        try:
            return Attempt(experiment(workspace), log=tuple(log))
        except Exception as error:
            causes = list(iter_causes(error))
            names = (cause.title if isinstance(cause, ScriptError) else type(cause).__name__ for cause in causes)
            message = _telling_message([str(cause).strip() for cause in causes], words)
            whole = error.whole if isinstance(error, ScriptError) else str(error).strip()
            return Attempt(message, tuple(dict.fromkeys(names)), whole, tuple(log))


@contextmanager
def _collect_warnings() -> Iterator[list[str]]:
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


def _telling_message(messages: list[str], words: tuple[str, ...]) -> str:
    """The message with most of the words, and of several such the shortest; without words, that of the first cause."""
    if not words:
        return messages[-1]
    return max(messages, key=lambda message: (sum(word in message for word in words), -len(message)))
