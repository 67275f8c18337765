"""Local statistics of an image: what a small neighbourhood looks like, as numbers.

For each cell of a grid and boxes of several sizes around it: brightness, contrast, and the strength of edges
across, edges down and fine texture; once more the two colour differences of the smallest box. All but the
colours are logarithms, so that a change counts by its ratio. No weights, no network: the same numbers
everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEASURED_SIZE_PX = 128
"""Side length that images are scaled to before anything is measured."""

SIZE_PX_MIN = 32
SIZE_PX_MAX = 1024

GRID = 64
"""Cells along one side, at most: one cell for every `size_px / GRID` pixels."""

RADII_AT_128 = (1, 3, 7)
"""Half-widths of the boxes in pixels of a 128 px image; they grow with the image."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_GREY_OFFSET = 8.0
_GREY_WEIGHT = 4.0
_STRENGTH_OFFSET = 1.0
_COLOUR_UNIT = 32.0

FEATURE_COUNT = 5 * len(RADII_AT_128) + 2
"""Numbers for each cell."""


def scale_radii(size_px: int) -> tuple[int, ...]:
    """Returns the half-widths of the boxes in pixels, for images of `size_px`."""
    return tuple(max(1, round(radius * size_px / 128)) for radius in RADII_AT_128)


def extract_features(image: NDArray[np.uint8], size_px: int = MEASURED_SIZE_PX) -> NDArray[np.float32]:
    """Measures an image.

    Args:
        image: `(H, W, 3)` uint8, RGB, 0–255.
        size_px: The side length it is scaled to first.

    Returns:
        `(G, G, FEATURE_COUNT)` float32, with G = `GRID` cells, or `size_px` if that is less.

    Source: brightness weights of ITU-R BT.601; box means by summed-area tables, F. Crow, "Summed-area tables
    for texture mapping", SIGGRAPH 1984.
    """
    scaled = Image.fromarray(image).resize((size_px, size_px), Image.Resampling.BILINEAR)
    pixels = np.asarray(scaled, np.float32)
    planes, colours = _make_planes(pixels), _make_colours(pixels)
    radii = scale_radii(size_px)
    step = max(1, size_px // GRID)
    measured = [_measure(box_mean(planes, radius)) for radius in radii]
    measured.append(box_mean(colours, radii[0]) / _COLOUR_UNIT)
    stacked = np.concatenate(measured)[:, step // 2 :: step, step // 2 :: step]
    return np.ascontiguousarray(np.moveaxis(stacked, 0, -1), np.float32)


def _make_planes(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measures brightness, its square, and the strength of edges and of fine texture: `(5, H, W)`."""
    grey = pixels @ _LUMA
    across = np.abs(np.gradient(grey, axis=1))
    down = np.abs(np.gradient(grey, axis=0))
    framed = np.pad(grey, 1, mode="edge")
    neighbours = framed[:-2, 1:-1] + framed[2:, 1:-1] + framed[1:-1, :-2] + framed[1:-1, 2:]
    return np.stack([grey, grey * grey, across, down, np.abs(neighbours - 4 * grey)])


def _make_colours(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measures red against green and yellow against blue: `(2, H, W)`, 0 in a grey image."""
    red, green, blue = np.moveaxis(pixels, -1, 0)
    return np.stack([red - green, (red + green) / 2 - blue])


def _measure(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turns the means of the planes over one box size into the five features of that size."""
    grey, grey_squared = means[0], means[1]
    contrast = np.sqrt(np.maximum(grey_squared - grey * grey, 0))
    strengths = np.log(np.stack([contrast, *means[2:]]) + _STRENGTH_OFFSET)
    return np.concatenate([_GREY_WEIGHT * np.log(grey + _GREY_OFFSET)[None], strengths])


def box_mean(planes: NDArray[np.floating], radius: int) -> NDArray[np.float64]:
    """Averages planes over boxes of `2 × radius + 1` pixels; beyond the edge, the planes are mirrored.

    Args:
        planes: `(..., H, W)`, H and W at least `radius`.
        radius: The half-width of the box in pixels.

    Returns:
        The same shape, float64.
    """
    border = [(0, 0)] * (planes.ndim - 2) + [(radius + 1, radius)] * 2
    total = np.pad(planes, border, mode="symmetric").astype(np.float64).cumsum(-1).cumsum(-2)
    side = 2 * radius + 1
    inner = total[..., side:, side:] - total[..., :-side, side:] - total[..., side:, :-side]
    mean: NDArray[np.float64] = (inner + total[..., :-side, :-side]) / side**2
    return np.maximum(mean, 0) if planes.min() >= 0 else mean
