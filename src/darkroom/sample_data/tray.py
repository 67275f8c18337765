"""A tray with screws in its pits, after the objects of MVTec LOCO AD: 96 x 96 grey, with a mask for each defect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkroom.sample_data.canvas import Dice, Field, Pixels, cover, finish, line_distance, pixel_grid, wander

SIZE_PX = 96
PITS = ((28.0, 28.0), (28.0, 68.0), (68.0, 28.0), (68.0, 68.0))
_STEP = 8
_PIT_PX = 13


@dataclass(frozen=True, slots=True)
class TrayPicture:
    """A drawn tray, and where each of its defects is.

    Attributes:
        pixels: `(96, 96)` uint8.
        masks: For each defect `(96, 96)` uint8 in {0, 1}.
    """

    pixels: Pixels
    masks: tuple[Pixels, ...]


def draw_tray(dice: Dice, *, missing: Sequence[int] = (), has_scratch: bool = False) -> TrayPicture:
    """Draws a tray; screws can be missing, which is a logical defect each, and the tray can be scratched.

    Args:
        dice: Random numbers of this image.
        missing: Numbers of the pits without a screw.
        has_scratch: Whether a scratch crosses the tray.
    """
    y, x = pixel_grid(SIZE_PX, SIZE_PX)
    tray = dice.uniform(118, 126) + 3 * dice.grain(SIZE_PX, SIZE_PX)
    empty = tray
    for pit in PITS:
        empty = empty * (1 - 0.45 * cover(np.hypot(y - pit[0], x - pit[1]) - _PIT_PX, 2.0))
    image, masks = empty, []
    for number, pit in enumerate(PITS):
        full = _put_screw(dice, image, y, x, pit)
        if number in missing:
            masks.append(np.hypot(y - pit[0], x - pit[1]) < _PIT_PX)
        else:
            image = full
    if has_scratch:
        image, scratch = _scratch(dice, image, y, x)
        masks.append(scratch)
    picture = finish(image, image, np.zeros(y.shape, bool), _STEP)
    return TrayPicture(picture.pixels, tuple(mask.astype(np.uint8) for mask in masks))


def _put_screw(dice: Dice, under: Field, y: Field, x: Field, pit: tuple[float, float]) -> Field:
    dy, dx = y - pit[0] - dice.uniform(-1, 1), x - pit[1] - dice.uniform(-1, 1)
    turn = dice.uniform(0, np.pi)
    head = cover(np.hypot(dy, dx) - 9, 1.5)
    slot = cover(np.abs(dx * np.sin(turn) - dy * np.cos(turn)) - 1.2, 1.5) * cover(np.hypot(dy, dx) - 7)
    return np.asarray(under * (1 - head) + (196 - 8 * np.hypot(dy - 3, dx - 3) / 3) * head * (1 - 0.6 * slot))


def _scratch(dice: Dice, under: Field, y: Field, x: Field) -> tuple[Field, NDArray[np.bool_]]:
    start = dice.uniform(40, 54), dice.uniform(8, 20)
    distance, _ = line_distance(y, x, wander(dice, start, dice.uniform(-0.3, 0.3), dice.uniform(36, 60), 0.12))
    share = cover(distance - 0.8, 1.2)
    return np.asarray(under * (1 - share) + 232 * share), distance < 2
