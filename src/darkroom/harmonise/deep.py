"""Images of more than 8 bits a channel: their levels, and the level that is white.

No file says which of its levels is white: a camera of 12 bits writes into 16. So the level is chosen, once for a
whole image dataset: scaled one by one, two pictures of the same part would differ because of a single bright pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DEEP_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
"""Modes of Pillow with one channel of more than 8 bits."""

_DEEP_COLOURS = frozenset({"LA;16", "RGB;16", "RGBA;16"})

DEPTHS = (8, 10, 12, 14, 16)
"""Bits that cameras have, and that can be asked for."""

_ALL_DEPTHS = (*DEPTHS, 20, 24, 32)

MAX_LEVEL = 2**32 - 1
"""The brightest level that a picture can have; brighter ones (in floats) are fill values, or no picture."""

_UNIT_END = 2.0
"""Floats whose brightest level is below it are 0–1: what is above 1 is rounding, or the ringing of a filter."""

_FLOAT_OVERSHOOT = 1 + 1 / 255
"""How much of white a float may have, and is still clipped to it: less than a step of 8 bits."""


class LevelKind(StrEnum):
    """What the levels of a deep picture are; each kind has a white level of its own."""

    INTEGER = "integer"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class DeepPicture:
    """A picture of more than 8 bits a channel, before it is scaled.

    Attributes:
        levels: `(H, W)` or `(H, W, 3)`, RGB; uint16, uint32 or float32, 0 or more; 0 where nothing is to be seen.
        opacity: `(H, W)` uint8, 0–255; None where all is opaque.
        kind: What the levels are.
        is_premultiplied: Whether the levels are multiplied by the opacity.
    """

    levels: NDArray[Any]
    opacity: NDArray[np.uint8] | None
    kind: LevelKind
    is_premultiplied: bool = False

    @property
    def brightest(self) -> float:
        """The brightest level that is to be seen."""
        return float(self.levels.max(initial=0))

    def scale(self, white_level: float) -> Image.Image:
        """Returns the picture in mode L or RGB: 0 is black, `white_level` and more is white, transparency white."""
        picture = Image.fromarray(_to_8_bits(self.levels, white_level))
        if self.opacity is None:
            return picture
        colours = picture.convert("RGB")
        if self.is_premultiplied:
            white_part = 255 - self.opacity[:, :, np.newaxis].astype(np.uint16)
            return Image.fromarray(np.minimum(np.asarray(colours) + white_part, 255).astype(np.uint8))
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(colours, mask=Image.fromarray(self.opacity))
        return flat


FindWhiteLevel = Callable[[DeepPicture], float]
"""From a deep picture to the level that is white in its image dataset."""


def choose_white_level(kind: LevelKind, brightest: float) -> float:
    """Chooses the level that is white: the end of the smallest depth that holds the brightest; for floats of 0–1, 1.

    Args:
        kind: What the levels are.
        brightest: The brightest level of all pictures that are to share the white level, up to `MAX_LEVEL`.
    """
    if kind is LevelKind.FLOAT and brightest < _UNIT_END:
        return 1.0
    return next(level for level in map(white_level_of, _ALL_DEPTHS) if is_within(kind, brightest, level))


def kind_of_mode(mode: str) -> LevelKind | None:
    """Returns the kind of levels that an `original_mode` has; None for one of 8 bits, or that is cut to 8."""
    if mode == "F":
        return LevelKind.FLOAT
    return LevelKind.INTEGER if mode in DEEP_MODES | _DEEP_COLOURS else None


def choose_own_white_level(picture: DeepPicture) -> float:
    """Chooses the white level of a picture that stands alone."""
    return choose_white_level(picture.kind, picture.brightest)


def is_within(kind: LevelKind, brightest: float, white_level: float) -> bool:
    """Tells whether levels up to `brightest` are kept apart if `white_level` is white."""
    if kind is LevelKind.INTEGER:
        return brightest <= white_level
    return brightest < _UNIT_END if white_level == 1 else brightest <= white_level * _FLOAT_OVERSHOOT


def white_level_of(depth: int) -> int:
    """Returns the brightest level of so many bits."""
    return int(2**depth - 1)


def describe_white_level(white_level: float) -> str:
    """Says which level is white, with its bits where it is the end of some."""
    bits = (int(white_level) + 1).bit_length() - 1
    is_end_of_bits = white_level > 1 and white_level == 2**bits - 1
    return f"level {white_level:g}" if not is_end_of_bits else f"level {int(white_level)} ({bits} bits)"


def make_deep_picture(levels: NDArray[Any], key: object = None) -> DeepPicture:
    """Makes a deep picture of one channel.

    Levels below zero, NaN and infinities are black.

    Args:
        levels: `(H, W)`, any number type.
        key: The level that is transparent, if it is an int.
    """
    opacity = np.where(levels == key, 0, 255).astype(np.uint8) if isinstance(key, int) else None
    return finish_picture(levels, opacity)


def finish_picture(
    levels: NDArray[Any], opacity: NDArray[np.uint8] | None, *, is_premultiplied: bool = False
) -> DeepPicture:
    """Makes a deep picture of levels as they were decoded, in any number type."""
    is_float = levels.dtype.kind == "f"
    if is_float:
        levels = np.nan_to_num(levels.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    if levels.dtype.kind != "u":
        levels = np.maximum(levels, 0)
    if not is_float:
        levels = levels.astype(np.uint16 if levels.dtype.itemsize <= 2 else np.uint32, copy=False)
    if opacity is not None and (opacity == 0).any():
        levels = np.where((opacity == 0).reshape(opacity.shape + (1,) * (levels.ndim - 2)), 0, levels)
    kind = LevelKind.FLOAT if is_float else LevelKind.INTEGER
    return DeepPicture(levels, opacity, kind, is_premultiplied)


def _to_8_bits(levels: NDArray[Any], white_level: float) -> NDArray[np.uint8]:
    if levels.dtype == np.uint16:
        return _scale(np.arange(2**16), white_level).take(levels)  # a table: faster, and a quarter of the memory
    return _scale(levels, white_level)


def _scale(levels: NDArray[Any], white_level: float) -> NDArray[np.uint8]:
    scaled: NDArray[np.uint8] = np.minimum(levels * (255 / white_level) + 0.5, 255).astype(np.uint8)
    return scaled
