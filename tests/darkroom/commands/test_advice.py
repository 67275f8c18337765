"""A command that a message advises can be typed as it stands, however the program was called."""

from __future__ import annotations

import pytest

from darkroom.commands.advice import as_called


def test_a_command_is_advised_as_it_was_called(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "`classroom hint 01`, `darkroom summary`, or `uv run classroom start`; `dlt` and `darkroom` are packages."
    monkeypatch.delenv("UV", raising=False)
    assert as_called(text) == text
    monkeypatch.setenv("UV", "/bin/uv")
    assert as_called(text) == text.replace("`classroom hint", "`uv run classroom hint").replace(
        "`darkroom summary", "`uv run darkroom summary"
    )
