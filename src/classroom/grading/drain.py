"""A worker's pipe, read to its end whatever comes, so that a full one never blocks; only its beginning is kept."""

from __future__ import annotations

import os
import threading
from typing import IO

READY = b'\n{"ready": true}\n'
"""What a worker writes first, before the submission's first line runs."""


class Drain(threading.Thread):
    """Reads a pipe until the last process that can write to it is gone, and closes it.

    Attributes:
        kept: The beginning of what came.
        is_over: Whether more came than was kept.
    """

    def __init__(self, pipe: IO[bytes], limit_bytes: int) -> None:
        super().__init__(daemon=True)
        self._pipe, self._limit = pipe, limit_bytes
        self._has_begun = threading.Event()
        self.kept = bytearray()
        self.is_over = False
        self.start()

    def run(self) -> None:
        """Reads the pipe; the thread's work."""
        with self._pipe:
            while part := os.read(self._pipe.fileno(), 1 << 16):
                room = self._limit - len(self.kept)
                self.kept += part[:room]
                self.is_over = self.is_over or len(part) > room
                if len(self.kept) >= len(READY):
                    self._has_begun.set()
        self._has_begun.set()

    def wait_until_ready(self, timeout_s: float) -> bool:
        """Waits for the worker's first line, or its end; tells whether it was the one that says ready."""
        self._has_begun.wait(timeout_s)
        return self.kept.startswith(READY)
