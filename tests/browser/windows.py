"""What the browser's tests hold in their hands: a window on a running classroom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


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
