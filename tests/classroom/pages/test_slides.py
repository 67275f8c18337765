"""The slides: marimo pairs cells and the entries of the layout by position, and says nothing when they drift apart."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LAYOUTS = sorted((ROOT / "lessons" / "layouts").glob("*.slides.json"))
TYPES = {"slide", "sub-slide", "fragment", "skip"}
"""What marimo's frontend knows; it shows any other as a slide."""

CELL = re.compile(r"^(?:@app\.(?:cell|function|class_definition)\b.*|with app\.setup\b.*)$", re.MULTILINE)
OUTPUT = re.compile(r"^    (?:mo\.|answer\w*\()", re.MULTILINE)


def read_cells(layout: Path) -> list[dict[str, str]]:
    cells: list[dict[str, str]] = json.loads(layout.read_text(encoding="utf-8"))["data"]["cells"]
    return cells


def read_sources(layout: Path) -> list[str]:
    """The cells of the layout's notebook, the setup cell first."""
    notebook = ROOT / "lessons" / layout.name.replace(".slides.json", ".py")
    text = notebook.read_text(encoding="utf-8").partition("\nif __name__")[0]
    starts = [match.start() for match in CELL.finditer(text)]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def test_there_are_slides() -> None:
    assert LAYOUTS


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_the_layout_has_an_entry_for_each_cell(layout: Path) -> None:
    assert len(read_cells(layout)) == len(read_sources(layout))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_what_shows_nothing_is_skipped_and_nothing_else(layout: Path) -> None:
    for cell, source in zip(read_cells(layout), read_sources(layout), strict=True):
        assert cell["type"] in TYPES
        assert (cell["type"] == "skip") is (OUTPUT.search(source) is None), source


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_slide_has_speaker_notes(layout: Path) -> None:
    assert all(cell.get("speakerNotes") for cell in read_cells(layout) if cell["type"] == "slide")


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_the_notebook_names_its_layout_and_its_style(layout: Path) -> None:
    notebook = (ROOT / "lessons" / layout.name.replace(".slides.json", ".py")).read_text(encoding="utf-8")
    assert f'layout_file="layouts/{layout.name}"' in notebook
    [style] = re.findall(r'css_file="(.+)"', notebook)
    assert (ROOT / "lessons" / style).is_file()
