"""What the path of a file says: its category folder, its split, and the folders between split and file."""

from __future__ import annotations

import os.path
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from darkroom.extract.readers.labels import NORMAL_WORDS
from darkroom.extract.readers.masks import MaskFolders, judge_mask_folders
from darkroom.keys import compose, make_key
from darkroom.layout_words import MASK_FOLDERS, SPLITS, is_called_mask, may_hold_masks
from darkroom.sample import FileEntry, FileKey, Ignored, Reject, Sample, Split

CategoryKey = tuple[str, str, str]
"""Layout, name of the image dataset, name of the category."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder stands in a layout.

    Attributes:
        category_path: The category folder, relative to the root; empty if the root is one.
        section: Name of the split or mask folder, or of what a layout has in its stead, as on disk.
        folders: The folders below it, down to this one; in a layout without splits only those that are labels.
        layout: The layout in which alone it is a place; empty where splits and mask folders make it one.
    """

    category_path: str
    section: str
    folders: tuple[str, ...]
    layout: str = ""

    @property
    def split(self) -> Split | None:
        """The split, or None in a mask folder."""
        return SPLITS.get(self.section.lower())

    @property
    def mask_split(self) -> Split | None:
        """The split whose masks it holds, where a folder of masks beside the splits has folders for them in it."""
        is_beside = bool(self.folders) and self.section.lower() in MASK_FOLDERS
        return SPLITS.get(self.folders[0].lower()) if is_beside else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The folders below it, without that of a split of masks."""
        return self.folders[1:] if self.mask_split else self.folders


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file below a category folder.

    Attributes:
        file: The file itself.
        place: Where its folder stands in the layout.
        inner_path: Its path from the category folder on, without that folder; composed, so that it is the same
            whichever system packed it.
        stem: Its name without the ending.
        suffix: The ending, lower case, with the dot.
    """

    file: FileEntry
    place: Place
    inner_path: str
    stem: str
    suffix: str


@dataclass(slots=True)
class CategoryFolder:
    """One category folder on disk, before anybody knows its layout.

    Attributes:
        root: The root it was found under.
        path: Relative to the root; empty if the root itself is the category folder.
        name: The name of the folder itself.
        above: Name of the folder above it, or of the root.
        layout: The layout in which alone it is a category; empty where splits and mask folders make it one.
        is_alone: Whether it is all of its image dataset, so that the folders beside it are none of its categories.
        takes_name: Whether it is called like its image dataset, where that is given a name: a table without categories.
        mirror: Path of the tree whose files are its masks, as it mirrors this one; empty where there is none.
        images: Its files with the ending of an image, masks among them.
        texts: Its other files, by path from the category folder on; those beside it begin with `../`,
            those beside the folder above it with `../../`.
    """

    root: str
    path: str
    name: str
    above: str
    layout: str = ""
    is_alone: bool = False
    takes_name: bool = False
    mirror: str = ""
    images: list[PlacedFile] = field(default_factory=list)
    texts: dict[str, FileEntry] = field(default_factory=dict)

    @property
    def sections(self) -> list[str]:
        """Names of its split and mask folders, as on disk."""
        return sorted({image.place.section for image in self.images})

    @property
    def splits(self) -> set[Split]:
        """The splits it has images in."""
        return {split for section in self.sections if (split := SPLITS.get(section.lower()))}

    @property
    def has_ground_truth(self) -> bool:
        """Whether it has a folder of masks beside its splits."""
        return any(section.lower() in MASK_FOLDERS for section in self.sections)

    @property
    def has_images(self) -> bool:
        """Whether it has more than masks, as far as folders tell."""
        return bool(self.layout) or any(
            image.place.split is not None and not (image.place.folders and may_hold_masks(image.place.folders[0]))
            for image in self.images
        )

    @property
    def mask_folders(self) -> MaskFolders:
        """The folders of masks right below its splits."""
        return find_mask_folders(self.images)

    @property
    def label_folders(self) -> set[str]:
        """Names of the folders right below its splits, as on disk."""
        return {image.place.folders[0] for image in self.images if image.place.split and image.place.folders}

    @property
    def inner_folders(self) -> set[str]:
        """Names of the folders right below its splits and mask folders, as on disk."""
        return {place.labels[0] for place in {image.place for image in self.images} if place.labels}

    def labels_in(self, split: Split) -> set[str | None]:
        """Returns the keys of the label folders of a split; None for images that are in none."""
        places = {image.place for image in self.images}
        labels = {make_key(place.folders[0]) if place.folders else None for place in places if place.split is split}
        return labels - self.mask_folders.labels.keys()


@dataclass(frozen=True, slots=True)
class Category:
    """One category of an image dataset, wherever its folders lie.

    Attributes:
        source_dataset: Name of the image dataset.
        name: The object photographed.
        images: Files with the ending of an image, by inner path; of several copies the first is used.
        texts: Other files, each by its path from the category folder on (`../` for one beside it), copies in order.
        normal_words: The keys of label folders that mean `good`.
        splits: The name of the splits that were asked for; None for the usual ones.
    """

    source_dataset: str
    name: str
    images: dict[str, tuple[PlacedFile, ...]]
    texts: tuple[tuple[str, FileEntry], ...] = ()
    normal_words: frozenset[str] = NORMAL_WORDS
    splits: str | None = None

    def sample_id(self, inner_path: str) -> str:
        """Returns the key of a sample, the same on every machine."""
        return f"{self.source_dataset}/{self.name}/{inner_path}"


@dataclass(slots=True)
class CategoryFindings:
    """What a reader made of one category.

    Attributes:
        samples: Images with their masks.
        rejects: Files without a place in the layout, and masks without an image.
        remarks: What to tell people, and the folder that it is about.
        texts: The text files that were read, and what for.
        ignored: Images and masks knowingly left out.
        counts: What to tell people with one number for all categories.
    """

    samples: list[Sample] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    texts: dict[FileKey, str] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def find_mask_folders(images: Collection[PlacedFile]) -> MaskFolders:
    """Finds the folders of masks right below the splits of a category, by their names and those of their files."""
    names = {image.place.folders[0] for image in images if image.place.folders}
    if not any(is_called_mask(name) for name in names):
        return MaskFolders()
    beside = {image.place.labels[0] for image in images if image.place.split is None and image.place.labels}
    files = [
        (image.place.section, image.place.folders[0] if image.place.folders else "", image.stem)
        for image in images
        if image.place.split is not None
    ]
    return judge_mask_folders(files, beside)


def find_split_place(folder: str) -> Place | None:
    """Returns where a folder (relative to the root) stands; None if it is below no split or mask folder."""
    parts = folder.split("/")
    for index, part in enumerate(parts):
        if part.lower() in SPLITS or part.lower() in MASK_FOLDERS:
            return Place("/".join(parts[:index]), part, tuple(parts[index + 1 :]))
    return None


def is_below_split(folder: str) -> bool:
    """Tells whether a folder (relative to the root) is a split, or below one."""
    return any(part.lower() in SPLITS for part in folder.split("/"))


def place_file(file: FileEntry, place: Place) -> PlacedFile:
    """Combines a file with the place of its folder."""
    inner_path = compose(file.path[len(place.category_path) :].lstrip("/"))
    stem, suffix = os.path.splitext(inner_path.rpartition("/")[2])  # noqa: PTH122 (pathlib is slow for 10⁵ files)
    return PlacedFile(file, place, inner_path, stem, suffix.lower())


def join_names(names: Iterable[str]) -> str:
    """Returns folder names as people write them: `a/, b/ and c/`."""
    *most, last = [f"{name}/" for name in names]
    return f"{', '.join(most)} and {last}" if most else last
