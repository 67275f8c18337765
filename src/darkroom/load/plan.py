"""What a run has to do: the files found now, compared with the rows loaded before. Pure: opens nothing.

A file is *settled* when the tables already say what it says: its row, or its reject, has the same size and
the same modification time. Time alone would skip a file copied in later with an older timestamp, so every
file found is compared with its own row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from unicodedata import normalize

from darkroom.load.loaded import Loaded, LoadedImage, LoadedMask, LoadedReject
from darkroom.sample import DEFECT, NORMAL, REASONS_OF_OTHER_FILES, FileEntry, FileKey, Findings, Reject, Sample


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sample to read, with what the tables hold of it.

    Attributes:
        sample: The sample as it is found now.
        image: What its image row says, or None.
        mask: The file of its mask row, or None.
        keeps_mask: Its mask file is gone, and its mask row stays because nobody asked to prune.
    """

    sample: Sample
    image: LoadedImage | None
    mask: LoadedMask | None
    keeps_mask: bool

    @property
    def is_new(self) -> bool:
        """Whether the tables hold nothing of it, so that its rows can simply be appended."""
        return self.image is None and self.mask is None


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of one run, as far as it is known before a file is opened.

    Attributes:
        new: Samples to read and append.
        revisit: Samples to read again, because a file, a label or a copy needs another look.
        settled: Samples whose image row stands as it is.
        settled_rejects: Files of samples that are rejects already, unchanged.
        gone: Paths of rows whose file is no longer under its root; images, then masks.
        obsolete_images: `sample_id`s whose rows in `images` and `masks` have to go: their file is something else
            now (a reject of its reader, a mask), or it is gone and the run prunes.
        obsolete_rejects: Rows of `rejects`, from whatever root, that have to go.
    """

    new: tuple[Candidate, ...]
    revisit: tuple[Candidate, ...]
    settled: tuple[Sample, ...]
    settled_rejects: tuple[FileEntry, ...]
    gone: tuple[str, ...]
    obsolete_images: tuple[str, ...]
    obsolete_rejects: tuple[LoadedReject, ...] = ()


def make_plan(
    findings: Findings,
    loaded: Loaded,
    roots: frozenset[str],
    renamed: Collection[str] = (),
    moved_rejects: Collection[LoadedReject] = (),
    *,
    prune: bool,
) -> Plan:
    """Compares what was found with what was loaded.

    Args:
        findings: Samples, rejects and ignored files of all roots.
        loaded: The facts of the tables.
        roots: The roots of this run; rows from other roots are never taken for gone.
        renamed: `sample_id`s of rows whose files are loaded anew under another name.
        moved_rejects: Rows of `rejects` whose files are found elsewhere now, or were renamed.
        prune: Whether rows of files that are gone will be deleted.
    """
    missing = _find_missing(findings, loaded, roots)
    lost_masks = missing.displaced_masks | (missing.gone_masks.keys() if prune else set())
    candidates: list[Candidate] = []
    settled: list[Sample] = []
    settled_rejects: list[FileEntry] = []
    for sample in findings.samples:
        keeps_mask = sample.mask is None and sample.sample_id not in lost_masks
        if _is_settled_reject(sample, loaded):
            settled_rejects.extend(sample.files)
        elif _is_settled(sample, loaded, keeps_mask=keeps_mask):
            settled.append(sample)
        else:
            image, mask = loaded.images.get(sample.sample_id), loaded.masks.get(sample.sample_id)
            candidates.append(Candidate(sample, image, mask, keeps_mask=keeps_mask and mask is not None))
    return Plan(
        new=tuple(candidate for candidate in candidates if candidate.is_new),
        revisit=tuple(candidate for candidate in candidates if not candidate.is_new),
        settled=tuple(settled),
        settled_rejects=tuple(settled_rejects),
        gone=(*missing.gone_images.values(), *missing.gone_masks.values()),
        obsolete_images=(*missing.displaced_images, *(missing.gone_images if prune else ()), *renamed),
        obsolete_rejects=tuple(moved_rejects),
    )


def find_obsolete_rejects(
    loaded: Loaded, roots: frozenset[str], current: Mapping[FileKey, Reject | LoadedReject]
) -> list[LoadedReject]:
    """Returns the rows of `rejects` that have to go: their files are no rejects any more, no longer there, or renamed.

    Args:
        loaded: The facts of the tables.
        roots: The roots of this run; rejects from other roots stay.
        current: All rejects of this run, new and old.
    """
    return [
        row
        for key, row in loaded.rejects.items()
        if key[0] in roots and (key not in current or current[key].source_dataset != row.source_dataset)
    ]


def _is_settled_reject(sample: Sample, loaded: Loaded) -> bool:
    has_rows = sample.sample_id in loaded.images or sample.sample_id in loaded.masks
    has_copies = bool(sample.copies or sample.mask_copies)
    is_renamed = any(
        file.key in loaded.rejects and loaded.rejects[file.key].source_dataset != sample.source_dataset
        for file in sample.files
    )
    if has_rows or has_copies or is_renamed:
        return False
    return _are_settled_rejects((sample.image,), loaded) and all(map(loaded.is_rejected, sample.masks))


def _is_settled(sample: Sample, loaded: Loaded, *, keeps_mask: bool) -> bool:
    image = loaded.images.get(sample.sample_id)
    if image is None or image.is_unscaled or not image.file.matches(sample.image) or loaded.is_rejected(sample.image):
        return False
    return (
        is_label_settled(sample, image, loaded.masks.get(sample.sample_id))
        and _is_mask_settled(sample, image, loaded, keeps_mask=keeps_mask)
        # copies are compared byte by byte in every run: no row remembers them
        and all(map(loaded.is_rejected, sample.copies + sample.mask_copies))
    )


def is_label_settled(sample: Sample, image: LoadedImage, mask: LoadedMask | None) -> bool:
    """Tells whether the row has the split and the label that the disk tells.

    Where a mask tells the label, it is what the row of the mask says; a changed mask is found by itself.
    """
    if image.split != sample.split:
        return False
    if sample.label is None and (sample.mask is not None or image.has_mask):
        has_defect = mask.has_defect if mask is not None and sample.mask is not None else None
        return has_defect is None or image.label == (DEFECT if has_defect else NORMAL)
    return image.label == (sample.label if sample.label is not None else sample.unmasked_label)


def _is_mask_settled(sample: Sample, image: LoadedImage, loaded: Loaded, *, keeps_mask: bool) -> bool:
    mask = loaded.masks.get(sample.sample_id)
    if image.has_mask != (mask is not None):
        return False
    if sample.mask is None:
        return mask is None or keeps_mask
    if mask is None:
        return _are_settled_rejects(sample.masks, loaded)
    whole = sample.whole_mask
    # a corrected table may give an image the mask of another one, of the same size and time
    is_another = whole is not None and mask.root == whole.root and mask.path != whole.path
    if whole is None or is_another or not mask.matches(whole):
        return False
    return not any(map(loaded.is_rejected, sample.masks))


def _are_settled_rejects(files: Collection[FileEntry], loaded: Loaded) -> bool:
    """Tells whether the image, or the parts of a mask, are rejects, at least one of them for what is in it itself."""
    return all(map(loaded.is_rejected, files)) and not all(
        loaded.rejects[file.key].reason in REASONS_OF_OTHER_FILES for file in files
    )


@dataclass(frozen=True, slots=True)
class _Missing:
    """Rows of this run's roots that no sample found now accounts for.

    Gone means that the file is no longer there; displaced, that it is there as something else (a reject,
    a mask, no part of the splits that were chosen, or a sample whose `sample_id` is composed now).

    Attributes:
        gone_images: The paths of image files that are gone, by `sample_id`.
        gone_masks: The paths of mask files that are gone, by `sample_id`.
        displaced_images: `sample_id`s whose image file is something else now.
        displaced_masks: `sample_id`s whose mask file is something else now.
    """

    gone_images: dict[str, str]
    gone_masks: dict[str, str]
    displaced_images: list[str]
    displaced_masks: set[str]


def _find_missing(findings: Findings, loaded: Loaded, roots: frozenset[str]) -> _Missing:
    samples = {sample.sample_id: sample for sample in findings.samples}
    unfound = {
        sample_id: image.file
        for sample_id, image in loaded.images.items()
        if image.file.root in roots and sample_id not in samples
    }
    unmatched = {
        sample_id: mask
        for sample_id, mask in loaded.masks.items()
        if mask.root in roots and (sample_id not in samples or samples[sample_id].mask is None)
    }
    rejected = {reject.file.key for reject in findings.rejects}
    masks = {file.key for sample in findings.samples for file in sample.masks + sample.mask_copies}
    ignored = {ignored.file.key for ignored in findings.ignored}
    left_out = rejected | ignored
    present = {file.key for sample in findings.samples for file in sample.files} | left_out
    return _Missing(
        gone_images={sample_id: file.path for sample_id, file in unfound.items() if file.key not in present},
        gone_masks={sample_id: file.path for sample_id, file in unmatched.items() if file.key not in present},
        displaced_images=[
            sample_id
            for sample_id, file in unfound.items()
            if file.key in left_out or file.key in masks or normalize("NFC", sample_id) in samples
        ],
        displaced_masks={sample_id for sample_id, file in unmatched.items() if file.key in present},
    )
