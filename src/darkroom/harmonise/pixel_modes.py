"""Pillow's pixel modes, understood: any picture becomes grey or RGB, any mask becomes two-valued.

Lanczos needs whole colours to average: palette numbers, premultiplied alpha and 16-bit containers have to be
resolved *before* a picture is resized. Grey and RGB, nearly every file, pass through untouched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from darkroom.harmonise.deep import DEEP_MODES, choose_own_white_level, make_deep_picture

FLAT_MODES = frozenset({"L", "RGB"})
"""Modes that `flatten` gives: opaque, 8 bits a channel, fit to be resampled."""

_CLASS_NUMBERS_BELOW = 32
_MOST_LABEL_COLOURS = 32

_Rgb = tuple[int, int, int]


def flatten(image: Image.Image) -> Image.Image:
    """Turns a picture of any mode into an opaque 8-bit one that may be resampled.

    - L and RGB: returned as they are, without a copy. 1-bit becomes L; P, CMYK, YCbCr, LAB, HSV become RGB.
    - Transparency of any kind (alpha, palette, colour key) is composited over white.
    - 16-bit, I and F become L (RGB where a colour key is transparent). White is the end of the smallest depth that
      holds the picture's brightest level, as `deep.choose_white_level` says: `ingest` chooses for a whole image
      dataset. Levels below zero, NaN and infinities are black.

    Args:
        image: A picture in any mode of Pillow.

    Returns:
        The picture in mode L or RGB, of the same size.
    """
    if image.mode in DEEP_MODES:
        picture = make_deep_picture(np.asarray(image), image.info.get("transparency"))
        return picture.scale(choose_own_white_level(picture))
    if image.has_transparency_data:
        return _over(image, "white")
    if image.mode in FLAT_MODES:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def binarise(mask: Image.Image) -> Image.Image:
    """Tells defect from background in a mask of any mode.

    - 1-bit: white is defect.
    - Grey of any depth, and colour files that hold nothing but greys: 0 is background. If the brightest level
      is below 32 the levels are class numbers and all but 0 are defect; otherwise a level of at least a
      quarter of the brightest is. {0, 1}, {0, 255}, {0, 128, 255} and up to four evenly spaced classes work,
      and neither an anti-aliased edge nor JPEG ringing makes the defect grow by more than about a pixel.
    - Palette and RGB with at most 32 colours: every colour but the background is defect. The background is
      black where the mask has black, else its commonest colour. The number in the palette says nothing:
      optimisers reorder it. With more colours the brightest channel counts, as a grey.
    - Alpha that is the same everywhere says nothing. Otherwise the mask is laid over black and its colours
      decide, or, if that is all black (a defect drawn in black on nothing), the alpha itself does.

    Args:
        mask: A mask in any mode of Pillow.

    Returns:
        The mask in mode 1 of the same size, where white is defect.
    """
    if mask.mode == "1":
        return mask
    if mask.mode in DEEP_MODES:
        return _threshold(_deep_to_levels(mask))
    if mask.has_transparency_data:
        mask = _resolve_mask_alpha(mask)
    return _threshold(mask if mask.mode == "L" else _colours_to_levels(mask.convert("RGB")))


def _over(image: Image.Image, background: str) -> Image.Image:
    rgba = _to_rgba(image)
    flat = Image.new("RGB", image.size, background)
    flat.paste(rgba, mask=rgba)
    return flat


def _to_rgba(image: Image.Image) -> Image.Image:
    # Pillow has no direct way out of premultiplied grey.
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def _deep_array(image: Image.Image) -> NDArray[np.float32]:
    levels = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    return np.maximum(levels, 0.0, out=levels)


def _deep_to_levels(mask: Image.Image) -> Image.Image:
    levels = _deep_array(mask)
    brightest = float(levels.max())
    if brightest > 255 or 0 < brightest <= 1:
        levels = levels * (255 / brightest)
    # Upwards, so that no level but zero becomes zero; and rounding errors must not pass 255.
    return Image.fromarray(np.minimum(np.ceil(levels), 255).astype(np.uint8))


def _resolve_mask_alpha(mask: Image.Image) -> Image.Image:
    rgba = _to_rgba(mask)
    alpha = rgba.getchannel("A")
    if len(set(alpha.getextrema())) == 1:
        return rgba.convert("RGB")
    over_black = _over(rgba, "black")
    return alpha if over_black.getbbox() is None else over_black


def _colours_to_levels(mask: Image.Image) -> Image.Image:
    background = _label_background(mask)
    if background is None:
        return _brightest_channel(mask)
    distance = ImageChops.difference(mask, Image.new("RGB", mask.size, background))
    return _brightest_channel(distance).point([0] + [255] * 255)


def _label_background(mask: Image.Image) -> _Rgb | None:
    """Finds the background colour of an RGB mask drawn in a few colours; None if it is grey or has many."""
    colours: list[tuple[int, _Rgb]] = mask.getcolors(_MOST_LABEL_COLOURS)  # type: ignore[assignment] # RGB
    if not colours or all(red == green == blue for _, (red, green, blue) in colours):
        return None
    if any(colour == (0, 0, 0) for _, colour in colours):
        return (0, 0, 0)
    return max(colours)[1]


def _brightest_channel(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _threshold(levels: Image.Image) -> Image.Image:
    _, brightest = levels.getextrema()
    assert isinstance(brightest, (int, float))  # noqa: S101 -- a grey picture has one pair of extremes
    lowest_defect = 1 if brightest < _CLASS_NUMBERS_BELOW else -(-int(brightest) // 4)
    return levels.point([0] * lowest_defect + [255] * (256 - lowest_defect), "1")
