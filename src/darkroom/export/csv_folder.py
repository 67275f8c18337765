"""Samples as images and masks beside a table that says what they are, for programs that read tables.

    <out>/samples.csv                                                                   one row for each image
    <out>/images/<source_dataset>/<category>/<split>/<label>/<stem>.png
    <out>/masks/<source_dataset>/<category>/<split>/<label>/<stem>.png      0 and 255
    <out>/darkroom_export.json                                                          what it is, and from what

Nothing is left out: where nobody knows the label, `label` and `is_defect` are empty, as `mask` is where there is none.
Images have the size of the tensors, and PNG loses nothing: ingested again with the same `size_px`, they give the same
tensors and masks, under the same `sample_id`. What the folders are called means nothing then, and a label or a split
that was changed in `samples.csv` is the one that counts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from darkroom.export.folder import name_files
from darkroom.export.image_files import write_csv, write_png
from darkroom.query.tensors import TensorReader
from darkroom.sample import EXPORTED_TABLE_COLUMNS, EXPORTED_TABLE_FILE

_WORDS = {True: "1", False: "0", None: ""}


def write_csv_folder(reader: TensorReader, out: Path) -> None:
    """Writes the images and masks of samples, and the table of them, into a new folder.

    Two samples that would get the same file name both get a part of the hash of their `sample_id` added.
    """
    samples = reader.samples
    files = [f"{place}/{stem}.png" for place, stem in name_files(samples)]
    masked: set[int] = set()
    for positions in reader.iter_positions():
        images, masks = reader.read_images(positions), reader.read_masks(positions)
        has_mask = reader.has_mask(positions)
        for number, position in enumerate(positions):
            write_png(images[number], out / "images" / files[position])
            if has_mask[number]:
                masked.add(int(position))
                write_png(masks[number] * np.uint8(255), out / "masks" / files[position])
    facts = {name: samples.facts[name].to_pylist() for name in EXPORTED_TABLE_COLUMNS[2:]}
    facts["is_defect"] = [_WORDS[is_defect] for is_defect in facts["is_defect"]]
    paths = [(f"images/{file}", f"masks/{file}" if at in masked else "") for at, file in enumerate(files)]
    rows = [(*own, *row) for own, row in zip(paths, zip(*facts.values(), strict=True), strict=True)]
    write_csv(out / EXPORTED_TABLE_FILE, EXPORTED_TABLE_COLUMNS, rows)
