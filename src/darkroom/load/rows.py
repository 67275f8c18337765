"""The rows that samples and rejects become, as plain values in the columns of the data contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from darkroom.harmonise.decode import DecodedImage
from darkroom.harmonise.resize import harmonise_image_bytes, harmonise_mask
from darkroom.load.harmonisation import Harmonisation
from darkroom.load.plan import Candidate
from darkroom.sample import DEFECT, NORMAL, FileEntry, Reject, Sample

Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _tell_label(candidate: Candidate, mask: DecodedImage | None) -> str | None:
    sample = candidate.sample
    if sample.label is not None:
        return sample.label
    if mask is not None:
        return DEFECT if mask.pixels.getbbox() else NORMAL
    if candidate.keeps_mask and candidate.image is not None:
        return candidate.image.label
    return sample.unmasked_label if sample.mask is None else None


def make_image_row(
    candidate: Candidate, sha256: str, decoded: DecodedImage, mask: DecodedImage | None, harmonisation: Harmonisation
) -> Row:
    """Makes the row of `images` for a sample.

    Args:
        candidate: The sample, and what the tables held of it before.
        sha256: The hash of its image file.
        decoded: Its picture.
        mask: Its mask, if there is one that can be used.
        harmonisation: How the picture becomes uniform.
    """
    sample, size_px = candidate.sample, harmonisation.size_px
    label = _tell_label(candidate, mask)
    return {
        "sample_id": sample.sample_id,
        "source_dataset": sample.source_dataset,
        "category": sample.category,
        "split": str(sample.split),
        "label": label,
        "is_defect": None if label is None else label != NORMAL,
        "filename": sample.image.path.rpartition("/")[2],
        **_file_facts(sample.image, sha256),
        "original_width": decoded.original_width,
        "original_height": decoded.original_height,
        "original_mode": decoded.original_mode,
        "original_format": decoded.original_format,
        "image_tensor": harmonise_image_bytes(decoded.pixels, size_px, harmonisation.fit, harmonisation.resampler),
        "tensor_height": size_px,
        "tensor_width": size_px,
        "tensor_channels": 3,
        "tensor_dtype": "uint8",
        "has_mask": mask is not None or candidate.keeps_mask,
    }


def make_mask_row(
    sample: Sample, whole: FileEntry, sha256: str, mask: DecodedImage, harmonisation: Harmonisation
) -> Row:
    """Makes the row of `masks` for a sample.

    Args:
        sample: The sample.
        whole: Its mask file; of several, what stands for all of them.
        sha256: The hash over its mask files.
        mask: The union of its masks, in mode 1.
        harmonisation: How the mask becomes uniform.
    """
    tensor = harmonise_mask(mask.pixels, harmonisation.size_px, harmonisation.fit)
    height, width = tensor.shape
    return {
        "sample_id": sample.sample_id,
        "mask_tensor": tensor.tobytes(),
        "mask_height": height,
        "mask_width": width,
        "defect_fraction": float(tensor.mean()),
        **_file_facts(whole, sha256),
        "file_count": len(sample.masks),
    }


def _file_facts(file: FileEntry, sha256: str) -> Row:
    return {
        "source_root": file.root,
        "source_path": file.path,
        "file_size_bytes": file.size_bytes,
        "modified_at": to_timestamp(file.modified_us),
        "content_sha256": sha256,
    }


def make_reject_row(reject: Reject) -> Row:
    """Makes the row of `rejects` for a file."""
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
    """Returns microseconds since 1970 as a UTC datetime, exactly (floats would round)."""
    return _EPOCH + timedelta(microseconds=modified_us)


def to_microseconds(moment: datetime) -> int:
    """Returns a datetime as microseconds since 1970, exactly; one without time zone is taken for UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)
