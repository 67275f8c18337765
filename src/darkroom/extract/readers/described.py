"""Images that a table describes, as categories: what their places and labels are is in the table, not in folders."""

from __future__ import annotations

import os.path
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from darkroom.extract.readers.places import CategoryFolder, Place, PlacedFile, find_split_place
from darkroom.extract.readers.splits import fold_labelled
from darkroom.extract.readers.table_facts import RowFacts
from darkroom.extract.readers.table_files import ImageTable
from darkroom.keys import compose
from darkroom.layout_words import SPLITS
from darkroom.sample import DEFECT, NORMAL, FileEntry

TABLE_LAYOUT = "table"
"""Name of the layout that such categories have."""


@dataclass(frozen=True, slots=True)
class DescribedImage(PlacedFile):
    """An image, and what its row says of it; its place has the split.

    Attributes:
        table: Path of the table.
        label: Its label; None where the row tells none.
        mask: The mask that belongs to it.
        unmasked_label: Its label if it has neither label nor mask.
        is_dealt: Whether neither the table nor a folder says which split it is in.
    """

    table: str
    label: str | None
    mask: FileEntry | None
    unmasked_label: str | None
    is_dealt: bool


Described = Sequence[tuple[FileEntry, RowFacts]]


def find_base(table: ImageTable, images: Iterable[FileEntry]) -> str:
    """Returns the folder that `sample_id`s count from: the table's own, or one above it that has all images.

    Where the table lies in a folder called like a split, it is the one above that, as in the layouts of folders.
    """
    paths = [image.path for image in images]
    base, ends = table.folder, (min(paths), max(paths))
    if base.rpartition("/")[2].lower() in SPLITS:
        base = base.rpartition("/")[0]
    # what lies between the first and the last path begins as they do
    while base and not all(path.startswith(f"{base}/") for path in ends):
        base = base.rpartition("/")[0]
    return base


def make_folders(table: ImageTable, base: str, described: Described) -> list[CategoryFolder]:
    """Makes the categories of a table, each with its images.

    Args:
        table: The table.
        base: As `find_base` returns it.
        described: The images that it takes, each with what its row says.
    """
    above, _, name = base.rpartition("/")
    name = name or table.root_name
    has_categories = any(facts.category for _, facts in described)
    by_category: dict[str, list[tuple[FileEntry, RowFacts]]] = defaultdict(list)
    for image, facts in described:
        by_category[facts.category or compose(name)].append((image, facts))
    return [
        CategoryFolder(
            root=table.file.root,
            path=base,
            name=category,
            above=name if has_categories else above.rpartition("/")[2] or table.root_name,
            layout=TABLE_LAYOUT,
            takes_name=not has_categories,
            images=_make_images(table, base, own),
        )
        for category, own in sorted(by_category.items())
    ]


def _make_images(table: ImageTable, base: str, described: Described) -> list[PlacedFile]:
    # as in other layouts: where masks tell the label, having none tells it too
    has_labels = bool(table.parsed.columns.keys() & {"label", "is_defect"})
    tell = not has_labels and any(facts.mask for _, facts in described)
    return [
        _make_image(table, base, image, facts, NORMAL if tell and not facts.has_lost_mask else None)
        for image, facts in described
    ]


def _make_image(
    table: ImageTable, base: str, image: FileEntry, facts: RowFacts, unmasked_label: str | None
) -> DescribedImage:
    inner_path = compose(image.path[len(base) :].lstrip("/"))
    stem, suffix = os.path.splitext(inner_path.rpartition("/")[2])  # noqa: PTH122 (pathlib is slow for 10⁵ files)
    known = facts.label or (DEFECT if facts.mask else unmasked_label)
    # where the table does not tell the split, a folder called so does; Hugging Face reads it like that
    place = None if facts.split else find_split_place(image.path.rpartition("/")[0])
    told = facts.split or (place and place.split)
    # not by the name of a folder, which is another on another machine
    split = told or fold_labelled(known, f"{facts.category}/{inner_path}" if facts.category else inner_path)
    return DescribedImage(
        file=image,
        place=Place(base, split, (), TABLE_LAYOUT),
        inner_path=inner_path,
        stem=stem,
        suffix=suffix.lower(),
        table=table.file.path,
        label=facts.label,
        mask=facts.mask,
        unmasked_label=unmasked_label if facts.label is None else None,
        is_dealt=told is None,
    )
