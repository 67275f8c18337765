"""Anything that looks like `<category>/<split>/<label>/<image>`, with masks in `ground_truth/` if any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from darkroom.extract.readers.labels import describe_doubt, read_label
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks, reject_misplaced
from darkroom.extract.readers.places import (
    Category,
    CategoryFindings,
    CategoryFolder,
    PlacedFile,
    find_mask_folders,
    join_names,
)
from darkroom.keys import make_key
from darkroom.sample import Split

PARTS_DEPTH = 2
"""Folders below `ground_truth/` where an image has several masks: its label, and its stem."""

_EXPECTED = "<split>/<label>/<image>, ground_truth/<label>/<mask> or ground_truth/<label>/<stem>/<mask>"


def recognise(folder: CategoryFolder) -> str:
    """Returns why a category folder can be read as this layout: any can that has a split."""
    return f"{folder.name}/ has {join_names(folder.sections)} and no sign of another layout"


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Takes labels from label folders; images in none of them have no label but what their mask tells."""
    return read_label_folders(category, unlabelled_train=None)


def read_label_folders(category: Category, *, unlabelled_train: str | None) -> CategoryFindings:
    """Reads splits with label folders.

    Masks stand in a folder beside the splits with the same label folders, in which there may be folders for the splits
    (`ground_truth/test/<label>/<mask>`), or in folders of masks in each split. Where
    an image has several, they stand in a folder that bears its stem: `ground_truth/<label>/<stem>/<mask>`.

    Args:
        category: The category.
        unlabelled_train: The label of training images that are in no label folder and have no mask.
    """
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    misplaced: list[PlacedFile] = []
    mask_folders = find_mask_folders([files[0] for files in category.images.values()])
    places = {files[0].place for files in category.images.values()}
    label_folders = {make_key(place.folders[0]) for place in places if place.split and place.folders}
    for files in category.images.values():
        place = files[0].place
        folders, mask_split = place.folders, place.mask_split
        # a label may be called like a split too
        if mask_split and make_key(folders[0]) in label_folders:
            mask_split = None
        folders = folders[1:] if mask_split else folders
        group = folders[0] if folders else None
        if place.split is None and len(folders) == PARTS_DEPTH:
            masks.append(FoundMask(files, group, mask_split, owner=folders[1]))
        elif len(folders) > 1:
            misplaced += files
        elif place.split is None:
            masks.append(FoundMask(files, group, mask_split, is_placed=True))
        elif group is not None and group in mask_folders:
            masks.append(FoundMask(files, mask_folders.labels[make_key(group)], place.split))
        else:
            label = None if group is None else read_label(group, category.normal_words)
            assumed = unlabelled_train if place.split is Split.TRAIN else None
            images.append(FoundImage(files, place.split, label, None if label is None else group, assumed))
    findings = pair_masks(category, images, masks)
    findings.rejects += reject_misplaced(category, misplaced, _EXPECTED)
    findings.remarks += [*mask_folders.describe(category.name), *_describe_doubts(category, images)]
    return findings


def _describe_doubts(category: Category, images: Iterable[FoundImage]) -> Iterator[tuple[str, str]]:
    """Yields a remark for each split of which nobody knows which label is the normal one."""
    labels: dict[str, set[str | None]] = defaultdict(set)
    for image in images:
        labels[image.files[0].place.section].add(image.label)
    for section, found in sorted(labels.items()):
        if doubt := describe_doubt(found):
            yield doubt, f"{category.name}/{section}"


LAYOUT = Layout(
    name="folder",
    title="folders of labels",
    expected="<category>/<split>/<label>/<image>",
    signs=frozenset({"train", "test", "val"}),
    recognise=recognise,
    read_category=read_category,
)
