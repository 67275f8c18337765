"""Images of more than 8 bits a channel: no bit is lost before the white level is chosen."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from deep_images import make_png_16, make_tiff
from numpy.typing import NDArray
from PIL import Image

from darkroom.errors import OptionError
from darkroom.harmonise.decode import Levels, UnusableImageError, measure_levels, read_image, read_mask
from darkroom.harmonise.deep import DeepPicture, LevelKind, choose_white_level, describe_white_level
from darkroom.sample import Reason

WHITE = 4095


def make_ppm(levels: NDArray[np.uint16], end: int) -> bytes:
    height, width = levels.shape[:2]
    return b"P%d %d %d %d\n" % (5 if levels.ndim == 2 else 6, width, height, end) + levels.astype(">u2").tobytes()


MAKERS: dict[str, Callable[[NDArray[np.uint16]], bytes]] = {
    "png": make_png_16,
    "ppm": lambda levels: make_ppm(levels, WHITE),
    "tiff II": lambda levels: make_tiff(levels, "<"),
    "tiff MM": lambda levels: make_tiff(levels, ">"),
    "tiff II apart": lambda levels: make_tiff(levels, "<", are_apart=True),
    "tiff MM apart": lambda levels: make_tiff(levels, ">", are_apart=True),
    "tiff II deflate": lambda levels: make_tiff(levels, "<", is_deflated=True),
    "tiff MM deflate": lambda levels: make_tiff(levels, ">", is_deflated=True),
}


def make_levels(channels: int, end: int = WHITE + 1) -> NDArray[np.uint16]:
    shape = (6, 9) if channels == 1 else (6, 9, channels)
    return np.random.default_rng(channels).integers(0, end, shape, np.uint16)


def scaled(levels: NDArray[np.generic], white_level: float = WHITE) -> NDArray[np.uint8]:
    return np.floor(levels.astype(np.float64) * 255 / white_level + 0.5).astype(np.uint8)


def pixels_of(content: bytes, white_level: float = WHITE) -> NDArray[np.uint8]:
    return np.asarray(read_image(content, find_white_level=lambda _: white_level).pixels)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("channels", [1, 3])
def test_grey_and_colours_of_16_bits_come_out_to_the_last_bit(maker: str, channels: int) -> None:
    levels = make_levels(channels)
    seen: list[DeepPicture] = []
    read_image(MAKERS[maker](levels), find_white_level=lambda picture: seen.append(picture) or WHITE)  # type: ignore[func-returns-value]
    assert np.array_equal(seen[0].levels, levels)
    assert np.array_equal(pixels_of(MAKERS[maker](levels)), scaled(levels))


@pytest.mark.parametrize("maker", ["png", "tiff II", "tiff MM", "tiff II deflate", "tiff MM deflate"])
def test_alpha_of_16_bits_is_laid_over_white(maker: str) -> None:
    levels = make_levels(4)
    levels[:, :, 3] = 65535
    levels[0, :, 3] = 0
    levels[0, :, :3] = 65535  # what nobody sees says nothing about the scale
    expected = scaled(levels[:, :, :3])
    expected[0] = 255
    content = make_png_16(levels) if maker == "png" else MAKERS[maker](levels)
    assert np.array_equal(pixels_of(content), expected)
    assert measure_levels(content) == Levels(LevelKind.INTEGER, levels[1:, :, :3].max())
    assert read_image(content).original_mode == "RGBA;16"


def test_premultiplied_alpha_is_not_divided_and_multiplied_again() -> None:
    levels = np.full((1, 2, 4), 65535, np.uint16)
    levels[0, 0] = (32768, 0, 0, 32768)
    assert pixels_of(make_tiff(levels, extra=1), 65535)[0].tolist() == [[255, 127, 127], [255, 255, 255]]


def test_a_fourth_channel_that_is_nothing_counts_for_nothing() -> None:
    levels = make_levels(4)
    levels[:, :, 3] = 0
    assert np.array_equal(pixels_of(make_tiff(levels, extra=0)), scaled(levels[:, :, :3]))


def test_grey_with_alpha_of_16_bits() -> None:
    levels = make_levels(2)
    levels[:, :, 1] = 65535
    levels[0, :, 1] = 0
    expected = np.repeat(scaled(levels[:, :, :1]), 3, axis=2)
    expected[0] = 255
    assert np.array_equal(pixels_of(make_png_16(levels)), expected)
    assert read_image(make_png_16(levels)).original_mode == "LA;16"


def test_a_colour_key_of_16_bits_is_laid_over_white() -> None:
    grey = make_levels(1)
    grey[grey == 77] = 78
    grey[0, 0], grey[0, 1] = 77, 77 + 256  # the same lower byte
    expected = np.repeat(scaled(grey)[:, :, np.newaxis], 3, axis=2)
    expected[0, 0] = 255
    assert np.array_equal(pixels_of(make_png_16(grey, key=(77,))), expected)

    colours = make_levels(3)
    colours[0, 0], colours[0, 1] = (1000, 2000, 3000), (1001, 2000, 3000)
    expected = scaled(colours)
    expected[0, 0] = 255
    assert np.array_equal(pixels_of(make_png_16(colours, key=(1000, 2000, 3000))), expected)


def test_the_key_of_a_picture_says_nothing_about_its_scale() -> None:
    levels = np.array([[65535, 255, 0]], np.uint16)
    assert np.asarray(read_image(make_png_16(levels, key=(65535,))).pixels)[0, :, 0].tolist() == [255, 255, 0]


@pytest.mark.parametrize("is_deflated", [False, True])
def test_white_is_zero_is_turned_round(is_deflated: bool) -> None:
    levels = make_levels(1, 65536)
    content = make_tiff(levels, photometric=0, is_deflated=is_deflated)
    assert np.array_equal(pixels_of(content, 65535), scaled(65535 - levels, 65535))
    mask = np.full((4, 4), 65535, np.uint16)
    mask[1, 1] = 0
    defects = np.asarray(read_mask(make_tiff(mask, photometric=0, is_deflated=is_deflated)).pixels)
    assert np.argwhere(defects).tolist() == [[1, 1]]


def test_32_bits_without_a_sign_do_not_become_negative() -> None:
    levels = np.array([[0, 2**31, 2**32 - 1]], np.uint32)
    assert measure_levels(make_tiff(levels)) == Levels(LevelKind.INTEGER, 2**32 - 1)
    assert np.asarray(read_image(make_tiff(levels)).pixels)[0].tolist() == [0, 128, 255]
    assert np.asarray(read_mask(make_tiff(levels)).pixels)[0].tolist() == [False, True, True]


@pytest.mark.parametrize("end", [1000, 4095, 65535])
def test_a_deep_pgm_has_the_levels_that_are_in_the_file(end: int) -> None:
    levels = make_levels(1, end + 1)
    head = f" 9 6 {end}\n".encode()
    for content in (
        b"P5" + head + levels.astype(">u2").tobytes(),
        b"P2" + head + b" ".join(b"%d" % n for n in levels.flat),
    ):
        assert measure_levels(content) == Levels(LevelKind.INTEGER, levels.max())
        assert np.array_equal(pixels_of(content, end), scaled(levels, end))


def test_levels_below_zero_are_black() -> None:
    assert np.asarray(read_image(make_tiff(np.array([[-5, 0, 255]], np.int16))).pixels)[0].tolist() == [0, 0, 255]


@pytest.mark.parametrize("order", ["<", ">"])
def test_one_channel_said_to_be_stored_apart_is_read_as_it_is(order: str) -> None:
    levels = make_levels(1)
    assert np.array_equal(pixels_of(make_tiff(levels, order, are_apart=True)), scaled(levels))
    floats = (levels / WHITE).astype(np.float32)
    assert np.array_equal(pixels_of(make_tiff(floats, order, are_apart=True), 1), scaled(floats, 1))


def test_channels_stored_apart_and_compressed_are_refused_not_cut() -> None:
    content = make_tiff(make_levels(3), are_apart=True, is_deflated=True)
    with pytest.raises(UnusableImageError, match="interleaved") as caught:
        read_image(content)
    assert caught.value.reason is Reason.UNSUPPORTED
    assert read_mask(content).pixels.size == (9, 6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_deep_picture_is_turned_upright(orientation: int) -> None:
    grey = Image.fromarray(make_levels(1))
    exif = Image.Exif()
    exif[0x0112] = orientation
    shallow = Image.fromarray(scaled(np.asarray(grey)))
    for format_ in ("PNG", "TIFF"):
        contents = []
        for picture in (grey, shallow):
            buffer = io.BytesIO()
            picture.save(buffer, format_, exif=exif)
            contents.append(buffer.getvalue())
        assert np.array_equal(pixels_of(contents[0]), pixels_of(contents[1]))


@pytest.mark.parametrize("make", [make_png_16, make_tiff])
@pytest.mark.parametrize("level", [300, 4095, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_masks_have_no_scale(make: Callable[[NDArray[np.uint16]], bytes], level: int, channels: int) -> None:
    mask = np.zeros((6, 9) if channels == 1 else (6, 9, channels), np.uint16)
    mask[2:4, 3] = level
    assert np.argwhere(np.asarray(read_mask(make(mask)).pixels)).tolist() == [[2, 3], [3, 3]]


def test_8_bits_are_not_measured_nor_scaled() -> None:
    buffer = io.BytesIO()
    Image.fromarray(make_levels(3, 256).astype(np.uint8)).save(buffer, "PNG")
    assert measure_levels(buffer.getvalue()) is None
    assert read_image(buffer.getvalue(), find_white_level=lambda _: pytest.fail("8 bits have one")).pixels.mode == "RGB"


def test_a_fill_value_is_no_scale() -> None:
    with pytest.raises(UnusableImageError, match="fill value") as caught:
        read_image(make_tiff(np.array([[0, 0.5, 3.4e38]], np.float32)))
    assert caught.value.reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("content", [make_png_16(make_levels(3)), make_tiff(make_levels(1))])
def test_an_option_that_does_not_fit_is_no_damaged_file(content: bytes) -> None:
    def refuse(_: DeepPicture) -> float:
        raise OptionError("too bright")

    with pytest.raises(OptionError, match="too bright"):
        read_image(content, find_white_level=refuse)


@pytest.mark.parametrize(
    ("kind", "brightest", "expected"),
    [
        (LevelKind.INTEGER, 0, 255),
        (LevelKind.INTEGER, 255, 255),
        (LevelKind.INTEGER, 256, 1023),
        (LevelKind.INTEGER, 4096, 16383),
        (LevelKind.INTEGER, 65536, 2**20 - 1),
        (LevelKind.INTEGER, 2**32 - 1, 2**32 - 1),
        (LevelKind.FLOAT, 0.3, 1),
        (LevelKind.FLOAT, 1.3, 1),
        (LevelKind.FLOAT, 255.5, 255),
        (LevelKind.FLOAT, 257, 1023),
    ],
)
def test_white_is_the_end_of_the_fewest_bits(kind: LevelKind, brightest: float, expected: float) -> None:
    assert choose_white_level(kind, brightest) == expected


def test_a_white_level_is_told_with_its_bits() -> None:
    assert describe_white_level(4095) == "level 4095 (12 bits)"
    assert describe_white_level(1.0) == "level 1"
