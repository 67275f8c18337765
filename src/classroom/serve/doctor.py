"""`classroom doctor`: whether this machine can run the course, told the day before."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from packaging.version import Version

from classroom.course.registry import find_course
from classroom.course.versions import BREAKS
from classroom.errors import ClassroomError

DEFAULT_PORT = 2718
MIN_PYTHON = (3, 11)
MIN_DISK_MB = 500
PACKAGES = ("dlt", "duckdb", "sqlglot", "ibis-framework", "marimo", "pillow", "numpy", "pandas", "pyarrow", "requests")


class Health(StrEnum):
    """How something stands. `warn` does not stop the course."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        name: What was looked at.
        health: How it stands.
        found: What was found.
        mend: The one thing to do; empty where nothing is to be done.
    """

    name: str
    health: Health
    found: str
    mend: str = ""


def examine(port: int = DEFAULT_PORT) -> tuple[Finding, ...]:
    """Looks at everything the course needs; changes nothing.

    Args:
        port: The port that `classroom start` will want.
    """
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _shadows,
        _course,
        lambda: _port(port),
        _disk,
        _browser,
        _isolation,
    )
    return tuple(finding for look in looks for finding in look())


def one_line(findings: tuple[Finding, ...]) -> str:
    """Returns all of it in one line, to be pasted into a chat."""
    from classroom import __version__

    versions = " ".join(f"{name} {_version(name) or 'missing'}" for name in PACKAGES)
    bad = "; ".join(f"{item.health}: {item.name}: {item.found}" for item in findings if item.health is not Health.OK)
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"classroom {__version__} | Python {platform.python_version()} | {system} | {versions} | {bad or 'all ok'}"


def _python() -> Iterator[Finding]:
    found = f"Python {platform.python_version()}, {sys.executable}"
    if sys.version_info >= MIN_PYTHON:
        yield Finding("Python", Health.OK, found)
    else:
        yield Finding("Python", Health.FAIL, found, "Install Python 3.11 or newer, then run the same command again.")


def _packages() -> Iterator[Finding]:
    breaks = {name: (Version(version), how) for name, version, how in BREAKS}
    for name in PACKAGES:
        version = _version(name)
        if version is None:
            yield Finding(name, Health.FAIL, "not installed", "`uv sync`")
        elif name in breaks and Version(version) >= breaks[name][0]:
            first, how = breaks[name]
            yield Finding(name, Health.FAIL, f"{version}: {how}", f'`uv pip install "{name}<{first}"`, or `uv sync`')
        else:
            yield Finding(name, Health.OK, version)


def _shadows() -> Iterator[Finding]:
    for name in ("dlt", "duckdb", "marimo", "ibis", "pandas"):
        spec = importlib.util.find_spec(name)
        here = Path.cwd() / f"{name}.py"
        if here.is_file() and spec is not None:
            yield Finding(here.name, Health.FAIL, f"{here} hides the package {name}", f"Rename {here.name}.")


def _course() -> Iterator[Finding]:
    try:
        course = find_course()
    except ClassroomError as error:
        yield Finding("course", Health.FAIL, str(error), "`cd` into the folder of the course")
        return
    if os.access(course.root, os.W_OK):
        yield Finding("course", Health.OK, str(course.root))
    else:
        mend = "Copy the folder to where you may write."
        yield Finding("course", Health.FAIL, f"{course.root} cannot be written to", mend)


def _port(port: int) -> Iterator[Finding]:
    if is_free(port):
        yield Finding("port", Health.OK, f"{port} is free")
    else:
        yield Finding("port", Health.WARN, f"{port} is taken", "`classroom start` takes the next free one by itself.")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Returns whether a server could listen on a port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            # as servers do: a port whose last connection is only just closed counts as free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _disk() -> Iterator[Finding]:
    free_mb = shutil.disk_usage(Path.cwd()).free // 1_000_000
    health = Health.OK if free_mb >= MIN_DISK_MB else Health.FAIL
    mend = "" if health is Health.OK else f"Free {MIN_DISK_MB} MB on the disk of this folder."
    yield Finding("disk", health, f"{free_mb:,} MB free", mend)


def _browser() -> Iterator[Finding]:
    try:
        webbrowser.get()
    except webbrowser.Error:
        yield Finding("browser", Health.WARN, "none found", "Open the address that `classroom start` prints yourself.")
    else:
        yield Finding("browser", Health.OK, "found")


def _isolation() -> Iterator[Finding]:
    """Looks how grading would shut submissions in. Only a grader needs it, so what is missing is no failure."""
    from classroom.grading.grader import find_isolation

    try:
        isolation = find_isolation(find_course())
    except ClassroomError as error:
        yield Finding("grading", Health.WARN, str(error), "Attendees need nothing.")
        return
    if isolation.level == "namespaces":
        yield Finding("grading", Health.OK, isolation.describe())
    else:
        mend = "Grade on Linux, or in a container; attendees need nothing."
        yield Finding("grading", Health.WARN, isolation.describe(), mend)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
