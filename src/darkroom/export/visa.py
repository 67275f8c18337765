"""Samples as an image folder in the layout of VisA, as it is published.

Each image dataset becomes a root of its own, so that categories of the same name stay apart:

    <out>/<source_dataset>/<category>/Data/Images/{Normal,Anomaly}/<stem>.png
    <out>/<source_dataset>/<category>/Data/Masks/Anomaly/<stem>.png            0 and 255
    <out>/<source_dataset>/<category>/image_anno.csv                           the label of each image
    <out>/<source_dataset>/split_csv/1cls.csv                                  the split of each image
    <out>/<source_dataset>/darkroom_samples.csv                                which sample each file is
    <out>/darkroom_export.json                                                 what it is, and from what

Images have the size of the tensors and are PNG, where VisA has JPEG: they lose nothing. VisA has no split `val`, and no
masks of good images.

Source: https://github.com/amazon-science/spot-diff
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from darkroom.export.image_files import (
    make_folder_name,
    make_safe,
    make_stem,
    tell_apart,
    write_csv,
    write_png,
    write_sample_ids,
)
from darkroom.query.selection import Samples
from darkroom.query.tensors import TensorReader
from darkroom.sample import NORMAL, Split

SPLITS = (Split.TRAIN, Split.TEST)
"""The splits that VisA has."""

_IMAGES, _MASKS = "Data/Images", "Data/Masks"
_LABELS_COLUMNS = ("image", "label", "mask")
_SPLIT_COLUMNS = ("object", "split", "label", "image", "mask")


def write_visa(reader: TensorReader, out: Path) -> None:
    """Writes the images and masks of labelled samples, and VisA's tables of them, into a new folder.

    Images of all splits share two folders: two that would get the same file name both get a part of the hash of their
    `sample_id` added.
    """
    samples = reader.samples
    files = _name_files(samples)
    masked: set[int] = set()
    for positions in reader.iter_positions():
        images, masks = reader.read_images(positions), reader.read_masks(positions)
        has_mask = reader.has_mask(positions)
        for number, position in enumerate(positions):
            write_png(images[number], out / files[position])
            if has_mask[number]:
                masked.add(int(position))
                write_png(masks[number] * np.uint8(255), out / _mask_of(files[position]))
    _write_tables(samples, files, masked, out)
    write_sample_ids(samples, files, out)


def _name_files(samples: Samples) -> list[PurePosixPath]:
    names = ("source_dataset", "category", "label", "filename", "sample_id")
    rows = list(zip(*(samples.facts[name].to_pylist() for name in names), strict=True))
    folders = [
        PurePosixPath(make_safe(row[0]), make_folder_name(row[1]), _IMAGES, "Normal" if row[2] == NORMAL else "Anomaly")
        for row in rows
    ]
    stems = [make_stem(row[3]) for row in rows]
    keys = [str(folder / stem) for folder, stem in zip(folders, stems, strict=True)]
    unique = tell_apart(stems, keys, [row[4] for row in rows])
    return [folder / f"{stem}.png" for folder, stem in zip(folders, unique, strict=True)]


def _mask_of(file: PurePosixPath) -> PurePosixPath:
    category, label = PurePosixPath(*file.parts[:2]), file.parent.name
    return category / _MASKS / label / file.name


def _write_tables(samples: Samples, files: Sequence[PurePosixPath], masked: set[int], out: Path) -> None:
    """Writes the labels of each category and the splits of each image dataset; paths begin with the category."""
    labels: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    splits: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    facts = zip(samples.facts["label"].to_pylist(), samples.facts["split"].to_pylist(), strict=True)
    for position, (file, (label, split)) in enumerate(zip(files, facts, strict=True)):
        root, category, *_ = file.parts
        image = str(file.relative_to(root))
        mask = str(_mask_of(file).relative_to(root)) if position in masked else ""
        is_normal = label == NORMAL
        labels[f"{root}/{category}"].append((image, "normal" if is_normal else label, mask))
        splits[root].append((category, split, "normal" if is_normal else "anomaly", image, mask))
    for folder, rows in labels.items():
        write_csv(out / folder / "image_anno.csv", _LABELS_COLUMNS, rows)
    for root, rows in splits.items():
        write_csv(out / root / "split_csv" / "1cls.csv", _SPLIT_COLUMNS, rows)
