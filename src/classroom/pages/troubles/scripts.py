"""What only another Python shows: scripts started in a folder, and a program that keeps a database open."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_S = 60
_TRACEBACK = "Traceback (most recent call last):"
_KEEP_OPEN = """
import sys
import duckdb

with duckdb.connect(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.readline()
"""


class ScriptError(Exception):
    """A script failed.

    Attributes:
        title: The script and its exit code.
        whole: All that it wrote to its error stream; the message is the last exception in it.
    """

    def __init__(self, name: str, exit_code: int, stderr: str) -> None:
        super().__init__(_last_exception(stderr))
        self.title = f"python {name}: exit code {exit_code}"
        self.whole = stderr.strip()


def run_script(folder: Path, name: str, code: str) -> str:
    """Writes a script into a folder, which is made if need be, and starts it there; returns what it printed.

    Raises:
        ScriptError: It failed.
        subprocess.TimeoutExpired: It did not end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(code, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - the course's own scripts
        [sys.executable, name],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise ScriptError(name, done.returncode, done.stderr)
    return done.stdout.strip()


@contextmanager
def open_elsewhere(database: Path) -> Iterator[None]:
    """Keeps a DuckDB file open in another process for the time of the block."""
    with subprocess.Popen(  # noqa: S603 - the course's own script
        [sys.executable, "-c", _KEEP_OPEN, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as program:
        assert program.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            program.stdout.readline()
            yield
        finally:
            program.communicate("\n", timeout=TIMEOUT_S)


def _environment() -> dict[str, str]:
    """This process's, without what would change how a script finds its modules or what dlt tells of itself."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONSAFEPATH", "PYTHONPATH")}
    return kept | {"PYTHONUTF8": "1", "PYTHON_COLORS": "0", "RUNTIME__DLTHUB_TELEMETRY": "false"}


def _last_exception(stderr: str) -> str:
    lines = stderr.rpartition(_TRACEBACK)[2].strip("\n").splitlines()
    first = next((index for index, line in enumerate(lines) if not line.startswith(" ")), 0)
    return "\n".join(lines[first:]).strip()
