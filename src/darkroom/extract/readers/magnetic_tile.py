"""Magnetic Tile: `MT_<defect>/Imgs/*.jpg`, each with a mask of the same stem (`.png`) beside it; `MT_Free` is good.

It has one category, and no split is published.

Source: https://github.com/abin24/Magnetic-tile-defect-datasets.
"""

from __future__ import annotations

import re

from darkroom.extract.readers.labels import read_label
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks
from darkroom.extract.readers.places import (
    Category,
    CategoryFindings,
    CategoryFolder,
    Place,
    is_below_split,
    join_names,
)
from darkroom.extract.readers.splits import NO_SPLIT_PUBLISHED, fold_labelled
from darkroom.keys import make_key

_NAME = "magnetic_tile"
_JPEG = frozenset({".jpg", ".jpeg", ".jpe", ".jfif"})
_FOLDER = re.compile(r"(?:(.*)/)?(mt_[^/]+)/(imgs)", re.IGNORECASE)


def find_place(folder: str) -> Place | None:
    """Returns where a folder of images stands; None if it is none of Magnetic Tile's."""
    match = _FOLDER.fullmatch(folder)
    if not match or is_below_split(match[1] or ""):
        return None
    return Place(match[1] or "", match[3], (match[2],), _NAME)


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a folder is taken for this layout; None if it is not."""
    if folder.layout != _NAME:
        return None
    return f"it has {join_names(f'{label}/Imgs' for label in sorted(folder.inner_folders))}"


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Takes labels from folders and pairs masks by folder and stem.

    Published images are JPEG, and whatever else there is is a mask. Where there is no JPEG at all, PNGs are the masks.
    """
    suffixes = {files[0].suffix for files in category.images.values()}
    has_jpeg = bool(suffixes & _JPEG)
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    for path, files in category.images.items():
        folder = files[0].place.folders[0]
        if files[0].suffix not in _JPEG if has_jpeg else files[0].suffix == ".png":
            masks.append(FoundMask(files, folder))
        else:
            word = folder.partition("_")[2]
            label = read_label(word, category.normal_words) or word
            images.append(
                FoundImage(files, fold_labelled(label, f"{_NAME}/{category.name}/{make_key(path)}"), label, folder)
            )
    findings = pair_masks(category, images, masks)
    findings.remarks.append((NO_SPLIT_PUBLISHED, category.name))
    return findings


LAYOUT = Layout(
    name=_NAME,
    title="Magnetic Tile",
    expected="MT_<defect>/Imgs/<image>.jpg, <image>.png beside it",
    signs=frozenset({"mt_free", "imgs"}),
    recognise=recognise,
    read_category=read_category,
    find_place=find_place,
    category="magnetic_tile",
)
