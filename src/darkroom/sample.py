"""What the readers find: files, the samples made of them, and the files that are neither.

A *sample* is one image and its facts. Nothing here opens a file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

NORMAL = "good"
"""The label of an image without a defect, as MVTec AD writes it."""

DEFECT = "defect"
"""The label of a defective image where the disk tells no more than that (DAGM 2007, flattened copies)."""

IMAGE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".tif", ".tiff", ".webp", ".gif"}
    | {".avif", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".tga"}
)
"""File endings, lower case, that are taken for images. Of a file with several pictures (pages of a TIFF, frames of an
animated GIF or WebP) the first is the image."""

UNREAD_SUFFIXES = MappingProxyType(
    dict.fromkeys(
        (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
        "JPEG 2000, a hundred bytes of which can take 700 MB to decode",
    )
    | dict.fromkeys((".ico", ".icns", ".cur"), "icons, of several pictures each")
    | dict.fromkeys((".heic", ".heif", ".hif", ".jxl", ".exr", ".hdr"), "a format that Pillow cannot read")
    | dict.fromkeys((".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"), "a camera's raw, to be developed first")
    | dict.fromkeys((".psd", ".xcf"), "layers of an editor")
    | dict.fromkeys((".svg", ".eps", ".ps", ".pdf"), "drawings, not pixels")
    | dict.fromkeys((".dcm", ".dds", ".fits", ".pcx", ".sgi"), "a format that darkroom does not know")
)
"""File endings, lower case, of images that are not read, and why; a run names and counts them."""

FACTS_FILE = "dataset.toml"
"""Name of the file in which the owner of an image dataset says its name, licence, citation and homepage."""

EXPORTED_SAMPLES_FILE = "darkroom_samples.csv"
"""Name of the table in an exported image folder that says of each file which sample it is."""

EXPORTED_SAMPLES_COLUMNS = ("path", "sample_id", "source_dataset", "category", "split", "label")
"""Its columns; `path` is that of the image, relative to the table's own folder, with `/`."""

EXPORTED_TABLE_FILE = "samples.csv"
"""Name of the table beside the images of an export to CSV: what they are, and which sample each of them is."""

EXPORTED_TABLE_COLUMNS = ("image", "mask", "label", "is_defect", "split", "category", "sample_id", "source_dataset")
"""Its columns; `image` and `mask` are paths relative to the table's own folder, with `/`."""

FileKey = tuple[str, str]
"""Root and path of a file."""


class Split(StrEnum):
    """The part of an image dataset that a sample belongs to; `ground_truth` is never one."""

    TRAIN = "train"
    TEST = "test"
    VAL = "val"


class Reason(StrEnum):
    """Why a file could not become a row. The codes are stable: queries and scripts rely on them."""

    CORRUPT = "corrupt"
    """An image by its header, but its pixels cannot be decoded."""
    EMPTY = "empty"
    """Zero bytes."""
    NOT_AN_IMAGE = "not_an_image"
    """Called an image by its ending, but none by its content."""
    TOO_LARGE = "too_large"
    """More pixels, or more bytes, than the limit: possibly a decompression bomb."""
    UNSUPPORTED = "unsupported"
    """A sound image of a kind that would come out wrong; saved in another way, it can be used."""
    UNREADABLE = "unreadable"
    """The system or the bucket refused to hand over its bytes."""
    DANGLING_SYMLINK = "dangling_symlink"
    """A link to a file that is not there."""
    UNSAFE_MEMBER = "unsafe_member"
    """An archive member that is a link, a device, or would land outside its folder."""
    NOT_A_MASK = "not_a_mask"
    """Called like a mask of the image beside it, but with more than two values."""
    INCOMPLETE_MASK = "incomplete_mask"
    """One of several masks of an image, of which another one cannot be used: together they would tell too little."""
    ORPHAN_MASK = "orphan_mask"
    """A mask that belongs to no image."""
    AMBIGUOUS_MASK = "ambiguous_mask"
    """A mask that could belong to more than one image."""
    MASK_SIZE_MISMATCH = "mask_size_mismatch"
    """A mask with another width or height than its image."""
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    """A second file with the `sample_id` of another one and other bytes."""
    OUTSIDE_LAYOUT = "outside_layout"
    """An image in a place that the layout gives no meaning to, or one that the table beside it does not name."""
    UNUSABLE_ROW = "unusable_row"
    """An image of which a table says what cannot be: two labels, or a split that there is none of."""


REASONS_OF_READERS = frozenset({Reason.OUTSIDE_LAYOUT, Reason.UNUSABLE_ROW, Reason.AMBIGUOUS_MASK})
"""Reasons that are not about what is in a file: a sample that was rejected for one of them is read after all."""

REASONS_OF_OTHER_FILES = frozenset({Reason.ORPHAN_MASK, Reason.INCOMPLETE_MASK, Reason.CONFLICTING_DUPLICATE})
"""Reasons that are about another file: once that one is gone or mended, the rejected file is a sample."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file as its storage lists it, unopened.

    Attributes:
        root: The root it was found under, as `Storage.root` gives it.
        path: Relative to the root, with `/`.
        size_bytes: Size of the (uncompressed) file.
        modified_us: Last modification, microseconds since 1970-01-01 UTC; 0 where the storage tells none.
    """

    root: str
    path: str
    size_bytes: int
    modified_us: int

    @property
    def key(self) -> FileKey:
        """What tells the file from all others."""
        return self.root, self.path

    @property
    def location(self) -> str:
        """Where it is, the same whichever folder above it was given as the root."""
        return locate(self.root, self.path)


@dataclass(frozen=True, slots=True)
class Reject:
    """A file that was seen and could not become a row, kept with its reason."""

    file: FileEntry
    source_dataset: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that is knowingly left out: not an image, or an identical copy of one that is in.

    Attributes:
        file: The file.
        why: Why it is left out.
        is_read: Whether it is a text that labels, splits, a name or a licence were taken from, and no table of images.
    """

    file: FileEntry
    why: str
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and its facts, before it is opened.

    Attributes:
        sample_id: `<source_dataset>/<path from the category folder on>`, the same on every machine.
        source_dataset: Name of the image dataset.
        category: The object photographed (`bottle`, `Class1`).
        split: The part of the image dataset that it is in.
        label: The text from disk (`good`, `broken_large`); None where only the mask can tell.
        image: The image file.
        mask: The mask file that belongs to it, paired by key.
        further_masks: Where a mask comes in several files, one for each defect, the others; together they are one.
        copies: Further files with the same `sample_id`; to be ignored if identical, else rejected.
        mask_copies: Further files with the place of a mask; to be ignored if identical, else rejected.
        unmasked_label: What the label is if it is left to the mask and there is none: `good` where other
            samples of the category have masks, else None for "nobody knows".
        is_mask_by_name: Nothing but its name says that the mask is one (`10_GT.png` beside `10.png`), so its
            pixels have to agree: two values at most.
    """

    sample_id: str
    source_dataset: str
    category: str
    split: Split
    label: str | None
    image: FileEntry
    mask: FileEntry | None = None
    further_masks: tuple[FileEntry, ...] = ()
    copies: tuple[FileEntry, ...] = ()
    mask_copies: tuple[FileEntry, ...] = ()
    unmasked_label: str | None = None
    is_mask_by_name: bool = False

    @property
    def place(self) -> str:
        """Its `sample_id` without the name of the image dataset."""
        return self.sample_id.removeprefix(f"{self.source_dataset}/")

    @property
    def masks(self) -> tuple[FileEntry, ...]:
        """All files that its mask is put together from; none if it has no mask."""
        return () if self.mask is None else (self.mask, *self.further_masks)

    @property
    def whole_mask(self) -> FileEntry | None:
        """What its row of `masks` says of these files: where the first one is, the bytes of all, the latest time."""
        if self.mask is None or not self.further_masks:
            return self.mask
        size, modified = sum(file.size_bytes for file in self.masks), max(file.modified_us for file in self.masks)
        return replace(self.mask, size_bytes=size, modified_us=modified)

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Its image, its masks if there are any, and the copies of both."""
        return (self.image, *self.masks, *self.copies, *self.mask_copies)


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What is known of an image dataset as a whole; None where nothing says so.

    Attributes:
        layout: How its files lie on disk; of several layouts all, `a, b`.
        licence: What its images may be used for.
        citation: Whom to name.
        homepage: Where it is published.
    """

    layout: str
    licence: str | None = None
    citation: str | None = None
    homepage: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a reader found out about the files of all roots: every file is in exactly one place.

    Attributes:
        samples: Images with their masks.
        rejects: Files that cannot be used because of where they are (orphan masks, images outside the layout).
        ignored: Files knowingly left out.
        notes: One line for each image dataset found: what the folder was taken for, and why.
        image_datasets: What is known of each image dataset, by its name.
        files_seen: Number of files under all roots; one that is reached twice counts once.
    """

    samples: tuple[Sample, ...]
    rejects: tuple[Reject, ...]
    ignored: tuple[Ignored, ...]
    notes: tuple[str, ...]
    image_datasets: dict[str, DatasetFacts]
    files_seen: int


def locate(root: str, path: str) -> str:
    """Returns where a file is, the same whichever folder above it was given as the root."""
    return f"{root.rstrip('/')}/{path}"


def seeded_hash(sample_id: str, seed: int) -> bytes:
    """Makes the SHA-256 of `<seed>/<sample_id>`, 32 bytes; sorting by it shuffles alike on every machine."""
    return hashlib.sha256(f"{seed}/{sample_id}".encode()).digest()
