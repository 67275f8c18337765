"""Pictures of samples for people to look at: uint8 arrays in, Pillow images out."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Rgb = tuple[int, int, int]
"""A colour: red, green and blue, each 0 to 255."""

PAPER: Rgb = (24, 26, 30)
INK: Rgb = (236, 238, 241)
FAINT_INK: Rgb = (150, 156, 166)
RULE: Rgb = (62, 67, 76)
OUTLINE: Rgb = (255, 60, 110)
GOOD: Rgb = (72, 176, 120)
DEFECTIVE: Rgb = OUTLINE
UNKNOWN: Rgb = (128, 132, 140)

_OUTLINE_PX = 2
_HALO_PX = 1


@cache
def load_font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Loads the font that Pillow brings along, so that the picture is the same on every machine."""
    return ImageFont.load_default(size_px)


def fit_picture(tensor: NDArray[np.uint8], size_px: int) -> Image.Image:
    """Scales an image into a square, keeping its proportions.

    Args:
        tensor: `(H, W, 3)` or `(H, W, 1)` uint8, RGB or grey, 0 to 255.
        size_px: The longest side of the result.
    """
    picture = Image.fromarray(tensor.squeeze(-1) if tensor.shape[-1] == 1 else tensor).convert("RGB")
    return picture.resize(_fitted_size(picture.size, size_px), Image.Resampling.LANCZOS)


def fit_mask(mask: NDArray[np.uint8], size_px: int) -> Image.Image:
    """Scales a mask as `fit_picture` scales its image; a single defect pixel stays visible.

    Args:
        mask: `(H, W)` uint8 in {0, 1}.
        size_px: The longest side of the result, which is mode `L` in {0, 255}.
    """
    picture = Image.fromarray(np.where(mask > 0, np.uint8(255), np.uint8(0)))
    scaled = picture.resize(_fitted_size(picture.size, size_px), Image.Resampling.BOX)
    return scaled.point([0] + [255] * 255)


def draw_outline(picture: Image.Image, mask: Image.Image, colour: Rgb = OUTLINE) -> Image.Image:
    """Returns the picture with a line around the defect, which itself stays uncovered.

    A dark seam on both sides keeps the line visible on any texture.

    Args:
        picture: Mode `RGB`.
        mask: Mode `L` in {0, 255}, of the same size.
        colour: The colour of the line.
    """
    gap = _dilate(mask, _HALO_PX)
    line = _dilate(gap, _OUTLINE_PX)
    seam = ImageChops.subtract(_dilate(line, _HALO_PX), mask)
    outlined = picture.copy()
    outlined.paste((0, 0, 0), mask=seam.point(lambda value: value * 6 // 10))
    outlined.paste(colour, mask=ImageChops.subtract(line, gap))
    return outlined


def _dilate(mask: Image.Image, by_px: int) -> Image.Image:
    return mask.filter(ImageFilter.MaxFilter(2 * by_px + 1))


def _fitted_size(size: tuple[int, int], size_px: int) -> tuple[int, int]:
    width, height = size
    scale = size_px / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def shorten(text: str, size_px: int, width_px: int) -> str:
    """Cuts the middle out of a text until it fits, and replaces what the font cannot show with `?`."""
    font = load_font(size_px)
    shown = "".join(character if _is_drawable(character) else "?" for character in text)
    if len(shown) <= 1 or font.getlength(shown) <= width_px:
        return shown

    def keep(count: int) -> str:
        return f"{shown[: count - count // 2]}…{shown[len(shown) - count // 2 :]}"

    fitting = bisect_right(range(1, len(shown)), width_px, key=lambda count: ceil(font.getlength(keep(count))))
    return keep(max(1, fitting))


@cache
def _is_drawable(character: str) -> bool:
    font = load_font(12)
    return character.isprintable() and (
        character == " " or bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))
    )


def draw_text(
    draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size_px: int, colour: Rgb = INK
) -> None:
    """Draws one line of text, `place` being the left end of its ascender line."""
    draw.text(place, text, fill=colour, font=load_font(size_px))
