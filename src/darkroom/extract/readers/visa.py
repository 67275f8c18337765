"""VisA: `<category>/Data/Images/{Normal,Anomaly}/`, masks in `Data/Masks/Anomaly/`, both of one stem.

The kinds of defect are in `<category>/image_anno.csv`, the splits in `split_csv/*.csv` beside the categories. Copies
that were re-arranged have the layout of MVTec AD and are read as that.

Source: https://github.com/amazon-science/spot-diff
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from darkroom.extract.readers.labels import read_label
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, Place, is_below_split
from darkroom.extract.readers.splits import SplitRow, SplitTable, collect_rows, parse_split
from darkroom.keys import make_key
from darkroom.sample import FileKey

_NAME = "visa"
_FOLDER = re.compile(r"(?:(.*)/)?data/(?:images|masks)/(?:normal|anomaly)", re.IGNORECASE)
_TABLE = re.compile(r"\.\./split_csv/([^/]+)\.csv", re.IGNORECASE)
_LABELS_FILE = "image_anno.csv"
_NO_LABELS = "no usable image_anno.csv, the folders tell the labels"


def find_place(folder: str) -> Place | None:
    """Returns where a folder stands: what it holds, and its label; None if it is none of VisA's."""
    match = _FOLDER.fullmatch(folder)
    if not match or is_below_split(match[1] or ""):
        return None
    section, label = folder.split("/")[-2:]
    return Place(match[1] or "", section, (label,), _NAME)


def name_splits(path: str, _: str) -> str | None:
    """Returns the stem of a table in `split_csv/`, beside the category folder."""
    match = _TABLE.fullmatch(path)
    return match[1] if match else None


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    if folder.layout != _NAME:
        return None
    return f"{folder.name}/ has Data/{'/, Data/'.join(folder.sections)}/"


def read_category(category: Category, read: ReadFile) -> CategoryFindings:
    """Pairs masks by folder and stem; labels are from `image_anno.csv`, else from folders; splits from a table."""
    texts: dict[FileKey, str] = {}
    labels = _read_labels(category, read, texts)
    splits = SplitTable(category, read, name_splits, _parse_splits, "1cls")
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    for path, files in category.images.items():
        folder = files[0].place.folders[0]
        if make_key(files[0].place.section) == "masks":
            masks.append(FoundMask(files, folder))
        else:
            label = read_label(labels.get(make_key(path), folder), category.normal_words) or folder
            split = splits.find(path, label, f"{_NAME}/{make_key(category.name)}/{make_key(path)}")
            images.append(FoundImage(files, split, label, folder))
    findings = pair_masks(category, images, masks)
    findings.texts = texts
    if not labels:
        findings.remarks.append((_NO_LABELS, category.name))
    else:
        defective = [image.files[0].inner_path for image in images if make_key(image.group or "") == "anomaly"]
        unlisted = sum(make_key(path) not in labels for path in defective)
        findings.counts[f"images in Anomaly/ that {_LABELS_FILE} does not list, which keep that label"] += unlisted
    splits.complete(findings)
    return findings


def _read_labels(category: Category, read: ReadFile, texts: dict[FileKey, str]) -> dict[str, str]:
    """Returns labels by the key of the image's path; adds the files they are from to `texts`."""
    labels: dict[str, str] = {}
    for path, file in category.texts:
        if path.lower() == _LABELS_FILE:
            try:
                rows = list(_read_rows(read(file), ("image", "label")))
            except (OSError, ValueError, csv.Error):
                continue
            texts[file.key] = "labels file, read for the labels"
            for row in rows:
                labels.setdefault(_inner_key(row["image"]), row["label"].strip())
    return {key: label for key, label in labels.items() if label}


def _parse_splits(content: bytes, category: str) -> dict[str, SplitRow]:
    rows = _read_rows(content, ("object", "split", "image"))
    own = (row for row in rows if make_key(row["object"]) == make_key(category))
    return collect_rows((_inner_key(row["image"]), SplitRow(parse_split(row["split"]))) for row in own)


def _read_rows(content: bytes, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        if not all(isinstance(row.get(column), str) for column in columns):
            raise ValueError(f"expected the columns {', '.join(columns)}")
        yield row


def _inner_key(path: str) -> str:
    """Returns the key of a path from the category folder on: tables name images from the folder above that on.

    Some begin further up, or with `./`.
    """
    key = make_key(path.replace("\\", "/"))
    return f"data/{key.rpartition('/data/')[2]}" if "/data/" in key else key


LAYOUT = Layout(
    name=_NAME,
    title="VisA",
    expected="<category>/Data/Images/{Normal,Anomaly}/<image>, Data/Masks/Anomaly/<mask> of the same stem",
    signs=frozenset({"data", "images", "masks", "normal", "anomaly"}),
    recognise=recognise,
    read_category=read_category,
    find_place=find_place,
    texts=frozenset({".csv"}),
    name_splits=name_splits,
)
