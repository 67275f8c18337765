"""The chunks of PNG files, and files in which Pillow finds all pixels in one piece.

Most programs cut the compressed pixels of a PNG into chunks of 8 KiB. Pillow decodes chunk by chunk, and a thread
waits for the interpreter before each: several threads decode the same pixels faster from one large chunk.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

_SIGNATURE_BYTES = 8
_HEAD = struct.Struct(">I4s")
"""Before a chunk's data: their length in bytes, its kind."""
_CHECKSUM_BYTES = 4
"""After a chunk's data."""


class Chunk(NamedTuple):
    """Where a chunk of a file begins and ends, head and checksum included."""

    kind: bytes
    begin: int
    end: int

    def data(self, png: bytes) -> memoryview:
        """Returns its data, without a copy."""
        return memoryview(png)[self.begin + _HEAD.size : self.end - _CHECKSUM_BYTES]


def is_whole(chunks: Sequence[Chunk]) -> bool:
    """Tells whether chunks are those of a whole file: up to `IEND`, with its `IDAT` chunks next to each other."""
    pixels = [chunk for chunk in chunks if chunk.kind == b"IDAT"]
    return (
        bool(pixels)
        and chunks[-1].kind == b"IEND"
        and all(this.end == following.begin for this, following in pairwise(pixels))
    )


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
    chunks = list(find_chunks(png))
    if not is_whole(chunks):
        return None
    pixels = [chunk for chunk in chunks if chunk.kind == b"IDAT"]
    if len(pixels) == 1:
        return png
    view = memoryview(png)
    pieces = [chunk.data(png) for chunk in pixels]
    head = _HEAD.pack(sum(map(len, pieces)), b"IDAT")
    return b"".join((view[: pixels[0].begin], head, *pieces, bytes(_CHECKSUM_BYTES), view[pixels[-1].end :]))


def find_chunks(png: bytes) -> Iterator[Chunk]:
    """Yields the chunks up to `IEND`, or to the last one that is whole."""
    begin = _SIGNATURE_BYTES
    while begin + _HEAD.size <= len(png):
        length, kind = _HEAD.unpack_from(png, begin)
        end = begin + _HEAD.size + length + _CHECKSUM_BYTES
        if end > len(png):
            return
        yield Chunk(kind, begin, end)
        if kind == b"IEND":
            return
        begin = end
