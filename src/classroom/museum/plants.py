"""Studies of plants on paper."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from classroom.museum.brush import Point, Size, bend, cloudy, on_paper, pick, whole
from classroom.museum.palettes import Colour, Palette, mix
from darkroom.sample_data.canvas import Dice

_FINER = 2


def draw_plant(dice: Dice, palette: Palette, size: Size) -> Image.Image:
    """Returns one to three stems with leaves in pairs, and a flower or berries on top."""
    width, height = size[0] * _FINER, size[1] * _FINER
    paper = mix(palette.light, (255, 252, 244), 0.4)
    image = Image.new("RGB", (width, height), paper)
    draw = ImageDraw.Draw(image)
    stems = whole(dice, 1, 3)
    for stem in range(stems):
        lean = (stem - (stems - 1) / 2) * 0.24 + dice.uniform(-0.05, 0.05)
        _draw_stem(dice, palette, draw, (width, height), lean)
    return on_paper(image.reduce(_FINER), cloudy(dice, size, 5, 14))


def _draw_stem(dice: Dice, palette: Palette, draw: ImageDraw.ImageDraw, size: Size, lean: float) -> None:
    width, height = size
    green = mix(palette.colours[4], palette.colours[3], dice.uniform(0, 0.8))
    start = (width * (0.5 + lean * 0.15), height * 0.94)
    end = (width * (0.5 + lean * 1.25), height * dice.uniform(0.16, 0.28))
    control = (width * (0.5 + lean * 0.1 + dice.uniform(-0.12, 0.12)), height * 0.5)
    spine = bend(start, control, end, 40)
    pairs, shape, reach = whole(dice, 5, 9), dice.uniform(0.16, 0.42), width * dice.uniform(0.15, 0.24)
    for index in range(pairs):
        _draw_pair(draw, spine[4 + 32 * index // pairs], (1 - 0.55 * index / pairs) * reach, shape, green)
    draw.line(spine, fill=mix(green, palette.dark, 0.4), width=max(3, width // 160), joint="curve")
    _draw_top(dice, palette, draw, end, width * dice.uniform(0.07, 0.11))


def _draw_pair(draw: ImageDraw.ImageDraw, root: Point, length: float, shape: float, green: Colour) -> None:
    for side, shade in ((-1, 0.0), (1, 0.16)):
        tip = (root[0] + side * length * 0.86, root[1] - length * 0.5)
        _draw_leaf(draw, root, tip, shape, mix(green, (255, 255, 255), shade))


def _draw_leaf(draw: ImageDraw.ImageDraw, root: Point, tip: Point, shape: float, colour: Colour) -> None:
    """Draws a leaf between two points, `shape` times as wide as long, with its midrib and veins."""
    dx, dy = tip[0] - root[0], tip[1] - root[1]
    middle = (root[0] + dx * 0.42, root[1] + dy * 0.42)
    upper = bend(root, (middle[0] - dy * shape, middle[1] + dx * shape), tip, 14)
    lower = bend(tip, (middle[0] + dy * shape, middle[1] - dx * shape), root, 14)
    draw.polygon([*upper, *lower], fill=colour)
    vein = mix(colour, (255, 255, 255), 0.28)
    draw.line([root, tip], fill=vein, width=4)
    for above, below, near in zip(upper[3:12:2], lower[11:2:-2], range(1, 6), strict=True):
        foot = (root[0] + dx * near * 0.13, root[1] + dy * near * 0.13)
        draw.line([above, foot, below], fill=vein, width=2)


def _draw_top(dice: Dice, palette: Palette, draw: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    bloom, heart = pick(dice, palette.colours[1:4]), pick(dice, palette.colours[2:])
    if dice.uniform(0, 1) < 0.3:
        _draw_berries(dice, draw, centre, radius, bloom)
        return
    petals, turn = whole(dice, 5, 13), dice.uniform(0, math.pi)
    for ring, colour in ((1.0, bloom), (0.62, mix(bloom, palette.light, 0.4))):
        for petal in range(petals):
            angle = turn + (petal + (ring < 1) / 2) * 2 * math.pi / petals
            tip = (centre[0] + math.cos(angle) * radius * ring * 1.5, centre[1] + math.sin(angle) * radius * ring * 1.5)
            _draw_petal(draw, centre, tip, min(0.55, 2.4 / petals), colour)
    _draw_disc(draw, centre, radius * 0.3, heart)


def _draw_petal(draw: ImageDraw.ImageDraw, root: Point, tip: Point, shape: float, colour: Colour) -> None:
    dx, dy = tip[0] - root[0], tip[1] - root[1]
    far = (root[0] + dx * 0.8, root[1] + dy * 0.8)
    one = bend(root, (far[0] - dy * shape, far[1] + dx * shape), tip, 10)
    other = bend(tip, (far[0] + dy * shape, far[1] - dx * shape), root, 10)
    draw.polygon([*one, *other], fill=colour, outline=mix(colour, (60, 50, 60), 0.25))


def _draw_berries(dice: Dice, draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    for _ in range(whole(dice, 9, 16)):
        angle, reach = dice.uniform(0, 2 * math.pi), dice.uniform(0.2, 1.3) * radius
        berry = (centre[0] + math.cos(angle) * reach, centre[1] + math.sin(angle) * reach)
        draw.line([centre, berry], fill=mix(colour, (60, 50, 60), 0.5), width=4)
        _draw_disc(draw, berry, radius * 0.2, mix(colour, (40, 30, 40), dice.uniform(0, 0.3)))


def _draw_disc(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
