from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from darkroom.errors import OptionError
from darkroom.harmonise.decode import read_image, read_mask
from darkroom.harmonise.pixel_modes import flatten
from darkroom.harmonise.resize import (
    Fit,
    Geometry,
    harmonise_image,
    harmonise_image_bytes,
    harmonise_mask,
    make_geometry,
)

MODES = (
    "1",
    "L",
    "LA",
    "P",
    "PA",
    "RGB",
    "RGBA",
    "RGBX",
    "CMYK",
    "YCbCr",
    "LAB",
    "HSV",
    "I;16",
    "I;16B",
    "I",
    "F",
)

edges = st.integers(1, 64)
fits = st.sampled_from(Fit)
quick = settings(max_examples=150, deadline=None)


def make_mask(width: int, height: int, defects: list[tuple[int, int]]) -> Image.Image:
    mask = Image.new("L", (width, height))
    for column, row in defects:
        mask.putpixel((column, row), 255)
    return mask


def positions_in_square(geometry: Geometry, defects: list[tuple[int, int]]) -> np.ndarray:
    """Centres of defect pixels in the square, `(n, 2)` as row and column, in cells."""
    left, top, right, bottom = geometry.box
    scale_x, scale_y = geometry.scaled[0] / (right - left), geometry.scaled[1] / (bottom - top)
    kept = [(column, row) for column, row in defects if left <= column < right and top <= row < bottom]
    return np.array(
        [
            (
                (row - top + 0.5) * scale_y + geometry.corner[1],
                (column - left + 0.5) * scale_x + geometry.corner[0],
            )
            for column, row in kept
        ]
    ).reshape(-1, 2)


@quick
@given(st.sampled_from(MODES), edges, edges, edges, fits)
def test_shape_dtype_and_range(mode: str, width: int, height: int, size_px: int, fit: Fit) -> None:
    picture = Image.new(mode, (width, height), "white" if mode in {"1", "L", "RGB", "CMYK"} else 0)
    image, mask = harmonise_image(picture, size_px, fit), harmonise_mask(picture, size_px, fit)
    assert (image.shape, image.dtype) == ((size_px, size_px, 3), np.uint8)
    assert (mask.shape, mask.dtype) == ((size_px, size_px), np.uint8)
    assert set(np.unique(mask)) <= {0, 1}
    assert image.flags.c_contiguous and image.flags.writeable
    assert mask.flags.c_contiguous and mask.flags.writeable
    assert harmonise_image_bytes(flatten(picture), size_px, fit) == image.tobytes()


@settings(max_examples=400, deadline=None)
@given(st.data(), edges, edges, edges, fits)
def test_a_single_defect_pixel_is_never_lost(
    data: st.DataObject, width: int, height: int, size_px: int, fit: Fit
) -> None:
    defect = data.draw(st.tuples(st.integers(0, width - 1), st.integers(0, height - 1)))
    mask = harmonise_mask(make_mask(width, height, [defect]), size_px, fit)
    is_kept = len(positions_in_square(make_geometry(width, height, size_px, fit), [defect])) == 1
    assert mask.any() == is_kept


@quick
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    edges,
    fits,
    st.lists(st.tuples(st.floats(0, 0.999), st.floats(0, 0.999))),
)
@example(300, 300, 1, Fit.STRETCH, [(0.0, 0.0)])
@example(300, 2, 64, Fit.PAD, [(0.5, 0.9)])
def test_every_defect_is_near_the_mask_and_the_mask_near_a_defect(
    width: int, height: int, size_px: int, fit: Fit, shares: list[tuple[float, float]]
) -> None:
    defects = [(int(x * width), int(y * height)) for x, y in shares]
    mask = harmonise_mask(make_mask(width, height, defects), size_px, fit)
    geometry = make_geometry(width, height, size_px, fit)
    positions = positions_in_square(geometry, defects)
    cells = np.argwhere(mask) + 0.5
    assert (len(cells) > 0) == (len(positions) > 0)
    if len(positions):
        distances = np.abs(positions[:, None] - cells[None]).max(axis=2)
        # One cell and a half between centres; when enlarging, a pixel is as wide as several cells.
        scale = max(geometry.scaled[0] / (geometry.box[2] - geometry.box[0]), 1)
        scale = max(geometry.scaled[1] / (geometry.box[3] - geometry.box[1]), scale)
        assert distances.min(axis=1).max() <= 1.5 + 1e-6
        assert distances.min(axis=0).max() <= 0.5 + scale / 2 + 1e-6


def test_thin_scratches_and_specks_come_back_where_they_are() -> None:
    mask = Image.new("L", (900, 900))
    mask.paste(255, (100, 450, 700, 451))
    mask.putpixel((890, 3), 255)
    small = harmonise_mask(mask, 32)
    assert np.argwhere(small).tolist() == [[0, 31]] + [[16, column] for column in range(3, 25)]


def test_a_defect_that_survives_is_plain_nearest_neighbour() -> None:
    mask = Image.new("L", (90, 60))
    mask.paste(255, (20, 10, 65, 44))
    nearest = np.asarray(mask.resize((32, 32), Image.Resampling.NEAREST)) // 255
    assert np.array_equal(harmonise_mask(mask, 32), nearest)


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (901, 450), (100, 100), (40, 30)])
@pytest.mark.parametrize("size_px", [256, 64])
def test_a_mask_stays_aligned_with_its_image(fit: Fit, width: int, height: int, size_px: int) -> None:
    picture = Image.new("L", (width, height))
    picture.paste(255, (int(width * 0.3), int(height * 0.25), int(width * 0.6), int(height * 0.85)))
    is_white = harmonise_image(picture, size_px, fit)[:, :, 0] > 127
    is_defect = harmonise_mask(picture, size_px, fit) == 1
    assert (is_white & is_defect).sum() / (is_white | is_defect).sum() > 0.93


@quick
@given(edges, edges, edges, fits)
def test_geometry_stays_inside_the_picture_and_the_square(width: int, height: int, size_px: int, fit: Fit) -> None:
    geometry = make_geometry(width, height, size_px, fit)
    left, top, right, bottom = geometry.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    for corner, scaled in zip(geometry.corner, geometry.scaled, strict=True):
        assert 0 <= corner <= corner + scaled <= size_px
        assert scaled >= 1
        assert abs(corner - (size_px - corner - scaled)) <= 1
    assert geometry.is_filling or fit == Fit.PAD


def test_the_three_fits() -> None:
    assert make_geometry(400, 200, 100, Fit.STRETCH) == Geometry((0, 0, 400, 200), (100, 100), (0, 0), 100)
    assert make_geometry(400, 200, 100, Fit.PAD) == Geometry((0, 0, 400, 200), (100, 50), (0, 25), 100)
    assert make_geometry(400, 200, 100, Fit.CROP) == Geometry((100, 0, 300, 200), (100, 100), (0, 0), 100)


def test_padding_is_black_and_no_defect() -> None:
    white = Image.new("RGB", (400, 200), "white")
    image, mask = harmonise_image(white, 100, Fit.PAD), harmonise_mask(white, 100, Fit.PAD)
    for harmonised in (image[:, :, 0] / 255, mask):
        assert harmonised[25:75].min() == 1
        assert harmonised[:25].max() == harmonised[75:].max() == 0


def test_a_defect_outside_the_crop_leaves_an_empty_mask() -> None:
    assert not harmonise_mask(make_mask(400, 200, [(10, 10)]), 100, Fit.CROP).any()


def test_grey_is_grey_in_all_channels() -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90), np.uint8))
    red, green, blue = np.moveaxis(harmonise_image(picture, 32), 2, 0)
    assert np.array_equal(red, green)
    assert np.array_equal(green, blue)


def test_transparent_pixels_lend_no_colour_to_their_neighbours() -> None:
    picture = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 31, 64))
    harmonised = harmonise_image(picture, 8)
    # Red to white: green and blue move together, whatever colour hides below the transparency.
    assert np.abs(harmonised[:, :, 1].astype(int) - harmonised[:, :, 2]).max() <= 1


@pytest.mark.parametrize("size_px", [0, -1, 8193])
def test_an_impossible_size_is_refused(size_px: int) -> None:
    for harmonise in (harmonise_image, harmonise_image_bytes, harmonise_mask):
        with pytest.raises(OptionError, match="from 1 to 8192"):
            harmonise(Image.new("L", (4, 4)), size_px)


@pytest.mark.parametrize("mode", ["1", "P", "RGBA", "I;16", "CMYK"])
def test_a_picture_that_is_not_flat_is_not_scaled_to_wrong_bytes(mode: str) -> None:
    with pytest.raises(ValueError, match="flatten it first"):
        harmonise_image_bytes(Image.new(mode, (4, 4)), 4)


def test_an_unknown_fit_is_refused() -> None:
    with pytest.raises(OptionError, match="stretch, pad, crop"):
        make_geometry(4, 4, 4, "squeeze")


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to harmonise"):
        harmonise_image(Image.new("L", (0, 4)))


@pytest.mark.parametrize("size_px", [256, 32])
def test_real_masks_survive(real_excerpts: Path, size_px: int) -> None:
    images = sorted(
        file
        for folder in ("mvtec_excerpt/bottle/test", "dagm_excerpt/Class1/Test")
        for file in (real_excerpts / folder).iterdir()
        if file.is_file()
    )
    masks = sorted((real_excerpts / "mvtec_excerpt/bottle/ground_truth").iterdir())
    masks += sorted((real_excerpts / "dagm_excerpt/Class1/Test/Label").iterdir())
    assert len(images) == len(masks) == 20
    for file in masks:
        decoded = read_mask(file.read_bytes())
        share = np.asarray(decoded.pixels).mean()
        assert 0 < share < 0.5
        assert harmonise_mask(decoded.pixels, size_px).mean() == pytest.approx(share, abs=0.02)
    for file in images:
        assert harmonise_image(read_image(file.read_bytes()).pixels, size_px).std() > 5
