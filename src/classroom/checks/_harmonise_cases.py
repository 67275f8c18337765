"""The pictures of exercise 2, of every kind that can go wrong, and where their defects are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

QuarterColour = tuple[int, int, int]
Cell = tuple[int, int]
DefectBox = tuple[int, int, int, int]
_COLOURS: tuple[QuarterColour, ...] = ((200, 40, 40), (40, 160, 60), (50, 70, 200), (230, 230, 230))
"""Of the quarters of each picture: top left, top right, bottom left, bottom right."""
_FRAME: QuarterColour = (20, 20, 20)
"""Of the outermost eighth on each side: whoever cuts something off loses it."""


@dataclass(frozen=True, slots=True)
class PictureCase:
    """A picture to harmonise, and where its defect is.

    Attributes:
        mode: Pillow's mode of the picture: `L`, `RGB`, ….
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        size_px: Edge of the square that it becomes.
        defects: Left, top, right and bottom of each defect in pixels, right and bottom excluded; none for a good one.
    """

    mode: str
    width: int
    height: int
    size_px: int
    defects: tuple[DefectBox, ...]

    @property
    def call(self) -> str:
        return f"harmonise(image, mask, {self.size_px}) with {self.width} × {self.height} pixels of mode {self.mode}"

    @property
    def shape(self) -> tuple[int, int]:
        return (self.size_px, self.size_px)

    def image(self) -> Image.Image:
        quarters = np.array(_COLOURS, np.uint8).reshape(2, 2, 3)
        rows, columns = np.arange(self.height) * 2 // self.height, np.arange(self.width) * 2 // self.width
        pixels = quarters[rows][:, columns]
        high, wide = self.height // 8, self.width // 8
        pixels[:high] = pixels[self.height - high :] = pixels[:, :wide] = pixels[:, self.width - wide :] = _FRAME
        picture = Image.fromarray(pixels)
        return picture.quantize(5) if self.mode == "P" else picture.convert(self.mode)

    def mask(self) -> Image.Image:
        mask = Image.new("L", (self.width, self.height))
        for defect in self.defects:
            mask.paste(255, defect)
        return mask

    def colours(self) -> list[QuarterColour]:
        """Returns what the middle of each quarter, and then the middle of each side, have to be in RGB."""
        colours = [*_COLOURS, *[_FRAME] * 4]
        if self.mode != "L":
            return colours
        greys = [int(np.asarray(Image.new("RGB", (1, 1), colour).convert("L"))[0, 0]) for colour in colours]
        return [(grey, grey, grey) for grey in greys]


_SPECKS = tuple(
    (column, row, column + 1, row + 1)
    for column, row in ((60 + 53 * (n % 17), 60 + 53 * (n // 17) + n % 7) for n in range(17 * 16))
)
"""Single pixels, far enough from each other that each has cells of its own, in ever other places within a cell."""

CASES = (
    PictureCase("RGB", 48, 96, 32, ((12, 20, 24, 60),)),
    PictureCase("L", 100, 60, 32, ((60, 10, 90, 30),)),
    PictureCase("P", 90, 70, 32, ((20, 20, 60, 50),)),
    PictureCase("RGBA", 64, 64, 32, ((8, 8, 40, 24),)),
    PictureCase("L", 1000, 800, 64, ((500, 400, 502, 401),)),
    PictureCase("RGB", 1000, 1000, 16, ((999, 999, 1000, 1000),)),
    PictureCase("RGB", 900, 900, 32, ((100, 100, 400, 300), (700, 640, 702, 641))),
    PictureCase("L", 20, 15, 32, ((5, 4, 15, 12),)),
    PictureCase("L", 200, 200, 32, ()),
    PictureCase("RGB", 1000, 1000, 64, _SPECKS),
)
