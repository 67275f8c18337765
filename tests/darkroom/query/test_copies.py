from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from darkroom.harmonise.resize import harmonise_image
from darkroom.query.audit.copies import find_copies
from darkroom.query.audit.thumbnails import SIDE_PX, blur, shrink
from darkroom.sample_data.canvas import Dice
from darkroom.sample_data.surface import draw_cast, draw_ripple
from darkroom.sample_data.washer import draw_washer

Pixels = NDArray[np.uint8]


def make_thumbnails(pictures: list[Image.Image]) -> NDArray[np.float16]:
    tensors = np.stack([harmonise_image(picture.convert("RGB"), size_px=256) for picture in pictures])
    return blur(shrink(tensors).mean(3)).astype(np.float16)


def compress(picture: Image.Image) -> Image.Image:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=75)
    return Image.open(content)


def shift(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.roll(np.asarray(picture), (1, 1), (0, 1)))


def brighten(picture: Image.Image) -> Image.Image:
    return picture.point(lambda level: round(level * 1.02))


def halve(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width // 2, picture.height // 2))


@pytest.mark.parametrize("draw", [draw_washer, draw_ripple, draw_cast])
def test_finds_copies_and_no_other_photographs(draw: object) -> None:
    assert callable(draw)
    pictures = [Image.fromarray(draw(Dice(5, str(number)), None, 0).pixels) for number in range(20)]
    assert list(find_copies(make_thumbnails(pictures))) == []
    copies = [change(pictures[number]) for number, change in enumerate((compress, shift, brighten, halve))]
    found = [(one, other) for one, other, _ in find_copies(make_thumbnails([*pictures, *copies]))]
    assert found == [(0, 20), (1, 21), (2, 22), (3, 23)]


def test_three_copies_are_three_pairs() -> None:
    pictures = [Image.fromarray(draw_cast(Dice(5, str(number)), None, 0).pixels) for number in range(12)]
    copies = [compress(pictures[0]), brighten(pictures[0])]
    found = [(one, other) for one, other, _ in find_copies(make_thumbnails([*pictures, *copies]))]
    assert found == [(0, 12), (0, 13), (12, 13)]


def test_few_or_flat_pictures_are_no_copies() -> None:
    rng = np.random.default_rng(1)
    few = rng.uniform(0, 255, (3, SIDE_PX, SIDE_PX)).astype(np.float16)
    assert list(find_copies(few)) == []
    flat = np.full((9, SIDE_PX, SIDE_PX), 7, np.float16)
    assert list(find_copies(flat)) == []
    flat += rng.uniform(0, 0.1, flat.shape).astype(np.float16)
    assert list(find_copies(flat)) == []
    mixed = np.concatenate([few, flat])
    assert list(find_copies(mixed)) == []


@pytest.mark.parametrize("size_px", [16, 32, 64, 100, 256, 300])
def test_thumbnails_keep_the_mean_and_the_place(size_px: int) -> None:
    images = np.zeros((2, size_px, size_px, 3), np.uint8)
    images[0] = (10, 120, 250)
    images[1, : size_px // 2, :, 1] = 200
    small = shrink(images)
    assert small.shape == (2, SIDE_PX, SIDE_PX, 3)
    assert small[0] == pytest.approx(np.broadcast_to([10, 120, 250], small[0].shape), abs=0.01)
    assert small[1, : SIDE_PX // 2, :, 1] == pytest.approx(200, abs=0.01)
    assert small[1, SIDE_PX // 2 + 1 :].max() == 0


def test_thumbnails_average_squares() -> None:
    images = np.random.default_rng(2).integers(0, 256, (3, 128, 192, 3), dtype=np.uint8)
    expected = images.reshape(3, 64, 2, 64, 3, 3).mean((2, 4))
    assert shrink(images) == pytest.approx(expected, abs=0.01)
    assert blur(np.ones((1, SIDE_PX, SIDE_PX), np.float32)) == pytest.approx(1)
