"""Opening an address with a secret in it: not on a command line, which every user of the machine can read."""

from __future__ import annotations

import os
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

_DELAY_S = 1.0
"""By then, a server that starts after the block was entered answers."""


@contextmanager
def opened_in_browser(address: str, folder: Path) -> Iterator[None]:
    """Opens an address in the browser soon after this begins.

    Args:
        address: What is opened.
        folder: Where a file may lie until the end of the block.
    """
    with file_leading_to(address, folder) as file:
        timer = threading.Timer(_DELAY_S, webbrowser.open, [file.as_uri()])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


@contextmanager
def file_leading_to(address: str, folder: Path) -> Iterator[Path]:
    """Writes a page that leads to an address, for its owner's eyes alone; it is deleted at the end of the block."""
    handle, name = tempfile.mkstemp(prefix="open-", suffix=".html", dir=folder.absolute())
    file = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as page:
        page.write(f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(address)}">')
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)
