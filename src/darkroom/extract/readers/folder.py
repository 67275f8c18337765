"""Anything that looks like `<category>/<split>/<label>/<image>`, with masks in `ground_truth/` if any."""

from __future__ import annotations

from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks, reject_misplaced
from darkroom.extract.readers.places import (
    Category,
    CategoryFindings,
    CategoryFolder,
    LayoutFacts,
    PlacedFile,
    join_names,
    read_label,
)
from darkroom.sample import NORMAL, Split

NAME = "folder"
FACTS = LayoutFacts(title="folders of labels")
EXPECTED = "<split>/<label>/<image>, or ground_truth/<label>/<mask>"


def recognise(folder: CategoryFolder) -> str:
    """Returns why a category folder can be read as this layout: any can that has a split."""
    return f"{folder.name}/ has {join_names(folder.sections)} and no sign of another layout"


def read_category(category: Category) -> CategoryFindings:
    """Takes labels from label folders; images in none of them have no label but what their mask tells."""
    return read_label_folders(category, unlabelled_train=None)


def read_label_folders(category: Category, *, unlabelled_train: str | None) -> CategoryFindings:
    """Reads splits with label folders, beside them a folder of masks with the same label folders.

    Args:
        category: The category.
        unlabelled_train: The label of training images that are in no label folder.
    """
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    misplaced: list[PlacedFile] = []
    for files in category.images.values():
        place = files[0].place
        group = place.folders[0] if place.folders else None
        if len(place.folders) > 1:
            misplaced += files
        elif place.split is None:
            masks.append(FoundMask(files, group))
        else:
            unlabelled = unlabelled_train if place.split is Split.TRAIN else None
            label = unlabelled if group is None else read_label(group)
            images.append(FoundImage(files, place.split, label, group))
    findings = pair_masks(category, images, masks, NORMAL if masks else None)
    findings.rejects += reject_misplaced(category, misplaced, EXPECTED)
    return findings
