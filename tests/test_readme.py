"""README is run, not believed: its two commands, its output and its Python."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from real_runs import SAMPLE_DATA, darkroom

from classroom.commands.cli import main as classroom_main
from darkroom.commands.cli import main as darkroom_main
from darkroom.load.run import ingest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = "\n".join(README.splitlines()[:20])


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_first_screen_gives_exactly_two_commands() -> None:
    commands = [line for line in blocks("")[0].splitlines() if line]
    assert commands == [
        "python -m pip install uv && uv run classroom start",
        "python -m pip install uv && uv run pytest",
    ]
    assert all(command in FIRST_SCREEN for command in commands)


def test_its_output_is_what_ingest_prints(tmp_path: Path) -> None:
    run = darkroom("ingest", str(SAMPLE_DATA), cwd=tmp_path, COLUMNS="120")
    printed = " ".join(run.stdout.split())
    (output,) = (block for block in blocks("") if "files seen" in block)
    for line in output.splitlines():
        # of the last line all but the time
        told = line.rpartition(",")[0] if " loaded, " in line else line
        shown = " ".join(told.replace(SAMPLE_DATA.name, "").split("…")[0].split())
        if shown:
            assert shown in printed, line


@pytest.mark.parametrize("code", blocks("python"))
def test_its_python_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest([SAMPLE_DATA / "mvtec_like/weave"], database=tmp_path / "darkroom.duckdb")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code.replace("~/mvtec_ad", (SAMPLE_DATA / "mvtec_like/weave").as_posix()), names)  # noqa: S102 - README's own code
    assert "report" in names or "image" in names


@pytest.mark.parametrize(("program", "main"), [("darkroom", darkroom_main), ("classroom", classroom_main)])
def test_its_commands_exist(program: str, main: click.Command) -> None:
    lines = [line for block in blocks("") for line in block.splitlines() if line.startswith(f"uv run {program}")]
    assert len(lines) >= 4
    for line in lines:
        command, *options = shlex.split(line.split("   ")[0])[3:]
        text = CliRunner().invoke(main, [command, "--help"], prog_name=program).stdout
        assert f"Usage: {program}" in text
        for option in options:
            assert not option.startswith("--") or option in text
