"""Small blurred pictures of tensors, in which copies of an image stay alike and other photographs do not."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

SIDE_PX = 64
"""Side length of a thumbnail. With 32, a shift by a pixel leaves about twice as much of fine textures."""

_BLUR = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
"""Taps of the blur; it keeps a shift by a pixel so small that it is, nearly, a multiple of the gradient."""


def shrink(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Averages images over the squares of a grid of `SIDE_PX`; smaller ones are repeated.

    Args:
        images: `(N, H, W, 3)` uint8, RGB, 0–255.

    Returns:
        `(N, SIDE_PX, SIDE_PX, 3)` float32, RGB, 0–255.
    """
    count, height, width, channels = images.shape
    rows = _average_rows(images.reshape(count, height, width * channels))
    columns: NDArray[np.float32] = rows.reshape(-1, width * channels) @ _column_weights(width)
    return columns.reshape(count, SIDE_PX, SIDE_PX, channels)


def _average_rows(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    count, height, width = images.shape
    if height % SIDE_PX == 0:
        # many times as fast as `reduceat`
        squares = images.reshape(count, SIDE_PX, height // SIDE_PX, width)
        sums: NDArray[np.uint32] = squares.sum(2, dtype=np.uint16 if height <= 256 * SIDE_PX else np.uint32)
        return sums.astype(np.float32) / np.float32(height // SIDE_PX)
    edges = np.arange(SIDE_PX) * height // SIDE_PX
    lengths = np.maximum(1, np.diff(np.append(edges, height))).astype(np.float32)
    totals: NDArray[np.float32] = np.add.reduceat(images, edges, axis=1, dtype=np.float32)
    totals /= lengths[:, None]
    return totals


@cache
def _column_weights(width: int) -> NDArray[np.float32]:
    """Returns the matrix that averages columns of RGB, `(3 · width, 3 · SIDE_PX)`."""
    edges = np.arange(SIDE_PX) * width // SIDE_PX
    ends = np.maximum(edges + 1, np.append(edges[1:], width))
    place = np.arange(width)[:, None]
    weights = ((place >= edges) & (place < ends)) / (ends - edges)
    return np.kron(weights, np.eye(3)).astype(np.float32)


def blur(greys: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blurs thumbnails `(N, H, W)` by a binomial of five pixels in both directions, their edges repeated."""
    for axis in (1, 2):
        size = greys.shape[axis]
        blurred = np.zeros_like(greys)
        for shift, weight in enumerate(_BLUR, -2):
            blurred += np.float32(weight) * greys.take(np.clip(np.arange(size) + shift, 0, size - 1), axis)
        greys = blurred
    return greys
