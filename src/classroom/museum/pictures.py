"""The generated pictures behind the image ids: what one shows, and its JPEG.

A picture follows from its id alone. Nobody owns it: it comes out of the arithmetic in this package.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from classroom.museum.abstracts import draw_colour_field, draw_tiles
from classroom.museum.brush import Size, pick, whole
from classroom.museum.landscapes import draw_landscape
from classroom.museum.palettes import PALETTES, Palette
from classroom.museum.plants import draw_plant
from classroom.museum.vessels import draw_vessel
from classroom.museum.weavings import draw_weaving
from darkroom.sample_data.canvas import Dice

FULL_WIDTH_PX = 843
WIDTHS_PX = (200, 400, 600, FULL_WIDTH_PX)
"""The widths at which pictures are handed out."""

_DRAWINGS: dict[str, tuple[Callable[[Dice, Palette, Size], Image.Image], tuple[int, int]]] = {
    "landscape": (draw_landscape, (520, 680)),
    "colour_field": (draw_colour_field, (760, 1000)),
    "tiles": (draw_tiles, (700, 900)),
    "weaving": (draw_weaving, (620, 1000)),
    "vessel": (draw_vessel, (860, 1000)),
    "plant": (draw_plant, (900, 1000)),
}
KINDS = tuple(_DRAWINGS)


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is known of a picture before it is drawn.

    Attributes:
        kind: One of `KINDS`.
        palette: The colours that it is drawn in.
        height_px: Its height at the full width.
        scale: How many times larger the original is that nobody gets to see.
    """

    kind: str
    palette: Palette
    height_px: int
    scale: int

    @property
    def original_size_px(self) -> Size:
        """Width and height of the original."""
        return FULL_WIDTH_PX * self.scale, self.height_px * self.scale


def picture_facts(image_id: str) -> PictureFacts:
    """Returns what the picture of an image id shows."""
    dice = Dice(1, image_id)
    kind = pick(dice, KINDS)
    return PictureFacts(kind, pick(dice, PALETTES), whole(dice, *_DRAWINGS[kind][1]), whole(dice, 2, 6))


def height_at(facts: PictureFacts, width_px: int) -> int:
    """Returns the height of a picture at a width."""
    return round(facts.height_px * width_px / FULL_WIDTH_PX)


def draw_picture(image_id: str) -> Image.Image:
    """Returns the picture of an image id at its full width, RGB."""
    facts = picture_facts(image_id)
    draw = _DRAWINGS[facts.kind][0]
    return draw(Dice(2, image_id), facts.palette, (FULL_WIDTH_PX, facts.height_px))


def encode_picture(image_id: str, width_px: int) -> bytes:
    """Returns the JPEG of an image id at a width."""
    image = draw_picture(image_id)
    if width_px != image.width:
        image = image.resize((width_px, height_at(picture_facts(image_id), width_px)), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=86)
    return file.getvalue()
