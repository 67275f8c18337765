"""Both resamplers against Lanczos worked out exactly; the fast one is the same on every processor."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from darkroom.errors import OptionError
from darkroom.harmonise import resampler
from darkroom.harmonise.resampler import AUTO, FAST, PILLOW, RESAMPLERS, Resampler, find_resampler
from darkroom.harmonise.resize import Fit, harmonise_image_bytes

needs_fast = pytest.mark.skipif(FAST is None, reason="cykooz-resizer has no wheel for this machine: Pillow scales all")
ALL = [PILLOW, pytest.param(FAST, marks=needs_fast)]

Box = tuple[int, int, int, int]


def weigh(length: int, begin: int, end: int, of: int) -> NDArray[np.float64]:
    """Weights of Lanczos with three lobes, for what is between `begin` and `end`: `(length, of)`, each row sums to 1.

    What lies beside that part weighs in at its edges, as it does in both resamplers.

    Source: https://en.wikipedia.org/wiki/Lanczos_resampling, widened by the scale where pictures become smaller.
    """
    scale = (end - begin) / length
    centres = begin + (np.arange(length) + 0.5) * scale
    distances = (np.arange(of) + 0.5 - centres[:, np.newaxis]) / max(scale, 1.0)
    weights = np.where(np.abs(distances) < 3, np.sinc(distances) * np.sinc(distances / 3), 0.0)
    return weights / weights.sum(axis=1, keepdims=True)


def resize_exactly(pixels: NDArray[np.uint8], size: tuple[int, int], box: Box) -> NDArray[np.float64]:
    """Scales in float64; rounds nowhere, and cuts off what is below black or above white."""
    left, top, right, bottom = box
    height, width, *_ = pixels.shape
    scaled = np.einsum("yr,rc...->yc...", weigh(size[1], top, bottom, height), pixels.astype(np.float64))
    return np.clip(np.einsum("xc,yc...->yx...", weigh(size[0], left, right, width), scaled), 0, 255)


def make_pictures() -> dict[str, Image.Image]:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (90, 130, 3), np.uint8)
    slope = np.add.outer(np.arange(90), np.arange(130)).astype(np.uint8)
    edges = np.where((np.arange(130) // 13 + np.arange(90)[:, np.newaxis] // 9) % 2, 255, 0).astype(np.uint8)
    return {
        "noise": Image.fromarray(noise),
        "grey noise": Image.fromarray(noise[:, :, 0]),
        "mild noise": Image.fromarray(96 + noise // 4),
        "slope": Image.fromarray(slope),
        "edges": Image.fromarray(edges),
        "edges in colours": Image.fromarray(np.stack([edges, slope, 255 - edges], axis=2)),
    }


def errors(picture: Image.Image, size: tuple[int, int], box: Box, resampler: Resampler) -> NDArray[np.float64]:
    scaled = np.asarray(resampler.resize(picture, size, box))
    return np.abs(scaled - resize_exactly(np.asarray(picture), size, box))


SIZES = [((32, 32), (0, 0, 130, 90)), ((64, 20), (20, 0, 110, 90)), ((200, 150), (0, 0, 130, 90))]


@pytest.mark.parametrize("resampler", ALL, ids=lambda resampler: resampler.name)
@pytest.mark.parametrize(("size", "box"), SIZES)
def test_a_resampler_rounds_and_does_nothing_else(resampler: Resampler, size: tuple[int, int], box: Box) -> None:
    """In pictures that ring beyond neither black nor white: there both cut off between the passes too."""
    for name in ("mild noise", "slope"):
        found = errors(make_pictures()[name], size, box, resampler)
        assert found.mean() < 0.45, name
        assert found.max() < 2, name


@needs_fast
@pytest.mark.parametrize(("size", "box", "times"), [(*SIZES[0], 1.02), (*SIZES[1], 1.02), (*SIZES[2], 1.1)])
def test_the_fast_resampler_is_as_near_to_what_is_right_as_pillow(
    size: tuple[int, int], box: Box, times: float
) -> None:
    """Where pictures become smaller; where they become larger, it rounds a little more."""
    assert FAST is not None
    found = {
        resampler.name: np.mean([errors(picture, size, box, resampler).mean() for picture in make_pictures().values()])
        for resampler in (PILLOW, FAST)
    }
    assert found[FAST.name] <= times * found[PILLOW.name]


@needs_fast
def test_vector_instructions_change_no_pixel() -> None:
    from cykooz_resizer import CpuExtensions, Resizer

    best = Resizer().cpu_extensions
    compared = 0
    for extensions in CpuExtensions:
        other = Resizer()
        other.cpu_extensions = extensions
        if other.cpu_extensions != extensions:  # this processor has none of the kind
            continue
        compared += 1
        for picture in make_pictures().values():
            for size, box in SIZES:
                plain = resampler.resize_fast(picture, size, box, CpuExtensions.none)
                assert resampler.resize_fast(picture, size, box, extensions).tobytes() == plain.tobytes()
    assert compared > (best != CpuExtensions.none)


@pytest.mark.parametrize("resampler", ALL, ids=lambda resampler: resampler.name)
def test_a_picture_of_the_right_size_stays_as_it_is(resampler: Resampler) -> None:
    for picture in make_pictures().values():
        square = picture.crop((0, 0, 64, 64))
        assert harmonise_image_bytes(square, 64, Fit.STRETCH, resampler) == square.convert("RGB").tobytes()


@pytest.mark.parametrize("resampler", ALL, ids=lambda resampler: resampler.name)
@pytest.mark.parametrize("fit", Fit)
def test_one_colour_stays_that_colour(resampler: Resampler, fit: Fit) -> None:
    for colour in ((0, 0, 0), (255, 255, 255), (1, 254, 128)):
        square = np.frombuffer(harmonise_image_bytes(Image.new("RGB", (90, 60), colour), 32, fit, resampler), np.uint8)
        rows = slice(6, 26) if fit is Fit.PAD else slice(None)
        assert (square.reshape(32, 32, 3)[rows] == colour).all()


def test_a_resampler_is_found_by_its_name() -> None:
    assert find_resampler("pillow") is PILLOW
    assert find_resampler(AUTO) is (FAST or PILLOW)
    with pytest.raises(OptionError, match="`resampler` 'bicubic': expected auto or one of cykooz-resizer, pillow"):
        find_resampler("bicubic")


def test_without_the_fast_one_pillow_scales_and_who_asks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampler, "FAST", None)
    monkeypatch.setattr(resampler, "DEFAULT_RESAMPLER", PILLOW)
    assert find_resampler(AUTO) is PILLOW
    with pytest.raises(OptionError, match=r"`resampler` cykooz-resizer: it is not installed here. Install it"):
        find_resampler(RESAMPLERS[0])
