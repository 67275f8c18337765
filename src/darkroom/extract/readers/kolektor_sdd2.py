"""Kolektor SDD2: `{train,test}/NNNNN.png`, each with a mask `NNNNN_GT.png` beside it; an empty one means `good`.

It has one category. Both splits hold defective images, and only the pixels of a mask tell which they are. The published
archive holds `10301 (copy).png` and its mask: copies, and compared as such.

Source: https://www.vicos.si/resources/kolektorsdd2/
"""

from __future__ import annotations

import re
from collections import defaultdict

from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks, reject_misplaced
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, PlacedFile, join_names
from darkroom.keys import make_key
from darkroom.layout_words import cut_mask_word
from darkroom.sample import Split

_EXPECTED = "<split>/10000.png, or <split>/10000_GT.png"
_STEM = re.compile(r"\d{5}(_GT)?( \(copy\))?", re.IGNORECASE)
_ONE_IN = 10
"""One file in so many may be called otherwise: one that somebody put there must not make it all something else."""
_COPY = re.compile(r" \(copy\)$", re.IGNORECASE)


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a folder is taken for this layout; None if more than a few files in it are called otherwise."""
    if not folder.splits <= {Split.TRAIN, Split.TEST} or folder.has_ground_truth:
        return None
    matches = [match for image in folder.images if (match := _match(image))]
    if not any(match[1] for match in matches) or not _are_most(len(matches), len(folder.images)):
        return None
    amount = "all" if len(matches) == len(folder.images) else "nearly all"
    return f"{amount} images in {join_names(folder.sections)} are called like 10000, and their masks like 10000_GT"


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Pairs masks by split and stem; the masks tell the labels.

    Where nearly all files are called as published, an image without a mask that is not is somebody's preview or plot.
    """
    files_of = _join_copies(category)
    is_numbered = _are_most(sum(_match(files[0]) is not None for files in files_of.values()), len(files_of))
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    misplaced: list[PlacedFile] = []
    for files in files_of.values():
        place = files[0].place
        if place.split is None or place.folders:
            misplaced += files
        elif cut_mask_word(files[0].stem) != files[0].stem:
            masks.append(FoundMask(files, place.section))
        else:
            images.append(FoundImage(files, place.split, None, place.section))
    with_mask = {(mask.group, make_key(cut_mask_word(mask.stem))) for mask in masks}
    for image in list(images) if is_numbered else ():
        if not _match(image.files[0]) and (image.group, make_key(image.files[0].stem)) not in with_mask:
            images.remove(image)
            misplaced += image.files
    findings = pair_masks(category, images, masks)
    findings.rejects += reject_misplaced(category, misplaced, _EXPECTED)
    return findings


def _match(image: PlacedFile) -> re.Match[str] | None:
    return None if image.place.folders else _STEM.fullmatch(image.stem)


def _are_most(count: int, total: int) -> bool:
    return (total - count) * _ONE_IN <= total


def _join_copies(category: Category) -> dict[str, tuple[PlacedFile, ...]]:
    """Returns the files by the key of their path, those called a copy behind the one that they are a copy of."""
    joined: dict[str, tuple[PlacedFile, ...]] = defaultdict(tuple)
    for path, files in sorted(category.images.items(), key=lambda item: len(item[0])):
        stem, dot, suffix = path.rpartition(".")
        joined[f"{_COPY.sub('', stem)}{dot}{make_key(suffix)}"] += files
    return joined


LAYOUT = Layout(
    name="kolektor_sdd2",
    title="Kolektor SDD2",
    expected="train/<image>.png and test/<image>.png, <image>_GT.png beside it",
    signs=frozenset({"train", "test"}),
    recognise=recognise,
    read_category=read_category,
    category="surface",
)
