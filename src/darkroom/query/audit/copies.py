"""Which pictures of one category are copies of each other, though not pixel for pixel?

Photographs of one kind of part all look alike, so how alike two of them are says nothing by itself. What gives a copy
away is that it is alike in all that is particular to the picture: grain, dirt, the exact pose. So each picture is
compared with its neighbours, the pictures of its category most like it, in two steps.

1. Neighbours. Of each thumbnail, what the mean of the category explains is taken away, up to brightness, contrast and
   a small shift; what remains, at a quarter of the side, is compared by the cosine, all with all, in blocks.
2. Pixels. One thumbnail is explained by another one up to brightness, contrast and a small shift (least squares on the
   other, its two gradients and a constant). A copy leaves less than `LEFT_MAX` of what its neighbours leave (their
   median), in both directions.

Source: Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), for shrinking, blurring and
comparing low frequencies; Lucas and Kanade, "An Iterative Image Registration Technique" (IJCAI 1981), for a shift as a
multiple of the gradient; Lowe, "Distinctive Image Features from Scale-Invariant Keypoints" (IJCV 2004), section 7.1,
for judging a match by the ratio to other neighbours. `docs/audit.md` has what it finds and what not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from darkroom.query.audit.thumbnails import SIDE_PX

LEFT_MAX = 0.06
"""A copy leaves at most this share of what ordinary neighbours leave. Measured on photographs and generated images
(`docs/audit.md`): copies by JPEG, size, 2 % of brightness or a shift by a pixel leave 0.033 at most, other images of
the same categories 0.27 and more, and 0.08 where a category has less than ten images."""

NEIGHBOURS = 8
"""Neighbours that a picture is compared with; up to three of them may be copies as well."""

PICTURES_MIN = 4
"""Different pictures that a category must have: among fewer, there are no ordinary neighbours."""

_CANDIDATE_MAX = 0.5
"""Share of the usual distance to a neighbour up to which pixels are looked at."""

_LEFT_FLOOR = 0.02
"""What neighbours must leave, in squared levels: below, pictures differ by rounding and nothing can be told."""

_DESCRIPTOR_PX = 16
_BLOCK = 512


def find_copies(thumbnails: NDArray[np.float16]) -> Iterator[tuple[int, int, float]]:
    """Yields pairs of pictures, none of them identical, that are copies of each other.

    Args:
        thumbnails: `(N, SIDE_PX, SIDE_PX)`, grey and blurred, 0–255, of one category.

    Yields:
        Two positions, the smaller first, and the share that they leave, 0 (the same but for brightness, contrast and
        shift) to `LEFT_MAX`.
    """
    if len(thumbnails) < PICTURES_MIN:
        return
    neighbours, distances = _find_neighbours(_describe(thumbnails))
    check = _PixelCheck(thumbnails, neighbours)
    is_candidate = distances <= _CANDIDATE_MAX * np.median(distances, axis=1, keepdims=True)
    pairs = {
        (min(one, other), max(one, other))
        for one, place in np.argwhere(is_candidate).tolist()
        for other in [int(neighbours[one, place])]
    }
    for one, other in sorted(pairs):
        if (left := check.measure(one, other)) <= LEFT_MAX:
            yield one, other, left


def _describe(thumbnails: NDArray[np.float16]) -> NDArray[np.float32]:
    """Returns what is particular to each picture as vectors of length 1, `(N, D)`; of length 0 where nothing is."""
    mean = thumbnails.mean(0, dtype=np.float32)
    common = np.pad(_explain(mean[None])[0], ((0, 0), (1, 1), (1, 1)), mode="edge")
    basis, _ = np.linalg.qr(_reduce(np.concatenate([np.ones_like(mean)[None], common])).T)
    vectors = _reduce(thumbnails)
    vectors -= (vectors @ basis) @ basis.T
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-3)
    return directions


def _explain(pictures: NDArray[np.floating]) -> NDArray[np.float32]:
    """Returns what a copy may be a sum of, besides a constant: the picture, and its gradients for a small shift.

    Args:
        pictures: `(N, H, W)`.

    Returns:
        `(N, 3, H - 2, W - 2)`: without the outermost pixels, which have no gradient.
    """
    pictures = pictures.astype(np.float32)
    down = pictures[:, 2:, 1:-1] - pictures[:, :-2, 1:-1]
    right = pictures[:, 1:-1, 2:] - pictures[:, 1:-1, :-2]
    return np.stack([pictures[:, 1:-1, 1:-1], down, right], axis=1)


def _reduce(pictures: NDArray[np.floating]) -> NDArray[np.float32]:
    """Averages `(N, SIDE_PX, SIDE_PX)` to `_DESCRIPTOR_PX` a side, as vectors."""
    step = SIDE_PX // _DESCRIPTOR_PX
    grid = pictures.reshape(len(pictures), _DESCRIPTOR_PX, step, _DESCRIPTOR_PX, step)
    averages: NDArray[np.float32] = grid.mean((2, 4), dtype=np.float32)
    return averages.reshape(len(pictures), -1)


def _find_neighbours(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Returns the positions of each one's neighbours, and how far they are (1 − cosine), both `(N, NEIGHBOURS)`."""
    count = min(NEIGHBOURS, len(vectors) - 1)
    found = [_find_in_block(vectors, start, count) for start in range(0, len(vectors), _BLOCK)]
    return np.concatenate([nearest for nearest, _ in found]), np.concatenate([distances for _, distances in found])


def _find_in_block(
    vectors: NDArray[np.float32], start: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    distances = 1 - vectors[start : start + _BLOCK] @ vectors.T
    rows = np.arange(len(distances))
    distances[rows, start + rows] = np.inf
    # a copy: what is cut off would be kept along with a view
    nearest = np.argpartition(distances, count - 1, axis=1)[:, :count].copy()
    return nearest, np.take_along_axis(distances, nearest, axis=1)


class _PixelCheck:
    """Compares pictures pixel by pixel, and what is left with what the neighbours of both leave."""

    def __init__(self, thumbnails: NDArray[np.float16], neighbours: NDArray[np.int64]) -> None:
        self._thumbnails = thumbnails
        self._neighbours = neighbours
        self._usually_left: dict[int, float] = {}

    def measure(self, one: int, other: int) -> float:
        """Returns the share that a pair leaves, the greater of both directions; infinite where nothing can be told."""
        return max(self._measure(one, other), self._measure(other, one))

    def _measure(self, picture: int, by: int) -> float:
        usual = self._find_usually_left(picture)
        return float(self._left(picture, [by])[0]) / usual if usual >= _LEFT_FLOOR else np.inf

    def _find_usually_left(self, picture: int) -> float:
        if picture not in self._usually_left:
            self._usually_left[picture] = float(np.median(self._left(picture, self._neighbours[picture])))
        return self._usually_left[picture]

    def _left(self, picture: int, by: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns what each of some other pictures leaves of a picture, mean squared levels."""
        target = self._thumbnails[picture, 1:-1, 1:-1].astype(np.float32).ravel()
        parts = _explain(self._thumbnails[by]).reshape(len(by), 3, -1)
        target -= target.mean()
        parts -= parts.mean(2, keepdims=True)
        # the pseudo-inverse, as a picture of one colour has no gradients
        weights = np.linalg.pinv(parts @ parts.swapaxes(1, 2), hermitian=True) @ (parts @ target)[..., None]
        left: NDArray[np.float32] = np.square(target - (weights.swapaxes(1, 2) @ parts)[:, 0]).mean(1)
        return left
