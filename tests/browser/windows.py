"""What the browser's tests hold in their hands: a running classroom, and a window on it."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Classroom:
    """A running classroom.

    Attributes:
        address: Its front page.
        root: The copy of the course that it serves.
        log: What it prints.
    """

    address: str
    root: Path
    log: Path


@dataclass
class Visit:
    """One person's browser window, and what it asked of the network.

    Attributes:
        page: Playwright's page.
        requests: Addresses asked for.
        failures: Errors of scripts.
    """

    page: Any
    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def strangers(self) -> set[str]:
        """Hosts off this machine that were asked for something."""
        hosts = {urlsplit(url).hostname for url in self.requests if urlsplit(url).scheme in ("http", "https", "ws")}
        return {host for host in hosts if host not in ("127.0.0.1", "localhost")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        match = re.search(r"open at (http://127\.0\.0\.1:\d+)", log.read_text(encoding="utf-8"))
        if match:
            try:
                with urllib.request.urlopen(f"{match[1]}/health", timeout=2):  # noqa: S310 - loopback
                    return match[1]
            except urllib.error.URLError:
                pass
        time.sleep(0.1)
    raise AssertionError(f"the classroom did not come up:\n{log.read_text(encoding='utf-8')}")
