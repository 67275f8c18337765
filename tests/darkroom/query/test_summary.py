from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest
from rich.console import Console
from small_database import editing

from darkroom.commands.json_values import make_json
from darkroom.commands.views.summary import render_summary
from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import DatabaseNotFoundError
from darkroom.query.summary import Summary, UnfinishedRows, summary

pytest_plugins = ["fixtures_database"]


@pytest.fixture(scope="module")
def report(loaded_database: Path) -> Summary:
    return summary(loaded_database)


def render(report: Summary, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(render_summary(report))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_groups_come_in_order_with_their_counts(report: Summary) -> None:
    found = [
        (g.source_dataset, g.category, g.split, g.label, g.image_count, g.defect_count, g.mask_count)
        for g in report.groups
    ]
    assert found == [
        ("alpha", "bottle", "train", "good", 4, 0, 0),
        ("alpha", "bottle", "test", "good", 2, 0, 0),
        ("alpha", "bottle", "test", "broken", 3, 3, 3),
        ("alpha", "screw", "test", None, 1, 0, 0),
        ("beta", "Class1", "train", "good", 3, 0, 0),
        ("beta", "Class1", "test", "defect", 2, 2, 2),
    ]
    assert (report.image_count, report.defect_count, report.mask_count, report.reject_count) == (15, 5, 5, 2)


def test_defect_area_is_the_mean_over_masks(report: Summary) -> None:
    assert report.groups[2].defect_fraction_mean == pytest.approx(8 * 8 / (32 * 32))
    assert report.groups[0].defect_fraction_mean is None


def test_sizes_are_original_width_and_height(report: Summary) -> None:
    [size] = report.groups[2].top_sizes
    assert (size.width_px, size.height_px, size.image_count) == (900, 700, 3)


def test_only_the_most_frequent_sizes_are_named(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET original_width = 100 + rowid WHERE split = 'train'")
    group = summary(database).groups[0]
    assert group.size_count == 4
    assert [size.image_count for size in group.top_sizes] == [1, 1, 1]


def test_rejects_loads_and_image_datasets(report: Summary) -> None:
    [reject] = report.rejects
    assert (reject.reason, reject.reject_count, reject.example_path) == ("corrupt", 2, "bottle/a.png")
    assert report.loads.load_count == 1
    assert report.loads.first_at == report.loads.last_at
    assert report.loads.first_at is not None
    assert report.loads.first_at.tzinfo is UTC
    assert [(entry.name, entry.file_count) for entry in report.image_datasets] == [("alpha", 13), ("beta", 7)]


def test_interrupted_rows_are_counted_apart(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET _dlt_load_id = '7' WHERE category = 'screw'")
    report = summary(database)
    assert report.image_count == 14
    assert report.unfinished == (UnfinishedRows("images", "7", 1),)
    assert "load that was interrupted (1 in images)" in render(report, width=200)


def test_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotFoundError):
        summary(tmp_path / "none.duckdb")


def test_no_reading_touches_a_tensor(loaded_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[str] = []

    class Spy:
        def __init__(self, connection: object) -> None:
            self.connection = connection

        def execute(self, query: str) -> object:
            executed.append(query)
            return self.connection.execute(query)  # type: ignore[attr-defined]

    def open_spied(*args: object) -> object:
        return _Spied(open_readonly(*args), Spy)  # type: ignore[arg-type]

    monkeypatch.setattr("darkroom.query.summary.open_readonly", open_spied)
    summary(loaded_database)
    assert executed
    assert not any("tensor" in query or "*" in query.replace("count(*)", "") for query in executed)


class _Spied:
    """A context manager that hands out what another one hands out, wrapped."""

    def __init__(self, inner: object, wrap: type) -> None:
        self.inner, self.wrap = inner, wrap

    def __enter__(self) -> object:
        return self.wrap(self.inner.__enter__())  # type: ignore[attr-defined]

    def __exit__(self, *error: object) -> object:
        return self.inner.__exit__(*error)  # type: ignore[attr-defined]


def test_view_fits_80_columns_without_colour_codes(report: Summary) -> None:
    text = render(report)
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "15 images (5 defective), 5 masks, 2 rejects; 1 load" in text
    assert "test broken 3 3 6.25 % 900x700" in lines
    assert "screw test unknown 1 640x480" in lines
    assert report.image_datasets[0].fingerprint in text


def test_view_shows_names_as_they_are(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET label = '[red]cut[/red]' WHERE label = 'broken'")
    assert "[red]cut[/red]" in render(summary(database))


def test_make_json_is_json(report: Summary) -> None:
    found = make_json(report)
    again = json.loads(json.dumps(found, allow_nan=False))
    assert again == found
    assert again["image_count"] == 15
    assert again["groups"][3]["label"] is None
    assert again["loads"]["first_at"].endswith("+00:00")


def test_make_json_of_what_a_report_may_hold() -> None:
    assert make_json({"nan": float("nan"), "path": Path("a"), "set": {2, 1}, "yes": True}) == {
        "nan": None,
        "path": "a",
        "set": [1, 2],
        "yes": True,
    }
    with pytest.raises(TypeError, match="no place for object"):
        make_json({"thing": object()})
