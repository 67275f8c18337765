"""Samples as an image folder in the layout of MVTec AD, which anomalib and others read.

Each image dataset becomes a root of its own, so that categories of the same name stay apart:

    <out>/<source_dataset>/<category>/{train,test,val}/<label>/<stem>.png
    <out>/<source_dataset>/<category>/ground_truth/<label>/<stem>_mask.png     0 and 255
    <out>/<source_dataset>/darkroom_samples.csv                                which sample each file is
    <out>/darkroom_export.json                                                 what it is, and from what

Images have the size of the tensors, and PNG loses nothing: ingested again with the same `size_px`, they give the
same tensors and masks, under the same `sample_id`, label and split, which `darkroom_samples.csv` has kept. Their files
are other ones, so hashes and fingerprints differ.

Source: https://www.mvtec.com/company/research/datasets/mvtec-ad
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from PIL import Image

from darkroom.errors import OptionError
from darkroom.query.selection import Samples
from darkroom.query.tensors import TensorReader
from darkroom.sample import EXPORTED_SAMPLES_COLUMNS, EXPORTED_SAMPLES_FILE, NORMAL, Split

MARKER = "darkroom_export.json"
"""File that tells a folder made by an export from anybody's own."""

_PNG_LEVEL = 1  # of zlib: the files are a little larger, and written in a third of the time
_MASK_COLUMNS = ("mask_sha256", "mask_height", "mask_width", "mask_row_id")
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[. ]$|^\.+')


def keep_placeable(samples: Samples, *, all_labelled: bool) -> tuple[Samples, dict[str, int], dict[str, int]]:
    """Keeps what the layout has a place for: no mask of a good image, for one, as who reads it pairs all masks.

    Args:
        samples: The samples asked for.
        all_labelled: Whether to leave out only what has no label.

    Returns:
        The samples to write, how many images are left out for what reason, and how many masks of the others.

    Raises:
        OptionError: Nothing is left.
    """
    rows = zip(*(samples.facts[name].to_pylist() for name in ("label", "split", "mask_row_id")), strict=True)
    reasons = [_find_reason(label, split, mask is not None, all_labelled) for label, split, mask in rows]
    left_out = dict(Counter(reason for reason in reasons if reason))
    if sum(left_out.values()) == len(samples):
        found = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        raise OptionError(f"Nothing to write as an image folder: of {len(samples)} images, {found}.")
    kept = samples.facts.filter(pa.array([reason is None for reason in reasons], pa.bool_()))
    is_good_mask = pc.and_(pc.equal(kept["label"], NORMAL), kept["mask_row_id"].is_valid())
    good_masks = pc.sum(is_good_mask).as_py() or 0
    for name in _MASK_COLUMNS:
        nothing = pa.scalar(None, kept.schema.field(name).type)
        kept = kept.set_column(kept.schema.get_field_index(name), name, pc.if_else(is_good_mask, nothing, kept[name]))
    return replace(samples, facts=kept), left_out, {"of good images": good_masks} if good_masks else {}


def _find_reason(label: str | None, split: str, has_mask: bool, all_labelled: bool) -> str | None:
    if label is None:
        return "without a label"
    if all_labelled or label == NORMAL:
        return None
    if split != Split.TEST:
        return "defective and not in test"
    return None if has_mask else "defective and without a mask"


def write_folder(reader: TensorReader, out: Path) -> None:
    """Writes the images and masks of labelled samples into a new folder.

    Two samples that would get the same file name (`a.jpg` and `a.png`; names that differ in case only) both get
    a part of the hash of their `sample_id` added.
    """
    samples = reader.samples
    names = name_files(samples)
    for positions in reader.iter_positions():
        images, masks = reader.read_images(positions), reader.read_masks(positions)
        has_mask = reader.has_mask(positions)
        for number, position in enumerate(positions):
            place, stem = names[position]
            category, label = out / place.parent.parent, place.name
            _write_png(images[number], out / place / f"{stem}.png")
            if has_mask[number]:
                _write_png(masks[number] * np.uint8(255), category / "ground_truth" / label / f"{stem}_mask.png")
    _write_tables(samples, names, out)
    marker = {"fingerprint": samples.fingerprint, "images": len(samples)}
    (out / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")


def _write_tables(samples: Samples, names: list[tuple[PurePosixPath, str]], out: Path) -> None:
    """Writes which sample each file is, one table in the root of each image dataset."""
    columns = [samples.facts[name].to_pylist() for name in EXPORTED_SAMPLES_COLUMNS[1:]]
    tables: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for (place, stem), *facts in zip(names, *columns, strict=True):
        root, *folders = place.parts
        tables[root].append(("/".join((*folders, f"{stem}.png")), *facts))
    for root, rows in tables.items():
        with (out / root / EXPORTED_SAMPLES_FILE).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([EXPORTED_SAMPLES_COLUMNS, *rows])


def name_files(samples: Samples) -> list[tuple[PurePosixPath, str]]:
    """Names the folder and the stem of each sample: `<source_dataset>/<category>/<split>/<label>`, `<stem>`."""
    names = ("source_dataset", "category", "split", "label", "filename", "sample_id")
    rows = list(zip(*(samples.facts[name].to_pylist() for name in names), strict=True))
    places = [PurePosixPath(*map(make_safe, row[:4])) for row in rows]
    stems = [make_safe(PurePosixPath(row[4]).stem) for row in rows]
    # masks of train and test share a folder, so there the split does not tell two names apart
    keys = [
        str(place / stem if place.name == NORMAL else place.parent.parent / place.name / stem).casefold()
        for place, stem in zip(places, stems, strict=True)
    ]
    count = Counter(keys)
    return [
        (place, stem if count[key] == 1 else f"{stem}_{hashlib.sha256(row[5].encode()).hexdigest()[:8]}")
        for place, stem, key, row in zip(places, stems, keys, rows, strict=True)
    ]


def make_safe(name: str) -> str:
    """Makes a name that every system takes for a file or folder: `_` for what one of them refuses."""
    return _UNSAFE.sub("_", name) or "_"


def _write_png(pixels: NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="PNG", compress_level=_PNG_LEVEL)
