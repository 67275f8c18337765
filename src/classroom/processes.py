"""Processes that run somebody's code: apart from the terminal, talked to by pipes, killed with all they started."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import Any, TextIO

APART: dict[str, Any] = {
    "start_new_session": True,  # away from the terminal's Ctrl-C; Windows passes over it
    "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0),
}
"""Arguments of `subprocess.Popen` for a process that `kill_tree` can end as a whole."""


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kills a process that was started `APART` and all that it started; waits for its end. A second call does no harm.

    What left the process's group is not found.
    """
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses when only zombies are left
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        taskkill = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(taskkill, capture_output=True, check=False)  # noqa: S603 - of Windows itself
        process.kill()
    process.wait()


def take_pipes() -> tuple[TextIO, int]:
    """Keeps the pipes of this process for whoever started it; returns its input, and the descriptor of its output.

    From here on nothing can be read from standard input, and what is printed goes to standard error.
    """
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.dup(1)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return requests, answers


def write_whole(pipe: int, line: bytes) -> None:
    """Writes all of a line, however small the pipe is."""
    while line:
        line = line[os.write(pipe, line) :]
