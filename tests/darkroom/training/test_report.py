"""The report of a training: one page that holds all it shows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_database import editing

from darkroom.errors import OptionError
from darkroom.training.report import write
from darkroom.training.report.page import make_page, render_categories
from darkroom.training.report.plots import draw_plots
from darkroom.training.results import TrainReport
from darkroom.training.train import train

pytest.importorskip("matplotlib")
pytest_plugins = ["fixtures_database"]

COPY = Callable[[str], Path]
EVIL = "<script>\"'"


class Tags(HTMLParser):
    """The tags and the attributes of a page, and what its elements say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def reported(loaded_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainReport, str]:
    """A training of the small database with its page; shared, so read only."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    report = train(loaded_database, size_px=32, save=False, report=path)
    return report, path.read_text(encoding="utf-8")


def test_the_page_is_self_contained(reported: tuple[TrainReport, str]) -> None:
    report, page = reported
    assert report.report is not None
    assert report.report.name == "report.html"
    assert not re.search(r"https?://|<script|@import|url\((?!#)", page)
    tags = Tags(page)
    assert [link["href"] for link in tags.of("link")] == ["data:,"]
    assert all(str(picture["src"]).startswith("data:image/") for picture in tags.of("img"))
    assert all(str(use["xlink:href"]).startswith("#") for use in tags.of("use"))


def test_the_page_shows_each_category_with_its_curves_and_examples(reported: tuple[TrainReport, str]) -> None:
    report, page = reported
    tags = Tags(page)
    assert [section["id"] for section in tags.of("section")] == [training.run_id for training in report.trainings]
    assert [link["href"] for link in tags.of("a")] == [f"#{training.run_id}" for training in report.trainings]
    assert all(training.fingerprint in page for training in report.trainings)
    labels = [svg["aria-label"] for svg in tags.of("svg")]
    assert labels == ["ROC curve", "Scores by kind of image", "Scores by kind of image"]
    assert "No ROC curve: one kind of image only." in tags.text
    assert len(tags.of("article")) == sum(min(len(training.scores), 6) for training in report.trainings)
    assert len(tags.of("img")) + page.count('class="absent"') == 3 * len(tags.of("article"))


def test_every_score_is_a_dot_and_the_text_is_text(reported: tuple[TrainReport, str]) -> None:
    training = reported[0].trainings[0]
    plots = draw_plots(training)
    assert sum(plot.svg.count("<use") for plot in plots) == len(training.scores)
    assert f"the threshold, {training.threshold:.2f}" in plots[1].caption
    assert ">defective</text>" in plots[1].svg


def test_no_id_is_there_twice(reported: tuple[TrainReport, str]) -> None:
    ids = re.findall(r'\bid="([^"]+)"', reported[1])
    assert len(ids) > 4
    assert len(set(ids)) == len(ids)


def test_the_same_training_gives_the_same_plots(reported: tuple[TrainReport, str]) -> None:
    for training in reported[0].trainings:
        assert draw_plots(training) == draw_plots(training)
        assert not re.search(r"<metadata|\d{4}-\d\d-\d\d", draw_plots(training)[1].svg)


def test_names_from_a_disk_stay_text(copy_database: COPY, tmp_path: Path) -> None:
    path = copy_database("odd.duckdb")
    with editing(path) as connection:
        connection.execute("UPDATE images SET category = ?, label = ? WHERE category = 'bottle'", [EVIL, EVIL])
        for table in ("images", "masks"):
            connection.execute(f"UPDATE {table} SET sample_id = replace(sample_id, '.png', ?)", [EVIL])
    shutil.copy(path, tmp_path / "<odd>.duckdb")
    train(tmp_path / "<odd>.duckdb", category=EVIL, size_px=32, save=False, report=tmp_path / "odd.html")
    tags = Tags((tmp_path / "odd.html").read_text(encoding="utf-8"))
    assert not tags.of("script")
    assert not tags.of("odd")
    assert tags.text.count(EVIL) >= 4
    assert f"image alpha/bottle/test/good/000{EVIL}" in [picture["alt"] for picture in tags.of("img")]


def test_a_part_of_another_page_is_the_same_without_curves(
    reported: tuple[TrainReport, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    panels = []
    monkeypatch.setattr("darkroom.training.train.write_report", lambda _path, made, _database: panels.extend(made))
    train(reported[0].database, size_px=32, save=False, report="unwritten.html")
    whole, part = Tags(make_page(panels, "title")), Tags(render_categories(panels))
    assert part.of("img") == whole.of("img")
    assert not part.of("svg")
    assert not part.of("body")


@pytest.mark.parametrize("name", ["sheet.png", "report.HTM", "report"])
def test_a_name_that_is_no_page_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(OptionError) as caught:
        write.check_report(name)
    assert f"`report` {name}: expected a name that ends in .html, as {Path(name).stem}.html" in str(caught.value)
    assert "`darkroom contact-sheet sheet.png`" in str(caught.value)


def test_without_matplotlib_nothing_is_trained(
    loaded_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "find_spec", lambda name: None if name == "matplotlib" else name)
    steps: list[int] = []
    with pytest.raises(OptionError) as caught:
        train(loaded_database, report=tmp_path / "x.html", save=False, progress=lambda done, _: steps.append(done))
    assert str(caught.value) == "`report` needs matplotlib: pip install 'darkroom-classroom[report]'"
    assert steps == []
    assert train(loaded_database, category="bottle", size_px=32, save=False).trainings


def test_unknown_labels_have_a_lane_of_their_own(reported: tuple[TrainReport, str]) -> None:
    training = reported[0].trainings[0]
    first = replace(training.scores[0], is_defect=None, label=None)
    svg = draw_plots(replace(training, scores=(first, *training.scores[1:])))[1].svg
    assert ">unknown</text>" in svg
    assert 'class="dots unknown"' in svg
