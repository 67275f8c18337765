"""DAGM 2007: `ClassN/{Train,Test}/NNNN.PNG`, masks in `Label/NNNN_label.PNG`, labels in `Label/Labels.txt`.

Both splits hold defective images. Where `Labels.txt` is there, it tells which; else the masks do.

Source: https://zenodo.org/records/12750201
"""

from __future__ import annotations

import re

from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks, reject_misplaced
from darkroom.extract.readers.places import (
    Category,
    CategoryFindings,
    CategoryFolder,
    PlacedFile,
    join_names,
)
from darkroom.keys import make_key
from darkroom.layout_words import SPLITS, cut_mask_word
from darkroom.sample import DEFECT, NORMAL, FileEntry, FileKey, Split

_LABELS_FILE = "labels.txt"
_LABEL_FOLDER = "label"
_EXPECTED = "<split>/<image>, or <split>/Label/<mask>"
_CLASS = re.compile(r"class\d+", re.IGNORECASE)
_NO_LABELS = "no Labels.txt, the masks tell"
_PARTIAL_LABELS = "Labels.txt does not list every image, for the others the masks tell"
_DAMAGED_LABELS = "Labels.txt cannot be understood, the masks tell"
_CONTRADICTED_LABELS = "Labels.txt calls images good that have a mask"

LabelKey = tuple[Split | None, str]


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    for image in folder.images:
        if _is_mask(image) and image.stem.lower().endswith("_label"):
            where = "/".join((folder.name, image.place.section, *image.place.folders))
            return f"{where}/ has masks called *_label"
    for path in filter(_is_labels_file, folder.texts):
        return f"{folder.name}/ has {path}"
    if not _CLASS.fullmatch(folder.name) or folder.has_ground_truth:
        return None
    inner = {make_key(name) for name in folder.inner_folders}
    if not inner or (inner == {_LABEL_FOLDER} and _LABEL_FOLDER in folder.mask_folders):
        return f"{folder.name}/ is called like a class of it and has {join_names(folder.sections)}"
    return None


def read_category(category: Category, read: ReadFile) -> CategoryFindings:
    """Pairs masks by split and stem, and takes labels from `Labels.txt`."""
    labels = _Labels(category, read)
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    misplaced: list[PlacedFile] = []
    for files in category.images.values():
        place = files[0].place
        if _is_mask(files[0]):
            # one that is not called so has to look like a mask
            is_called = cut_mask_word(files[0].stem) != files[0].stem
            masks.append(FoundMask(files, place.split, None if is_called else place.split))
        elif place.split is None or place.folders:
            misplaced += files
        else:
            images.append(FoundImage(files, place.split, labels.find(files[0]), place.split))
    # with neither mask nor Labels.txt in the whole category, nobody knows what is good
    findings = pair_masks(category, images, masks, is_labelled=bool(labels.by_key))
    findings.rejects += reject_misplaced(category, misplaced, _EXPECTED)
    findings.remarks = labels.remarks()
    findings.texts = labels.texts
    if any(sample.mask and sample.label == NORMAL for sample in findings.samples):
        findings.remarks.append((_CONTRADICTED_LABELS, category.name))
    return findings


def parse_labels(content: bytes) -> dict[str, str]:
    """Returns the labels that a `Labels.txt` tells, by the stem of the image; odd lines are left out.

    A line is `0576⇥0⇥0576.PNG⇥0⇥0⇥` for a good image and `0595⇥1⇥0595.PNG⇥0⇥0595_label.PNG` for a defective
    one; the first line is `1`, whatever the class.
    """
    labels: dict[str, str] = {}
    for line in content.decode("utf-8-sig", "replace").splitlines():
        fields = line.split("\t")
        if len(fields) >= 3 and fields[1] in ("0", "1"):
            labels[fields[2].rpartition(".")[0]] = DEFECT if fields[1] == "1" else NORMAL
    return labels


class _Labels:
    """The labels of all splits of a category, and what is to be said about their files."""

    def __init__(self, category: Category, read: ReadFile) -> None:
        self.by_key: dict[LabelKey, str] = {}
        self.texts: dict[FileKey, str] = {}
        self._category = category.name
        self._damaged: set[str] = set()
        self._told: set[Split | None] = set()
        self._unlisted: dict[str, Split | None] = {}
        for path, file in category.texts:
            if _is_labels_file(path):
                self.texts[file.key] = "labels file, read for the labels"
                self._add(path.partition("/")[0], file, read)

    def _add(self, section: str, file: FileEntry, read: ReadFile) -> None:
        try:
            labels = parse_labels(read(file))
        except OSError:
            labels = {}
        if not labels:
            self._damaged.add(section)
            return
        split = SPLITS[section.lower()]
        self._told.add(split)
        for stem, label in labels.items():
            self.by_key.setdefault((split, make_key(stem)), label)

    def find(self, image: PlacedFile) -> str | None:
        label = self.by_key.get((image.place.split, make_key(image.stem)))
        if label is None:
            self._unlisted[image.place.section] = image.place.split
        return label

    def remarks(self) -> list[tuple[str, str]]:
        remarks = []
        for section, split in self._unlisted.items():
            without = _DAMAGED_LABELS if section in self._damaged else _NO_LABELS
            text = _PARTIAL_LABELS if split in self._told else without
            remarks.append((text, f"{self._category}/{section}"))
        return remarks


def _is_labels_file(path: str) -> bool:
    section, *folders = path.lower().split("/")
    return section in SPLITS and folders == [_LABEL_FOLDER, _LABELS_FILE]


def _is_mask(image: PlacedFile) -> bool:
    folders = image.place.folders
    return image.place.split is not None and len(folders) == 1 and folders[0].lower() == _LABEL_FOLDER


LAYOUT = Layout(
    name="dagm_2007",
    title="DAGM 2007",
    expected="ClassN/{Train,Test}/<image>, Label/<image>_label.PNG beside it",
    signs=frozenset({"train", "test", "label"}),
    recognise=recognise,
    read_category=read_category,
    texts=frozenset({_LABELS_FILE}),
)
