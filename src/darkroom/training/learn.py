"""Good training images in, a detector with its threshold out. No other image is read here.

The threshold needs no test image either. The good training images are dealt into parts; each is scored by a
model of the other parts; the threshold is the ⌈(n + 1)(1 − rate)⌉-th smallest of these n scores (the largest,
if there are too few). Another good image then lies above it with a probability of about `rate`, or
1 / (n + 1) if that is more.

Source: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", 2005 (conformal
prediction; here by cross-validation, so that the bound holds nearly rather than exactly).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from darkroom.errors import OptionError
from darkroom.progress import ProgressCounter
from darkroom.query.tensors import TensorReader
from darkroom.training.detector import Detector, make_heat_map, score_heat_map
from darkroom.training.features import MEASURED_SIZE_PX, SIZE_PX_MAX, SIZE_PX_MIN, extract_features
from darkroom.training.gaussian import Moments, fit_gaussian
from darkroom.training.samples import CategorySamples, StoredSample, deal, iter_images

TRAIN_COUNT_MIN = 3
"""Good images that a model needs: with one held out for the threshold, two are left for a covariance."""

PARTS = 8
"""Parts that the good images are dealt into, at most; each costs about 10 MB."""

FALSE_ALARM_RATE = 0.05
"""Share of good images that may be called anomalous."""

ODD_RATIO = 3.0
"""Multiple of the median score of good images from which on a threshold is worth a look."""


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How to train; `darkroom.training.train.train` says what each means."""

    size_px: int = MEASURED_SIZE_PX
    seed: int = 0
    holdout: int = 0
    false_alarm_rate: float = FALSE_ALARM_RATE

    def check(self) -> None:
        """Checks the numbers.

        Raises:
            OptionError: One is out of its range.
        """
        if not SIZE_PX_MIN <= self.size_px <= SIZE_PX_MAX:
            raise OptionError(f"`size_px` {self.size_px}: expected {SIZE_PX_MIN} to {SIZE_PX_MAX} pixels.")
        if self.holdout < 0:
            raise OptionError(f"`holdout` {self.holdout}: expected a number of images, 0 or more.")
        if not 0 < self.false_alarm_rate < 1:
            raise OptionError(f"`false_alarm_rate` {self.false_alarm_rate}: expected more than 0 and less than 1.")


def learn_detector(
    samples: CategorySamples, options: TrainOptions, counter: ProgressCounter
) -> tuple[Detector, str | None]:
    """Learns a model and its threshold from `samples.train`, reading each image twice.

    Args:
        samples: The samples, at least `TRAIN_COUNT_MIN` of them to learn from.
        options: How to train.
        counter: Counts each image read.

    Returns:
        The detector, and what is odd about its threshold, or None.
    """
    parts = _deal_parts(samples.train, options.seed)
    moments = _gather_moments(samples.reader, parts, options.size_px, counter)
    gaussian = fit_gaussian(reduce(add, moments))
    scored = dict(_score_held_out(samples.reader, parts, moments, options.size_px, counter))
    good_scores = list(scored.values())
    detector = Detector(
        samples.source_dataset,
        samples.category,
        options.size_px,
        make_threshold(good_scores, options.false_alarm_rate),
        samples.fingerprint,
        gaussian,
    )
    return detector, explain_threshold(scored, detector.threshold)


def _deal_parts(train_samples: Sequence[StoredSample], seed: int) -> list[list[StoredSample]]:
    part_count = min(PARTS, len(train_samples))
    dealt = deal(train_samples, seed)
    return [dealt[number::part_count] for number in range(part_count)]


def _gather_moments(
    reader: TensorReader, parts: list[list[StoredSample]], size_px: int, counter: ProgressCounter
) -> list[Moments]:
    """Gathers the moments of each part, all about the features of the very first image."""
    moments: list[Moments] = []
    for part in parts:
        for number, (_, image) in enumerate(iter_images(reader, part)):
            features = extract_features(image, size_px)
            flat = features.reshape(-1, features.shape[-1])
            if number == 0:
                origin = moments[0].origin if moments else flat.astype(np.float64)
                moments.append(Moments.make_empty(origin))
            moments[-1].add(flat)
            counter.advance()
    return moments


def _score_held_out(
    reader: TensorReader,
    parts: list[list[StoredSample]],
    moments: list[Moments],
    size_px: int,
    counter: ProgressCounter,
) -> Iterator[tuple[str, float]]:
    """Scores each good image by a model of the parts that it is not in."""
    everything = reduce(add, moments)
    for part, own in zip(parts, moments, strict=True):
        gaussian = fit_gaussian(everything - own)
        for sample, image in iter_images(reader, part):
            yield sample.sample_id, score_heat_map(make_heat_map(gaussian, image, size_px))
            counter.advance()


def make_threshold(good_scores: Sequence[float], false_alarm_rate: float = FALSE_ALARM_RATE) -> float:
    """Returns the score that good images exceed with a probability of about `false_alarm_rate`.

    Args:
        good_scores: The scores of n good images, each scored by a model that has not seen it.
        false_alarm_rate: The probability, 0 to 1; below 1 / (n + 1) the largest score is all that can be given.

    Raises:
        ValueError: There is no score.
    """
    if not good_scores:
        raise ValueError("a threshold needs the score of one good image or more")
    rank = math.ceil((len(good_scores) + 1) * (1 - false_alarm_rate))
    return sorted(good_scores)[min(rank, len(good_scores)) - 1]


def explain_threshold(good_scores: dict[str, float], threshold: float) -> str | None:
    """Says which good image makes the threshold high, if one does: it may not be good.

    Args:
        good_scores: By `sample_id`, what `make_threshold` got.
        threshold: What it gave.
    """
    ratio = threshold / max(float(np.median(list(good_scores.values()))), 1e-9)
    if ratio < ODD_RATIO:
        return None
    sample_id = min(good_scores, key=lambda key: abs(good_scores[key] - threshold))
    return f"the threshold is {ratio:.1f} times the median score of good training images: is {sample_id} good?"
