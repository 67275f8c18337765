from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from darkroom.harmonise.deep import DEEP_MODES
from darkroom.harmonise.pixel_modes import binarise, flatten

EIGHT_BIT_MODES = (
    "1",
    "L",
    "LA",
    "La",
    "P",
    "PA",
    "RGB",
    "RGBA",
    "RGBa",
    "RGBX",
    "CMYK",
    "YCbCr",
    "LAB",
    "HSV",
)


def levels_of(image: Image.Image) -> list[int]:
    return sorted(set(np.asarray(image.convert("L")).ravel().tolist()))


def make_grey(rows: list[list[float]], mode: str) -> Image.Image:
    kind = {"L": np.uint8, "I;16": np.uint16, "I;16B": np.dtype(">u2"), "I": np.int32, "F": np.float32}[mode]
    image = Image.fromarray(np.array(rows, dtype=kind))
    assert image.mode == mode
    return image


def defects(mask: Image.Image) -> list[list[int]]:
    two_valued = binarise(mask)
    assert two_valued.mode == "1"
    return (np.asarray(two_valued.convert("L")) // 255).tolist()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_grey_and_rgb_are_not_copied(mode: str) -> None:
    image = Image.new(mode, (3, 2))
    assert flatten(image) is image


@pytest.mark.parametrize("mode", [*EIGHT_BIT_MODES, *sorted(DEEP_MODES)])
def test_every_mode_of_pillow_is_understood(mode: str) -> None:
    image = Image.new(mode, (5, 4))
    assert flatten(image).mode in {"L", "RGB"}
    assert flatten(image).size == (5, 4)
    assert binarise(image).mode == "1"
    assert binarise(image).size == (5, 4)


@pytest.mark.parametrize("modes", [["RGBA"], ["RGBA", "RGBa"], ["LA"], ["LA", "La"]], ids=lambda modes: modes[-1])
def test_alpha_is_laid_over_white(modes: list[str]) -> None:
    image = Image.new("RGBA", (3, 1))
    for column, alpha in enumerate((0, 128, 255)):
        image.putpixel((column, 0), (0, 0, 0, alpha))
    for mode in modes:
        image = image.convert(mode)
    assert np.asarray(flatten(image))[0, :, 0].tolist() == [255, 127, 0]


def test_palette_alpha_is_laid_over_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0])
    image.putalpha(Image.fromarray(np.array([[0, 255]], np.uint8)))
    assert image.mode == "PA"
    assert np.asarray(flatten(image))[0, :, 0].tolist() == [255, 0]


def test_a_transparent_colour_is_laid_over_white() -> None:
    image = Image.new("L", (2, 1), 10)
    image.putpixel((0, 0), 77)
    image.info["transparency"] = 77
    assert np.asarray(flatten(image))[0].tolist() == [[255] * 3, [10] * 3]


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([0, 100, 255], [0, 100, 255]),
        ([0, 2048, 4095], [0, 128, 255]),
        ([0, 1023, 1023], [0, 255, 255]),
        ([0, 1024, 4000], [0, 64, 249]),
        ([0, 5000, 16383], [0, 78, 255]),
        ([0, 32768, 65535], [0, 128, 255]),
        ([0, 0, 0], [0, 0, 0]),
    ],
)
def test_a_deep_grey_that_stands_alone_is_scaled_by_its_bits(
    mode: str, levels: list[float], expected: list[int]
) -> None:
    assert np.asarray(flatten(make_grey([levels], mode)))[0].tolist() == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([-5.0, 0.25, float("nan")], [0, 64, 0]),
        ([float("inf"), float("-inf"), 1.0], [0, 0, 255]),
        ([0.0, 1.0, 1.0001], [0, 255, 255]),
        ([0.0, 128.0, 255.4], [0, 128, 255]),
        ([0.0, 2.0**31, 2.0**32], [0, 128, 255]),
    ],
)
def test_floats_are_scaled_by_their_range(levels: list[float], expected: list[int]) -> None:
    assert np.asarray(flatten(make_grey([levels], "F")))[0].tolist() == expected


@pytest.mark.parametrize("mode", ["L", "I;16", "I;16B", "I", "F"])
@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([0, 1, 0], [0, 1, 0]),
        ([0, 255, 0], [0, 1, 0]),
        ([0, 128, 255], [0, 1, 1]),
        ([0, 1, 12], [0, 1, 1]),
        ([0, 85, 255], [0, 1, 1]),
        ([5, 40, 255], [0, 0, 1]),
        ([0, 0, 0], [0, 0, 0]),
        ([255, 255, 255], [1, 1, 1]),
    ],
)
def test_grey_masks(mode: str, levels: list[float], expected: list[int]) -> None:
    assert defects(make_grey([levels], mode)) == [expected]


@pytest.mark.parametrize("mode", ["I;16", "I"])
def test_sixteen_bit_masks(mode: str) -> None:
    assert defects(make_grey([[0, 65535, 32768, 900]], mode)) == [[0, 1, 1, 0]]


def test_one_bit_masks() -> None:
    mask = Image.new("1", (2, 1))
    mask.putpixel((1, 0), 1)
    assert defects(mask) == [[0, 1]]


@pytest.mark.parametrize(
    ("palette", "numbers", "expected"),
    [
        ([0, 0, 0, 128, 0, 0], [0, 0, 1], [0, 0, 1]),
        ([128, 0, 0, 0, 0, 0], [1, 1, 0], [0, 0, 1]),
        ([255, 255, 255, 0, 0, 255], [0, 0, 1], [0, 0, 1]),
        ([0, 0, 255, 255, 255, 255], [1, 1, 0], [0, 0, 1]),
        ([255, 255, 255, 0, 0, 0], [1, 1, 0], [0, 0, 1]),
        ([0, 0, 0, 0, 0, 9, 200, 0, 0], [0, 1, 2], [0, 1, 1]),
    ],
)
def test_palette_masks_go_by_colour_not_by_number(palette: list[int], numbers: list[int], expected: list[int]) -> None:
    mask = Image.new("P", (3, 1))
    mask.putpalette(palette)
    mask.putdata(numbers)
    assert defects(mask) == [expected]
    assert defects(mask.convert("RGB")) == [expected]


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        pytest.param([(0, 0, 0, 0), (0, 0, 0, 255)], [0, 1], id="black on nothing"),
        pytest.param([(255, 255, 255, 0), (0, 0, 0, 255)], [0, 1], id="black on transparent white"),
        pytest.param([(255, 255, 255, 0), (255, 0, 0, 255)], [0, 1], id="red on transparent white"),
        pytest.param([(0, 0, 0, 255), (255, 255, 255, 255)], [0, 1], id="opaque"),
        pytest.param([(0, 0, 0, 0), (255, 255, 255, 0)], [0, 1], id="alpha forgotten"),
        pytest.param([(0, 0, 0, 0), (255, 0, 0, 100)], [0, 1], id="see-through overlay"),
        pytest.param([(0, 0, 0, 0), (0, 0, 0, 0)], [0, 0], id="nothing"),
    ],
)
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_masks_with_alpha(pixels: list[tuple[int, int, int, int]], expected: list[int], mode: str) -> None:
    mask = Image.new("RGBA", (2, 1))
    mask.putdata(pixels)
    assert defects(mask.convert(mode)) == [expected]


@pytest.mark.parametrize("modes", [["RGBa"], ["LA", "La"]], ids=lambda modes: modes[-1])
def test_masks_with_premultiplied_alpha(modes: list[str]) -> None:
    mask = Image.new("RGBA", (2, 1))
    mask.putpixel((1, 0), (255, 0, 0, 100))
    for mode in modes:
        mask = mask.convert(mode)
    assert defects(mask) == [[0, 1]]


def test_a_jpeg_mask_keeps_its_shape() -> None:
    mask = Image.new("L", (64, 64))
    mask.paste(255, (13, 21, 30, 43))
    ringing = Image.fromarray(
        np.clip(np.asarray(mask).astype(int) + np.random.default_rng(0).integers(-30, 31, (64, 64)), 0, 255).astype(
            np.uint8
        )
    )
    assert np.array_equal(np.asarray(binarise(ringing)), np.asarray(mask) > 0)
    coloured = Image.merge("RGB", (ringing, Image.new("L", (64, 64)), Image.new("L", (64, 64))))
    assert np.array_equal(np.asarray(binarise(coloured)), np.asarray(mask) > 0)
