from __future__ import annotations

import pytest
from click.testing import CliRunner

from classroom.commands.cli import main
from classroom.errors import UnknownError
from darkroom.commands.group import EXIT_ERROR


def test_the_classroom_names_options_in_its_errors_as_darkroom_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise UnknownError("`name` 99: there is no such exercise.")

    monkeypatch.setattr("classroom.commands.learners.find_course", fail)
    result = CliRunner().invoke(main, ["hint", "99"])
    assert (result.exit_code, result.stderr) == (EXIT_ERROR, "classroom: `ID` 99: there is no such exercise.\n")
