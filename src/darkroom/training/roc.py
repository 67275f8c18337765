"""How well scores tell defective from good: ROC curves, areas under them, precision and recall.

Source: the area under the ROC curve is the probability that a defective one has the higher score, ties
counting half, which is the statistic U of H. Mann and D. Whitney (1947) divided by the number of pairs; J.
Hanley and B. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
curve", Radiology 1982.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONTROL_ROUNDS = 200
"""Shufflings that the control takes the mean of."""

_DROPPED_BITS = 12
_BINS = 1 << (31 - _DROPPED_BITS)


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Points of a ROC curve, from (0, 0) to (1, 1).

    Attributes:
        false_positive_rates: The share of the good above each threshold, 0 to 1, rising.
        true_positive_rates: The share of the defective above it, 0 to 1, rising.
    """

    false_positive_rates: tuple[float, ...]
    true_positive_rates: tuple[float, ...]


def roc_auc(scores: ArrayLike, is_defect: ArrayLike) -> float | None:
    """Returns the exact area under the ROC curve; None if there are no defective or no good ones.

    Args:
        scores: `(N,)`, higher for what looks more defective.
        is_defect: `(N,)` bool.
    """
    values, positive = np.asarray(scores, np.float64), np.asarray(is_defect, bool)
    defect_count = int(positive.sum())
    good_count = positive.size - defect_count
    if not defect_count or not good_count:
        return None
    pairs_won = _rank(values)[positive].sum() - defect_count * (defect_count + 1) / 2
    return float(pairs_won / (defect_count * good_count))


def _rank(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1 on; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return ranks


def roc_curve(scores: ArrayLike, is_defect: ArrayLike) -> RocCurve | None:
    """Returns the ROC curve, one point per distinct score; None if there are no defective or no good ones.

    Args:
        scores: `(N,)`, higher for what looks more defective.
        is_defect: `(N,)` bool.
    """
    values, positive = np.asarray(scores, np.float64), np.asarray(is_defect, bool)
    if positive.all() or not positive.any():
        return None
    order = np.argsort(-values, kind="stable")
    is_last_of_ties = np.append(np.diff(values[order]) != 0, True)
    hits = np.cumsum(positive[order])[is_last_of_ties]
    alarms = np.cumsum(~positive[order])[is_last_of_ties]
    return RocCurve((0.0, *(alarms / alarms[-1]).tolist()), (0.0, *(hits / hits[-1]).tolist()))


@dataclass(frozen=True, slots=True)
class Confusion:
    """How images fared at a threshold, by truth and verdict."""

    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int

    @property
    def precision(self) -> float | None:
        """The share of the alarms that are right, 0 to 1; None without an alarm."""
        alarms = self.true_positives + self.false_positives
        return self.true_positives / alarms if alarms else None

    @property
    def recall(self) -> float | None:
        """The share of the defective that raised an alarm, 0 to 1; None without a defective one."""
        defects = self.true_positives + self.false_negatives
        return self.true_positives / defects if defects else None


def count_confusion(is_anomalous: Sequence[bool], is_defect: Sequence[bool]) -> Confusion:
    """Counts verdicts by truth."""
    pairs = list(zip(is_anomalous, is_defect, strict=True))
    return Confusion(
        true_positives=pairs.count((True, True)),
        false_positives=pairs.count((True, False)),
        true_negatives=pairs.count((False, False)),
        false_negatives=pairs.count((False, True)),
    )


def shuffled_label_auc(
    scores: ArrayLike, is_defect: ArrayLike, *, seed: int = 0, rounds: int = CONTROL_ROUNDS
) -> float | None:
    """Returns the control: the mean area when labels are dealt to scores by chance.

    About 0.5, or the measure is broken.

    Args:
        scores: `(N,)`, higher for what looks more defective.
        is_defect: `(N,)` bool.
        seed: The seed of the shuffling.
        rounds: How many times to shuffle.
    """
    labels = np.array(is_defect, bool)
    rng = np.random.default_rng(seed)
    areas = [roc_auc(scores, rng.permutation(labels)) for _ in range(rounds)]
    known = [area for area in areas if area is not None]
    return float(np.mean(known)) if known else None


class PixelHistogram:
    """The area under a ROC curve over any number of pixels, in 8 MB.

    A pixel's bin is the upper 19 bits of its score's float32 pattern, which for numbers from 0 on sorts as
    the numbers do: no range need be known before, and scores less than 1/2000 apart (relatively) count as
    ties.
    """

    def __init__(self) -> None:
        self._good = np.zeros(_BINS, np.int64)
        self._defect = np.zeros(_BINS, np.int64)

    def add(self, heat_map: NDArray[np.float32], mask: NDArray[np.uint8]) -> None:
        """Counts the pixels of one image.

        Args:
            heat_map: `(H, W)` float32, 0 or more.
            mask: `(H, W)` uint8 in {0, 1}.
        """
        bins = (np.ascontiguousarray(heat_map, np.float32).view(np.uint32) >> _DROPPED_BITS).ravel()
        is_defect = mask.ravel() > 0
        self._defect += np.bincount(bins[is_defect], minlength=_BINS)
        self._good += np.bincount(bins[~is_defect], minlength=_BINS)

    def roc_auc(self) -> float | None:
        """Returns the area; None if there are no defective or no good pixels."""
        defect_count, good_count = int(self._defect.sum()), int(self._good.sum())
        if not defect_count or not good_count:
            return None
        good_below = np.cumsum(self._good) - self._good
        won = float((self._defect * (good_below + self._good / 2)).sum())
        return won / (defect_count * good_count)
