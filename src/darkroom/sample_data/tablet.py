"""A round white tablet on a dark band, after the objects of VisA: 96 x 96 RGB, chipped or stained."""

from __future__ import annotations

import numpy as np

from darkroom.sample_data.canvas import Dice, Picture, blob_distance, clouds, cover, finish, paint, pixel_grid

SIZE_PX = 96
DEFECTS = ("chip", "stain")
_STEP = 8
_TABLET, _STAIN = (226.0, 222.0, 210.0), (150.0, 92.0, 60.0)


def draw_tablet(dice: Dice, defect: str | None, severity: float) -> Picture:
    """Draws a tablet; a chip is missing from its edge, a stain lies on its face.

    Args:
        dice: Random numbers of this image.
        defect: One of `DEFECTS`, or None.
        severity: 0 (small) to 1 (large).
    """
    y, x = pixel_grid(SIZE_PX, SIZE_PX)
    centre = 48 + dice.uniform(-4, 4), 48 + dice.uniform(-4, 4)
    distance = np.hypot(y - centre[0], x - centre[1])
    band = np.repeat((58 + 6 * clouds(dice, y / 18, x / 18))[..., None], 3, axis=2)
    score = cover(np.abs(x - centre[1]) - 1.2, 2.0) * cover(distance - 26)
    face = paint(band, _TABLET, cover(distance - 30, 2.0))
    clean = face * (1 - 0.25 * score)[..., None]
    if defect is None:
        return finish(clean, clean, np.zeros(y.shape, bool), _STEP)
    turn = dice.uniform(0, 2 * np.pi)
    reach = 28 if defect == "chip" else 14
    spot = centre[0] + reach * np.sin(turn), centre[1] + reach * np.cos(turn)
    blob = blob_distance(dice, y, x, spot, 4 + 5 * severity)
    colour = band if defect == "chip" else _STAIN
    return finish(clean, paint(clean, colour, cover(blob, 1.5)), (blob < 0.5) & (distance < 31), _STEP)
