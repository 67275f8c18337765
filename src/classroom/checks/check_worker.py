"""Inside the process that `classroom.checks.check_process` starts: checks steps that it is asked for, one by one.

Requests come and answers go as JSON, one object a line. A request is `{"step": "01_read_a_layout", "path": "…"}`.
Answers are `{"ready": true}` once; then for each step `{"running": "in cell …"}` if it takes long, and one of
`{"result": {…}}`, `{"error": "…"}` for an error of the course, `{"broken": "…"}` with the traceback of any other, and
`{"stopped": "in cell …"}` when its time was up, which is the last word of this process.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from classroom.checks.checking import check_file
from classroom.course.answers import describe_running
from classroom.course.registry import Course, find_course
from classroom.errors import ClassroomError
from classroom.processes import take_pipes, write_whole

_MOST_LINES = 100


class FewLines(io.TextIOBase):
    """Hands on the first lines of what code prints, and counts the others: a verdict is not to be lost above them."""

    def __init__(self, to: TextIO) -> None:
        self._to = to
        self._lines = 0

    def write(self, text: str) -> int:
        """Hands text on as long as there are few lines; returns its length."""
        for line in text.splitlines(keepends=True):
            if self._lines < _MOST_LINES:
                self._to.write(line)
            self._lines += line.endswith("\n")
        return len(text)

    def flush(self) -> None:
        """Hands on what the stream below keeps."""
        self._to.flush()

    def end(self) -> None:
        """Says how many lines were left out, if any were."""
        if self._lines > _MOST_LINES:
            self._to.write(f"… and {self._lines - _MOST_LINES:,} more lines, which are not shown\n")


def main() -> None:
    """Answers until nobody asks any more; then ends at once, whatever the learner's code left running."""
    requests, answers = take_pipes()
    root, told_after_s, timeout_s = sys.argv[1:]
    course = find_course(Path(root))
    _write(answers, {"ready": True})
    with requests:
        for line in requests:
            request = json.loads(line)
            path = Path(request["path"])
            with _watched(path, float(told_after_s), float(timeout_s), answers):
                answer = _check(course, request["step"], path)
            _write(answers, answer)
    os._exit(0)


def _check(course: Course, step_id: str, path: Path) -> dict[str, Any]:
    printed = FewLines(sys.stdout)
    try:
        with redirect_stdout(printed):
            return {"result": check_file(course.find_steps(step_id)[0], path).to_json()}
    except ClassroomError as error:
        return {"error": str(error)}
    except Exception:  # a mistake of the course's own: the command shows it
        return {"broken": traceback.format_exc()}
    finally:
        printed.end()


@contextmanager
def _watched(path: Path, told_after_s: float, timeout_s: float, answers: int) -> Iterator[None]:
    """Tells where the code is if the block takes long; ends the process if it takes too long."""
    is_done = threading.Event()
    watch = threading.Thread(target=partial(_watch, is_done, path, told_after_s, timeout_s, answers), daemon=True)
    watch.start()
    yield
    is_done.set()
    watch.join()


def _watch(is_done: threading.Event, path: Path, told_after_s: float, timeout_s: float, answers: int) -> None:
    if is_done.wait(told_after_s):
        return
    _write(answers, {"running": describe_running(path)})
    if is_done.wait(timeout_s - told_after_s):
        return
    _write(answers, {"stopped": describe_running(path)})
    os._exit(1)


def _write(pipe: int, answer: dict[str, Any]) -> None:
    write_whole(pipe, json.dumps(answer).encode("ascii") + b"\n")


if __name__ == "__main__":
    main()
