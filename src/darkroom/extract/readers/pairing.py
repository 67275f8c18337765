"""Masks find their images by key: the label folder and the stem."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from darkroom.extract.readers.places import Category, CategoryFindings, PlacedFile
from darkroom.sample import NORMAL, Reason, Reject, Sample, Split

_MASK_ENDING = re.compile(r"_(mask|label)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image that has its place in the layout.

    Attributes:
        files: The file, and its further copies.
        split: The split that it stands in.
        label: The label that its folder or `Labels.txt` tells; None where only the mask can tell.
        group: What its mask must share with it beside the stem; None where the layout was flattened.
    """

    files: tuple[PlacedFile, ...]
    split: Split
    label: str | None
    group: str | None


@dataclass(frozen=True, slots=True)
class FoundMask:
    """A mask that has its place in the layout; attributes as in `FoundImage`."""

    files: tuple[PlacedFile, ...]
    group: str | None


def pair_masks(
    category: Category, images: Sequence[FoundImage], masks: Sequence[FoundMask], unmasked_label: str | None
) -> CategoryFindings:
    """Makes samples of images and the masks that belong to them; masks left over become rejects.

    Args:
        category: The category that all of them are in.
        images: The images of the category.
        masks: The masks of the category.
        unmasked_label: What an image without label and mask is.
    """
    index = _Index(images)
    paired: dict[str, list[PlacedFile]] = defaultdict(list)
    findings = CategoryFindings()
    for mask in masks:
        owners = index.find(mask)
        if len(owners) == 1:
            paired[owners[0].files[0].inner_path] += mask.files
        else:
            findings.rejects += _reject_mask(category, mask, owners)
    for image in images:
        of_image = paired.get(image.files[0].inner_path, [])
        findings.samples.append(_make_sample(category, image, of_image, unmasked_label))
    return findings


def reject_misplaced(category: Category, files: Iterable[PlacedFile], expected: str) -> list[Reject]:
    """Returns a reject for each image that stands in a folder without a meaning."""
    message = f"an image where the layout has none: {expected} was expected"
    return [Reject(file.file, category.source_dataset, Reason.OUTSIDE_LAYOUT, message) for file in files]


class _Index:
    """Images by group and stem."""

    def __init__(self, images: Iterable[FoundImage]) -> None:
        self._by_key: dict[tuple[str | None, str], list[FoundImage]] = defaultdict(list)
        self._by_stem: dict[str, list[FoundImage]] = defaultdict(list)
        for image in images:
            stem = _normalise(image.files[0].stem)
            # by its stem alone no clean training image gets a mask: its number may be that of a test image
            is_findable = image.split is not Split.TRAIN or image.label != NORMAL
            if is_findable:
                self._by_stem[stem].append(image)
            if is_findable or image.group is not None:
                self._by_key[image.group, stem].append(image)

    def find(self, mask: FoundMask) -> list[FoundImage]:
        """Returns the images that a mask could belong to: one, none, or an ambiguous lot."""
        stem = _normalise(mask.files[0].stem)
        for candidate in dict.fromkeys([_MASK_ENDING.sub("", stem), stem]):
            if owners := self._find_stem(mask.group, candidate):
                return _narrow(owners, mask.files[0].suffix)
        return []

    def _find_stem(self, group: str | None, stem: str) -> list[FoundImage]:
        if group is None:
            return self._by_stem.get(stem, [])
        return self._by_key.get((group, stem)) or self._by_key.get((None, stem), [])


def _narrow(owners: list[FoundImage], suffix: str) -> list[FoundImage]:
    """Keeps, of images with one key, those with the ending of the mask, and of these those not in train, if any."""
    same_suffix = [image for image in owners if image.files[0].suffix == suffix] or owners
    return [image for image in same_suffix if image.split is not Split.TRAIN] or same_suffix


def _normalise(stem: str) -> str:
    # an archive packed on macOS spells accents in another way than the rest of the world
    return stem if stem.isascii() else unicodedata.normalize("NFC", stem)


def _make_sample(category: Category, image: FoundImage, masks: list[PlacedFile], unmasked_label: str | None) -> Sample:
    first, *copies = image.files
    mask_files = [mask.file for mask in masks]
    return Sample(
        sample_id=category.sample_id(first.inner_path),
        source_dataset=category.source_dataset,
        category=category.name,
        split=image.split,
        label=image.label,
        image=first.file,
        mask=mask_files[0] if mask_files else None,
        copies=tuple(copy.file for copy in copies),
        mask_copies=tuple(mask_files[1:]),
        unmasked_label=unmasked_label if image.label is None else None,
    )


def _reject_mask(category: Category, mask: FoundMask, owners: list[FoundImage]) -> list[Reject]:
    if owners:
        names = ", ".join(owner.files[0].inner_path for owner in owners[:3])
        reason = Reason.AMBIGUOUS_MASK
        message = f"a mask that could belong to any of {len(owners)} images ({names}): name its label folder too"
    else:
        stem = _MASK_ENDING.sub("", mask.files[0].stem)
        among = f" among the images of {mask.group}" if mask.group else ""
        reason = Reason.ORPHAN_MASK
        message = f"a mask without an image: none{among} in {category.name} has the stem {stem}"
    return [Reject(file.file, category.source_dataset, reason, message) for file in mask.files]
