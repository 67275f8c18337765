"""What an audit looks for, and what it found: plain values, worded for whoever trains next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConcernCase:
    """One thing found.

    Attributes:
        where: The image dataset, and the category where it is of one: `mvtec_ad/bottle`.
        what: What is the matter, in words.
        samples: The `sample_id`s it is about, sorted by split where they are copies; of rejects, their paths; of a
            drift, those of the side with fewer images.
        measure: How strong it is, where that is a number; each rule says what it means.
    """

    where: str
    what: str
    samples: tuple[str, ...]
    measure: float | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """What one rule found, be it nothing.

    Attributes:
        name: A short code for the rule, which never changes.
        title: What it looks for, in words.
        advice: What to do about it, one sentence.
        is_serious: Whether results can be wrong because of it; else it is worth knowing.
        cases: All that was found, sorted.
    """

    name: str
    title: str
    advice: str
    is_serious: bool
    cases: tuple[ConcernCase, ...]

    @property
    def case_count(self) -> int:
        """How many cases there are."""
        return len(self.cases)

    @property
    def sample_count(self) -> int:
        """How many samples, or rejected files, they are about."""
        return len({sample for case in self.cases for sample in case.samples})


_RULES = {
    "identical_across_splits": (
        "identical images across splits",
        "Keep each image in one split only: what is tested on was trained on, and scores come out too good.",
        True,
    ),
    "near_identical_across_splits": (
        "near-identical images across splits",
        "Look at the pairs (`sheet`), and where one is a copy of the other, keep both in one split.",
        True,
    ),
    "identical_with_other_labels": (
        "identical images with different labels",
        "Decide which label is right and delete the other file; both cannot be learnt.",
        True,
    ),
    "identical_within_split": (
        "identical images within a split",
        "Delete all but one: each copy counts once more in training and in every score.",
        False,
    ),
    "near_identical_within_split": (
        "near-identical images within a split",
        "Look at the pairs (`sheet`), and delete copies; keep in mind that they would leak if the split is divided.",
        False,
    ),
    "defect_without_mask": (
        "defects without a mask",
        "Other images have masks: draw these, too, or keep them out of scores by pixel, where they count as good.",
        True,
    ),
    "mask_on_good": (
        "good images whose mask has a defect",
        "Look at the images: either the label is wrong, or the mask belongs to another one.",
        True,
    ),
    "empty_mask": (
        "masks without a defect pixel",
        "Draw these masks again, or delete them: until then, the defect counts as good pixels.",
        True,
    ),
    "full_mask": (
        "masks over the whole image",
        "Look whether they are inverted, or stand for an image that nobody outlined.",
        True,
    ),
    "size_or_mode_differs": (
        "original sizes or modes that differ between splits",
        "Find out where these files come from: a model can tell splits by sharpness or colour in place of defects.",
        False,
    ),
    "drift_between_splits": (
        "brightness or contrast of good images drifts between splits",
        "Find out what changed (lamp, camera, exposure), and train on images from both sides of it.",
        False,
    ),
    "drift_between_sources": (
        "brightness or contrast of good images differs between sources of a category",
        "Train and test on each source, or even them out first: the source shows in every pixel.",
        False,
    ),
    "rejects": (
        "files that could not be used",
        "See `darkroom query rejects_by_reason`, mend or delete the files, and `darkroom ingest` again.",
        False,
    ),
}

NAMES = tuple(_RULES)
"""The rules, in the order of a report."""


def make_concern(name: str, cases: Iterable[ConcernCase]) -> Concern:
    """Makes the concern of a rule from its cases, in whatever order they come."""
    title, advice, is_serious = _RULES[name]
    return Concern(name, title, advice, is_serious, tuple(sorted(cases, key=lambda case: (case.where, case.samples))))
