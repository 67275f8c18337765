"""The report of a training as one page: all pictures are in it, and nothing is fetched."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from PIL import Image

from darkroom.training.report.examples import CategoryPanel, Example
from darkroom.training.report.words import format_area, format_label, format_verdict, list_figures, list_notes
from darkroom.training.results import Training

_KINDS = {True: "defective", False: "good", None: "unknown"}
_PLOT = 200
_LANES = {False: 12, True: 32, None: 52}


def make_page(panels: Sequence[CategoryPanel], title: str) -> str:
    """Makes the page.

    Args:
        panels: One for each category.
        title: What it is about.
    """
    style = files("darkroom.training.report").joinpath("page.css").read_text(encoding="utf-8")
    sections = "\n".join(map(_make_section, panels))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}: training</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(title)}</h1>\n<p>{escape(_describe(panels))}</p>\n"
        f"{_make_overview(panels)}</header>\n<main>\n{sections}\n</main>\n</body>\n</html>\n"
    )


def _describe(panels: Sequence[CategoryPanel]) -> str:
    noun = "category" if len(panels) == 1 else "categories"
    when = f" {panels[0].training.started_at:%Y-%m-%d %H:%M} UTC." if panels else ""
    return (
        f"Anomaly detection in {len(panels)} {noun}: one model each, learned from good training images only. "
        f"Scores above the threshold are called anomalous; it was set without a test image.{when}"
    )


def _make_overview(panels: Sequence[CategoryPanel]) -> str:
    rows = "\n".join(
        f'<tr><th scope="row"><a href="#{_anchor(panel.training)}">{escape(_name(panel.training))}</a></th>'
        f"<td>{panel.training.train_count}</td><td>{panel.training.test_count}</td>"
        f"<td>{format_area(panel.training.image_auc)}</td><td>{format_area(panel.training.pixel_auc)}</td></tr>"
        for panel in panels
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("category", "learned", "tested", "image AUC", "pixel AUC")
    )
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"


def _name(training: Training) -> str:
    return f"{training.source_dataset} / {training.category}"


def _anchor(training: Training) -> str:
    return escape(training.run_id, quote=True)


def _make_section(panel: CategoryPanel) -> str:
    training = panel.training
    figures = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in list_figures(training)
    )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in list_notes(training))
    examples = "\n".join(_make_example(example, training) for example in panel.examples)
    return (
        f'<section id="{_anchor(training)}">\n<h2>{escape(_name(training))}</h2>\n'
        f'<dl class="figures">{figures}</dl>\n{notes}'
        f'<div class="body">\n<div class="plots">\n{_make_curve(training)}\n{_make_strip(training)}\n</div>\n'
        f'<div class="examples">\n{examples}\n</div>\n</div>\n'
        f'<p class="trace">training {escape(training.run_id)} · data <code>{escape(training.fingerprint)}</code></p>\n'
        "</section>"
    )


def _make_curve(training: Training) -> str:
    if not training.curve:
        return '<figure><figcaption class="missing">No ROC curve: one kind of image only.</figcaption></figure>'
    rates = zip(training.curve.false_positive_rates, training.curve.true_positive_rates, strict=True)
    points = " ".join(f"{_PLOT * x:.1f},{_PLOT * (1 - y):.1f}" for x, y in rates)
    grid = "".join(f"M{place} 0V{_PLOT}M0 {place}H{_PLOT}" for place in (50, 100, 150))
    return (
        f'<figure><svg class="roc" viewBox="-4 -4 {_PLOT + 8} {_PLOT + 8}" role="img" aria-label="ROC curve">'
        f'<path class="grid" d="{grid}"/><path class="chance" d="M0 {_PLOT}L{_PLOT} 0"/>'
        f'<rect class="frame" width="{_PLOT}" height="{_PLOT}"/><polyline class="curve" points="{points}"/>'
        "</svg><figcaption>ROC curve: defects found against false alarms</figcaption></figure>"
    )


def _make_strip(training: Training) -> str:
    values = [score.score for score in training.scores] + [training.threshold]
    low, span = min(values), max(max(values) - min(values), 1e-9)

    def place(value: float) -> str:
        return f"{8 + (value - low) / span * (_PLOT - 16):.1f}"

    dots = "".join(
        f'<circle class="{_KINDS[score.is_defect]}" r="4" cx="{place(score.score)}" '
        f'cy="{_LANES[score.is_defect]}"><title>{escape(score.sample_id)}: {score.score:.2f}</title></circle>'
        for score in training.scores
    )
    return (
        f'<figure><svg class="strip" viewBox="-4 0 {_PLOT + 8} 64" role="img" aria-label="Scores">'
        f'<path class="threshold" d="M{place(training.threshold)} 2V62"/>{dots}</svg>'
        f"<figcaption>Scores {min(values):.2f} to {max(values):.2f}: "
        '<b class="good">good</b> above, <b class="defective">defective</b> below; '
        f"line: threshold {training.threshold:.2f}</figcaption></figure>"
    )


def _make_example(example: Example, training: Training) -> str:
    score = example.score
    cells = "\n".join(_iter_cells(example))
    verdict = escape(format_verdict(score, training.threshold))
    return (
        f'<article class="{_KINDS[score.is_defect]}">\n<div class="pictures">\n{cells}\n</div>\n'
        f'<p><strong>{escape(example.why)}</strong> <span class="score">{verdict}</span><br>'
        f'<span class="label">{escape(format_label(score))}</span> '
        f'<span class="file">{escape(score.sample_id.rpartition("/")[2])}</span></p>\n</article>'
    )


def _iter_cells(example: Example) -> Iterator[str]:
    name = escape(example.score.sample_id, quote=True)
    yield f'<img alt="image {name}" src="{_inline(example.image, "JPEG")}">'
    if example.mask is None:
        text = "no defect" if example.score.is_defect is False else "no mask"
        yield f'<span class="empty">{text}</span>'
    else:
        yield f'<img alt="its mask" src="{_inline(example.mask.convert("1"), "PNG")}">'
    yield f'<img alt="its heat map" src="{_inline(example.heat_map, "JPEG")}">'


def _inline(picture: Image.Image, kind: str) -> str:
    with io.BytesIO() as file:
        picture.save(file, format=kind, quality=88)
        content = base64.b64encode(file.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{content}"
