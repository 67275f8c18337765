"""Plain PNG files, decoded in a third to a half of the time that Pillow takes, into the same pixels.

What is plain is a matter of what a file says before its pixels: 8 bits, no transparency, no interlace, nothing that
turns it. Whatever else there is, and whatever imgread refuses, is Pillow's: its word decides what becomes of a file.
imgread has wheels for Linux on x86_64 and for macOS; without it, all files are Pillow's.

Each looks at one checksum, and at another one: imgread at that of each chunk, Pillow at that of the compressed stream.
A file whose stream was damaged before its chunks got right checksums is a reject of Pillow alone.
"""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image, ImageFile

from darkroom.harmonise.png import find_chunks, is_whole

try:
    from imgread import load_numpy_from_bytes
except ImportError:
    load_numpy_from_bytes = None  # type: ignore[assignment] # looked at before it is called

_RGB_END = b"\x08\x02\x00\x00\x00"
_HEADER_ENDS = {
    b"\x08\x00\x00\x00\x00": "L",
    _RGB_END: "RGB",
    b"\x08\x03\x00\x00\x00": "P",
}
"""What follows width and height in the header of a plain file, and Pillow's mode for it."""

_HEADER_END = slice(24, 29)
_SIZE, _SIZE_AT = struct.Struct(">II"), 16

_EXIF = frozenset({"exif", "Raw profile type exif"})
_XMP = frozenset({"xmp", "XML:com.adobe.xmp"})
"""Keys of Pillow's `info` under which a file may say which side is up; XMP says it in words."""

_NEVER_PLAIN = frozenset({b"tRNS", b"eXIf", b"acTL"})
"""Chunks that make a picture transparent, turned, or one of several."""

_LONGEST_NOTES = 1 << 16
"""Of what follows the pixels, together: more is left to Pillow, which has a limit on it."""

_LARGEST_SHARE = 0.95
"""Of the bytes of the pixels: with more they are hardly compressed, and nothing stumbles over a part that is lost."""

_ZLIB_HEAD = b"\x78"
"""First byte of a stream that may look back as far as there is: then no decoder can find that it looks too far."""


class NotPlainError(Exception):
    """A file that is for Pillow to decode."""


def is_plain(png: bytes) -> bool:
    """Tells whether a PNG file may be plain, by its chunks; what they say is for `decode_plain` to look at."""
    if load_numpy_from_bytes is None or png[_HEADER_END] not in _HEADER_ENDS:
        return False
    chunks = list(find_chunks(png))
    if not is_whole(chunks):
        return False
    places = [place for place, chunk in enumerate(chunks) if chunk.kind == b"IDAT"]
    pixels, further = [chunks[place].data(png) for place in places], chunks[places[-1] + 1 : -1]
    return (
        pixels[0][:1] == _ZLIB_HEAD
        and sum(map(len, pixels)) < _LARGEST_SHARE * _count_bytes(png)
        and not any(chunk.kind in _NEVER_PLAIN for chunk in chunks)
        and not any(len(chunk.data(png)) % 3 for chunk in chunks if chunk.kind == b"PLTE")
        and sum(len(chunk.data(png)) for chunk in further) < _LONGEST_NOTES
        and all(_is_harmless(chunk.kind, bytes(chunk.data(png))) for chunk in further)
    )


def _count_bytes(png: bytes) -> int:
    """Counts the bytes of the pixels of a file of 8 bits a sample, from its header; its filters not among them."""
    width, height = _SIZE.unpack_from(png, _SIZE_AT)
    return int(width * height * (3 if png[_HEADER_END] == _RGB_END else 1))


def _is_harmless(kind: bytes, data: bytes) -> bool:
    """Tells whether Pillow, which reads what follows the pixels with them, would find nothing in it that matters."""
    if kind not in {b"tEXt", b"iTXt", b"tIME"}:
        return False
    keyword, _, text = data.partition(b"\0")
    is_compressed = kind == b"iTXt" and text[:1] != b"\0"  # Pillow opens it, and may find a fault in it
    return not is_compressed and not _may_turn(keyword.decode("latin-1"), data)


def _to_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _may_turn(keyword: str, data: bytes) -> bool:
    """Tells whether a note, under a key of Pillow's `info`, may say which side is up."""
    return keyword in _EXIF or (keyword in _XMP and b"Orientation" in data)


def decode_plain(png: bytes, opened: ImageFile.ImageFile) -> Image.Image:
    """Decodes a file that `is_plain`.

    Args:
        png: The whole file.
        opened: The same, opened by Pillow, its pixels not yet decoded.

    Returns:
        The picture in mode L or RGB.

    Raises:
        NotPlainError: It is not plain after all, or something is wrong with it.
    """
    if opened.mode != _HEADER_ENDS[png[_HEADER_END]] or opened.has_transparency_data:
        raise NotPlainError
    if any(_may_turn(str(key), _to_bytes(value)) for key, value in opened.info.items()):
        raise NotPlainError
    try:
        pixels = load_numpy_from_bytes(png)
    except BaseException as error:
        # a panic of Rust is no `Exception`; whatever else is none has to go on
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise NotPlainError from error
    if pixels.shape != (opened.height, opened.width, 3):
        raise NotPlainError
    return Image.fromarray(np.ascontiguousarray(pixels[:, :, 0]) if opened.mode == "L" else pixels)
