"""Why a file cannot become a picture."""

from __future__ import annotations

from darkroom.sample import Reason


class UnusableImageError(Exception):
    """The bytes of one file cannot become a picture; the load turns this into a `Reject` and goes on.

    Attributes:
        reason: The stable code: EMPTY, NOT_AN_IMAGE, TOO_LARGE, UNSUPPORTED or CORRUPT.
        message: What was found, what was expected, and what to do next, in one sentence.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message
