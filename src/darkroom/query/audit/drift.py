"""Brightness, colour and contrast that part splits of a category, or its sources, though they should look alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from darkroom.keys import make_key
from darkroom.query.audit.concerns import ConcernCase
from darkroom.query.audit.looks import CHANNELS, Looks

SPREADS_MIN = 1.0
"""Means that are further apart than this many times the spread within are a concern. At one spread, the best guess from
brightness alone tells the split of 69 % of images where 50 % is chance: Φ(1/2). Cohen calls 0.8 a large effect.

Source: Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988), chapter 2.
"""

ERRORS_MIN = 5.0
"""… and further than this many times the standard error of their difference (Welch), so that few images that differ
by chance are none."""

IMAGES_MIN = 8
"""Good images that each side must have."""

_SPREAD_FLOOR = 0.5
"""Levels that the spread within is taken for at least: images are rounded to whole levels."""

_GREY_MAX = 0.01
"""Levels up to which the channels of an image are one grey."""

_FEATURES = tuple(f"{what} of {channel}" for what in ("mean", "contrast") for channel in CHANNELS)
_GREY_FEATURES = {0: "brightness", 3: "contrast"}


@dataclass(slots=True)
class Side:
    """Good images that are compared with others.

    Attributes:
        samples: Their `sample_id`s.
        levels: The six levels of each, as `Looks` has them.
    """

    samples: list[str] = field(default_factory=list)
    levels: list[NDArray[np.float32]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.samples)

    def extend(self, other: Side) -> None:
        """Adds the images of another side."""
        self.samples += other.samples
        self.levels += other.levels


class GoodLevels:
    """Collects the levels of good images: in MVTec AD, training has no other, and defects are dark or bright."""

    def __init__(self) -> None:
        self._sides: defaultdict[tuple[str, str, str], Side] = defaultdict(Side)

    def add(self, looks: Looks) -> None:
        """Adds the good images of a category."""
        for key, levels in zip(looks.keys, looks.levels, strict=True):
            if key.is_defect is False:
                self._sides[key.category, key.source_dataset, key.split].extend(Side([key.sample_id], [levels]))

    def find_between_splits(self) -> Iterator[ConcernCase]:
        """Yields pairs of splits of a category that are apart; `measure` is by how many spreads."""
        by_place: defaultdict[str, dict[str, Side]] = defaultdict(dict)
        for (category, source, split), side in self._sides.items():
            by_place[f"{source}/{category}"][split] = side
        for where, sides in by_place.items():
            yield from _compare_all(where, sides)

    def find_between_sources(self) -> Iterator[ConcernCase]:
        """Yields pairs of image datasets whose categories of one name are apart."""
        by_category: defaultdict[str, defaultdict[str, Side]] = defaultdict(lambda: defaultdict(Side))
        for (category, source, _), side in self._sides.items():
            by_category[make_key(category)][source].extend(side)
        for where, sides in by_category.items():
            yield from _compare_all(where, sides)


def _compare_all(where: str, sides: Mapping[str, Side]) -> Iterator[ConcernCase]:
    for one, other in combinations(sorted(sides), 2):
        pair = sides[one], sides[other]
        if min(map(len, pair)) >= IMAGES_MIN and (found := _compare(one, other, *map(_stack, pair))):
            what, spreads = found
            yield ConcernCase(where, what, tuple(sorted(min(pair, key=len).samples)), spreads)


def _stack(side: Side) -> NDArray[np.float64]:
    return np.stack(side.levels).astype(np.float64)


def _compare(one: str, other: str, ones: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[str, float] | None:
    """Says what is furthest apart, and by how many spreads; None where nothing is far enough."""
    means = np.stack([ones.mean(0), others.mean(0)])
    variances = np.maximum(np.stack([ones.var(0, ddof=1), others.var(0, ddof=1)]), _SPREAD_FLOOR**2)
    difference = np.abs(means[0] - means[1])
    spreads = difference / np.sqrt(variances.mean(0))
    errors = difference / np.sqrt(variances[0] / len(ones) + variances[1] / len(others))
    is_apart = (spreads >= SPREADS_MIN) & (errors >= ERRORS_MIN)
    if not is_apart.any():
        return None
    furthest = int(np.where(is_apart, spreads, 0).argmax())
    is_grey = all(np.ptp(side[:, :3], axis=1).max() < _GREY_MAX for side in (ones, others))
    name = _GREY_FEATURES[furthest // 3 * 3] if is_grey else _FEATURES[furthest]
    return (
        f"{name} {means[0, furthest]:.1f} in {one}, {means[1, furthest]:.1f} in {other}: {spreads[furthest]:.1f} times "
        f"the spread within ({len(ones):,} and {len(others):,} good images)",
        float(np.round(spreads[furthest], 2)),
    )
