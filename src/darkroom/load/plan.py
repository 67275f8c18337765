"""What a run has to do: the files found now, compared with the rows loaded before. Pure: opens nothing.

A file is *settled* when the tables already say what it says: its row, or its reject, has the same size and
the same modification time. Time alone would skip a file copied in later with an older timestamp, so every
file found is compared with its own row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from darkroom.sample import FileEntry, Findings, Sample

FileKey = tuple[str, str]
"""Root and path of a file."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """The file a row was made from, as it was then."""

    root: str
    path: str
    size_bytes: int
    modified_us: int
    content_sha256: str = ""

    def matches(self, file: FileEntry) -> bool:
        """Whether `file` has the size and time it had when its row was loaded (it may have moved)."""
        return self.size_bytes == file.size_bytes and self.modified_us == file.modified_us


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """What the table `images` knows of a sample."""

    file: LoadedFile
    source_dataset: str
    label: str | None
    has_mask: bool


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
        images: By `sample_id`.
        masks: The files of the mask rows, by `sample_id`.
        rejects: By root and path.
        image_datasets: Rows of `image_datasets` by name.
    """

    images: dict[str, LoadedImage] = field(default_factory=dict)
    masks: dict[str, LoadedFile] = field(default_factory=dict)
    rejects: dict[FileKey, LoadedReject] = field(default_factory=dict)
    image_datasets: dict[str, dict[str, Any]] = field(default_factory=dict)

    def is_rejected(self, file: FileEntry) -> bool:
        """Whether this very file is among the rejects, unchanged since."""
        known = self.rejects.get((file.root, file.path))
        return known is not None and known.file.matches(file)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sample to read, with what the tables hold of it.

    Attributes:
        sample: The sample as it is found now.
        image: Its image row, or None.
        mask: The file of its mask row, or None.
        keeps_mask: Its mask file is gone, and its mask row stays because nobody asked to prune.
    """

    sample: Sample
    image: LoadedImage | None
    mask: LoadedFile | None
    keeps_mask: bool

    @property
    def is_new(self) -> bool:
        """Whether the tables hold nothing of it, so that its rows can simply be appended."""
        return self.image is None and self.mask is None


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of one run.

    Attributes:
        new: Samples to read and append.
        revisit: Samples to read again, because a file, a label or a copy needs another look.
        settled: Samples whose image row stands as it is.
        settled_rejects: Files of samples that are rejects already, unchanged.
        gone: Rows whose file is no longer under its root, as `(sample_id, path)`; images, then masks.
        displaced_images: `sample_id`s whose file is now a reject of its reader: their rows must go.
    """

    new: list[Candidate]
    revisit: list[Candidate]
    settled: list[Sample]
    settled_rejects: list[FileEntry]
    gone_images: list[tuple[str, str]]
    gone_masks: list[tuple[str, str]]
    displaced_images: list[str]


def make_plan(findings: Findings, loaded: Loaded, roots: Iterable[str], *, prune: bool) -> Plan:
    """Compares what was found with what was loaded.

    Args:
        findings: Samples, rejects and ignored files of all roots.
        loaded: The facts of the tables.
        roots: The roots of this run; rows from other roots are never taken for gone.
        prune: Whether rows of files that are gone will be deleted.
    """
    missing = _find_missing(findings, loaded, frozenset(roots))
    lost_masks = missing.displaced_masks | ({mask for mask, _ in missing.gone_masks} if prune else set())
    plan = Plan([], [], [], [], missing.gone_images, missing.gone_masks, missing.displaced_images)
    for sample in findings.samples:
        keeps_mask = sample.mask is None and sample.sample_id not in lost_masks
        if _is_settled_reject(sample, loaded):
            plan.settled_rejects.extend(file for file in (sample.image, sample.mask) if file)
        elif _is_settled(sample, loaded, keeps_mask=keeps_mask):
            plan.settled.append(sample)
        else:
            candidate = _make_candidate(sample, loaded, keeps_mask=keeps_mask)
            (plan.new if candidate.is_new else plan.revisit).append(candidate)
    return plan


def _make_candidate(sample: Sample, loaded: Loaded, *, keeps_mask: bool) -> Candidate:
    mask = loaded.masks.get(sample.sample_id)
    return Candidate(sample, loaded.images.get(sample.sample_id), mask, keeps_mask=keeps_mask and mask is not None)


def _is_settled_reject(sample: Sample, loaded: Loaded) -> bool:
    has_rows = sample.sample_id in loaded.images or sample.sample_id in loaded.masks
    has_copies = bool(sample.copies or sample.mask_copies)
    files = [file for file in (sample.image, sample.mask) if file]
    return not has_rows and not has_copies and all(map(loaded.is_rejected, files))


def _is_settled(sample: Sample, loaded: Loaded, *, keeps_mask: bool) -> bool:
    image = loaded.images.get(sample.sample_id)
    if image is None or not image.file.matches(sample.image) or loaded.is_rejected(sample.image):
        return False
    return (
        is_label_settled(sample, image)
        and _is_mask_settled(sample, image, loaded, keeps_mask=keeps_mask)
        # copies are compared byte by byte in every run: no row remembers them
        and all(map(loaded.is_rejected, sample.copies + sample.mask_copies))
    )


def is_label_settled(sample: Sample, image: LoadedImage) -> bool:
    """Whether the row has the label that the disk tells, as far as that can be said without opening a mask."""
    if sample.label is None and (sample.mask is not None or image.has_mask):
        return True  # the mask tells, and a changed mask is found by itself
    return image.label == (sample.label if sample.label is not None else sample.unmasked_label)


def _is_mask_settled(sample: Sample, image: LoadedImage, loaded: Loaded, *, keeps_mask: bool) -> bool:
    mask = loaded.masks.get(sample.sample_id)
    if image.has_mask != (mask is not None):
        return False
    if sample.mask is None:
        return mask is None or keeps_mask
    if mask is None:
        return loaded.is_rejected(sample.mask)
    return mask.matches(sample.mask) and not loaded.is_rejected(sample.mask)


@dataclass(frozen=True, slots=True)
class _Missing:
    """Rows of this run's roots that no sample found now accounts for.

    Gone means that the file is no longer there; displaced, that it is there as something else (a reject,
    or the mask of nothing).
    """

    gone_images: list[tuple[str, str]]
    gone_masks: list[tuple[str, str]]
    displaced_images: list[str]
    displaced_masks: set[str]


def _find_missing(findings: Findings, loaded: Loaded, roots: frozenset[str]) -> _Missing:
    samples = {sample.sample_id: sample for sample in findings.samples}
    rejected = {(reject.file.root, reject.file.path) for reject in findings.rejects}
    present = _sample_files(findings) | rejected
    missing = _Missing([], [], [], set())
    for sample_id, image in loaded.images.items():
        key = (image.file.root, image.file.path)
        if image.file.root not in roots or sample_id in samples:
            continue
        if key in rejected:
            missing.displaced_images.append(sample_id)
        elif key not in present:
            missing.gone_images.append((sample_id, image.file.path))
    for sample_id, mask in loaded.masks.items():
        if mask.root not in roots or (sample_id in samples and samples[sample_id].mask is not None):
            continue
        if (mask.root, mask.path) in present:
            missing.displaced_masks.add(sample_id)
        else:
            missing.gone_masks.append((sample_id, mask.path))
    return missing


def _sample_files(findings: Findings) -> set[FileKey]:
    present = {(ignored.file.root, ignored.file.path) for ignored in findings.ignored}
    for sample in findings.samples:
        files = (sample.image, sample.mask, *sample.copies, *sample.mask_copies)
        present.update((file.root, file.path) for file in files if file)
    return present
