"""How the live demo looks: what `classroom.pages.demo` measures, as HTML that fetches nothing and fits a phone."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classroom.pages.demo import Folder, RunFacts
from darkroom.harmonise.decode import read_image
from darkroom.sample import Sample
from darkroom.training.report.examples import Example
from darkroom.training.report.words import format_area, format_verdict
from darkroom.training.results import Training

COMPARED_PX = 320
"""Width and height at which a picture before and after harmonising is shown."""

_MUTED = "opacity:.68"
_CARD = "border:1px solid rgb(128 128 128/.35);border-radius:.6rem;padding:.75rem 1rem;min-width:0"
_FIGURE = "font-size:1.6rem;font-weight:650;line-height:1.2;font-variant-numeric:tabular-nums"
_MONO = "font-family:ui-monospace,Menlo,Consolas,monospace"


def render_steps(titles: Sequence[str]) -> str:
    """The acts of the demo in a row of numbered labels."""
    items = "".join(
        f"<li style='display:flex;gap:.4rem;align-items:center;border:1px solid rgb(128 128 128/.35);"
        f"border-radius:99px;padding:.15rem .75rem .15rem .25rem;font-size:.85rem'>"
        f"<b style='border-radius:99px;background:#0f766e;color:#fff;width:1.4rem;height:1.4rem;display:grid;"
        f"place-items:center;font-size:.75rem'>{number}</b>{escape(title)}</li>"
        for number, title in enumerate(titles, start=1)
    )
    return f"<ol style='display:flex;flex-wrap:wrap;gap:.4rem;list-style:none;padding:0;margin:0'>{items}</ol>"


def render_folders(name: str, folders: Sequence[Folder]) -> str:
    """One image dataset as a table of its folders.

    Args:
        name: Its folder's name.
        folders: From `demo.list_folders`.
    """
    rows, category = [], ""
    for folder in folders:
        head, _, rest = folder.path.partition("/")
        if head != category:
            rows.append(f"<tr><th colspan='3' style='text-align:left;padding:.5rem 0 0'>{escape(head)}/</th></tr>")
            category = head
        rows.append(_folder_row(rest, folder))
    count, size = sum(folder.picture_count for folder in folders), sum(folder.size_bytes for folder in folders)
    return (
        f"<section style='{_CARD}'><b style='{_MONO}'>{escape(name)}/</b> "
        f"<span style='{_MUTED}'>{count} pictures, {size / 1e6:.1f} MB</span>"
        f"<div style='overflow-x:auto'><table style='border-spacing:0;font-size:.78rem;{_MONO};white-space:nowrap'>"
        f"{''.join(rows)}</table></div></section>"
    )


def render_originals(photos: Path, samples: Iterable[Sample]) -> str:
    """Photographs as they lie on disk, in true proportion to each other, with size and weight.

    Args:
        photos: What their paths are relative to.
        samples: The photographs.
    """
    cells = []
    for sample in samples:
        content = (photos / sample.image.path).read_bytes()
        picture = read_image(content).pixels
        kind = "grey" if picture.mode == "L" else picture.mode
        cells.append(
            f"<figure style='margin:0;flex:0 1 {picture.width / 2:.0f}px;min-width:0'>"
            f"{_img(picture, f'{sample.category}, {sample.label}')}"
            f"<figcaption style='font-size:.8rem;line-height:1.35;padding-top:.25rem'>"
            f"<b>{escape(sample.category)}</b><br>"
            f"<span style='{_MUTED}'>{picture.width} × {picture.height} {kind}, {len(content) / 1e3:.0f} kB</span>"
            "</figcaption></figure>"
        )
    return f"<div style='display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-end'>{''.join(cells)}</div>"


def render_grid(parts: Iterable[str], *, column_px: int = 300) -> str:
    """Parts side by side where there is room, else one below the other."""
    columns = f"repeat(auto-fit,minmax(min({column_px}px,100%),1fr))"
    return f"<div style='display:grid;grid-template-columns:{columns};gap:1rem'>{''.join(parts)}</div>"


def enlarge(pixels: NDArray[np.uint8]) -> Image.Image:
    """A harmonised picture at `COMPARED_PX`, each of its pixels a plain square.

    Args:
        pixels: `(H, W, 3)` uint8, RGB, 0–255.
    """
    return Image.fromarray(pixels).resize((COMPARED_PX, COMPARED_PX), Image.Resampling.NEAREST)


def open_original(file: Path) -> Image.Image:
    """A photograph at `COMPARED_PX`, stretched to a square as harmonising does."""
    return read_image(file.read_bytes()).pixels.convert("RGB").resize((COMPARED_PX, COMPARED_PX))


def encode(picture: Image.Image) -> str:
    """A picture as a PNG in a `data:` address."""
    with io.BytesIO() as file:
        picture.save(file, format="PNG")
        return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def render_trap(as_lists: RunFacts, as_bytes: RunFacts) -> str:
    """One picture loaded in two ways, side by side.

    Args:
        as_lists: Of the run that loaded it as nested lists.
        as_bytes: Of the run that loaded it as one binary value.
    """
    cards = (_trap_card("as nested lists", as_lists), _trap_card("as bytes", as_bytes))
    return render_grid(cards, column_px=260)


def render_run(title: str, facts: RunFacts) -> str:
    """What one run did, in figures."""
    steps = " · ".join(f"{name} {duration_s:.2f} s" for name, duration_s in facts.steps_s.items())
    figures = (
        (f"{facts.row_count:,}", _plural(facts.row_count, "row", "rows") + " loaded"),
        (f"{facts.table_count:,}", "rows in the table"),
        (f"{facts.package_count}", _plural(facts.package_count, "load package", "load packages")),
        (f"{facts.duration_s:.1f} s", steps),
    )
    cells = "".join(
        f"<div style='min-width:6rem'><div style='{_FIGURE}'>{figure}</div><div style='font-size:.8rem;{_MUTED}'>"
        f"{escape(name)}</div></div>"
        for figure, name in figures
    )
    return (
        f"<section role='status' style='{_CARD};border-left:6px solid #0f766e'><b>{escape(title)}</b>"
        f"<div style='display:flex;flex-wrap:wrap;gap:.75rem 2rem;padding-top:.4rem'>{cells}</div></section>"
    )


def render_picture(file: Path, caption: str) -> str:
    """A photograph, small, with its caption."""
    return (
        f"<figure style='margin:0;width:8rem'>{_img(read_image(file.read_bytes()).pixels, caption)}"
        f"<figcaption style='font-size:.8rem;{_MUTED}'>{escape(caption)}</figcaption></figure>"
    )


def render_row(parts: Iterable[str]) -> str:
    """Parts in a row that takes what room they need, the first one most of it."""
    first, *others = parts
    cells = "".join(f"<div>{part}</div>" for part in others)
    style = "display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start"
    return f"<div style='{style}'><div style='flex:1 1 18rem;min-width:0'>{first}</div>{cells}</div>"


def render_waiting(button: str) -> str:
    """What stands where a result will be, until a button is pressed."""
    return (
        f"<p style='border:1px dashed rgb(128 128 128/.6);border-radius:.6rem;padding:.6rem 1rem;margin:0;{_MUTED}'>"
        f"Press <b>{escape(button)}</b> to see what happens.</p>"
    )


def render_defects(found: Iterable[tuple[Training, Sequence[Example]]]) -> str:
    """Image, mask and heat map of some test images of each category, with the model's figures.

    Args:
        found: From `demo.find_defects`.
    """
    return render_grid((_category_card(training, examples) for training, examples in found), column_px=400)


def _folder_row(path: str, folder: Folder) -> str:
    kinds = ", ".join(folder.kinds) + "".join(f" + {name}" for name in folder.others)
    is_mask = "ground_truth" in path or path.endswith("Label")
    style = _MUTED if is_mask else ""
    return (
        f"<tr style='{style}'><td style='padding:0 .75rem'>{escape(path)}/</td>"
        f"<td style='text-align:right;padding-right:1rem'>{folder.picture_count}</td><td>{escape(kinds)}</td></tr>"
    )


def _trap_card(title: str, facts: RunFacts) -> str:
    rows = "".join(
        f"<tr><td style='padding-right:1rem'>{escape(table)}</td><td style='text-align:right'>{count:,}</td></tr>"
        for table, count in facts.rows.items()
    )
    tables = f"{len(facts.rows)} {_plural(len(facts.rows), 'table', 'tables')}"
    return (
        f"<section style='{_CARD}'><b>{escape(title)}</b><div style='{_FIGURE}'>{facts.row_count:,} "
        f"{_plural(facts.row_count, 'row', 'rows')}</div><div style='{_MUTED}'>in {tables}, "
        f"{facts.written_bytes:,} bytes written</div><div style='overflow-x:auto'>"
        f"<table style='font-size:.78rem;{_MONO};margin-top:.5rem'>{rows}</table></div></section>"
    )


def _category_card(training: Training, examples: Sequence[Example]) -> str:
    alarm_count = training.confusion.false_positives
    alarms = f"{alarm_count} false {_plural(alarm_count, 'alarm', 'alarms')}"
    figures = (
        f"{training.confusion.true_positives} of {training.defect_count} defects found, {alarms} in "
        f"{alarm_count + training.confusion.true_negatives} good, image AUC {format_area(training.image_auc)}"
    )
    rows = "".join(_example_row(example, training.threshold) for example in examples)
    return (
        f"<section style='{_CARD}'><b>{escape(training.source_dataset)} / {escape(training.category)}</b>"
        f"<div style='font-size:.8rem;{_MUTED}'>"
        f"learned from {training.train_count} good images; {figures}</div>{rows}</section>"
    )


def _example_row(example: Example, threshold: float) -> str:
    name = example.score.sample_id
    text = "no defect" if example.score.is_defect is False else "no mask"
    empty = f"<span style='display:grid;place-items:center;background:#000;color:#aaa;font-size:.7rem'>{text}</span>"
    cells = (
        _img(example.image, f"image {name}"),
        _img(example.mask, "its mask") if example.mask else empty,
        _img(example.heat_map, "its heat map"),
    )
    return (
        "<div style='display:grid;grid-template-columns:repeat(3,1fr);gap:.25rem;padding-top:.6rem'>"
        f"{''.join(cells)}</div><div style='font-size:.8rem'><b>{escape(example.why)}</b> "
        f"<span style='{_MUTED}'>{escape(str(example.score.label))}, score "
        f"{escape(format_verdict(example.score, threshold))}</span></div>"
    )


def _img(picture: Image.Image, alt: str) -> str:
    style = "display:block;width:100%;height:auto;margin:0;border-radius:.25rem"
    return f"<img src='{encode(picture)}' alt='{escape(alt, quote=True)}' style='{style}'>"


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
