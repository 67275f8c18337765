"""marimo's editor as a process of its own: the place where exercises are written.

It listens on loopback only and wants a token, as whoever reaches it can run code; the links that we print carry it.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from classroom.course.progress import FOLDER
from classroom.course.workspace import QUIET_ENVIRONMENT
from classroom.errors import StartError
from classroom.serve.doctor import is_free

_PATIENCE_S = 60.0
_GRACE_S = 10.0
"""How long an editor with open pages may take to close."""


@dataclass(frozen=True, slots=True)
class Editor:
    """A running editor.

    Attributes:
        address: Where it listens, without a path.
        token: What a browser has to show once.
        folder: The folder whose notebooks it opens.
        log: The file that the server's output goes to.
    """

    address: str
    token: str
    folder: Path
    log: Path

    def link(self, notebook: Path) -> str:
        """Returns the address that opens a notebook below `folder`."""
        file = notebook.relative_to(self.folder).as_posix()
        return f"{self.address}/?{urllib.parse.urlencode({'file': file, 'access_token': self.token})}"


def find_port(wanted: int) -> int:
    """Returns the first free port from `wanted` on.

    Raises:
        StartError: The next 100 are all taken.
    """
    for port in range(wanted, min(wanted + 100, 65536)):
        if is_free(port):
            return port
    raise StartError(f"Ports {wanted} to {wanted + 99} are all taken. Name another: `classroom start --port 8700`.")


@contextmanager
def run_editor(root: Path, folder: Path, port: int) -> Iterator[Editor]:
    """Runs marimo's editor on a folder for the time of the block.

    Args:
        root: The course's folder; the log goes below it.
        folder: The folder of notebooks; also the editor's current folder.
        port: A free port.

    Raises:
        StartError: It does not come up; says where its log is.
    """
    log = root / FOLDER / "editor.log"
    log.parent.mkdir(exist_ok=True)
    editor = Editor(f"http://127.0.0.1:{port}", secrets.token_urlsafe(16), folder, log)
    with log.open("wb") as output, _ending_in_order():
        process = _start(editor, port, output.fileno())
        try:
            _wait(editor, process)
            yield editor
        finally:
            _stop(process)


def _start(editor: Editor, port: int, output: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "marimo", "-y", "edit", ".", "--headless", "--no-sandbox", "--skip-update-check"]
    # --watch: what `classroom catch-up` and `reset` write reaches the open page
    options = ["--watch", "--host", "127.0.0.1", "--port", str(port), "--token-password", editor.token]
    # in a group of its own, so that Ctrl-C reaches us alone and marimo does not ask its question
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(  # noqa: S603 - our own command
        command + options,
        cwd=editor.folder,
        env={**QUIET_ENVIRONMENT, **os.environ},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=os.name != "nt",
        creationflags=flags,
    )


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Lets a request to terminate unwind the program, so that the editor ends with it; as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(editor: Editor, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + _PATIENCE_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{editor.address}/health", timeout=2):  # noqa: S310 - our own loopback
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise StartError(f"marimo's editor did not come up; {editor.log} says why. Run `classroom doctor`, then try again.")
