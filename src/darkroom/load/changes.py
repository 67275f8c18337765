"""What a run changes in the tables `images` and `masks`, known as soon as its samples are read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from darkroom.load.loaded import Loaded, LoadedFile, LoadedImage, LoadedMask
from darkroom.load.rows import Row, to_microseconds
from darkroom.load.sample_reader import SampleRows


@dataclass(slots=True)
class Changes:
    """The rows that a run has written and deleted so far, or is about to.

    Attributes:
        obsolete_images: `sample_id`s whose rows in `images` and `masks` have to go.
        obsolete_masks: `sample_id`s whose row in `masks` alone has to go.
        images: The facts of the image rows written, by `sample_id`.
        masks: The files of the mask rows written, by `sample_id`.
    """

    obsolete_images: list[str]
    obsolete_masks: list[str] = field(default_factory=list)
    images: dict[str, LoadedImage] = field(default_factory=dict)
    masks: dict[str, LoadedMask] = field(default_factory=dict)

    def add(self, rows: SampleRows) -> None:
        """Adds what a sample that was read writes, and which of its rows from before have to go."""
        candidate, sample = rows.candidate, rows.candidate.sample
        if rows.is_unchanged:
            return
        if rows.image is None:
            if not candidate.is_new:
                self.obsolete_images.append(sample.sample_id)
            return
        row = rows.image
        self.images[sample.sample_id] = LoadedImage(
            _loaded_file(row), row["source_dataset"], row["split"], row["label"], row["has_mask"]
        )
        if rows.mask is not None:
            self.masks[sample.sample_id] = _loaded_mask(rows.mask)
        elif candidate.mask is not None and not candidate.keeps_mask:
            self.obsolete_masks.append(sample.sample_id)

    def apply_to(self, loaded: Loaded) -> Loaded:
        """Returns what the tables hold once these changes are made; `loaded` stays as it is."""
        images, masks = loaded.images | self.images, loaded.masks | self.masks
        for sample_id in self.obsolete_images:
            images.pop(sample_id, None)
        for sample_id in self.obsolete_images + self.obsolete_masks:
            masks.pop(sample_id, None)
        return replace(loaded, images=images, masks=masks)


def _loaded_mask(row: Row) -> LoadedMask:
    return LoadedMask(**asdict(_loaded_file(row)), has_defect=row["defect_fraction"] > 0)


def _loaded_file(row: Row) -> LoadedFile:
    return LoadedFile(
        row["source_root"],
        row["source_path"],
        row["file_size_bytes"],
        to_microseconds(row["modified_at"]),
        row["content_sha256"],
    )
