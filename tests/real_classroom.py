"""A classroom as `classroom start` serves it, and how somebody knocks at its doors."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).parents[1]
NOT_COPIED = shutil.ignore_patterns("__marimo__", "__pycache__")
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True)
class Classroom:
    """A running classroom.

    Attributes:
        opened: What it printed: the address with the start key.
        root: The copy of the course that it serves.
        log: What it prints.
        pid: Its process.
    """

    opened: str
    root: Path
    log: Path
    pid: int

    @property
    def address(self) -> str:
        """Its front page, without the key."""
        return self.opened.split("/?")[0]

    @property
    def editor_log(self) -> Path:
        return self.root / ".classroom" / "editor.log"


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: HTTPMessage
    text: str

    @property
    def cookie(self) -> str:
        """The cookie that it sets, as a browser sends it back."""
        return self.headers.get("Set-Cookie", "").split(";")[0]


def ask(url: str, method: str = "GET", **headers: str) -> Answer:
    """Asks once and follows no redirect; header names are written with `_` for `-`."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    try:
        path = f"{parts.path or '/'}?{parts.query}".rstrip("?")
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        text = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
        return Answer(answer.status, answer.headers, text)
    finally:
        connection.close()


def shake_hands(url: str, headers: Mapping[str, str]) -> int:
    """Asks for a WebSocket, and returns the status of the answer: 101 is a yes."""
    return ask(url, **HANDSHAKE, **headers).status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_course(root: Path, *folders: str) -> Path:
    for folder in folders:
        shutil.copytree(PROJECT / folder, root / folder, ignore=NOT_COPIED)
    return root


@contextmanager
def open_classroom(root: Path, browser: str = "") -> Iterator[Classroom]:
    """Runs `classroom start` on a copy of the course for the time of the block.

    Args:
        root: The copy.
        browser: The command that it opens its address with; none is opened without one.
    """
    log, headless = root / "server.log", [] if browser else ["--headless"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "classroom",
                "start",
                *headless,
                "--port",
                str(free_port()),
            ],
            cwd=root,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={key: value for key, value in os.environ.items() if key != "CLASSROOM_ROOT"} | {"BROWSER": browser},
        )
        try:
            yield Classroom(_wait_for_address(log, process), root, log, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        match = re.search(r"open at (http://127\.0\.0\.1:\d+)(\S*)", log.read_text(encoding="utf-8"))
        if match:
            try:
                with urllib.request.urlopen(f"{match[1]}/health", timeout=2):  # noqa: S310 - loopback
                    return match[0].removeprefix("open at ")
            except urllib.error.URLError:
                pass
        time.sleep(0.1)
    raise AssertionError(f"the classroom did not come up:\n{log.read_text(encoding='utf-8')}")
