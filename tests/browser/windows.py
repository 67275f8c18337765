"""What the browser's tests hold in their hands: a running classroom, and a window on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


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
