"""The report of a training as one picture."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from darkroom.query import paint
from darkroom.training.report.examples import CategoryPanel, Example
from darkroom.training.report.words import format_label, format_verdict, list_figures, list_notes
from darkroom.training.results import Training

_WIDTH_PX = 1320
_MARGIN_PX = 32
_HEADER_PX = 86
_HEADING_PX = 92
_TILE_PX = 116
_GAP_PX = 6
_ROW_PX = _TILE_PX + 16
_EXAMPLES_LEFT_PX = 356
_COLUMN_PX = 476
_PLOT_PX = 268
_STRIP_PX = 92
_SMOOTH = 3
_CURVE = (96, 165, 250)


def draw_sheet(panels: Sequence[CategoryPanel], title: str) -> Image.Image:
    """Draws all categories below each other.

    Args:
        panels: One for each category.
        title: What it is about.
    """
    height = _HEADER_PX + sum(map(_measure_panel, panels)) + _MARGIN_PX // 2
    sheet = Image.new("RGB", (_WIDTH_PX, height), paint.PAPER)
    draw = ImageDraw.Draw(sheet)
    _draw_header(draw, title, panels)
    top = _HEADER_PX
    for panel in panels:
        _draw_panel(sheet, draw, top, panel)
        top += _measure_panel(panel)
    return sheet


def _measure_panel(panel: CategoryPanel) -> int:
    rows = -(-len(panel.examples) // 2)
    return _HEADING_PX + max(rows * _ROW_PX, _PLOT_PX + _STRIP_PX + 48) + 14


def _draw_header(draw: ImageDraw.ImageDraw, title: str, panels: Sequence[CategoryPanel]) -> None:
    paint.draw_text(draw, (_MARGIN_PX, 20), paint.shorten(title, 26, _WIDTH_PX // 2), 26)
    counts = f"{len(panels)} {'category' if len(panels) == 1 else 'categories'}, one model each, "
    counts += "learned from good training images only"
    if panels:
        counts += f" · {panels[0].training.started_at:%Y-%m-%d %H:%M} UTC"
    paint.draw_text(draw, (_MARGIN_PX, 54), counts, 14, paint.FAINT_INK)
    right = _WIDTH_PX - _MARGIN_PX
    for text, colour in (
        ("defective", paint.DEFECTIVE),
        ("good", paint.GOOD),
        ("unknown", paint.UNKNOWN),
    ):
        left = right - paint.load_font(14).getlength(text)
        paint.draw_text(draw, (left, 54), text, 14, paint.FAINT_INK)
        draw.ellipse((left - 18, 58, left - 8, 68), fill=colour)
        right = int(left) - 36


def _draw_panel(sheet: Image.Image, draw: ImageDraw.ImageDraw, top: int, panel: CategoryPanel) -> None:
    training = panel.training
    draw.line((_MARGIN_PX, top, _WIDTH_PX - _MARGIN_PX, top), fill=paint.RULE)
    name = paint.shorten(f"{training.source_dataset} / {training.category}", 20, _EXAMPLES_LEFT_PX - 2 * _MARGIN_PX)
    paint.draw_text(draw, (_MARGIN_PX, top + 18), name, 20)
    short = f"data {training.fingerprint[:19]}…"
    paint.draw_text(draw, (_MARGIN_PX, top + 50), short, 12, paint.FAINT_INK)
    _draw_figures(draw, top + 16, training)
    body = top + _HEADING_PX
    sheet.paste(_draw_curve(training), (_MARGIN_PX, body))
    sheet.paste(_draw_strip(training), (_MARGIN_PX, body + _PLOT_PX + 34))
    for number, example in enumerate(panel.examples):
        row, column = divmod(number, 2)
        _draw_example(sheet, draw, (_EXAMPLES_LEFT_PX + column * _COLUMN_PX, body + row * _ROW_PX), example, training)


def _draw_figures(draw: ImageDraw.ImageDraw, top: int, training: Training) -> None:
    left = float(_EXAMPLES_LEFT_PX)
    for name, value in list_figures(training):
        paint.draw_text(draw, (left, top), value, 19)
        paint.draw_text(draw, (left, top + 27), name, 12, paint.FAINT_INK)
        width = max(paint.load_font(19).getlength(value), paint.load_font(12).getlength(name))
        left += width + 26
    notes = paint.shorten(" ".join(list_notes(training)), 12, _WIDTH_PX - _EXAMPLES_LEFT_PX - _MARGIN_PX)
    paint.draw_text(draw, (_EXAMPLES_LEFT_PX, top + 48), notes, 12, paint.FAINT_INK)


def _draw_curve(training: Training) -> Image.Image:
    """The ROC curve; drawn large and made small, so that its lines are smooth."""
    side, unit = _PLOT_PX * _SMOOTH, _SMOOTH
    plot = Image.new("RGB", (side, side), paint.PAPER)
    draw = ImageDraw.Draw(plot)
    low, high = 4 * unit, side - 4 * unit
    for share in (0.25, 0.5, 0.75):
        place = low + share * (high - low)
        draw.line((place, low, place, high), fill=(38, 41, 48), width=unit)
        draw.line((low, place, high, place), fill=(38, 41, 48), width=unit)
    draw.line((low, high, high, low), fill=paint.RULE, width=unit)
    draw.rectangle((low, low, high, high), outline=paint.RULE, width=unit)
    if training.curve:
        rates = zip(training.curve.false_positive_rates, training.curve.true_positive_rates, strict=True)
        points = [(low + x * (high - low), high - y * (high - low)) for x, y in rates]
        draw.line(points, fill=_CURVE, width=3 * unit, joint="curve")
    text = "ROC curve over images" if training.curve else "no ROC curve: one kind of image only"
    small = plot.resize((_PLOT_PX, _PLOT_PX), Image.Resampling.LANCZOS)
    framed = Image.new("RGB", (_PLOT_PX, _PLOT_PX + 24), paint.PAPER)
    framed.paste(small)
    paint.draw_text(ImageDraw.Draw(framed), (4, _PLOT_PX + 4), text, 12, paint.FAINT_INK)
    return framed


def _draw_strip(training: Training) -> Image.Image:
    """Every score as a dot, good above defective, and the threshold as a line between usual and not."""
    unit = _SMOOTH
    width, height = _PLOT_PX * unit, (_STRIP_PX - 24) * unit
    strip = Image.new("RGB", (width, height), paint.PAPER)
    draw = ImageDraw.Draw(strip)
    values = [score.score for score in training.scores] + [training.threshold]
    low, span = min(values), max(max(values) - min(values), 1e-9)

    def place(value: float) -> float:
        return 10 * unit + (value - low) / span * (width - 20 * unit)

    draw.line((place(training.threshold), 0, place(training.threshold), height), fill=paint.INK, width=unit)
    lanes = {False: (14, paint.GOOD), True: (36, paint.DEFECTIVE), None: (58, paint.UNKNOWN)}
    radius = 5 * unit
    for score in training.scores:
        lane, colour = lanes[score.is_defect]
        x, y = place(score.score), lane * unit
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline=paint.PAPER, width=unit)
    framed = Image.new("RGB", (_PLOT_PX, _STRIP_PX), paint.PAPER)
    framed.paste(strip.resize((_PLOT_PX, _STRIP_PX - 24), Image.Resampling.LANCZOS))
    text = f"scores {min(values):.2f} to {max(values):.2f}, threshold {training.threshold:.2f}"
    paint.draw_text(ImageDraw.Draw(framed), (4, _STRIP_PX - 20), text, 12, paint.FAINT_INK)
    return framed


def _draw_example(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, place: tuple[int, int], example: Example, training: Training
) -> None:
    left, top = place
    mask = example.mask or Image.new("L", example.image.size)
    for number, picture in enumerate((example.image, mask.convert("RGB"), example.heat_map)):
        tile = picture.copy()
        tile.thumbnail((_TILE_PX, _TILE_PX), Image.Resampling.LANCZOS)
        sheet.paste(tile, (left + number * (_TILE_PX + _GAP_PX), top))
    if example.mask is None:
        text = "no mask" if example.score.is_defect is not False else "no defect"
        width = paint.load_font(12).getlength(text)
        x = left + _TILE_PX + _GAP_PX + (_TILE_PX - width) / 2
        paint.draw_text(draw, (x, top + _TILE_PX / 2 - 8), text, 12, paint.UNKNOWN)
    _draw_caption(draw, (left + 3 * (_TILE_PX + _GAP_PX) + 6, top), example, training)


def _draw_caption(draw: ImageDraw.ImageDraw, place: tuple[int, int], example: Example, training: Training) -> None:
    left, top = place
    width = _COLUMN_PX - 3 * (_TILE_PX + _GAP_PX) - 18
    score = example.score
    colours = {True: paint.DEFECTIVE, False: paint.GOOD, None: paint.UNKNOWN}
    draw.rectangle((left, top + 2, left + 26, top + 5), fill=colours[score.is_defect])
    lines = (
        (example.why, 13, paint.INK),
        (format_label(score), 12, paint.FAINT_INK),
        (format_verdict(score, training.threshold), 15, paint.INK),
        (score.sample_id.rpartition("/")[2], 12, paint.FAINT_INK),
    )
    for number, (text, size_px, colour) in enumerate(lines):
        line = top + 14 + number * 24
        paint.draw_text(draw, (left, line), paint.shorten(text, size_px, width), size_px, colour)
