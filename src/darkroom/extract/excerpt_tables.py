"""The tables of an excerpt: what a table said of the images that are copied, and nothing of the others."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from darkroom.extract.readers.described import TABLE_LAYOUT
from darkroom.keys import compose
from darkroom.sample import FileEntry, Findings, Sample

_COLUMNS = ("file_name", "mask", "label", "split")
_NAME = "metadata.csv"


def list_described(findings: Findings) -> set[str]:
    """Returns the names of the image datasets of which a table describes images."""
    return {name for name, facts in findings.image_datasets.items() if TABLE_LAYOUT in facts.layout.split(", ")}


def place_described(sample: Sample, file: FileEntry) -> str:
    """Returns the path, from the category folder on, of a file of such an image dataset in the excerpt."""
    inner_path = sample.place.removeprefix(f"{sample.category}/")
    path, image = compose(file.path), compose(sample.image.path)
    if path == image:
        return inner_path
    base = image.removesuffix(inner_path)
    return path.removeprefix(base) if path.startswith(base) else f"masks_elsewhere/{path}"


def make_tables(samples: Iterable[Sample], placed: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yields the path and the content of a table for each category.

    It is called as Hugging Face does it, so that whatever folders the images lie in, the table counts.

    Args:
        samples: The samples that are copied, of image datasets of which a table describes images.
        placed: The path of each of their files in the excerpt, by the one that it had.
    """
    by_folder: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_folder[placed[sample.image.path].removesuffix(place_described(sample, sample.image))].append(sample)
    for folder, own in sorted(by_folder.items()):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for sample in own:
            image, mask = ("" if file is None else placed[file.path] for file in (sample.image, sample.mask))
            label = sample.label or (sample.unmasked_label if sample.mask is None else "")
            writer.writerow((image.removeprefix(folder), mask.removeprefix(folder), label, sample.split))
        yield f"{folder}{_NAME}", text.getvalue().encode()
