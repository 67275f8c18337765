"""Two statistically textured surfaces after DAGM 2007, 256 x 256 greyscale, with weak elliptic labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkroom.sample_data.canvas import (
    Dice,
    Field,
    Picture,
    clouds,
    cover,
    finish,
    line_distance,
    pixel_grid,
    wander,
)

SIZE_PX = 256
RIPPLE_STEP = 8
CAST_STEP = 7


def draw_ripple(dice: Dice, defect: str | None, severity: float) -> Picture:
    """Draws a rippled surface; the defect is a shiny patch where the ripples are rubbed away (`Class11`).

    Args:
        dice: Random numbers of this image.
        defect: Anything, or None.
        severity: 0 (small and faint) to 1 (large and plain).
    """
    y, x = pixel_grid(SIZE_PX, SIZE_PX)
    ripples = _ripples(dice, y, x)
    ground = dice.uniform(90, 100) + 5 * clouds(dice, y / 70, x / 70)
    clean = ground + ripples
    if defect is None:
        return finish(clean, clean, np.zeros(y.shape, bool), RIPPLE_STEP)
    radii = (14 + 16 * severity * dice.uniform(0.8, 1.2), 11 + 8 * severity)
    distance = _ellipse_distance(y, x, _spot(dice, 34), dice.uniform(0, np.pi), radii)
    ragged = distance + 0.12 * clouds(dice, y / 7, x / 7)
    rubbed = cover(ragged * radii[1], 5.0) * (0.78 + 0.2 * severity)
    shine = (14 + 14 * severity) * rubbed
    return finish(clean, ground + shine + ripples * (1 - rubbed), distance < 0.35, RIPPLE_STEP)


def draw_cast(dice: Dice, defect: str | None, severity: float) -> Picture:
    """Draws a grainy cast surface; the defect is a short crack (`Class12`).

    Args:
        dice: Random numbers of this image.
        defect: Anything, or None.
        severity: 0 (small and faint) to 1 (large and plain).
    """
    y, x = pixel_grid(SIZE_PX, SIZE_PX)
    clean = dice.uniform(138, 152) + 5 * clouds(dice, y / 60, x / 60) + _cast_grain(dice)
    if defect is None:
        return finish(clean, clean, np.zeros(y.shape, bool), CAST_STEP)
    length_px = 26 + 50 * severity * dice.uniform(0.8, 1.2)
    line = wander(dice, _spot(dice, 60), dice.uniform(0, 2 * np.pi), length_px, 0.45)
    distance, along = line_distance(y, x, line)
    width = (1.0 + 0.9 * severity) * (0.4 + 0.6 * np.sin(np.pi * np.clip(along, 0.05, 0.95)))
    crack = cover(distance - width, 1.5) * (0.55 + 0.4 * severity)
    return finish(clean, clean * (1 - crack) + 42 * crack, _around(y, x, line), CAST_STEP)


def _ripples(dice: Dice, y: Field, x: Field) -> Field:
    """Returns ripples of one period and all directions near one, stronger here and weaker there."""
    rows, columns = np.fft.fftfreq(SIZE_PX)[:, None], np.fft.rfftfreq(SIZE_PX)[None, :]
    frequency, direction = np.hypot(rows, columns), np.arctan2(rows, columns)
    ring = np.exp(-(((frequency - 1 / 7.0) / 0.032) ** 2))
    sector = 0.25 + np.cos(direction - dice.uniform(-0.5, 0.5)) ** 4
    waves = _filtered(dice, ring * sector)
    return waves * (25 + 2 * clouds(dice, y / 55, x / 55)) + 7 * dice.grain(SIZE_PX, SIZE_PX)


def _cast_grain(dice: Dice) -> Field:
    rows, columns = np.fft.fftfreq(SIZE_PX)[:, None], np.fft.rfftfreq(SIZE_PX)[None, :]
    return 13 * _filtered(dice, np.exp(-((np.hypot(rows, columns) / 0.16) ** 2)))


def _filtered(dice: Dice, response: Field) -> Field:
    """Returns noise of mean 0 and standard deviation 1, filtered by a response over `rfft2` frequencies."""
    spectrum = np.fft.rfft2(dice.grain(SIZE_PX, SIZE_PX)) * response
    spectrum[0, 0] = 0
    values = np.fft.irfft2(spectrum, s=(SIZE_PX, SIZE_PX))
    return np.asarray(values / values.std())


def _spot(dice: Dice, margin_px: float) -> tuple[float, float]:
    return (dice.uniform(margin_px, SIZE_PX - margin_px), dice.uniform(margin_px, SIZE_PX - margin_px))


def _ellipse_distance(
    y: Field, x: Field, centre: tuple[float, float], angle: float, radii_px: tuple[float, float]
) -> Field:
    """Returns -1 in the centre of an ellipse, 0 on its border, and growing outwards."""
    dy, dx = y - centre[0], x - centre[1]
    along = (dx * np.cos(angle) + dy * np.sin(angle)) / radii_px[0]
    across = (dy * np.cos(angle) - dx * np.sin(angle)) / radii_px[1]
    return np.asarray(np.hypot(along, across) - 1)


def _around(y: Field, x: Field, line: Field) -> NDArray[np.bool_]:
    """Returns the rough ellipse that a DAGM labeller would lay around a line."""
    (y0, x0), (y1, x1) = line[0], line[-1]
    angle = float(np.arctan2(y1 - y0, x1 - x0))
    middle = (line.max(axis=0) + line.min(axis=0)) / 2
    offsets = line - middle
    along = np.abs(offsets[:, 1] * np.cos(angle) + offsets[:, 0] * np.sin(angle)).max()
    across = np.abs(offsets[:, 0] * np.cos(angle) - offsets[:, 1] * np.sin(angle)).max()
    radii = (1.25 * float(along) + 5, 1.45 * float(across) + 6)
    return np.asarray(_ellipse_distance(y, x, (middle[0], middle[1]), angle, radii) < 0)
