"""A Gaussian for each position of the feature grid, learned in one pass and in bounded memory.

Source: T. Defard, A. Setkov, A. Loesch, R. Audigier, "PaDiM: a Patch Distribution Modeling Framework for
Anomaly Detection and Localization", ICPR 2021. As there, each position has a mean and a covariance of its
own and an image is scored by its Mahalanobis distances. Different from there: the features are the hand-made
ones of `darkroom.training.features`, not those of a pretrained network, and each covariance is drawn half-way to the
mean of all of them, where PaDiM adds 0.01 to its diagonal: with a dozen images, a covariance of 17 features
is not to be had from one position alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

SHRINKAGE = 0.5
"""Share of the global covariance in each position's."""

RIDGE = 1e-3
"""Added to the diagonal, as a share of the mean variance: constant features (the colours of grey images)
have none."""

_VARIANCE_MIN = 1e-6


@dataclass(slots=True)
class Moments:
    """Sums over images, from which a mean and a covariance follow; those of disjoint sets may be added.

    Attributes:
        count: How many images were taken in.
        origin: `(P, D)`, what is subtracted before summing, so that the sums stay small and exact.
        sums: `(P, D)` float64.
        products: `(P, D, D)` float64, sums of outer products.
    """

    count: int
    origin: NDArray[np.float64]
    sums: NDArray[np.float64]
    products: NDArray[np.float64]

    @classmethod
    def make_empty(cls, origin: NDArray[np.float64]) -> Self:
        """Makes the moments of no image, about an origin `(P, D)`."""
        positions, features = origin.shape
        zeros = np.zeros((positions, features, features))
        return cls(0, origin, np.zeros_like(origin), zeros)

    def add(self, features: NDArray[np.float32]) -> None:
        """Takes one image in; changes this object.

        Args:
            features: Its features, `(P, D)`.
        """
        moved = features - self.origin
        self.count += 1
        self.sums += moved
        self.products += moved[:, :, None] * moved[:, None, :]

    def __add__(self, other: Moments) -> Moments:
        return self._combine(other, 1)

    def __sub__(self, other: Moments) -> Moments:
        return self._combine(other, -1)

    def _combine(self, other: Moments, sign: int) -> Moments:
        return Moments(
            self.count + sign * other.count,
            self.origin,
            self.sums + sign * other.sums,
            self.products + sign * other.products,
        )


@dataclass(frozen=True, slots=True)
class PositionGaussian:
    """A Gaussian for each of P positions.

    Attributes:
        mean: `(P, D)` float32.
        precision: `(P, D, D)` float32, the inverse of the shrunk covariance.
    """

    mean: NDArray[np.float32]
    precision: NDArray[np.float32]

    def measure_distances(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Measures how far each position of an image is from what is usual there.

        Args:
            features: Its features, `(P, D)`.

        Returns:
            `(P,)` float32, Mahalanobis distances divided by √D: about 1 is usual.
        """
        moved = features - self.mean
        squares = np.einsum("pi,pi->p", (moved[:, None, :] @ self.precision)[:, 0, :], moved)
        distances: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0) / features.shape[1])
        return distances


def fit_gaussian(moments: Moments, *, shrinkage: float = SHRINKAGE, ridge: float = RIDGE) -> PositionGaussian:
    """Makes the Gaussians from the sums of at least two images.

    Args:
        moments: The moments of the images to learn from.
        shrinkage: The share of the mean covariance in each position's, 0 to 1.
        ridge: What is added to the diagonal, as a share of the mean variance.

    Raises:
        ValueError: There are fewer than two images.
    """
    if moments.count < 2:
        raise ValueError(f"a covariance needs two images or more, found {moments.count}")
    centre = moments.sums / moments.count
    covariance = moments.products - moments.count * centre[:, :, None] * centre[:, None, :]
    covariance /= moments.count - 1
    shared = covariance.mean(axis=0)
    covariance *= 1 - shrinkage
    covariance += shrinkage * shared
    size = shared.shape[0]
    covariance += (ridge * np.trace(shared) / size + _VARIANCE_MIN) * np.eye(size)
    precision = np.linalg.inv(covariance).astype(np.float32)
    return PositionGaussian((moments.origin + centre).astype(np.float32), precision)
