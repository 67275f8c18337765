"""Which images tell most about a model, and their pictures: image, mask and heat map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from darkroom.query import paint
from darkroom.training.detector import Detector
from darkroom.training.report.heat_map import draw_heat_map
from darkroom.training.results import Score, Training
from darkroom.training.samples import CategorySamples, iter_images, iter_masks

EXAMPLES_MAX = 6
"""Images shown for each category."""

PICTURE_PX = 192
"""Longest side of their pictures."""

_MISTAKES_MAX = 2


@dataclass(frozen=True, slots=True)
class Example:
    """One image that is shown.

    Attributes:
        score: What the model says of the image, and what is known of it.
        why: Why the image was chosen, in two or three words.
        image: The image itself, mode `RGB`.
        mask: Its mask, mode `L` in {0, 255}; None if it has none.
        heat_map: The heat map over the image, mode `RGB`.
    """

    score: Score
    why: str
    image: Image.Image
    mask: Image.Image | None
    heat_map: Image.Image


@dataclass(frozen=True, slots=True)
class CategoryPanel:
    """What a report shows of one category."""

    training: Training
    examples: tuple[Example, ...]


def make_panel(samples: CategorySamples, detector: Detector, training: Training) -> CategoryPanel:
    """Chooses examples of a training and draws them; reads only their tensors.

    Args:
        samples: Of the category.
        detector: Of the training.
        training: With all its scores.
    """
    by_key = {sample.sample_id: sample for sample in samples.tested}
    chosen = choose_examples(training.scores)
    stored = [by_key[score.sample_id] for score, _ in chosen]
    tensors = zip(iter_images(samples.reader, stored), iter_masks(samples.reader, stored), strict=True)
    examples = []
    for (score, why), ((_, image), (_, mask)) in zip(chosen, tensors, strict=True):
        examples.append(make_example(score, why, image, mask, detector))
    return CategoryPanel(training, tuple(examples))


def make_example(
    score: Score,
    why: str,
    image: NDArray[np.uint8],
    mask: NDArray[np.uint8] | None,
    detector: Detector,
    picture_px: int = PICTURE_PX,
) -> Example:
    """Draws one image with what the detector says of it.

    Args:
        score: Its facts.
        why: Why it was chosen.
        image: `(H, W, 3)` uint8, RGB.
        mask: `(H, W)` uint8 in {0, 1}; None if it has none.
        detector: Of its category.
        picture_px: Longest side of the pictures.
    """
    picture = paint.fit_picture(image, picture_px)
    heat_map = draw_heat_map(picture, detector.score_image(image).heat_map, detector.threshold)
    return Example(score, why, picture, None if mask is None else paint.fit_mask(mask, picture_px), heat_map)


def choose_examples(scores: Iterable[Score]) -> list[tuple[Score, str]]:
    """Chooses at most `EXAMPLES_MAX` images, mistakes first, each with why it was chosen."""
    chosen: dict[str, tuple[Score, str]] = {}
    for score, why in _iter_candidates(sorted(scores, key=lambda score: (score.score, score.sample_id))):
        chosen.setdefault(score.sample_id, (score, why))
    return list(islice(chosen.values(), EXAMPLES_MAX))


def _iter_candidates(rising: list[Score]) -> Iterator[tuple[Score, str]]:
    """Yields images by how much they tell; the same one may come twice."""
    found = [score for score in rising if score.is_defect and score.is_anomalous]
    passed = [score for score in rising if score.is_defect is False and not score.is_anomalous]
    missed = [score for score in rising if score.is_defect and not score.is_anomalous]
    alarms = [score for score in rising if score.is_defect is False and score.is_anomalous]
    unknown = [score for score in reversed(rising) if score.is_defect is None]
    yield from ((score, "missed defect") for score in missed[:_MISTAKES_MAX])
    yield from ((score, "false alarm") for score in reversed(alarms[-_MISTAKES_MAX:]))
    yield from ((score, "faintest found") for score in found[:1])
    yield from ((score, "clearest defect") for score in found[-1:])
    yield from ((score, "highest good") for score in passed[-1:])
    yield from ((score, "label unknown") for score in unknown[:_MISTAKES_MAX])
    yield from ((score, "defect found") for score in found[len(found) // 2 :])
    yield from ((score, "lowest good") for score in passed[:1])
    yield from ((score, "defect found") for score in found)
    yield from ((score, "good") for score in passed)
    yield from ((score, "missed defect") for score in missed)
    yield from ((score, "false alarm") for score in alarms)
    yield from ((score, "label unknown") for score in unknown)
