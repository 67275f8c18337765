"""What every drawing of the sample images is made of: dice, noise, distances, and the finished picture.

Coordinates are `(y, x)` in pixels from the upper left corner, float64 arrays of shape `(H, W)`.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
Pixels = NDArray[np.uint8]

_LATTICE_CELLS = 128


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawn image with what an inspector would have marked in it.

    Attributes:
        pixels: The image, `(H, W)` or `(H, W, 3)` uint8, RGB, 0 to 255.
        clean: The same image without its defect; equal to `pixels` wherever `mask` is 0.
        mask: `(H, W)` uint8 in {0, 1}; all 0 for an image without a defect.
    """

    pixels: Pixels
    clean: Pixels
    mask: Pixels


class Dice:
    """Random numbers for one image, the same on every machine.

    NumPy promises the raw stream of a bit generator for all time, but not what `Generator` makes of it;
    so everything here is derived from the raw stream with integers.

    Args:
        seed: The seed of the whole set.
        name: Path of the image in the set, so that no image depends on how many were drawn before it.
    """

    def __init__(self, seed: int, name: str) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))

    def uniform(self, low: float, high: float) -> float:
        """Returns one number in [low, high)."""
        return low + (high - low) * (self._bits.random_raw() >> 11) * 2.0**-53

    def sign(self) -> int:
        """Returns -1 or 1."""
        return 1 if self.uniform(0, 1) < 0.5 else -1

    def grain(self, *shape: int) -> Field:
        """Returns nearly normal noise of mean 0 and standard deviation 1: the sum of four 16-bit uniforms."""
        raw = self._bits.random_raw(int(np.prod(shape)))
        total = sum((raw >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48))
        return ((np.asarray(total, np.float64) - 2 * 65535) / 37837.0).reshape(shape)


def pixel_grid(height: int, width: int) -> tuple[Field, Field]:
    """Returns the `(H, W)` coordinates y and x of all pixels."""
    y, x = np.mgrid[0:height, 0:width]
    return y.astype(np.float64), x.astype(np.float64)


def clouds(dice: Dice, rows: Field, columns: Field) -> Field:
    """Returns smooth noise of mean 0 at the given coordinates, which are in cells of the noise.

    Source: value noise on a lattice, after K. Perlin, "An Image Synthesizer", SIGGRAPH 1985.
    """
    lattice = dice.grain(_LATTICE_CELLS, _LATTICE_CELLS)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = _ease(rows - top), _ease(columns - left)
    top, bottom = top % _LATTICE_CELLS, (top + 1) % _LATTICE_CELLS
    left, beyond = left % _LATTICE_CELLS, (left + 1) % _LATTICE_CELLS
    upper = lattice[top, left] * (1 - right) + lattice[top, beyond] * right
    lower = lattice[bottom, left] * (1 - right) + lattice[bottom, beyond] * right
    return np.asarray(upper * (1 - down) + lower * down)


def _ease(fraction: Field) -> Field:
    return fraction * fraction * (3 - 2 * fraction)


def cover(distance_px: Field, edge_px: float = 1.0) -> Field:
    """Returns how much of each pixel a shape covers, 0 to 1, from the distance to its border (inside: < 0)."""
    return np.clip(0.5 - distance_px / edge_px, 0.0, 1.0)


def blob_distance(dice: Dice, y: Field, x: Field, centre: tuple[float, float], radius_px: float) -> Field:
    """Returns a rough signed distance, in pixels, to the border of an irregular blob."""
    stretch, angle = dice.uniform(0.75, 1.3), dice.uniform(0, np.pi)
    dy, dx = y - centre[0], x - centre[1]
    along = (dx * np.cos(angle) + dy * np.sin(angle)) / stretch
    across = (dy * np.cos(angle) - dx * np.sin(angle)) * stretch
    coarse = clouds(dice, y / (0.9 * radius_px), x / (0.9 * radius_px))
    fine = clouds(dice, y / (0.35 * radius_px), x / (0.35 * radius_px))
    return np.asarray(np.hypot(along, across) - radius_px * (1 + 0.22 * coarse + 0.09 * fine))


def wander(dice: Dice, start: tuple[float, float], angle: float, length_px: float, bend: float) -> Field:
    """Returns the `(N, 2)` points (y, x) of a line that starts in one direction and drifts from it.

    Args:
        dice: Where the drift comes from.
        start: First point, (y, x).
        angle: First direction in radians, 0 towards growing x.
        length_px: Length along the line.
        bend: Largest change of direction from step to step, in radians.
    """
    steps = max(6, round(length_px / 6))
    points = [start]
    for _ in range(steps):
        angle += dice.uniform(-bend, bend)
        y, x = points[-1]
        points.append((y + np.sin(angle) * length_px / steps, x + np.cos(angle) * length_px / steps))
    return np.asarray(points, np.float64)


def line_distance(y: Field, x: Field, points: Field) -> tuple[Field, Field]:
    """Returns for each pixel the distance to a polyline in pixels, and how far along it lies, 0 to 1."""
    distance, along = np.full(y.shape, np.inf), np.zeros(y.shape)
    for index, ((y0, x0), (y1, x1)) in enumerate(pairwise(points)):
        part = ((y - y0) * (y1 - y0) + (x - x0) * (x1 - x0)) / ((y1 - y0) ** 2 + (x1 - x0) ** 2)
        part = np.clip(part, 0.0, 1.0)
        here = np.hypot(y - y0 - part * (y1 - y0), x - x0 - part * (x1 - x0))
        nearer = here < distance
        distance = np.where(nearer, here, distance)
        along = np.where(nearer, (index + part) / (len(points) - 1), along)
    return distance, along


def paint(under: Field, colour: Sequence[float] | Field, share: Field) -> Field:
    """Returns `(H, W, 3)` values with a colour laid over them, as thick as `share` (`(H, W)`, 0 to 1) says."""
    opacity = share[..., None]
    return under * (1 - opacity) + np.asarray(colour) * opacity


def finish(clean: Field, defective: Field, mask: NDArray[np.bool_], step: int) -> Picture:
    """Returns the picture of two drawings, rounded to every `step`-th grey level so that PNG packs it well.

    The defective drawing counts only inside the mask: that is what makes the mask exact.
    """
    clean_pixels, defective_pixels = _rounded(clean, step), _rounded(defective, step)
    inside = mask if clean.ndim == 2 else mask[..., None]
    pixels = np.where(inside, defective_pixels, clean_pixels)
    return Picture(pixels, clean_pixels, mask.astype(np.uint8))


def _rounded(values: Field, step: int) -> Pixels:
    return np.asarray(np.clip(np.rint(values / step) * step, 0, 255), np.uint8)
