"""What the drawings have in common: a choice of things, smooth curves, noise, and paper.

Sizes are `(width, height)` in pixels, as Pillow has them. Arrays are `(H, W, 3)` float32, RGB, 0 to 255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from classroom.museum.palettes import Colour
from darkroom.sample_data.canvas import Dice

FloatPixels = NDArray[np.float32]
Size = tuple[int, int]
Point = tuple[float, float]
_Thing = TypeVar("_Thing")

_GRAIN_PX = 256


def pick(dice: Dice, things: Sequence[_Thing]) -> _Thing:
    """Returns one of the things."""
    return things[int(dice.uniform(0, len(things)))]


def whole(dice: Dice, low: int, high: int) -> int:
    """Returns a whole number from low to high, both included."""
    return low + int(dice.uniform(0, high - low + 1))


def blend(top: Colour, bottom: Colour, size: Size) -> Image.Image:
    """Returns an image that goes from one colour at the top to another at the bottom."""
    mask = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), mask)


def to_pixels(image: Image.Image) -> FloatPixels:
    """Returns the pixels of an RGB image."""
    return np.asarray(image, np.float32)


def to_image(pixels: FloatPixels) -> Image.Image:
    """Returns the image of pixels, cut off at 0 and 255."""
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def lay_over(under: FloatPixels, colour: Colour | FloatPixels, cover: FloatPixels) -> None:
    """Lays a colour over pixels, in place, as thick as `cover` (`(H, W)`, 0 to 1) says."""
    under += (np.asarray(colour, np.float32) - under) * cover[..., None]


def waves(dice: Dice, along: FloatPixels, octaves: int = 5) -> FloatPixels:
    """Returns a smooth random curve, about -1 to 1, over places given in periods of its longest wave."""
    curve = np.zeros_like(along)
    for octave in range(octaves):
        phase, stretch = dice.uniform(0, 2 * math.pi), dice.uniform(0.8, 1.3)
        curve += np.sin(along * (2 * math.pi * stretch * 1.9**octave) + phase) * 0.55**octave
    return curve * 0.55


def bend(start: Point, control: Point, end: Point, steps: int) -> list[Point]:
    """Returns points along a quadratic Bézier curve, its ends included."""
    shares = [step / steps for step in range(steps + 1)]
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * control[0] + t * t * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * control[1] + t * t * end[1],
        )
        for t in shares
    ]


def cloudy(dice: Dice, size: Size, cells: int, strength: float = 42) -> Image.Image:
    """Returns smooth noise, mode L around 128, with about `cells` blots across."""
    rows = max(2, round(cells * size[1] / size[0]))
    lattice = np.clip(128 + strength * dice.grain(rows, cells), 0, 255).astype(np.uint8)
    return Image.fromarray(lattice).resize(size, Image.Resampling.BICUBIC)


def on_paper(image: Image.Image, blots: Image.Image | None = None) -> Image.Image:
    """Returns the image with the grain of paper, and with lighter and darker places if blots are given."""
    if blots is not None:
        image = ImageChops.soft_light(image, Image.merge("RGB", [blots] * 3))
    return ImageChops.soft_light(image, _grain(image.size))


@lru_cache(maxsize=32)
def _grain(size: Size) -> Image.Image:
    noise = np.clip(128 + 9 * Dice(0, "paper").grain(_GRAIN_PX, _GRAIN_PX), 0, 255).astype(np.uint8)
    tiles = np.tile(noise, (size[1] // _GRAIN_PX + 1, size[0] // _GRAIN_PX + 1))
    grain = Image.fromarray(tiles[: size[1], : size[0]])
    return Image.merge("RGB", [grain] * 3)
