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

from pathlib import Path, PurePosixPath

import numpy as np

from darkroom.export.image_files import (
    make_folder_name,
    make_safe,
    make_stem,
    tell_apart,
    write_png,
    write_sample_ids,
)
from darkroom.query.selection import Samples
from darkroom.query.tensors import TensorReader
from darkroom.sample import NORMAL

_UNLABELLED = "unlabelled"


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
            write_png(images[number], out / place / f"{stem}.png")
            if has_mask[number]:
                write_png(masks[number] * np.uint8(255), category / "ground_truth" / label / f"{stem}_mask.png")
    write_sample_ids(samples, [place / f"{stem}.png" for place, stem in names], out)


def name_files(samples: Samples) -> list[tuple[PurePosixPath, str]]:
    """Names the folder and the stem of each sample: `<source_dataset>/<category>/<split>/<label>`, `<stem>`."""
    names = ("source_dataset", "category", "split", "label", "filename", "sample_id")
    rows = list(zip(*(samples.facts[name].to_pylist() for name in names), strict=True))
    places = [
        PurePosixPath(make_safe(dataset), make_folder_name(category), split, make_folder_name(label or _UNLABELLED))
        for dataset, category, split, label, *_ in rows
    ]
    stems = [make_stem(row[4]) for row in rows]
    # masks of train and test share a folder, so there the split does not tell two names apart
    keys = [
        str(place / stem if place.name == NORMAL else place.parent.parent / place.name / stem)
        for place, stem in zip(places, stems, strict=True)
    ]
    return list(zip(places, tell_apart(stems, keys, [row[5] for row in rows]), strict=True))
