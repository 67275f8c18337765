"""Woven cloth: bands of stepped figures, thread by thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classroom.museum.brush import Size, cloudy, on_paper, pick, to_image, whole
from classroom.museum.palettes import Palette
from darkroom.sample_data.canvas import Dice

_THREAD_PX = 7
Threads = NDArray[np.int64]


def draw_weaving(dice: Dice, palette: Palette, size: Size) -> Image.Image:
    """Returns a cloth of bands, each with a figure that repeats along it."""
    columns, rows = -(-size[0] // _THREAD_PX), -(-size[1] // _THREAD_PX)
    bands = _weave_bands(dice, rows // 2 + 1, columns)
    cloth = np.concatenate([bands, bands[::-1]])[:rows]
    colours = np.asarray(palette.colours, np.float32)[cloth]
    colours += 5 * dice.grain(rows, columns)[..., None].astype(np.float32)
    large = np.repeat(np.repeat(colours, _THREAD_PX, axis=0), _THREAD_PX, axis=1)[: size[1], : size[0]]
    return on_paper(to_image(large * _threads(size)), cloudy(dice, size, 6, 20))


def _weave_bands(dice: Dice, rows: int, columns: int) -> Threads:
    bands: list[Threads] = []
    while sum(map(len, bands)) < rows:
        bands.append(_plain_band(dice, columns))
        bands.append(_figured_band(dice, columns))
    return np.concatenate(bands)[:rows]


def _plain_band(dice: Dice, columns: int) -> Threads:
    ground, line = whole(dice, 1, 5), whole(dice, 0, 5)
    band = np.full((whole(dice, 3, 7), columns), ground)
    band[1], band[-2] = line, line
    return band


def _figured_band(dice: Dice, columns: int) -> Threads:
    """Returns a band of diamonds, steps or zigzags: the figure is the distance to its middle, in whole threads."""
    half, repeat = whole(dice, 5, 9), whole(dice, 8, 16)
    row = np.abs(np.arange(-half, half + 1))[:, None]
    column = np.abs(np.arange(columns) % repeat - repeat // 2)[None, :]
    figure = pick(
        dice, (row + column, np.maximum(row, column), row // 2 * 2 + column, row + column // 2 * 2, row * 0 + column)
    )
    ground, *others = (whole(dice, 0, 5) for _ in range(4))
    order = np.array([others[0], others[0], others[1], ground, others[2], ground, ground, others[1], ground, ground])
    return np.asarray(order[figure % len(order)])


def _threads(size: Size) -> NDArray[np.float32]:
    """Returns how much light each pixel of a plain weave gives back, `(H, W, 1)`, about 0.8 to 1.1."""
    y, x = (np.arange(length, dtype=np.float32) for length in (size[1], size[0]))
    down, across = (np.abs(np.sin(np.pi * place / _THREAD_PX)) for place in (y, x))
    over = ((y // _THREAD_PX)[:, None] + (x // _THREAD_PX)[None, :]) % 2
    light = np.where(over == 0, 0.8 + 0.27 * down[:, None], 0.78 + 0.3 * across[None, :])
    return np.asarray(light, np.float32)[..., None]
