"""Soft fields of colour, and tiles of quarter circles."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from classroom.museum.brush import Size, blend, cloudy, on_paper, pick, whole
from classroom.museum.palettes import Colour, Palette, mix
from darkroom.sample_data.canvas import Dice

_FINER = 2


def draw_colour_field(dice: Dice, palette: Palette, size: Size) -> Image.Image:
    """Returns two to four blocks with soft edges that float over a ground."""
    width, height = size
    ground = pick(dice, palette.colours[1:5])
    image = blend(mix(ground, palette.light, 0.3), mix(ground, palette.dark, 0.15), size)
    colours = [colour for colour in palette.colours if colour != ground]
    margin, top, count = round(width * 0.09), height * 0.07, whole(dice, 2, 4)
    heights = [dice.uniform(0.6, 1.6) for _ in range(count)]
    for share in heights:
        tall = share / sum(heights) * height * 0.86
        colour = colours.pop(int(dice.uniform(0, len(colours))))
        box = (margin, round(top + 0.06 * tall), width - margin, round(top + 0.94 * tall))
        image.paste(colour, mask=_soft_block(dice, size, box))
        top += tall
    return on_paper(image, cloudy(dice, size, 9, 26))


def _soft_block(dice: Dice, size: Size, box: tuple[int, int, int, int]) -> Image.Image:
    """Returns a mask of a box with soft edges, drawn small because it is blurred anyway."""
    small = (size[0] // 4, size[1] // 4)
    mask = Image.new("L", small)
    draw = ImageDraw.Draw(mask)
    left, top, right, bottom = (edge / 4 for edge in box)
    for _ in range(3):
        jitter = [dice.uniform(-3, 3) for _ in range(4)]
        draw.rectangle((left + jitter[0], top + jitter[1], right + jitter[2], bottom + jitter[3]), fill=245)
    return mask.filter(ImageFilter.GaussianBlur(dice.uniform(1.5, 5))).resize(size, Image.Resampling.BICUBIC)


def draw_tiles(dice: Dice, palette: Palette, size: Size) -> Image.Image:
    """Returns a grid of tiles, each with a quarter circle, a half circle, a disc or a leaf in it."""
    columns = whole(dice, 4, 7)
    tile = -(-size[0] * _FINER // columns)
    rows = -(-size[1] * _FINER // tile)
    image = Image.new("RGB", (columns * tile, rows * tile), palette.light)
    draw = ImageDraw.Draw(image)
    for row in range(rows):
        for column in range(columns):
            _draw_tile(dice, palette, draw, (column * tile, row * tile), tile)
    cut = image.crop((0, 0, size[0] * _FINER, size[1] * _FINER))
    return on_paper(cut.reduce(_FINER), cloudy(dice, size, 12, 16))


def _draw_tile(dice: Dice, palette: Palette, draw: ImageDraw.ImageDraw, corner: tuple[int, int], tile: int) -> None:
    x, y = corner
    ground, figure, speck = _three_colours(dice, palette)
    draw.rectangle((x, y, x + tile, y + tile), fill=ground)
    centre_x, centre_y = x + tile * whole(dice, 0, 1), y + tile * whole(dice, 0, 1)
    shape = dice.uniform(0, 1)
    if shape < 0.6:
        # the rest of each disc is painted over by the neighbouring tiles, or was before: so draw the quarter only
        _draw_quarter(draw, (x, y), (centre_x, centre_y), tile, figure)
        _draw_quarter(draw, (x, y), (centre_x, centre_y), tile // 2, speck)
    elif shape < 0.85:
        draw.ellipse((x + tile * 0.12, y + tile * 0.12, x + tile * 0.88, y + tile * 0.88), fill=figure)
        draw.ellipse((x + tile * 0.36, y + tile * 0.36, x + tile * 0.64, y + tile * 0.64), fill=speck)
    else:
        draw.polygon([(x, y), (x + tile, y), (x, y + tile)], fill=figure)


def _draw_quarter(
    draw: ImageDraw.ImageDraw, corner: tuple[int, int], centre: tuple[int, int], radius: int, colour: Colour
) -> None:
    start = {(True, True): 0, (False, True): 90, (False, False): 180, (True, False): 270}[
        centre[0] == corner[0], centre[1] == corner[1]
    ]
    box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
    draw.pieslice(box, start, start + 90, fill=colour)


def _three_colours(dice: Dice, palette: Palette) -> list[Colour]:
    colours = list(palette.colours)
    return [colours.pop(int(dice.uniform(0, len(colours)))) for _ in range(3)]
