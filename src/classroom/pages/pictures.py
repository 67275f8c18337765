"""Pictures for lessons: photographs with their masks, folder trees and topic maps, as HTML or text that needs no file.

Functions called `draw_` return Pillow images, those called `render_` a string: HTML for `mo.Html`, or Mermaid.
The HTML brings its style along, with sizes that follow the slide around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image

from darkroom.harmonise.decode import read_image, read_mask
from darkroom.html import render
from darkroom.query.paint import draw_outline, fit_mask, fit_picture

MERMAID_LOOK = files("classroom.pages").joinpath("templates", "flowchart.mmd").read_text(encoding="utf-8")
"""Head of every diagram of the course; what follows it begins with `flowchart`."""

_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}


@dataclass(frozen=True, slots=True)
class Specimen:
    """A photograph to show, with its mask.

    Attributes:
        image: The photograph's file.
        mask: The mask's file, or None.
        caption: What it is, for those who see it and those who hear it read.
    """

    image: Path
    caption: str
    mask: Path | None = None


def draw_photograph(specimen: Specimen, size_px: int | None = None) -> Image.Image:
    """Draws the photograph, with a line around its defect if it has a mask; the defect itself stays uncovered.

    Args:
        specimen: What to draw.
        size_px: Longest side of the result; None keeps the size of the file.

    Returns:
        Mode `RGB`.

    Raises:
        UnusableImageError: A file cannot be decoded.
        OSError: A file cannot be read.
    """
    pixels = np.asarray(read_image(specimen.image.read_bytes()).pixels.convert("RGB"))
    longest_px = size_px or max(pixels.shape)
    picture = fit_picture(pixels, longest_px)
    if specimen.mask is None:
        return picture
    mask = np.asarray(read_mask(specimen.mask.read_bytes()).pixels, dtype=np.uint8)
    return draw_outline(picture, fit_mask(mask, longest_px))


def render_photographs(specimens: Sequence[Specimen], arrangement: str = "grid") -> str:
    """Shows photographs without captions, as HTML; the captions become their alternative texts.

    Args:
        specimens: What to show.
        arrangement: `grid` of two columns, or one `row`.
    """
    photographs = [(draw_photograph(specimen), specimen.caption) for specimen in specimens]
    return render("classroom.pages", "photographs.html", photographs=photographs, arrangement=arrangement)


def render_specimens(specimens: Sequence[Specimen]) -> str:
    """Shows photographs side by side in true proportion to each other, masks below them, as HTML.

    Args:
        specimens: What to show; the widest photograph fills its column.
    """
    decoded = [read_image(specimen.image.read_bytes()) for specimen in specimens]
    widest_px = max(image.original_width for image in decoded)
    figures = [
        {
            "photograph": draw_photograph(specimen),
            "mask": specimen.mask and read_mask(specimen.mask.read_bytes()).pixels.convert("L"),
            "caption": specimen.caption,
            "share": 100 * image.original_width / widest_px,
            "size": f"{image.original_width} × {image.original_height}",
            "channels": {"L": "grey", "RGB": "colour"}.get(image.original_mode, image.original_mode),
        }
        for specimen, image in zip(specimens, decoded, strict=True)
    ]
    return render("classroom.pages", "specimens.html", specimens=figures)


def folder_tree(folder: Path) -> str:
    """Lists the folders below one, with the number of pictures and the names of other files, as indented text.

    ```
    washer/
      train/
        good/      16 pictures
    ```

    Args:
        folder: The folder whose name heads the tree.

    Raises:
        FileNotFoundError: There is none.
    """
    lines = list(_tree_lines(folder, 0))
    width = max(len(name) for name, _ in lines) + 2
    return "\n".join(f"{name:<{width}}{content}".rstrip() for name, content in lines)


def _tree_lines(folder: Path, depth: int) -> Iterator[tuple[str, str]]:
    entries = sorted(folder.iterdir())
    files = [entry for entry in entries if entry.is_file()]
    pictures = sum(file.suffix.lower() in _PICTURES for file in files)
    others = [file.name for file in files if file.suffix.lower() not in _PICTURES]
    content = ", ".join([f"{pictures} pictures"] * bool(pictures) + others)
    yield f"{'  ' * depth}{folder.name}/", content
    for entry in entries:
        if entry.is_dir():
            yield from _tree_lines(entry, depth + 1)
