"""The report of a training as HTML: all pictures are in it, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence

from darkroom.html import render
from darkroom.training.report import words
from darkroom.training.report.examples import CategoryPanel
from darkroom.training.report.plots import draw_plots

_PACKAGE = "darkroom.training.report"


def make_page(panels: Sequence[CategoryPanel], title: str) -> str:
    """Makes the whole page, with the curves of each category.

    Args:
        panels: One for each category.
        title: What it is about.
    """
    plots = [draw_plots(panel.training) for panel in panels]
    return render(_PACKAGE, "report.html", panels=panels, plots=plots, title=title, words=words)


def render_categories(panels: Sequence[CategoryPanel]) -> str:
    """Makes the same without curves, as a part of another page; it brings its style along.

    Args:
        panels: One for each category.
    """
    return render(_PACKAGE, "categories.html", panels=panels, words=words)
