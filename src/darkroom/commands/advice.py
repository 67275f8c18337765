"""Commands that a message advises, written as the program was called: by `uv run`, or by its bare name."""

from __future__ import annotations

import os
import re

_COMMAND = re.compile(r"`(?=(?:classroom|darkroom) )")


def as_called(text: str) -> str:
    """Returns a text with `uv run` before each command of ours, where `uv run` started this program.

    Args:
        text: In it, a command stands in backticks: `darkroom summary`.
    """
    return _COMMAND.sub("`uv run ", text) if "UV" in os.environ else text
