"""One sample in, its rows out: read, hash, decode, harmonise.

Whatever is wrong with a file becomes a `Reject`; nothing here raises because of a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from darkroom.harmonise.decode import MAX_PIXELS, DecodedImage, UnusableImageError, read_image, read_mask
from darkroom.harmonise.deep import DeepPicture, choose_own_white_level
from darkroom.harmonise.resize import DEFAULT_TENSOR_SIZE_PX, Fit, harmonise_image_bytes, harmonise_mask
from darkroom.keys import spell_apart
from darkroom.load.plan import Candidate, is_label_settled
from darkroom.sample import DEFECT, NORMAL, FileEntry, Ignored, Reason, Reject, Sample

Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SampleRows:
    """What became of the files of one sample.

    Attributes:
        candidate: The sample, and what the tables held of it before.
        image: Its row of `images`, or None.
        mask: Its row of `masks`, or None.
        rejects: Its files that cannot be used.
        ignored: Its files that repeat another one byte by byte.
        is_unchanged: The rows that the tables hold still say what the files say; `image` and `mask` are None.
    """

    candidate: Candidate
    image: Row | None
    mask: Row | None
    rejects: tuple[Reject, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Harmonisation:
    """How pictures become uniform.

    Attributes:
        size_px: Side length of the tensors in pixels.
        fit: How a picture that is not square becomes square.
        max_pixels: Pictures with more pixels are rejected.
    """

    size_px: int = DEFAULT_TENSOR_SIZE_PX
    fit: Fit = Fit.STRETCH
    max_pixels: int = MAX_PIXELS


FindSampleWhiteLevel = Callable[[Sample, DeepPicture], float]
"""From a sample and its picture of more than 8 bits a channel to the level that is white in its image dataset."""


def _find_own_white_level(_: Sample, picture: DeepPicture) -> float:
    return choose_own_white_level(picture)


def read_sample(
    candidate: Candidate,
    read: Callable[[FileEntry], bytes],
    harmonisation: Harmonisation,
    find_white_level: FindSampleWhiteLevel = _find_own_white_level,
) -> SampleRows:
    """Reads the files of one sample and makes its rows.

    Args:
        candidate: The sample, and what the tables hold of it.
        read: Returns the bytes of a file; raises OSError where it cannot.
        harmonisation: How pictures become uniform.
        find_white_level: Returns the level that is white; what it raises comes out, unless it is about the file.
    """
    return _SampleReader(candidate, read, harmonisation, find_white_level).make_rows()


@dataclass(frozen=True, slots=True)
class _Content:
    """The bytes of one file and their SHA-256."""

    file: FileEntry
    data: bytes
    sha256: str


@dataclass(slots=True)
class _SampleReader:
    """Reads one sample, and gathers which of its files are no use."""

    candidate: Candidate
    read: Callable[[FileEntry], bytes]
    harmonisation: Harmonisation
    find_white_level: FindSampleWhiteLevel
    rejects: list[Reject] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)

    def make_rows(self) -> SampleRows:
        sample = self.candidate.sample
        image = self._read(sample.image)
        mask = self._read(sample.mask) if sample.mask else None
        self._sort_copies(sample.copies, image)
        self._sort_copies(sample.mask_copies, mask)
        if _is_unchanged(self.candidate, image, mask):
            return self._finish(None, None, is_unchanged=True)
        find_white_level = partial(self.find_white_level, sample)
        decoded = self._decode(image, partial(read_image, find_white_level=find_white_level))
        if image is None or decoded is None:
            if mask is not None:
                self._reject(mask.file, Reason.ORPHAN_MASK, f"its image {sample.image.path} cannot be used")
            return self._finish(None, None)
        decoded_mask = self._decode_mask(mask, decoded)
        image_row = _make_image_row(self.candidate, image, decoded, decoded_mask, self.harmonisation)
        if mask is None or decoded_mask is None:
            return self._finish(image_row, None)
        return self._finish(image_row, _make_mask_row(sample, mask, decoded_mask, self.harmonisation))

    def _finish(self, image: Row | None, mask: Row | None, *, is_unchanged: bool = False) -> SampleRows:
        return SampleRows(self.candidate, image, mask, tuple(self.rejects), tuple(self.ignored), is_unchanged)

    def _reject(self, file: FileEntry, reason: Reason, message: str) -> None:
        self.rejects.append(Reject(file, self.candidate.sample.source_dataset, reason, message))

    def _read(self, file: FileEntry) -> _Content | None:
        try:
            data = self.read(file)
        except OSError as error:
            self._reject(file, Reason.UNREADABLE, f"cannot be read: {error.strerror or error}")
            return None
        return _Content(file, data, hashlib.sha256(data).hexdigest())

    def _sort_copies(self, copies: tuple[FileEntry, ...], original: _Content | None) -> None:
        for file in copies:
            copy = self._read(file)
            if copy is None:
                continue
            if original is not None and copy.sha256 == original.sha256:
                self.ignored.append(Ignored(file, "identical copy"))
                continue
            kept = original.file if original else self.candidate.sample.image
            message = (
                f"differs from {spell_apart(file.path, kept.path)}, which has the same sample_id; keep one of the two"
            )
            if kept.root != file.root:
                message = (
                    f"differs from the file at this place in {kept.root}; if these are two image datasets, ingest one "
                    "after the other, each with a `name` of its own"
                )
            self._reject(file, Reason.CONFLICTING_DUPLICATE, message)

    def _decode(self, content: _Content | None, decode: Callable[..., DecodedImage]) -> DecodedImage | None:
        if content is None:
            return None
        try:
            return decode(content.data, max_pixels=self.harmonisation.max_pixels)
        except UnusableImageError as error:
            self._reject(content.file, error.reason, str(error))
            return None

    def _decode_mask(self, mask: _Content | None, image: DecodedImage) -> DecodedImage | None:
        decoded = self._decode(mask, read_mask)
        if mask is None or decoded is None:
            return None
        if self.candidate.sample.is_mask_by_name and not self._is_two_valued(mask):
            self._reject(mask.file, Reason.NOT_A_MASK, self._describe_no_mask())
            return None
        if decoded.pixels.size == image.pixels.size:
            return decoded
        message = (
            f"the mask is {decoded.original_width}×{decoded.original_height}, its image "
            f"{image.original_width}×{image.original_height}; both must have the same size"
        )
        self._reject(mask.file, Reason.MASK_SIZE_MISMATCH, message)
        return None

    def _is_two_valued(self, mask: _Content) -> bool:
        pixels = read_image(mask.data, max_pixels=self.harmonisation.max_pixels).pixels
        return pixels.getcolors(2) is not None

    def _describe_no_mask(self) -> str:
        return (
            f"called like a mask of {self.candidate.sample.image.path}, but has more than two values. If it is one, "
            "move it to ground_truth/<label>/, or save it without loss in two values; if it is an image, rename it"
        )


def _is_unchanged(candidate: Candidate, image: _Content | None, mask: _Content | None) -> bool:
    """Tells whether only a timestamp, or nothing but a copy, made this sample a candidate."""
    loaded = candidate.image
    if loaded is None or loaded.is_unscaled or image is None or loaded.file.content_sha256 != image.sha256:
        return False
    if not is_label_settled(candidate.sample, loaded):
        return False
    loaded_mask = candidate.mask.content_sha256 if candidate.mask else None
    mask_now = mask.sha256 if mask else (loaded_mask if candidate.keeps_mask else None)
    return loaded_mask == mask_now and loaded.has_mask == (loaded_mask is not None)


def _tell_label(candidate: Candidate, mask: DecodedImage | None) -> str | None:
    sample = candidate.sample
    if sample.label is not None:
        return sample.label
    if mask is not None:
        return DEFECT if mask.pixels.getbbox() else NORMAL
    if candidate.keeps_mask and candidate.image is not None:
        return candidate.image.label
    return sample.unmasked_label if sample.mask is None else None


def _make_image_row(
    candidate: Candidate,
    content: _Content,
    decoded: DecodedImage,
    mask: DecodedImage | None,
    harmonisation: Harmonisation,
) -> Row:
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
        **_file_facts(content),
        "original_width": decoded.original_width,
        "original_height": decoded.original_height,
        "original_mode": decoded.original_mode,
        "original_format": decoded.original_format,
        "image_tensor": harmonise_image_bytes(decoded.pixels, size_px, harmonisation.fit),
        "tensor_height": size_px,
        "tensor_width": size_px,
        "tensor_channels": 3,
        "tensor_dtype": "uint8",
        "has_mask": mask is not None or candidate.keeps_mask,
    }


def _make_mask_row(sample: Sample, content: _Content, mask: DecodedImage, harmonisation: Harmonisation) -> Row:
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
