"""How far something that takes long has come, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ProgressCallback = Callable[[int, int], None]
"""Called with how many are done, and how many there are in all."""


@dataclass(slots=True)
class ProgressCounter:
    """Counts what is done, and tells the callback after each step.

    Attributes:
        total: How many there are in all.
        callback: Told how far it is; None where nobody wants to know.
        done: How many are done.
    """

    total: int
    callback: ProgressCallback | None = None
    done: int = 0

    @property
    def left(self) -> int:
        """How many are still to do."""
        return self.total - self.done

    def advance(self, count: int = 1) -> None:
        """Adds to what is done, and tells the callback."""
        self.done += count
        if self.callback is not None:
            self.callback(self.done, self.total)
