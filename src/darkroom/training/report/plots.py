"""The plots of a category, drawn by matplotlib as SVG that takes its colours from the page around it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from darkroom.training.report.words import name_kind
from darkroom.training.results import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_KINDS = (False, True, None)
_MARKERS = {"good": "o", "defective": "D", "unknown": "^"}
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot, and what it says.

    Attributes:
        svg: The drawing, to stand in a page; empty where there is nothing to draw.
        caption: What it shows, in a sentence.
    """

    svg: str
    caption: str


def draw_plots(training: Training) -> tuple[Plot, Plot]:
    """Draws the ROC curve and the scores of a category; the same training gives the same text."""
    return _draw_curve(training), _draw_scores(training)


def _draw_curve(training: Training) -> Plot:
    if training.curve is None:
        return Plot("", "No ROC curve: one kind of image only.")
    figure = _make_figure(2.9, 2.9)
    axes = figure.add_subplot(xlabel="false alarms", ylabel="defects found", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.set_aspect("equal")
    _name_frame(axes)
    axes.plot([0, 1], [0, 1], linestyle="--", linewidth=0.8, gid="chance")
    axes.plot(training.curve.false_positive_rates, training.curve.true_positive_rates, linewidth=2, gid="curve")
    return Plot(_write_svg(figure, "ROC curve", training), "ROC curve over images; dashed: guessing")


def _draw_scores(training: Training) -> Plot:
    """Draws every score as a dot, one lane for each kind of image, and the threshold as a line across."""
    lanes = {name_kind(kind): [score.score for score in training.scores if score.is_defect is kind] for kind in _KINDS}
    lanes = {name: scores for name, scores in lanes.items() if scores}
    figure = _make_figure(2.9, 0.75 + 0.28 * len(lanes))
    axes = figure.add_subplot(xlabel="score", ylim=(len(lanes) - 0.4, -0.6), yticks=range(len(lanes)))
    axes.set_yticklabels(lanes)
    _name_frame(axes)
    for lane, (name, scores) in enumerate(lanes.items()):
        [dots] = axes.plot(
            scores, [lane] * len(scores), _MARKERS[name], markersize=5, markeredgewidth=0.5, clip_on=False
        )
        dots.set_gid(f"dots {name}")
    axes.axvline(training.threshold, linestyle=":", linewidth=1.4, gid="threshold")
    svg = _write_svg(figure, "Scores by kind of image", training)
    return Plot(svg, f"Scores; dotted: the threshold, {training.threshold:.2f}")


def _make_figure(width_inches: float, height_inches: float) -> Figure:
    from matplotlib.figure import Figure  # an extra, and slow to import

    return Figure(figsize=(width_inches, height_inches), layout="constrained")


def _name_frame(axes: Axes) -> None:
    axes.tick_params(length=0, labelsize=8)
    axes.xaxis.label.set_fontsize(8)
    axes.yaxis.label.set_fontsize(8)
    for spine in axes.spines.values():
        spine.set_gid("frame")


def _write_svg(figure: Figure, label: str, training: Training) -> str:
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": f"{label} {training.run_id}"}), io.StringIO() as file:
        figure.savefig(file, format="svg", transparent=True, metadata=_NO_METADATA)
        drawn = file.getvalue()
    return _fit_into_page(drawn, label)


def _fit_into_page(drawn: str, label: str) -> str:
    """Makes a part of a page of an SVG file: without its head, its size and the style that would reach the page.

    A page has many plots, and an id must be there once: those that nothing refers to become classes, for the style.
    """
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", drawn[drawn.index("<svg") :], flags=re.DOTALL)
    _, view_box, body = re.split(r'<svg[^>]*viewBox="([^"]*)"[^>]*>', svg, maxsplit=1)
    used = set(re.findall(r"#([\w-]+)", body))
    body = re.sub(r'\bid="([^"]+)"', lambda found: found[0] if found[1] in used else f'class="{found[1]}"', body)
    return f'<svg viewBox="{view_box}" role="img" aria-label="{label}">{body}'
