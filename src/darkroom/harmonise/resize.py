"""Pictures of any size → arrays of one size; an image and its mask by the same geometry. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from darkroom.errors import OptionError
from darkroom.harmonise.pixel_modes import FLAT_MODES, binarise, flatten
from darkroom.harmonise.resampler import DEFAULT_RESAMPLER, Resampler

DEFAULT_TENSOR_SIZE_PX = 256
"""Edge of the square that images and masks become, unless told otherwise."""

MAX_SIZE_PX = 8192
"""Largest edge that can be asked for: one image is then 192 MB."""


class Fit(StrEnum):
    """How a picture that is not square becomes square."""

    STRETCH = "stretch"
    """Both axes scaled on their own: everything is kept, the aspect is not."""
    PAD = "pad"
    """Aspect kept, centred, the rest filled with black (in masks: no defect)."""
    CROP = "crop"
    """Aspect kept, only the largest centred square. A defect outside of it is cut away: its mask is empty."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Which part of a picture goes where in the square.

    Attributes:
        box: The part that is kept, in pixels of the original: left, top, right, bottom.
        scaled: Width and height in pixels that this part is scaled to.
        corner: Left and top in pixels of its place in the square.
        size_px: Edge of the square in pixels.
    """

    box: tuple[int, int, int, int]
    scaled: tuple[int, int]
    corner: tuple[int, int]
    size_px: int

    @property
    def is_filling(self) -> bool:
        """Whether the scaled part covers the whole square."""
        return self.scaled == (self.size_px, self.size_px)


def check_options(size_px: int, fit: str) -> None:
    """Checks what pictures are to become, before one is opened.

    Raises:
        OptionError: If `size_px` is out of range, or `fit` is none of `Fit`.
    """
    if not 1 <= size_px <= MAX_SIZE_PX:
        raise OptionError(f"`size_px` {size_px}: expected a number from 1 to {MAX_SIZE_PX}.")
    if fit not in set(Fit):
        raise OptionError(f"`fit` {str(fit)!r}: expected one of {', '.join(Fit)}.")


def make_geometry(width: int, height: int, size_px: int = DEFAULT_TENSOR_SIZE_PX, fit: Fit = Fit.STRETCH) -> Geometry:
    """Decides which part of a picture goes where in the square.

    Args:
        width: Width of the original in pixels, at least 1.
        height: Height of the original in pixels, at least 1.
        size_px: Edge of the square in pixels, 1 to `MAX_SIZE_PX`.
        fit: How a picture that is not square becomes square.

    Returns:
        The geometry, which depends on nothing but the arguments.

    Raises:
        OptionError: If `size_px` is out of range, or `fit` is none of `Fit`.
        ValueError: If the original has no pixels.
    """
    check_options(size_px, fit)
    if width < 1 or height < 1:
        raise ValueError(f"a picture of {width} x {height} pixels has nothing to harmonise")
    box, scaled = (0, 0, width, height), (size_px, size_px)
    if fit == Fit.CROP:
        box = _centred_square(width, height)
    elif fit == Fit.PAD:
        longest = max(width, height)
        scaled = (max(1, round(width * size_px / longest)), max(1, round(height * size_px / longest)))
    return Geometry(box, scaled, ((size_px - scaled[0]) // 2, (size_px - scaled[1]) // 2), size_px)


def harmonise_image(
    image: Image.Image, size_px: int = DEFAULT_TENSOR_SIZE_PX, fit: Fit = Fit.STRETCH
) -> NDArray[np.uint8]:
    """Scales an image to a square, by Lanczos, with the fastest resampler that is installed.

    Args:
        image: Any mode of Pillow; what is not L or RGB is flattened first (`pixel_modes.flatten`).
        size_px: Edge of the square in pixels.
        fit: How a picture that is not square becomes square.

    Returns:
        `(size_px, size_px, 3)` uint8, RGB, 0-255, C-order, writable.

    Raises:
        OptionError: If `size_px` is out of range, or `fit` is none of `Fit`.
    """
    return np.array(_scale_image(flatten(image), size_px, fit, DEFAULT_RESAMPLER))


def harmonise_image_bytes(
    image: Image.Image,
    size_px: int = DEFAULT_TENSOR_SIZE_PX,
    fit: Fit = Fit.STRETCH,
    resampler: Resampler = DEFAULT_RESAMPLER,
) -> bytes:
    """Scales a decoded image as `harmonise_image` does, straight to the bytes of the column `image_tensor`.

    Args:
        image: In mode L or RGB, and opaque, as `read_image` gives it: it is not flattened once more.
        size_px: Edge of the square in pixels.
        fit: How a picture that is not square becomes square.
        resampler: What scales it.

    Returns:
        `size_px * size_px * 3` bytes: C-order uint8, height x width x RGB. The same bytes as
        `harmonise_image(...).tobytes()`, with one copy less.

    Raises:
        OptionError: If `size_px` is out of range, or `fit` is none of `Fit`.
        ValueError: If the image is in another mode.
    """
    if image.mode not in FLAT_MODES:
        raise ValueError(f"a picture in mode {image.mode}: expected L or RGB; flatten it first")
    return _scale_image(image, size_px, fit, resampler).tobytes()


def harmonise_mask(
    mask: Image.Image, size_px: int = DEFAULT_TENSOR_SIZE_PX, fit: Fit = Fit.STRETCH
) -> NDArray[np.uint8]:
    """Scales a mask to a square, by nearest neighbour, without losing a defect.

    Nearest neighbour looks at one pixel of the original for each cell of the result, and so steps over specks
    and thin scratches. Where neither the cell of a defect pixel nor any of the eight around it was set, that
    cell is set too: every defect pixel of the part that is kept has one of the mask within a cell of it.

    Args:
        mask: Any mode of Pillow; `pixel_modes.binarise` says what counts as defect.
        size_px: Edge of the square in pixels.
        fit: As for the mask's image, which it then covers exactly.

    Returns:
        `(size_px, size_px)` uint8 in {0, 1}, C-order, writable. At least one pixel is 1 if the part of the
        mask that is kept (all of it but for `Fit.CROP`) has any defect.

    Raises:
        OptionError: If `size_px` is out of range, or `fit` is none of `Fit`.
    """
    geometry = make_geometry(*mask.size, size_px, fit)
    two_valued = binarise(mask)
    sampled = np.array(two_valued.resize(geometry.scaled, Image.Resampling.NEAREST, geometry.box))
    rows, columns = _cells_lost(two_valued.crop(geometry.box), sampled)
    sampled[rows, columns] = True
    left, top = geometry.corner
    width, height = geometry.scaled
    square = np.zeros((size_px, size_px), np.uint8)
    square[top : top + height, left : left + width] = sampled
    return square


def _centred_square(width: int, height: int) -> tuple[int, int, int, int]:
    edge = min(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    return left, top, left + edge, top + edge


def _scale_image(image: Image.Image, size_px: int, fit: Fit, resampler: Resampler) -> Image.Image:
    geometry = make_geometry(*image.size, size_px, fit)
    # Converting to RGB afterwards: one channel is resampled instead of three, and on fewer pixels.
    scaled = resampler.resize(image, geometry.scaled, geometry.box)
    if scaled.mode != "RGB":  # converting what is RGB already would copy it
        scaled = scaled.convert("RGB")
    if geometry.is_filling:
        return scaled
    square = Image.new("RGB", (size_px, size_px))
    square.paste(scaled, geometry.corner)
    return square


def _cells_lost(original: Image.Image, sampled: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Finds rows and columns of the cells of lost defects: set in `original`, nothing near in `sampled`."""
    # Only where there is a defect: arrays as large as the picture would take most of the time.
    left, top, right, bottom = original.getbbox() or (0, 0, 0, 0)
    defect = np.asarray(original.crop((left, top, right, bottom)))
    rows = _to_cells(np.arange(top, bottom), original.height, sampled.shape[0])
    columns = _to_cells(np.arange(left, right), original.width, sampled.shape[1])
    near = _grow(sampled).take(rows, axis=0).take(columns, axis=1)
    # Ten times as fast as a two-dimensional np.nonzero, and nearly always empty.
    lost_rows, lost_columns = np.divmod(np.flatnonzero(defect & ~near), max(1, right - left))
    return rows[lost_rows], columns[lost_columns]


def _grow(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Sets the eight neighbours of every cell that is set."""
    tall = cells.copy()
    tall[1:] |= cells[:-1]
    tall[:-1] |= cells[1:]
    grown = tall.copy()
    grown[:, 1:] |= tall[:, :-1]
    grown[:, :-1] |= tall[:, 1:]
    return grown


def _to_cells(positions: NDArray[np.int64], length: int, scaled_length: int) -> NDArray[np.int64]:
    # The centre of each pixel, in whole numbers.
    cells: NDArray[np.int64] = (2 * positions + 1) * scaled_length // (2 * length)
    return cells
