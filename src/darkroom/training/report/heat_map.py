"""A heat map over its picture: colour where the model sees more than is usual, grey elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from darkroom.training.detector import scale_heat_map

COLD = 0.85
"""Share of the threshold up to which nothing is coloured."""

HOT = 2.0
"""Multiple of the threshold from which on the colour is at its strongest."""

_STOPS = np.array([(78, 32, 140), (188, 40, 110), (240, 92, 48), (252, 178, 40), (255, 246, 150)], np.float64)
_COVER_MAX = 0.88
_GREY_SHARE = 0.85


def measure_heat(heat_map: NDArray[np.float32], threshold: float) -> NDArray[np.float32]:
    """Turns distances into 0 (`COLD` or less) to 1 (`HOT` or more), alike for all images of a category."""
    heat: NDArray[np.float32] = np.clip((heat_map / threshold - COLD) / (HOT - COLD), 0, 1)
    return heat


def colour_heat(heat: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns violet by red to yellow, `(..., 3)`, 0–255, for heat from 0 to 1; brightness rises all the way."""
    places = np.linspace(0, 1, len(_STOPS))
    return np.stack([np.interp(heat, places, _STOPS[:, channel]) for channel in range(3)], axis=-1)


def draw_heat_map(picture: Image.Image, heat_map: NDArray[np.float32], threshold: float) -> Image.Image:
    """Lays a heat map over a picture.

    Args:
        picture: Mode `RGB`.
        heat_map: `(G, G)` float32 of the same picture.
        threshold: The detector's threshold.
    """
    heat = measure_heat(scale_heat_map(heat_map, picture.height, picture.width), threshold)
    cover = _COVER_MAX * (heat**0.6)[..., None]
    grey = np.asarray(picture.convert("L"), np.float64)[..., None] * _GREY_SHARE
    return Image.fromarray((grey * (1 - cover) + colour_heat(heat) * cover).round().astype(np.uint8))
