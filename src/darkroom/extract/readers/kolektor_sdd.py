"""Kolektor SDD: `kosNN/PartN.jpg`, each with a mask `PartN_label.bmp` beside it; a folder for each item.

Only the pixels of a mask tell whether an image is defective: an empty one means `good`. It has one category.

Its authors cross-validate in three folds and publish no train and test. The fold here keeps all images of an item
together, so train holds defective images too: every item has one, and whole items and good images alone in train cannot
both be had.

Source: https://www.vicos.si/resources/kolektorsdd/
"""

from __future__ import annotations

import re

from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, Place, is_below_split
from darkroom.extract.readers.splits import fold
from darkroom.keys import make_key
from darkroom.layout_words import cut_mask_word

_NAME = "kolektor_sdd"
_FOLDER = re.compile(r"(?:(.*)/)?(kos\d\d)", re.IGNORECASE)
_FOLD = (
    "no train and test are published, so darkroom's own fixed fold: about 80 % of the items train, with their defects"
)


def find_place(folder: str) -> Place | None:
    """Returns where the folder of an item stands; None if it is none."""
    match = _FOLDER.fullmatch(folder)
    return Place(match[1] or "", match[2], (), _NAME) if match and not is_below_split(match[1] or "") else None


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a folder is taken for this layout; None if it is not."""
    return f"it has folders called like {folder.sections[0]}/" if folder.layout == _NAME else None


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Pairs masks by item and stem; the masks tell the labels."""
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    for files in category.images.values():
        item = files[0].place.section
        if cut_mask_word(files[0].stem) != files[0].stem:
            masks.append(FoundMask(files, item))
        else:
            images.append(FoundImage(files, fold(f"{_NAME}/{category.name}/{make_key(item)}"), None, item))
    findings = pair_masks(category, images, masks)
    findings.remarks.append((_FOLD, category.name))
    return findings


LAYOUT = Layout(
    name=_NAME,
    title="Kolektor SDD",
    expected="kos01/<image>.jpg, <image>_label.bmp beside it",
    signs=frozenset({"kos01", "kos02"}),
    recognise=recognise,
    read_category=read_category,
    find_place=find_place,
    category="commutator",
)
