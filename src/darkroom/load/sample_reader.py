"""One sample in, its rows out: read, hash, decode, harmonise.

Whatever is wrong with a file becomes a `Reject`; nothing here raises because of a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce

from PIL import Image, ImageChops

from darkroom.harmonise.decode import DecodedImage, UnusableImageError, read_image, read_mask
from darkroom.harmonise.deep import DeepPicture, choose_own_white_level
from darkroom.keys import spell_apart
from darkroom.load.harmonisation import Harmonisation
from darkroom.load.plan import Candidate, is_label_settled
from darkroom.load.rows import Row, make_image_row, make_mask_row
from darkroom.sample import FileEntry, Ignored, Reason, Reject, Sample


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


@dataclass(frozen=True, slots=True)
class _Mask:
    """The files that one mask is put together from, in the order of their paths; at least one."""

    parts: list[_Content]

    @property
    def sha256(self) -> str:
        """That of the file; of several files, the SHA-256 over theirs."""
        hashes = [part.sha256 for part in self.parts]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


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
        mask = self._read_mask()
        self._sort_copies(sample.copies, [image] if image else [])
        self._sort_copies(sample.mask_copies, mask.parts if mask else [])
        if _is_unchanged(self.candidate, image, mask):
            return self._finish(None, None, is_unchanged=True)
        find_white_level = partial(self.find_white_level, sample)
        decoded = self._decode(image, partial(read_image, find_white_level=find_white_level))
        if image is None or decoded is None:
            for part in mask.parts if mask else ():
                self._reject(part.file, Reason.ORPHAN_MASK, f"its image {sample.image.path} cannot be used")
            return self._finish(None, None)
        decoded_mask = self._decode_mask(mask, decoded)
        image_row = make_image_row(self.candidate, image.sha256, decoded, decoded_mask, self.harmonisation)
        whole = sample.whole_mask
        if mask is None or decoded_mask is None or whole is None:
            return self._finish(image_row, None)
        return self._finish(image_row, make_mask_row(sample, whole, mask.sha256, decoded_mask, self.harmonisation))

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

    def _read_mask(self) -> _Mask | None:
        parts = [self._read(file) for file in self.candidate.sample.masks]
        known = [part for part in parts if part is not None]
        if known and len(known) < len(parts):
            self._reject_parts(known)
            return None
        return _Mask(known) if known else None

    def _reject_parts(self, parts: Iterable[_Content]) -> None:
        for part in parts:
            message = f"belongs to {self.candidate.sample.image.path}, another mask of which cannot be used"
            self._reject(part.file, Reason.INCOMPLETE_MASK, message)

    def _sort_copies(self, copies: tuple[FileEntry, ...], originals: Sequence[_Content]) -> None:
        for file in copies:
            copy = self._read(file)
            if copy is None:
                continue
            if any(copy.sha256 == original.sha256 for original in originals):
                self.ignored.append(Ignored(file, "identical copy"))
                continue
            kept = originals[0].file if originals else self.candidate.sample.image
            message = (
                f"differs from {spell_apart(file.path, kept.path)}, which has the same sample_id; keep one of the two, "
                "or, if they are of two image datasets, give each a dataset.toml with its name"
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

    def _decode_mask(self, mask: _Mask | None, image: DecodedImage) -> DecodedImage | None:
        """Returns the union of all parts of a mask; None if one of them cannot be used."""
        decoded = [(part, self._decode_part(part, image)) for part in mask.parts] if mask else []
        pictures = [picture for _, picture in decoded if picture is not None]
        if len(pictures) < len(decoded):
            self._reject_parts(part for part, picture in decoded if picture is not None)
            return None
        return replace(pictures[0], pixels=_unite([picture.pixels for picture in pictures])) if pictures else None

    def _decode_part(self, mask: _Content, image: DecodedImage) -> DecodedImage | None:
        decoded = self._decode(mask, read_mask)
        if decoded is None:
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


def _is_unchanged(candidate: Candidate, image: _Content | None, mask: _Mask | None) -> bool:
    """Tells whether only a timestamp, or nothing but a copy, made this sample a candidate."""
    loaded = candidate.image
    if loaded is None or loaded.is_unscaled or image is None or loaded.file.content_sha256 != image.sha256:
        return False
    if not is_label_settled(candidate.sample, loaded, candidate.mask):
        return False
    loaded_mask = candidate.mask.content_sha256 if candidate.mask else None
    mask_now = mask.sha256 if mask else (loaded_mask if candidate.keeps_mask else None)
    return loaded_mask == mask_now and loaded.has_mask == (loaded_mask is not None)


def _unite(masks: Sequence[Image.Image]) -> Image.Image:
    """Returns a mask that is white wherever one of these is; all have mode 1 and the same size."""
    return reduce(ImageChops.logical_or, masks)
