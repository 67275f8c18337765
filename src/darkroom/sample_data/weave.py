"""A plain woven cloth, 288 x 240 greyscale; holes and missing threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkroom.sample_data.canvas import (
    Dice,
    Field,
    Picture,
    blob_distance,
    clouds,
    cover,
    finish,
    pixel_grid,
)

HEIGHT_PX, WIDTH_PX = 240, 288
STEP = 6
DEFECTS = ("hole", "missing_thread")

_THREAD_PX = 12.0
_GAP_GREY = 34.0
_TABLE_GREY = 22.0


@dataclass(frozen=True, slots=True)
class _Cloth:
    """The threads of one piece, as fields over its pixels.

    Attributes:
        y: Pixel rows.
        x: Pixel columns.
        warp: Position across the upright threads, in threads.
        weft: Position across the level threads, in threads.
        warp_grey: Brightness of the upright threads.
        weft_grey: Brightness of the level threads.
        light: Brightness of the light.
        grain: Noise of the camera, in grey levels.
    """

    y: Field
    x: Field
    warp: Field
    weft: Field
    warp_grey: Field
    weft_grey: Field
    light: Field
    grain: Field


def draw_weave(dice: Dice, defect: str | None, severity: float) -> Picture:
    """Draws one piece of cloth.

    Args:
        dice: Random numbers of this image.
        defect: One of `DEFECTS`, or None.
        severity: 0 (small and faint) to 1 (large and plain).
    """
    cloth = _make_cloth(dice)
    whole = np.zeros(cloth.y.shape)
    clean = _draw_cloth(cloth, whole, whole)
    if defect is None:
        return finish(clean, clean, np.zeros(clean.shape, bool), STEP)
    add = {"hole": _add_hole, "missing_thread": _add_missing_thread}[defect]
    defective, mask = add(dice, cloth, clean, severity)
    return finish(clean, defective, mask, STEP)


def _make_cloth(dice: Dice) -> _Cloth:
    y, x = pixel_grid(HEIGHT_PX, WIDTH_PX)
    warp, weft = _place_threads(dice, y, x)
    light = dice.uniform(0.94, 1.06) * (1 + 0.05 * clouds(dice, y / 110, x / 110) - 0.08 * x / WIDTH_PX)
    warp_grey = _thread_grey(dice, warp, weft)
    weft_grey = 0.93 * _thread_grey(dice, weft, warp)
    return _Cloth(y, x, warp, weft, warp_grey, weft_grey, light, 2.5 * dice.grain(HEIGHT_PX, WIDTH_PX))


def _place_threads(dice: Dice, y: Field, x: Field) -> tuple[Field, Field]:
    """Returns the positions across both kinds of threads, for a cloth lying a little askew and uneven."""
    angle, pitch_px = dice.uniform(-0.025, 0.025), _THREAD_PX * dice.uniform(0.98, 1.02)
    askew_x = x * np.cos(angle) + y * np.sin(angle) + 1.1 * clouds(dice, y / 45, x / 45)
    askew_y = y * np.cos(angle) - x * np.sin(angle) + 1.1 * clouds(dice, y / 45, x / 45)
    return askew_x / pitch_px + dice.uniform(8, 9), askew_y / pitch_px + dice.uniform(8, 9)


def _thread_grey(dice: Dice, across: Field, along: Field) -> Field:
    """Returns the brightness of parallel threads: each of its own tone, round, with fibres along it."""
    tone = 1 + 0.045 * clouds(dice, np.floor(across), across * 0)
    roundness = 1 - 1.5 * (across % 1 - 0.5) ** 2
    fibres = 1 + 0.05 * clouds(dice, across * 5, along * 0.8)
    return 176 * tone * roundness * fibres


def _draw_cloth(cloth: _Cloth, thin_warp: Field, thin_weft: Field) -> Field:
    """Returns the greys of the cloth; `thin_…` tells how much of each thread's width is gone, 0 to 1."""
    warp_on_top = (np.floor(cloth.warp) + np.floor(cloth.weft)) % 2 == 0
    warp_cover, weft_cover = _thread_cover(cloth.warp, thin_warp), _thread_cover(cloth.weft, thin_weft)
    warp = cloth.warp_grey * np.where(warp_on_top, _arch(cloth.weft), 0.72)
    weft = cloth.weft_grey * np.where(warp_on_top, 0.72, _arch(cloth.warp))
    top, bottom = np.where(warp_on_top, warp, weft), np.where(warp_on_top, weft, warp)
    top_cover = np.where(warp_on_top, warp_cover, weft_cover)
    bottom_cover = np.where(warp_on_top, weft_cover, warp_cover)
    below = bottom * bottom_cover + _GAP_GREY * (1 - bottom_cover)
    return np.asarray((top * top_cover + below * (1 - top_cover)) * cloth.light + cloth.grain)


def _thread_cover(across: Field, thin: Field) -> Field:
    half_width = 0.44 * (1 - thin) - 0.06 * thin
    return cover((np.abs(across % 1 - 0.5) - half_width) * _THREAD_PX)


def _arch(along: Field) -> Field:
    """Returns how a thread on top catches the light: most where it is highest, in the middle of its arch."""
    return 1.08 - 1.3 * (along % 1 - 0.5) ** 2


def _add_missing_thread(dice: Dice, cloth: _Cloth, clean: Field, severity: float) -> tuple[Field, NDArray[np.bool_]]:
    """Returns the cloth with one thread gone, or worn thin, over a part of its length, and the mask."""
    is_warp = dice.sign() > 0
    across, along = (cloth.warp, cloth.weft) if is_warp else (cloth.weft, cloth.warp)
    last = (WIDTH_PX if is_warp else HEIGHT_PX) / _THREAD_PX
    thread = np.floor(across) == np.floor(8 + dice.uniform(0.15, 0.85) * last)
    length = 3.0 + 11 * severity
    begin = 8 + dice.uniform(0.05, 0.6) * ((HEIGHT_PX if is_warp else WIDTH_PX) / _THREAD_PX - 4)
    strip = thread & (along > begin) & (along < begin + length)
    gone = np.where(strip, 0.45 + 0.55 * min(1.0, 1.4 * severity), 0.0)
    whole = np.zeros(clean.shape)
    return (_draw_cloth(cloth, gone, whole) if is_warp else _draw_cloth(cloth, whole, gone)), strip


def _add_hole(dice: Dice, cloth: _Cloth, clean: Field, severity: float) -> tuple[Field, NDArray[np.bool_]]:
    """Returns the cloth with a torn hole, through which the dark table is seen, and the mask."""
    radius_px = 5 + 15 * severity * dice.uniform(0.8, 1.2)
    centre = (dice.uniform(0.15, 0.85) * HEIGHT_PX, dice.uniform(0.15, 0.85) * WIDTH_PX)
    distance = blob_distance(dice, cloth.y, cloth.x, centre, radius_px)
    frayed = distance + 1.7 * clouds(dice, cloth.y / 4, cloth.x / 4) * (0.4 + severity)
    opening = cover(frayed, 2.0) * (0.55 + 0.45 * severity)
    shadow = cover(distance - 3, 5.0)
    defective = clean * (1 - 0.35 * shadow)
    return defective * (1 - opening) + _TABLE_GREY * opening, (shadow > 0.25) | (opening > 0.15)
