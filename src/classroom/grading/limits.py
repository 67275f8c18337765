"""What POSIX can refuse a process: memory, processor time, processes, large files; and another user's files.

Imported on every system; what a system lacks is left out.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_FIRST_USER = 61184
"""Users from here on belong to nobody for long: systemd hands them out to services for as long as these run."""
_USER_COUNT = 4336

_PROCESSES = 96
"""Processes and threads that a submission may have; a check that loads with dlt has about twenty."""
_FILE_BYTES = 256 << 20
_OPEN_FILES = 512
_RESERVE_MB = 4096
"""Address space on top of the memory limit: arenas and stacks are reserved and hardly used."""


def limit_resources(memory_mb: int, cpu_s: int) -> None:
    """Limits this process and all that it starts; does nothing on Windows.

    Args:
        memory_mb: Memory that may be used.
        cpu_s: Processor time that may be used, by each process.
    """
    if os.name != "posix":
        return
    resource = importlib.import_module("resource")
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": cpu_s,
        "RLIMIT_FSIZE": _FILE_BYTES,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_AS": (memory_mb + _RESERVE_MB) << 20,
    }
    if sys.platform == "linux":
        wanted["RLIMIT_NPROC"] = sum(_task_counts()) + _PROCESSES
    for name, value in wanted.items():
        # macOS knows RLIMIT_AS and refuses to set it
        with suppress(ValueError, OSError, AttributeError):
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))


def become_user(user: int) -> None:
    """Gives up root for good; the group of the same number comes with it.

    Raises:
        OSError: The system has no such user to give, as in some containers.
    """
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def possible_users() -> Iterator[int]:
    """Yields the users that workers may become; each process begins elsewhere, so that two hardly ever meet."""
    return (_FIRST_USER + (os.getpid() + number) % _USER_COUNT for number in range(_USER_COUNT))


def _task_counts() -> Iterator[int]:
    """Yields for each process of this user how many threads it has already: the limit counts them too."""
    for folder in Path("/proc").iterdir():
        # a process may end while it is looked at
        with suppress(OSError):
            if folder.name.isdigit() and folder.stat().st_uid == os.getuid():
                yield sum(1 for _ in (folder / "task").iterdir())
