"""marimo's editor as a process of its own: the place where exercises are written.

It listens on loopback only, behind the classroom's door, and wants a token, as whoever reaches it can run code. Links
carry the token; it is on no command line and in no log, where other users of the machine could read it.
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
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from classroom.course.progress import FOLDER
from classroom.course.workspace import HOME_VARIABLE, QUIET_ENVIRONMENT
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
    token: str = field(repr=False)
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
def run_editor(root: Path, folder: Path, port: int, home: str = "") -> Iterator[Editor]:
    """Runs marimo's editor on a folder for the time of the block.

    Args:
        root: The course's folder; the log goes below it.
        folder: The folder of notebooks; also the editor's current folder.
        port: A free port.
        home: Address of the front page, for links to it; empty where there is none.

    Raises:
        StartError: It does not come up, and the error says where its log is; or it cannot be guarded.
    """
    log = _make_log(root)
    editor = Editor(f"http://127.0.0.1:{port}", secrets.token_urlsafe(16), folder, log)
    with log.open("wb") as output, _ending_in_order():
        process = _start(editor, port, output.fileno(), home)
        try:
            _wait(editor, process)
            check_door(editor)
            yield editor
        finally:
            _stop(process)


def _make_log(root: Path) -> Path:
    """Returns a file for the editor's output that its owner alone can read."""
    log = root / FOLDER / "editor.log"
    log.parent.mkdir(exist_ok=True)
    log.touch(mode=0o600)
    # it may be there from a time when others could read it
    log.chmod(0o600)
    return log


def _start(editor: Editor, port: int, output: int, home: str) -> subprocess.Popen[bytes]:
    # -q: marimo would print its address, with the token
    command = [sys.executable, "-m", "classroom.serve.guarded_editor", "-q", "-y", "edit", ".", "--headless"]
    # --watch: what `classroom catch-up` and `reset` write reaches the open page
    options = ["--no-sandbox", "--skip-update-check", "--watch", "--host", "127.0.0.1", "--port", str(port)]
    # in a group of its own, so that Ctrl-C reaches us alone and marimo does not ask its question
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, *options, "--token-password-file", "-"],
        cwd=editor.folder,
        env={**QUIET_ENVIRONMENT, **os.environ, HOME_VARIABLE: home},
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=os.name != "nt",
        creationflags=flags,
    )
    # one that has ended already is told of by whoever waits for it
    with suppress(OSError), process.stdin or nullcontext() as line:
        if line is not None:
            line.write(editor.token.encode())
    return process


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


def check_door(editor: Editor) -> None:
    """Asks as a page would that lets its own name point to this machine; whoever gets an answer could run code.

    Raises:
        StartError: The editor answers.
    """
    request = urllib.request.Request(f"{editor.address}/health", headers={"Host": "stranger.invalid"})  # noqa: S310 - our own loopback
    try:
        urllib.request.urlopen(request, timeout=_PATIENCE_S).close()  # noqa: S310 - our own loopback
    except urllib.error.HTTPError as error:
        if error.code == 400:
            return
    raise StartError(
        "marimo's editor answers under a name that is not its own, so any web page could run code in it; expected 400. "
        "This version of marimo cannot be guarded. Type `uv sync`, then start again."
    )
