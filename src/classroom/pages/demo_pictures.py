"""How the live demo looks: what `classroom.pages.demo` measures, as HTML that fetches nothing and fits a phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classroom.pages.demo import Folder, RunFacts
from darkroom.harmonise.decode import read_image
from darkroom.html import picture_url, render
from darkroom.sample import Sample
from darkroom.training.report.examples import CategoryPanel, Example
from darkroom.training.report.page import render_categories
from darkroom.training.results import Training

COMPARED_PX = 320
"""Width and height at which a picture before and after harmonising is shown."""

_SMALL_PX = 128


def render_steps(titles: Sequence[str]) -> str:
    """Shows the steps of the demo as a row of numbered labels."""
    return _render("steps.html", titles=titles)


def render_folders(name: str, folders: Sequence[Folder]) -> str:
    """Shows one image dataset as a table of its folders.

    Args:
        name: Its folder's name.
        folders: From `demo.list_folders`.
    """
    grouped = groupby(folders, key=lambda folder: folder.path.partition("/")[0])
    categories = [(category, [_describe_row(folder) for folder in group]) for category, group in grouped]
    return _render("folders.html", name=name, folders=folders, categories=categories)


def render_originals(photos: Path, samples: Iterable[Sample]) -> str:
    """Shows photographs as they lie on disk, in true proportion to each other, with size and weight.

    Args:
        photos: What their paths are relative to.
        samples: The photographs.
    """
    pictures = []
    for sample in samples:
        content = (photos / sample.image.path).read_bytes()
        picture = read_image(content).pixels
        kind = "grey" if picture.mode == "L" else picture.mode
        note = f"{picture.width} × {picture.height} {kind}, {len(content) / 1e3:.0f} kB"
        alt = f"{sample.category}, {sample.label}"
        pictures.append((picture, picture.width // 2, alt, sample.category, note))
    return _render("pictures.html", pictures=pictures)


def render_grid(parts: Iterable[str], *, column_px: int = 300) -> str:
    """Puts parts side by side where there is room, else one below the other.

    Args:
        parts: HTML from the functions of this module.
        column_px: Width that a column has at least.
    """
    return _render("grid.html", parts=list(parts), column_px=column_px)


def compare_pictures(file: Path, pixels: NDArray[np.uint8]) -> dict[str, str | int]:
    """Makes the arguments of `mo.image_compare`: a photograph, and what harmonising made of it, at one size.

    The photograph is stretched to a square as harmonising does; each harmonised pixel becomes a plain square.

    Args:
        file: The photograph.
        pixels: `(H, W, 3)` uint8, RGB, 0–255.
    """
    size = (COMPARED_PX, COMPARED_PX)
    before = read_image(file.read_bytes()).pixels.convert("RGB").resize(size)
    after = Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST)
    return {
        "before_image": picture_url(before),
        "after_image": picture_url(after),
        "width": COMPARED_PX,
        "height": COMPARED_PX,
    }


def render_trap(as_lists: RunFacts, as_bytes: RunFacts) -> str:
    """Shows one picture loaded in two ways, side by side.

    Args:
        as_lists: What the run did that loaded it as nested lists.
        as_bytes: What the run did that loaded it as one binary value.
    """
    return _render("trap.html", ways=(("as nested lists", as_lists), ("as bytes", as_bytes)))


def render_run(title: str, facts: RunFacts) -> str:
    """Shows in figures what one run did."""
    steps = " · ".join(f"{name} {duration_s:.2f} s" for name, duration_s in facts.steps_s.items())
    figures = (
        (f"{facts.row_count:,}", "row loaded" if facts.row_count == 1 else "rows loaded"),
        (f"{facts.table_count:,}", "rows in the table"),
        (f"{facts.package_count}", "load package" if facts.package_count == 1 else "load packages"),
        (f"{facts.duration_s:.1f} s", steps),
    )
    return _render("run.html", title=title, figures=figures)


def render_picture(file: Path, caption: str) -> str:
    """Shows a photograph, small, with its caption."""
    return _render("pictures.html", pictures=[(read_image(file.read_bytes()).pixels, _SMALL_PX, caption, "", caption)])


def render_row(parts: Iterable[str]) -> str:
    """Puts parts in a row that takes what room they need, the first one most of it.

    Args:
        parts: HTML from the functions of this module.
    """
    return _render("row.html", parts=list(parts))


def render_waiting(button: str) -> str:
    """Shows what stands where a result will be, until a button is pressed."""
    return _render("waiting.html", button=button)


def render_defects(found: Iterable[tuple[Training, Sequence[Example]]]) -> str:
    """Shows image, mask and heat map of some test images of each category, with the model's figures.

    Args:
        found: From `demo.find_defects`.
    """
    return render_categories([CategoryPanel(training, tuple(examples)) for training, examples in found])


def _render(template: str, **values: Any) -> str:
    return render("classroom.pages", template, **values)


def _describe_row(folder: Folder) -> dict[str, Any]:
    path = folder.path.partition("/")[2]
    return {"folder": folder, "path": path, "is_mask": "ground_truth" in path or path.endswith("Label")}
