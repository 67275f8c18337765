"""A worker and all that it starts: started apart from the grader's terminal, killed as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from classroom.course.workspace import QUIET_ENVIRONMENT
from classroom.grading import namespaces
from classroom.grading.isolation import Isolation, Level
from classroom.processes import APART, kill_tree

_COMMAND = [sys.executable, "-I", "-B", "-X", "utf8", "-m", "classroom.grading.worker"]
"""Isolated: neither variables nor the current folder have a say in what is imported; and no byte code is written."""

_AS_USER = """
import os, signal, sys
user = int(sys.argv[1])
os.setgroups([])
os.setresgid(user, user, user)
os.setresuid(user, user, user)
os.kill(-1, signal.SIGKILL)
"""


def start_worker(isolation: Isolation, scratch: Path) -> subprocess.Popen[bytes]:
    """Starts a worker that waits for its request; its pipes are open, its environment is all but empty.

    Args:
        isolation: Decides what the scratch is called inside.
        scratch: An empty folder; the worker's current folder.
    """
    home = namespaces.HOME if isolation.level is Level.NAMESPACES else scratch
    return subprocess.Popen(  # noqa: S603 - the project's own worker
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=scratch,
        env=_environment(home, isolation.course_root),
        **APART,
    )


def kill_worker(process: subprocess.Popen[bytes], user: int | None = None) -> None:
    """Kills a worker and all that it started and that can be found; waits for its end. A second call does no harm.

    Args:
        process: The worker.
        user: The user that it became, if it became one of its own: whatever belongs to that user is killed.
    """
    kill_tree(process)
    if user is not None:
        command = [sys.executable, "-I", "-c", _AS_USER, str(user)]
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - kills itself, too


def _environment(home: Path, course_root: Path) -> dict[str, str]:
    folders = dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
    xdg = {f"XDG_{name}_HOME": str(home / f".{name.lower()}") for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    windows = {name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR", "COMSPEC") if name in os.environ}
    return {
        **folders,
        **xdg,
        **windows,
        "PATH": os.defpath if os.name == "posix" else windows.get("SYSTEMROOT", ""),
        "LANG": "C.UTF-8",
        "USER": "learner",
        "USERNAME": "learner",
        "LOGNAME": "learner",
        "CLASSROOM_ROOT": str(course_root),
        "DLT_DATA_DIR": str(home / ".dlt"),
        **QUIET_ENVIRONMENT,
        # threads count as processes, and many workers share the machine
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
