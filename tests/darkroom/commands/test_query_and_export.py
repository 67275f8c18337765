from __future__ import annotations

import json
from pathlib import Path

import click
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from darkroom.commands.export import export_command
from darkroom.commands.json_values import make_json
from darkroom.commands.query import ANALYSIS_NAMES, query_command
from darkroom.commands.views.answer import ROW_LIMIT, render_answer
from darkroom.errors import OptionError
from darkroom.export.files import FORMATS

pytest_plugins = ["fixtures_database"]


def run(command: click.Command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.mark.parametrize("name", ANALYSIS_NAMES)
def test_query_by_name(loaded_database: Path, name: str) -> None:
    result = run(query_command, name, "--database", loaded_database, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)
    result = run(query_command, name, "--database", loaded_database)
    assert "alpha" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_query_by_sql(loaded_database: Path) -> None:
    sql = "SELECT sample_id, image_tensor, modified_at, label FROM images WHERE category = 'screw'"
    result = run(query_command, "--sql", sql, "--database", loaded_database, "--json")
    [row] = json.loads(result.output)
    assert row["image_tensor"] == "<3072 bytes>"
    assert row["modified_at"].startswith("2026-01-02T03:04:05")
    assert row["label"] is None


def test_query_answers_with_every_kind_of_value_as_json(loaded_database: Path) -> None:
    sql = (
        "SELECT 1.5::DECIMAL(4, 2) AS share, 'nan'::DOUBLE AS mean, TIME '12:30:00' AS at, DATE '2026-01-02' AS day, "
        "['a'::BLOB] AS parts, {'count': 1, 'of': NULL} AS facts, INTERVAL 2 DAY AS age"
    )
    result = run(query_command, "--sql", sql, "--database", loaded_database, "--json")
    [row] = json.loads(result.output, parse_constant=pytest.fail)  # NaN has no place in JSON
    assert row == {
        "share": "1.50",
        "mean": None,
        "at": "12:30:00",
        "day": "2026-01-02",
        "parts": ["<1 bytes>"],
        "facts": {"count": 1, "of": None},
        "age": "MonthDayNano(months=0, days=2, nanoseconds=0)",
    }


def test_query_shows_its_sql(loaded_database: Path) -> None:
    result = run(query_command, "class_balance", "--show-sql", "--database", loaded_database)
    assert result.output.startswith("SELECT")


@pytest.mark.parametrize("arguments", [[], ["class_balance", "--sql", "SELECT 1"], ["--sql", "SELEC"]])
def test_query_says_what_is_wrong(loaded_database: Path, arguments: list[str]) -> None:
    assert isinstance(run(query_command, *arguments, "--database", loaded_database).exception, OptionError)


def test_long_answers_are_cut_in_the_terminal_only() -> None:
    answer = pa.table({"n": list(range(ROW_LIMIT + 1))})
    assert len(make_json(answer)) == ROW_LIMIT + 1
    assert render_answer(answer)


@pytest.mark.parametrize("kind", FORMATS)
def test_export(loaded_database: Path, tmp_path: Path, kind: str) -> None:
    arguments = [tmp_path / "out", "--format", kind, "--source", "beta", "--defect", "--database", loaded_database]
    report = json.loads(run(export_command, *arguments, "--json").output)
    assert (report["image_count"], report["mask_count"], report["format"]) == (2, 2, kind)
    assert isinstance(run(export_command, *arguments).exception, OptionError)
    result = run(export_command, *arguments, "--overwrite")
    assert result.exit_code == 0
    assert report["fingerprint"] in result.output.replace("\n", "")
