"""Layered hills under a low sun."""

from __future__ import annotations

import numpy as np
from PIL import Image

from classroom.museum.brush import FloatPixels, Size, blend, lay_over, on_paper, to_image, to_pixels, waves, whole
from classroom.museum.palettes import Palette, mix, ramp
from darkroom.sample_data.canvas import Dice


def draw_landscape(dice: Dice, palette: Palette, size: Size) -> Image.Image:
    """Returns hills, the far ones pale and the near ones dark, with mist in the valleys."""
    height = size[1]
    horizon = dice.uniform(0.34, 0.5) * height
    scene = to_pixels(blend(mix(palette.light, palette.colours[3], 0.35), palette.colours[1], size)).copy()
    _draw_sun(dice, palette, scene, horizon)
    layers = whole(dice, 4, 6)
    for layer in range(layers):
        nearness = (layer + 1) / layers
        top = horizon + (height - horizon) * 0.86 * (layer / layers) ** 1.25
        _draw_hills(dice, palette, scene, top, nearness)
    if dice.uniform(0, 1) < 0.35:
        _draw_water(palette, scene, round(height * dice.uniform(0.72, 0.82)))
    return on_paper(to_image(scene))


def _draw_sun(dice: Dice, palette: Palette, scene: FloatPixels, horizon: float) -> None:
    height, width = scene.shape[:2]
    radius = dice.uniform(0.05, 0.11) * width
    x, y = dice.uniform(0.2, 0.8) * width, horizon - dice.uniform(0.0, 1.6) * radius
    sky = scene[: round(0.8 * height)]
    rows, columns = (np.arange(length, dtype=np.float32) for length in sky.shape[:2])
    square = np.square(rows - y)[:, None] + np.square(columns - x)[None, :]
    glow = 0.6 * np.exp(np.square(rows - y) / -np.square(3 * radius))[:, None]
    lay_over(sky, palette.light, glow * np.exp(np.square(columns - x) / -np.square(3 * radius))[None, :])
    disc = mix(palette.light, palette.accent, dice.uniform(0, 0.75))
    lay_over(sky, disc, np.clip(radius - np.sqrt(square), 0, 1))


def _draw_hills(dice: Dice, palette: Palette, scene: FloatPixels, top: float, nearness: float) -> None:
    height, width = scene.shape[:2]
    along = np.arange(width, dtype=np.float32) / width * dice.uniform(0.7, 1.5)
    edge = top + waves(dice, along, 6) * height * dice.uniform(0.05, 0.1) * (1.15 - 0.5 * nearness)
    first = max(0, int(edge.min()))
    rows = np.arange(first, height, dtype=np.float32)[:, None]
    colour = ramp(palette, 0.3 + 0.68 * nearness)
    lay_over(scene[first:], colour, np.clip(rows - edge, 0, 1))
    mist = np.clip((rows - edge) / (0.3 * height), 0, 1) * 0.55 * (1 - 0.65 * nearness)
    lay_over(scene[first:], palette.colours[1], mist)


def _draw_water(palette: Palette, scene: FloatPixels, shore: int) -> None:
    """Turns everything below the shore into the picture above it, upside down and rippled."""
    depth = len(scene) - shore
    rows = np.arange(depth)
    ripple = np.rint(np.sin(rows * 0.9) * (1 + rows * 0.05)).astype(int)
    mirrored = scene[np.clip(shore - 1 - rows * 2 + ripple, 0, shore - 1)]
    tint = np.asarray(mix(palette.light, palette.colours[4], 0.45), np.float32)
    scene[shore:] = mirrored * 0.6 + tint * 0.4
