"""What the tables hold before a run, without a pixel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from darkroom.sample import REASONS_OF_READERS, FileEntry, FileKey, Reject, locate


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """The file a row was made from, as it was then."""

    root: str
    path: str
    size_bytes: int
    modified_us: int
    content_sha256: str = ""

    @property
    def key(self) -> FileKey:
        """Where the file was, as `FileEntry.key` has it."""
        return self.root, self.path

    @property
    def location(self) -> str:
        """Where the file was, as `FileEntry.location` has it."""
        return locate(self.root, self.path)

    def matches(self, file: FileEntry) -> bool:
        """Tells whether `file` has the size and time it had when its row was loaded (it may have moved)."""
        return self.size_bytes == file.size_bytes and self.modified_us == file.modified_us


@dataclass(frozen=True, slots=True)
class LoadedMask(LoadedFile):
    """The file a mask row was made from.

    Attributes:
        has_defect: Whether any of its pixels is a defect; None where nobody looked.
    """

    has_defect: bool | None = None


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """What the table `images` knows of a sample.

    Attributes:
        file: Its image file.
        source_dataset: Name of the image dataset.
        split: The split that it is in.
        label: The text from disk.
        has_mask: Whether it has a row in `masks`.
        is_unscaled: Whether it is deep, and nobody knows which level became white: an older darkroom gave each picture
            a scale of its own. It is read again.
    """

    file: LoadedFile
    source_dataset: str
    split: str
    label: str | None
    has_mask: bool
    is_unscaled: bool = False


@dataclass(frozen=True, slots=True)
class LoadedReject:
    """What the table `rejects` knows of a file."""

    file: LoadedFile
    source_dataset: str
    reason: str
    message: str


@dataclass(slots=True)
class Loaded:
    """The tables' facts, without a pixel.

    Attributes:
        images: What the image rows say, by `sample_id`.
        masks: What the mask rows say, by `sample_id`.
        rejects: What the reject rows say, by root and path.
        image_datasets: The rows of `image_datasets`, by name.
    """

    images: dict[str, LoadedImage] = field(default_factory=dict)
    masks: dict[str, LoadedMask] = field(default_factory=dict)
    rejects: dict[FileKey, LoadedReject] = field(default_factory=dict)
    image_datasets: dict[str, dict[str, Any]] = field(default_factory=dict)

    def is_rejected(self, file: FileEntry) -> bool:
        """Tells whether this very file is among the rejects for what is in it, unchanged since.

        One that was rejected for where it stood, or for what a table said of it, is looked at anew: it is a sample now.
        """
        known = self.rejects.get(file.key)
        return known is not None and known.file.matches(file) and known.reason not in REASONS_OF_READERS

    def holds_reject(self, reject: Reject | LoadedReject) -> bool:
        """Tells whether the file is among the rejects already, of the same image dataset and for the same reason."""
        known = self.rejects.get(reject.file.key)
        return known is not None and (known.reason, known.source_dataset) == (reject.reason, reject.source_dataset)

    def states_reject(self, reject: Reject) -> bool:
        """Tells whether the row of this reject stands as it is: the same file, unchanged, for the same reason in words.

        The words name other files too, so they change when one of those does.
        """
        known = self.rejects.get(reject.file.key)
        return (
            known is not None
            and self.holds_reject(reject)
            and known.message == reject.message
            and known.file.matches(reject.file)
        )
