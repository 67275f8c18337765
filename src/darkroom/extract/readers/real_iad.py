"""Real-IAD: `<category>/OK/S0001/` and `<category>/NG/<defect>/S0001/`, a folder a part, an image a view.

Masks (`<stem>_mask.png`) stand beside their images. Splits, and the labels of single views, are in
`realiad_jsons*/<category>.json`, beside the categories or beside the folder above them.

Source: https://realiad4ad.github.io/Real-IAD/
"""

from __future__ import annotations

import json
import re
from typing import Any

from darkroom.extract.readers.labels import is_normal, read_label
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, Place, is_below_split
from darkroom.extract.readers.splits import SplitRow, SplitTable, collect_rows, parse_split
from darkroom.keys import compose, make_key
from darkroom.layout_words import cut_mask_word
from darkroom.sample import NORMAL

_NAME = "real_iad"
_FOLDER = re.compile(r"(?:(.*)/)?(ok|ng/[^/]+)/s\d+", re.IGNORECASE)
_TABLE = re.compile(r"(?:\.\./){1,2}(?:[^/]+/)?(realiad_jsons[^/]*)/([^/]+)\.json", re.IGNORECASE)
_FOLDERS_TELL = "a view of a defective part without a mask has the label of its folder, though it may show no defect"


def find_place(folder: str) -> Place | None:
    """Returns where the folder of a part stands; None if it is none of Real-IAD's."""
    match = _FOLDER.fullmatch(folder)
    if not match or is_below_split(match[1] or ""):
        return None
    section, *labels = match[2].split("/")
    return Place(match[1] or "", section, tuple(labels), _NAME)


def name_splits(path: str, category: str) -> str | None:
    """Returns the folder of the table of a category; of the nested `realiad_jsons/realiad_jsons_sv` the inner one."""
    match = _TABLE.fullmatch(path)
    return match[1] if match and make_key(match[2]) == make_key(category) else None


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    if folder.layout != _NAME:
        return None
    return f"{folder.name}/ has {' and '.join(folder.sections)} with a folder for each part (S0001)"


def read_category(category: Category, read: ReadFile) -> CategoryFindings:
    """Pairs masks by folder and stem; takes splits and labels from JSON, else labels from folders."""
    splits = SplitTable(category, read, name_splits, _parse_splits, "realiad_jsons")
    images: list[FoundImage] = []
    masks: list[FoundMask] = []
    for path, files in category.images.items():
        part = path.rpartition("/")[0]
        if cut_mask_word(files[0].stem) != files[0].stem:
            masks.append(FoundMask(files, part))
        else:
            place = files[0].place
            row = splits.rows.get(make_key(path))
            word = (place.folders or (place.section,))[0]
            label = (row and row.label) or read_label(word, category.normal_words) or compose(word)
            # all views of a part stay together
            split = splits.find(path, label, f"{_NAME}/{make_key(category.name)}/{make_key(part)}")
            images.append(FoundImage(files, split, label, part))
    findings = pair_masks(category, images, masks)
    if not splits.rows and any(sample.mask is None and sample.label != NORMAL for sample in findings.samples):
        findings.remarks.append((_FOLDERS_TELL, category.name))
    splits.complete(findings)
    return findings


def _parse_splits(content: bytes, _: str) -> dict[str, SplitRow]:
    table = json.loads(content.decode("utf-8-sig"))
    if not isinstance(table, dict):
        raise ValueError("expected an object with `train` and `test`")
    meta = table.get("meta")
    normal = meta.get("normal_class", "OK") if isinstance(meta, dict) else "OK"
    rows: list[tuple[str, SplitRow]] = []
    for name, entries in table.items():
        for entry in entries if name != "meta" and isinstance(entries, list) else ():
            path, word = _read_entry(entry)
            label = NORMAL if word == normal or is_normal(word) else compose(word)
            rows.append((path, SplitRow(parse_split(name), label)))
    return collect_rows(rows)


def _read_entry(entry: Any) -> tuple[str, str]:
    """Returns the key of an image's path from the category folder on, and what it shows."""
    try:
        path, word = entry["image_path"], entry["anomaly_class"]
        key = re.search(r"(?:^|/)((?:ok|ng)/.*)", make_key(path.replace("\\", "/")))
        return (key[1] if key else make_key(path)), word.strip()
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("expected entries with `image_path` and `anomaly_class`") from error


LAYOUT = Layout(
    name=_NAME,
    title="Real-IAD",
    expected="<category>/OK/S0001/<image> and <category>/NG/<defect>/S0001/<image>, <image>_mask.png beside it",
    signs=frozenset({"ok", "ng"}),
    recognise=recognise,
    read_category=read_category,
    find_place=find_place,
    texts=frozenset({".json"}),
    name_splits=name_splits,
)
