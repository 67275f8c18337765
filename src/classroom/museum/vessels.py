"""Jars, bowls and bottles on a table."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from classroom.museum.brush import (
    FloatPixels,
    Size,
    blend,
    cloudy,
    lay_over,
    on_paper,
    pick,
    to_image,
    to_pixels,
    whole,
)
from classroom.museum.palettes import Palette, mix
from darkroom.sample_data.canvas import Dice

_PROFILES = (
    (0.30, 0.30, 0.24, 0.42, 0.72, 0.86, 0.82, 0.62, 0.42, 0.38),  # jar
    (0.16, 0.15, 0.14, 0.15, 0.22, 0.52, 0.74, 0.76, 0.58, 0.40),  # bottle
    (0.56, 0.48, 0.46, 0.62, 0.80, 0.84, 0.74, 0.54, 0.36, 0.34),  # pot
    (0.44, 0.30, 0.24, 0.30, 0.46, 0.62, 0.66, 0.54, 0.36, 0.46),  # vase with a foot
    (0.88, 0.86, 0.82, 0.76, 0.68, 0.58, 0.46, 0.32, 0.22, 0.32),  # bowl
)
"""Half the width from mouth to foot, as shares of half the largest width."""
_BOWL = _PROFILES[-1]


def draw_vessel(dice: Dice, palette: Palette, size: Size) -> Image.Image:
    """Returns one vessel, lit from the left, with painted bands, and its shadow."""
    width, height = size
    profile = pick(dice, _PROFILES)
    tall = height * (dice.uniform(0.32, 0.4) if profile is _BOWL else dice.uniform(0.56, 0.68))
    foot, middle = height * 0.84, width * dice.uniform(0.46, 0.54)
    wall, table = mix(palette.light, palette.colours[3], 0.15), mix(palette.colours[1], palette.colours[4], 0.25)
    room = _draw_room(dice, palette, size, foot)
    reach = width * dice.uniform(0.36, 0.44)
    scene = to_pixels(_draw_shadow(room, (middle, foot), reach * profile[-1], mix(table, palette.dark, 0.5))).copy()
    radii = _smooth(profile, round(tall)) * reach
    _draw_body(dice, palette, scene, (middle, foot), radii)
    mouth = (middle, foot - len(radii))
    image = _draw_mouth(to_image(scene), mouth, float(radii[0]), mix(palette.dark, wall, 0.15))
    return on_paper(image, cloudy(dice, size, 6, 12))


def _draw_room(dice: Dice, palette: Palette, size: Size, foot: float) -> Image.Image:
    wall = blend(mix(palette.light, palette.colours[3], 0.28), palette.light, size)
    edge = round(foot - size[1] * dice.uniform(0.04, 0.12))
    table = mix(palette.colours[1], palette.colours[4], 0.25)
    top = blend(mix(table, palette.light, 0.2), mix(table, palette.dark, 0.12), (size[0], size[1] - edge))
    wall.paste(top, (0, edge))
    return wall


def _draw_shadow(
    scene: Image.Image, foot: tuple[float, float], radius: float, colour: tuple[int, int, int]
) -> Image.Image:
    mask = Image.new("L", (scene.width // 4, scene.height // 4))
    x, y, reach = foot[0] / 4, foot[1] / 4, radius / 4
    ImageDraw.Draw(mask).ellipse((x - reach, y - reach * 0.16, x + reach * 2.1, y + reach * 0.22), fill=150)
    scene.paste(colour, mask=mask.filter(ImageFilter.GaussianBlur(4)).resize(scene.size))
    return scene


def _smooth(profile: tuple[float, ...], length: int) -> FloatPixels:
    """Returns the profile at `length` places, rounded by averaging what straight lines give."""
    straight = np.interp(np.linspace(0, len(profile) - 1, length), range(len(profile)), profile)
    reach = max(1, length // 14)
    padded = np.pad(straight, reach, mode="edge")
    for _ in range(2):
        padded = np.convolve(padded, np.ones(reach) / reach, mode="same")
    return np.asarray(padded[reach:-reach], np.float32)


def _draw_body(dice: Dice, palette: Palette, scene: FloatPixels, foot: tuple[float, float], radii: FloatPixels) -> None:
    top, left = round(foot[1]) - len(radii), int(foot[0] - radii.max()) - 1
    part = scene[top : top + len(radii), left : round(foot[0] + radii.max()) + 2]
    across = (left - foot[0] + np.arange(part.shape[1], dtype=np.float32))[None, :] / radii[:, None]
    cover = np.clip((1 - np.abs(across)) * radii[:, None], 0, 1)
    # the light comes from the upper left: a cosine of the angle between it and the wall of the vessel
    light = 0.52 + 0.5 * np.sqrt(np.clip(1 - np.square((across + 0.42) / 1.45), 0, 1))
    gleam = 70 * np.exp(-np.square((across + 0.45) / 0.1)) * np.float32(dice.uniform(0.15, 0.8))
    glaze = _paint_bands(dice, palette, radii, across)
    lay_over(part, (glaze * light[..., None] + gleam[..., None]).astype(np.float32), cover)


def _paint_bands(dice: Dice, palette: Palette, radii: FloatPixels, across: FloatPixels) -> FloatPixels:
    """Returns the colour of every pixel of the body, `(h, W, 3)`, with bands that curve around it."""
    clay, *bands = (pick(dice, palette.colours) for _ in range(4))
    length = len(radii)
    sag = np.sqrt(np.clip(1 - np.square(across), 0, 1)) * radii[:, None] * 0.1
    place = (np.arange(length, dtype=np.float32)[:, None] - sag) / length
    glaze = np.broadcast_to(np.asarray(clay, np.float32), (*place.shape, 3)).copy()
    turn = np.arcsin(np.clip(across, -1, 1)) * np.float32(whole(dice, 3, 7))
    for band in bands:
        centre, half = dice.uniform(0.08, 0.85), dice.uniform(0.01, 0.05)
        wavy = np.float32(pick(dice, (0.0, 0.0, 0.02))) * np.sin(2 * turn)
        lay_over(glaze, band, np.clip((half - np.abs(place - np.float32(centre) + wavy)) * length, 0, 1))
    return glaze


def _draw_mouth(
    image: Image.Image, mouth: tuple[float, float], radius: float, colour: tuple[int, int, int]
) -> Image.Image:
    flat = max(3.0, radius * 0.13)
    size = (round(radius * 8) + 8, round(flat * 8) + 8)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((4, 4, size[0] - 4, size[1] - 4), fill=255)
    mask = mask.reduce(4)
    image.paste(colour, (round(mouth[0] - mask.width / 2), round(mouth[1] - mask.height / 2)), mask)
    return image
