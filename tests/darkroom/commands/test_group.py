"""Errors speak of parameters in Python and of options on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from real_runs import darkroom

import darkroom as package
from darkroom.commands.cli import main
from darkroom.commands.group import EXIT_ERROR, CommandGroup, name_options
from darkroom.errors import DarkroomError, OptionError

pytest_plugins = ["fixtures_database"]

Call = Callable[[str, Path], object]
"""Asks a function for the impossible: of a database, with a folder to write to."""

IMPOSSIBLE: dict[str, tuple[list[str], str, Call, str]] = {
    "size": (
        ["train", "--size", "7"],
        "`--size` 7: expected 32 to 1024 pixels.",
        lambda database, _: package.train(database, size_px=7),
        "`size_px` 7: ",
    ),
    "holdout": (
        ["train", "--holdout", "-1"],
        "`--holdout` -1: expected a number of images, 0 or more.",
        lambda database, _: package.train(database, holdout=-1),
        "`holdout` -1: ",
    ),
    "false alarm rate": (
        ["train", "--false-alarm-rate", "2"],
        "`--false-alarm-rate` 2.0: expected more than 0 and less than 1.",
        lambda database, _: package.train(database, false_alarm_rate=2.0),
        "`false_alarm_rate` 2.0: ",
    ),
    "report": (
        ["train", "--report", "x.txt"],
        "`--report` x.txt: expected a name that ends in .html, as x.html: the report is a page.",
        lambda database, _: package.train(database, report="x.txt"),
        "`report` x.txt: ",
    ),
    "report's folder": (
        ["train", "--report", "no/x.html"],
        "`--report` no/x.html: there is no folder no.",
        lambda database, _: package.train(database, report="no/x.html"),
        "`report` no/x.html: ",
    ),
    "weights": (
        ["train", "--weights", "{database}"],
        "`--weights` {database}: no folder can be made there",
        lambda database, _: package.train(database, weights=database),
        "`weights` {database}: ",
    ),
    "source and category": (
        ["train", "--source", "beta", "--category", "bottle"],
        "`--source` beta `--category` bottle: {database} has no such category.",
        lambda database, _: package.train(database, source="beta", category="bottle"),
        "`source` beta `category` bottle: ",
    ),
    "where": (
        ["contact-sheet", "{folder}/sheet.png", "--where", "nope"],
        "`--where` 'nope': DuckDB cannot use it as a condition",
        lambda database, folder: package.write_contact_sheet(folder / "sheet.png", database, "nope"),
        "`where` 'nope': ",
    ),
    "where nothing is": (
        ["contact-sheet", "{folder}/sheet.png", "--where", "false"],
        "`--where` 'false': none of the 15 images in {database} matches.",
        lambda database, folder: package.write_contact_sheet(folder / "sheet.png", database, "false"),
        "`where` 'false': ",
    ),
    "against a short fingerprint": (
        ["verify", "--against", "sha256:abc"],
        "`--against` sha256:abc: expected a fingerprint",
        lambda database, _: package.verify(database, "sha256:abc"),
        "`against` sha256:abc: ",
    ),
    "against nothing": (
        ["verify", "--against", "none.duckdb"],
        "`--against` none.duckdb: no such file.",
        lambda database, _: package.verify(database, "none.duckdb"),
        "`against` none.duckdb: ",
    ),
    "sql": (
        ["query", "--sql", "SELECT 1; SELECT 2"],
        "`--sql`: expected one statement",
        lambda database, _: package.ask(database, "SELECT 1; SELECT 2"),
        "`sql`: ",
    ),
    "sql that DuckDB refuses": (
        ["query", "--sql", "SELEC 1"],
        "`--sql`: DuckDB cannot answer it",
        lambda database, _: package.ask(database, "SELEC 1"),
        "`sql`: ",
    ),
    "a filter": (
        ["export", "{folder}/a.npz", "--format", "npz", "--category", "botle"],
        "`--category` 'botle': not in {database}.",
        lambda database, folder: package.write_export(database, folder / "a.npz", format="npz", category="botle"),
        "`category` 'botle': ",
    ),
    "filters that nothing passes": (
        ["export", "{folder}/a.npz", "--format", "npz", "--category", "screw", "--defect"],
        "`--category` 'screw', `--defect/--good` True: none of the 15 images",
        lambda database, folder: package.write_export(
            database, folder / "a.npz", format="npz", category="screw", is_defect=True
        ),
        "`category` 'screw', `is_defect` True: ",
    ),
    "overwrite": (
        ["export", "{database}", "--format", "npz"],
        "{database}: there is a file of that name. Write elsewhere, or give `--overwrite`.",
        lambda database, _: package.write_export(database, database, format="npz"),
        "or give `overwrite`.",
    ),
}


@pytest.mark.parametrize(("words", "said", "call", "raised"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_error_names_the_option_in_a_command_and_the_parameter_in_python(
    loaded_database: Path, tmp_path: Path, words: list[str], said: str, call: Call, raised: str
) -> None:
    def fill(text: str) -> str:
        return text.format(database=loaded_database, folder=tmp_path)

    result = CliRunner().invoke(main, [*map(fill, words), "--database", str(loaded_database)])
    assert result.exit_code == EXIT_ERROR
    assert result.stderr.startswith("darkroom: ")
    assert fill(said) in result.stderr
    with pytest.raises(DarkroomError) as caught:
        call(str(loaded_database), tmp_path)
    assert fill(raised) in str(caught.value)
    assert "--" not in str(caught.value).replace(str(loaded_database), "")


@pytest.mark.parametrize(
    "call",
    [
        lambda database: next(package.iter_batches(database, batch_size=0)),
        lambda database: package.arrays(database, validation_fraction=2),
        lambda database: package.arrays(database, fold="test"),
        lambda database: package.arrays(database, max_bytes=1),
        lambda database: package.analyse(database, "none"),
        lambda database: package.write_export(database, "out", format="txt"),
        lambda database: package.write_contact_sheet("out.png", database, limit=0),
    ],
)
def test_what_no_command_lets_through_names_its_parameter_too(
    loaded_database: Path, call: Callable[[Path], Any]
) -> None:
    with pytest.raises(OptionError, match=r"`(batch_size|validation_fraction|fold|max_bytes|analysis|format|limit)`"):
        call(loaded_database)


@pytest.mark.thorough
def test_the_installed_command_translates(loaded_database: Path, tmp_path: Path) -> None:
    run = darkroom("train", "--size", "7", "--database", str(loaded_database), cwd=tmp_path)
    assert run.returncode == EXIT_ERROR
    assert run.stderr == "darkroom: `--size` 7: expected 32 to 1024 pixels.\n"


@click.command()
@click.argument("out", metavar="OUT")
@click.argument("roots", nargs=-1)
@click.option("-s", "--size", "size_px")
@click.option("--defect/--good", "is_defect", default=None)
def draw(out: str, roots: tuple[str, ...], size_px: str, is_defect: bool | None) -> None:
    """Draws."""


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("`size_px` 7: expected 8.", "`--size` 7: expected 8."),
        ("`out` is there already; give other `roots`.", "`OUT` is there already; give other `ROOTS`."),
        ("`is_defect` True", "`--defect/--good` True"),
        # only a parameter of this command, alone in backticks, is one
        ("`limit` 0; size_px 7; `darkroom ingest ROOT --size size_px`", None),
    ],
)
def test_only_a_parameter_of_the_command_is_translated(message: str, shown: str | None) -> None:
    assert name_options(message, draw) == (shown or message)
    assert name_options(message, None) == message


def test_a_command_in_a_group_within_the_group_is_found() -> None:
    @click.group(cls=CommandGroup, program="outer", errors=(OptionError,), on_interrupt="ended.")
    def outer() -> None:
        """Outer."""

    @outer.group(cls=click.Group)
    @click.option("--limit")
    def inner(limit: str | None) -> None:
        """Inner."""

    @inner.command()
    @click.option("--size", "size_px", type=int)
    def shrink(size_px: int) -> None:
        """Shrinks."""
        raise OptionError(f"`size_px` {size_px}: expected less.")

    result = CliRunner().invoke(outer, ["inner", "shrink", "--size", "7"])
    assert (result.exit_code, result.stderr) == (EXIT_ERROR, "outer: `--size` 7: expected less.\n")


def test_an_error_that_is_not_expected_keeps_its_traceback() -> None:
    @click.group(cls=CommandGroup, program="outer", errors=(OptionError,), on_interrupt="ended.")
    def outer() -> None:
        """Outer."""

    @outer.command()
    @click.argument("how")
    def fail(how: str) -> None:
        """Fails."""
        raise {"interrupt": KeyboardInterrupt, "defect": ZeroDivisionError}[how]

    assert isinstance(CliRunner().invoke(outer, ["fail", "defect"]).exception, ZeroDivisionError)
    ended = CliRunner().invoke(outer, ["fail", "interrupt"])
    assert (ended.exit_code, ended.stderr) == (130, "outer: ended.\n")
