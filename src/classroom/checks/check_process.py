"""Checks in a process of their own: code that never ends is ended there, and the command goes on."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from classroom.course.contents import Exercise, Step
from classroom.course.outcomes import CheckResult, Outcome, judge_steps, name_result, raised
from classroom.course.registry import Course
from classroom.errors import ClassroomError
from classroom.processes import APART, kill_tree

STEP_TIMEOUT_S = 60.0
"""Time for one step. The longest check takes some seconds, on a slow and busy machine twenty."""
_TOLD_AFTER_S = 8.0
_START_S = 180.0
"""The process has this long to import the checks; a step's own time begins afterwards."""
_GRACE_S = 5.0
"""Code that lets no other thread run, as in a long regular expression, is ended from outside, this much later."""
_FAREWELL_S = 0.5
"""A process that nobody asks any more ends by itself within this time, or is killed."""

_Answer = dict[str, Any]


class CheckProcess:
    """Checks steps in a process that is started when it is first needed, and anew when a step has ended it.

    Use it in a `with` block: at its end the process is killed, with all that it started.

    Args:
        course: The course.
        timeout_s: Time for one step.
        tell: Called with a sentence while a step takes long.
    """

    def __init__(
        self, course: Course, *, timeout_s: float = STEP_TIMEOUT_S, tell: Callable[[str], None] | None = None
    ) -> None:
        self._course, self._timeout_s, self._tell = course, timeout_s, tell
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[_Answer | None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def check_notebook(self, exercise: Exercise, path: Path) -> list[CheckResult]:
        """Checks all steps of a notebook in order; those after one that does not pass are blocked.

        Args:
            exercise: From the registry.
            path: The notebook: the learner's or the master.

        Raises:
            ClassroomError: The course is at fault, or the process could not be started.
        """
        return judge_steps(exercise, lambda step: self.check_file(step, path))

    def check_file(self, step: Step, path: Path) -> CheckResult:
        """Checks one step of a notebook's file, whatever the steps before it say.

        Raises:
            ClassroomError: The course is at fault, or the process could not be started.
        """
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 - it was asked for
        with suppress(OSError):  # a process that has ended is told by its answer
            process.stdin.write(json.dumps({"step": step.id, "path": str(path.absolute())}).encode("ascii") + b"\n")
            process.stdin.flush()
        limit_s = self._timeout_s + _GRACE_S
        answer = self._next_answer(limit_s)
        if answer is not None and "running" in answer:
            if self._tell is not None:
                self._tell(
                    f"{step.id} still runs after {_TOLD_AFTER_S:g} s{_join(answer['running'])}. It is stopped after "
                    f"{self._timeout_s:g} s; Ctrl-C ends it now."
                )
            answer = self._next_answer(limit_s)
        return self._result(step, answer)

    def _result(self, step: Step, answer: _Answer | None) -> CheckResult:
        if answer is not None and "result" in answer:
            values = answer["result"]
            return CheckResult(**{**values, "outcome": Outcome(values["outcome"])})
        if answer is None:
            exit_code = self._end()
            message = f"The code ended Python itself, with exit code {exit_code}, as `os._exit` or a crash does."
            return name_result(raised(message, next_step="Take out what ends the program."), step)
        if "stopped" in answer:
            self._end()
            message = f"It ran for more than {self._timeout_s:g} s and was stopped{_join(answer['stopped'])}."
            return name_result(raised(message, next_step="Look there for a loop or a wait that never ends."), step)
        if "error" in answer:
            raise ClassroomError(answer["error"])
        raise RuntimeError(f"the check of {step.id} is broken:\n{answer['broken']}")

    def _next_answer(self, timeout_s: float) -> _Answer | None:
        """Returns what the process says next; None when it has ended."""
        try:
            return self._answers.get(timeout=timeout_s)
        except queue.Empty:
            return {"stopped": ""}

    def _start(self) -> subprocess.Popen[bytes]:
        told_after_s = min(_TOLD_AFTER_S, self._timeout_s)
        command = [sys.executable, "-P", "-u", "-m", "classroom.checks.check_worker"]
        # what the code prints goes where this process prints its errors, and in its encoding
        encoding = f"{getattr(sys.stderr, 'encoding', None) or 'utf-8'}:backslashreplace"
        self._process = subprocess.Popen(  # noqa: S603 - the project's own worker
            [*command, str(self._course.root), str(told_after_s), str(self._timeout_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            **APART,
        )
        self._answers = queue.SimpleQueue()
        threading.Thread(target=_read_answers, args=(self._process, self._answers), daemon=True).start()
        if self._next_answer(_START_S) != {"ready": True}:
            self._end()
            raise ClassroomError(
                "The checks could not be started; what Python says of it stands above. `classroom doctor` tells more."
            )
        return self._process

    def _end(self) -> int | None:
        """Kills the process, if there is one; returns its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_FAREWELL_S)
        kill_tree(process)
        return process.returncode


def _read_answers(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[_Answer | None]) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    with process.stdout as lines:
        for line in lines:
            answers.put(json.loads(line))
    answers.put(None)


def _join(place: str) -> str:
    return f", {place}" if place else ""
