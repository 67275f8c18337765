"""An empty text is no path: as one, it would mean the current folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from trees import make_tree

import darkroom
from classroom.commands.cli import main as classroom_main
from darkroom.commands.cli import main
from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import DarkroomError, OptionError
from darkroom.extract.storage import open_storage
from darkroom.training.report.write import check_report
from darkroom.training.train import train

CALLS: dict[str, tuple[str, Callable[[str], object]]] = {
    "no root": ("roots", lambda _: darkroom.ingest([])),
    "a root": ("root", lambda empty: darkroom.ingest([empty])),
    "a root as it is": ("roots", lambda empty: darkroom.ingest(empty)),
    "a storage": ("root", open_storage),
    "ingest": ("database", lambda empty: darkroom.ingest(["."], database=empty)),
    "summary": ("database", darkroom.summary),
    "an audit": ("database", darkroom.audit),
    "its sheet": ("sheet", lambda empty: darkroom.audit("x.duckdb", empty)),
    "verify": ("database", darkroom.verify),
    "verify against": ("against", lambda empty: darkroom.verify("x.duckdb", empty)),
    "a contact sheet": ("out", lambda empty: darkroom.write_contact_sheet(empty, "x.duckdb")),
    "its database": ("database", lambda empty: darkroom.write_contact_sheet("x.png", empty)),
    "an export": ("out", lambda empty: darkroom.write_export("x.duckdb", empty, format="mvtec")),
    "its own database": ("database", lambda empty: darkroom.write_export(empty, "x.npz", format="npz")),
    "training": ("database", train),
    "weights": ("weights", lambda empty: train("x.duckdb", weights=empty)),
    "a report": ("report", check_report),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: an image dataset that nobody has asked for."""
    make_tree(tmp_path, ["part/train/good/1.png", "part/test/cut/1.png"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("empty", ["", "  "])
@pytest.mark.parametrize("call", CALLS)
def test_functions_refuse_it(folder: Path, call: str, empty: str) -> None:
    parameter, function = CALLS[call]
    with pytest.raises(DarkroomError, match=rf"`{parameter}`"):
        function(empty)
    assert sorted(path.name for path in folder.iterdir()) == ["part"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("root", ["file://", "file://localhost"])
def test_an_address_without_a_path(root: str) -> None:
    with pytest.raises(OptionError, match="`root`"):
        open_storage(root)


@pytest.mark.usefixtures("folder")
def test_the_current_folder_can_be_named() -> None:
    with open_storage(".") as storage:
        assert len(storage.files().files) == 2


@pytest.mark.usefixtures("folder")
def test_torch_datasets() -> None:
    pytest.importorskip("torch")
    from darkroom.query.torch_datasets import InspectionDataset

    with pytest.raises(DarkroomError, match="`database`"):
        InspectionDataset("")


def iter_commands(group: click.Group, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += iter_commands(command, (*words, name))
        elif any(isinstance(parameter, click.Argument) for parameter in command.params):
            found.append((*words, name))
    return found


@pytest.mark.parametrize("words", iter_commands(main), ids=" ".join)
def test_every_argument_of_every_command(folder: Path, words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*words, ""])
    assert result.exit_code == 2
    assert "is empty" in result.output
    assert "unset variable" in result.output
    assert sorted(path.name for path in folder.iterdir()) == ["part"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("words", iter_commands(classroom_main), ids=" ".join)
def test_every_argument_of_the_classroom(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(classroom_main, [*words, ""])
    assert (result.exit_code, "is empty" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["ingest", ""], "ROOT"),
        (["ingest", "part", "", "part"], "ROOT"),
        (["ingest", ".", "--database", ""], "--database"),
        (["ingest", ".", "--database="], "--database"),
        (["summary", "--database", ""], "--database"),
        (["verify", "--against", ""], "--against"),
        (["sample-data", ""], "OUT"),
        (["train", "--weights", ""], "--weights"),
        (["train", "--report="], "--report"),
        (["excerpt", ".", ""], "OUT"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_the_command_says_which_one(folder: Path, words: list[str], where: str) -> None:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert f"darkroom: `{where}` is empty" in result.output
    assert sorted(path.name for path in folder.iterdir()) == ["part"]


def test_an_empty_text_that_is_no_path_but_a_default_may_be_given() -> None:
    result = CliRunner().invoke(classroom_main, ["museum", "--base-path", "", "--port", "99999"])
    assert "is empty" not in result.output
    assert "99999" in result.output


def test_an_empty_classroom_root_is_an_unset_one(tmp_path: Path) -> None:
    """So that `CLASSROOM_ROOT= classroom list` looks where it would have looked without."""
    results = [
        subprocess.run(
            [sys.executable, "-m", "classroom", "list"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**{key: value for key, value in os.environ.items() if key != "CLASSROOM_ROOT"}, **root},
            check=False,
        )
        for root in ({}, {"CLASSROOM_ROOT": ""})
    ]
    assert [result.returncode for result in results] == [2, 2]
    assert results[0].stderr == results[1].stderr


def test_reading_refuses_it_by_itself() -> None:
    with pytest.raises(DarkroomError, match="`database`"), open_readonly(""):
        pass
