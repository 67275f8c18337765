"""PNG files in which Pillow finds all pixels in one piece.

Most programs cut the compressed pixels of a PNG into chunks of 8 KiB. Pillow decodes chunk by chunk, and a thread
waits for the interpreter before each: several threads decode the same pixels faster from one large chunk.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_SIGNATURE_BYTES = 8
_HEAD = struct.Struct(">I4s")
"""Before a chunk's data: their length in bytes, its kind."""
_CHECKSUM_BYTES = 4
"""After a chunk's data."""


class _Chunk(NamedTuple):
    """Where a chunk of a file begins and ends, head and checksum included."""

    kind: bytes
    begin: int
    end: int


def join_pixel_chunks(png: bytes) -> bytes | None:
    """Makes one chunk of all `IDAT` chunks of a PNG file; nothing else in it changes.

    Args:
        png: A whole file, from its signature on.

    Returns:
        A file of the same pixels and notes for Pillow, or None where this one is not made of whole chunks from its
        signature to `IEND`, with its `IDAT` chunks next to each other. The new chunk's checksum is 0: Pillow looks
        at none of pixels, as the compressed stream has one of its own, and to compute it takes time.

    Source: PNG (Third Edition), W3C, 5.3 "Chunk layout" and 11.2.3 "IDAT".
    """
    chunks = list(_find_chunks(png))
    pixels = [chunk for chunk in chunks if chunk.kind == b"IDAT"]
    is_whole = bool(pixels) and chunks[-1].kind == b"IEND"
    if not is_whole or any(this.end != following.begin for this, following in pairwise(pixels)):
        return None
    if len(pixels) == 1:
        return png
    view = memoryview(png)
    pieces = [view[begin + _HEAD.size : end - _CHECKSUM_BYTES] for _, begin, end in pixels]
    head = _HEAD.pack(sum(map(len, pieces)), b"IDAT")
    return b"".join((view[: pixels[0].begin], head, *pieces, bytes(_CHECKSUM_BYTES), view[pixels[-1].end :]))


def _find_chunks(png: bytes) -> Iterator[_Chunk]:
    """Yields the chunks up to `IEND`, or to the last one that is whole."""
    begin = _SIGNATURE_BYTES
    while begin + _HEAD.size <= len(png):
        length, kind = _HEAD.unpack_from(png, begin)
        end = begin + _HEAD.size + length + _CHECKSUM_BYTES
        if end > len(png):
            return
        yield _Chunk(kind, begin, end)
        if kind == b"IEND":
            return
        begin = end
