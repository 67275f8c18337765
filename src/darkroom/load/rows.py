"""One sample in, its rows out: read, hash, decode, harmonise.

Whatever is wrong with a file becomes a `Reject`; nothing here raises because of a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from darkroom.harmonise.decode import MAX_PIXELS, DecodedImage, UnusableImageError, read_image, read_mask
from darkroom.harmonise.resize import Fit, harmonise_image_bytes, harmonise_mask
from darkroom.load.plan import Candidate, is_label_settled
from darkroom.sample import DEFECT, NORMAL, FileEntry, Ignored, Reason, Reject, Sample

Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the files of one sample.

    Attributes:
        candidate: The sample, and what the tables held of it before.
        image: Row of `images`, or None.
        mask: Row of `masks`, or None.
        rejects: Its files that cannot be used.
        ignored: Its files that repeat another one byte by byte.
        is_unchanged: The rows that the tables hold still say what the files say; `image` and `mask` are None.
    """

    candidate: Candidate
    image: Row | None = None
    mask: Row | None = None
    rejects: list[Reject] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Harmonisation:
    """How pictures become uniform: side length in pixels, how they are fitted, and the size that is refused."""

    size_px: int = 256
    fit: Fit = Fit.STRETCH
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class _Content:
    """The bytes of one file and their SHA-256."""

    file: FileEntry
    data: bytes
    sha256: str


def read_sample(candidate: Candidate, read: Callable[[FileEntry], bytes], harmonisation: Harmonisation) -> Outcome:
    """Reads the files of one sample and makes its rows.

    Args:
        candidate: The sample, and what the tables hold of it.
        read: Gives the bytes of a file; raises OSError where it cannot.
        harmonisation: Size, fit and limits.
    """
    sample = candidate.sample
    outcome = Outcome(candidate)
    image = _read_content(sample.image, read, outcome)
    mask = _read_content(sample.mask, read, outcome) if sample.mask else None
    _sort_copies(sample.copies, image, read, outcome)
    _sort_copies(sample.mask_copies, mask, read, outcome)
    if _is_unchanged(candidate, image, mask):
        return Outcome(candidate, ignored=outcome.ignored, rejects=outcome.rejects, is_unchanged=True)
    return _make_rows(candidate, image, mask, harmonisation, outcome)


def _read_content(file: FileEntry, read: Callable[[FileEntry], bytes], outcome: Outcome) -> _Content | None:
    try:
        data = read(file)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        outcome.rejects.append(Reject(file, outcome.candidate.sample.source_dataset, Reason.UNREADABLE, message))
        return None
    return _Content(file, data, hashlib.sha256(data).hexdigest())


def _sort_copies(
    copies: tuple[FileEntry, ...],
    original: _Content | None,
    read: Callable[[FileEntry], bytes],
    outcome: Outcome,
) -> None:
    for file in copies:
        copy = _read_content(file, read, outcome)
        if copy is None:
            continue
        if original is not None and copy.sha256 == original.sha256:
            outcome.ignored.append(Ignored(file, "identical copy"))
            continue
        kept = original.file.path if original else outcome.candidate.sample.image.path
        message = f"differs from {kept}, which has the same sample_id; keep one of the two"
        reject = Reject(file, outcome.candidate.sample.source_dataset, Reason.CONFLICTING_DUPLICATE, message)
        outcome.rejects.append(reject)


def _is_unchanged(candidate: Candidate, image: _Content | None, mask: _Content | None) -> bool:
    """Whether only a timestamp, or nothing but a copy, made this sample a candidate."""
    loaded = candidate.image
    if loaded is None or image is None or loaded.file.content_sha256 != image.sha256:
        return False
    if not is_label_settled(candidate.sample, loaded):
        return False
    loaded_mask = candidate.mask.content_sha256 if candidate.mask else None
    mask_now = mask.sha256 if mask else (loaded_mask if candidate.keeps_mask else None)
    return loaded_mask == mask_now and loaded.has_mask == (loaded_mask is not None)


def _make_rows(
    candidate: Candidate,
    image: _Content | None,
    mask: _Content | None,
    harmonisation: Harmonisation,
    outcome: Outcome,
) -> Outcome:
    sample = candidate.sample
    decoded = _decode(image, read_image, harmonisation, outcome)
    if image is None or decoded is None:
        if mask is not None:
            message = f"its image {sample.image.path} cannot be used"
            outcome.rejects.append(Reject(mask.file, sample.source_dataset, Reason.ORPHAN_MASK, message))
        return outcome
    decoded_mask = _decode_mask(mask, decoded, harmonisation, outcome)
    label = _tell_label(candidate, decoded_mask)
    has_mask = decoded_mask is not None or candidate.keeps_mask
    return Outcome(
        candidate,
        image={
            **_image_facts(sample, decoded, label, has_mask=has_mask),
            **_file_facts(image),
            **_image_tensor(decoded, harmonisation),
        },
        mask=_mask_row(sample, mask, decoded_mask, harmonisation) if mask and decoded_mask else None,
        rejects=outcome.rejects,
        ignored=outcome.ignored,
    )


def _decode(
    content: _Content | None,
    decode: Callable[..., DecodedImage],
    harmonisation: Harmonisation,
    outcome: Outcome,
) -> DecodedImage | None:
    if content is None:
        return None
    try:
        return decode(content.data, max_pixels=harmonisation.max_pixels)
    except UnusableImageError as error:
        dataset = outcome.candidate.sample.source_dataset
        outcome.rejects.append(Reject(content.file, dataset, error.reason, str(error)))
        return None


def _decode_mask(
    mask: _Content | None, image: DecodedImage, harmonisation: Harmonisation, outcome: Outcome
) -> DecodedImage | None:
    decoded = _decode(mask, read_mask, harmonisation, outcome)
    if mask is None or decoded is None:
        return None
    if decoded.pixels.size != image.pixels.size:
        message = (
            f"the mask is {decoded.original_width}×{decoded.original_height}, its image "
            f"{image.original_width}×{image.original_height}; both must have the same size"
        )
        dataset = outcome.candidate.sample.source_dataset
        outcome.rejects.append(Reject(mask.file, dataset, Reason.MASK_SIZE_MISMATCH, message))
        return None
    return decoded


def _tell_label(candidate: Candidate, mask: DecodedImage | None) -> str | None:
    sample = candidate.sample
    if sample.label is not None:
        return sample.label
    if mask is not None:
        return DEFECT if mask.pixels.getbbox() else NORMAL
    if candidate.keeps_mask and candidate.image is not None:
        return candidate.image.label
    return sample.unmasked_label if sample.mask is None else None


def _image_facts(sample: Sample, decoded: DecodedImage, label: str | None, *, has_mask: bool) -> Row:
    return {
        "sample_id": sample.sample_id,
        "source_dataset": sample.source_dataset,
        "category": sample.category,
        "split": str(sample.split),
        "label": label,
        "is_defect": None if label is None else label != NORMAL,
        "filename": sample.image.path.rpartition("/")[2],
        "original_width": decoded.original_width,
        "original_height": decoded.original_height,
        "original_mode": decoded.original_mode,
        "original_format": decoded.original_format,
        "has_mask": has_mask,
    }


def _image_tensor(decoded: DecodedImage, harmonisation: Harmonisation) -> Row:
    return {
        "image_tensor": harmonise_image_bytes(decoded.pixels, harmonisation.size_px, harmonisation.fit),
        "tensor_height": harmonisation.size_px,
        "tensor_width": harmonisation.size_px,
        "tensor_channels": 3,
        "tensor_dtype": "uint8",
    }


def _mask_row(sample: Sample, content: _Content, mask: DecodedImage, harmonisation: Harmonisation) -> Row:
    tensor = harmonise_mask(mask.pixels, harmonisation.size_px, harmonisation.fit)
    height, width = tensor.shape
    return {
        "sample_id": sample.sample_id,
        "mask_tensor": tensor.tobytes(),
        "mask_height": height,
        "mask_width": width,
        "defect_fraction": float(tensor.mean()),
        **_file_facts(content),
    }


def _file_facts(content: _Content) -> Row:
    file = content.file
    return {
        "source_root": file.root,
        "source_path": file.path,
        "file_size_bytes": file.size_bytes,
        "modified_at": to_timestamp(file.modified_us),
        "content_sha256": content.sha256,
    }


def reject_row(reject: Reject) -> Row:
    """The row of `rejects` for one file."""
    return {
        "source_dataset": reject.source_dataset,
        "source_root": reject.file.root,
        "source_path": reject.file.path,
        "reason": str(reject.reason),
        "message": reject.message,
        "file_size_bytes": reject.file.size_bytes,
        "modified_at": to_timestamp(reject.file.modified_us),
    }


def to_timestamp(modified_us: int) -> datetime:
    """Microseconds since 1970 as a UTC datetime, exactly (floats would round)."""
    return _EPOCH + timedelta(microseconds=modified_us)


def to_microseconds(moment: datetime) -> int:
    """The inverse of `to_timestamp`; a datetime without time zone is taken for UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)
