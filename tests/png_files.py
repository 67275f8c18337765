"""PNG files to test with: of every kind that there is, taken apart, put together again, and damaged."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Chunk = tuple[bytes, bytes]


def read_chunks(png: bytes) -> list[Chunk]:
    """Takes a file apart. Every checksum must be right, or 0 where pixels were joined."""
    chunks, position = [], len(SIGNATURE)
    while position < len(png):
        length, kind = struct.unpack_from(">I4s", png, position)
        body = png[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", png, position + 8 + length)
        assert checksum == zlib.crc32(kind + body) or (kind, checksum) == (b"IDAT", 0)
        chunks.append((kind, body))
        position += 12 + length
    return chunks


def write_chunks(chunks: list[Chunk]) -> bytes:
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return SIGNATURE + b"".join(parts)


def cut(png: bytes, piece_bytes: int = 1000) -> bytes:
    """Cuts the pixels of a PNG file into chunks, as other programs do."""
    chunks: list[Chunk] = []
    for kind, body in read_chunks(png):
        step = piece_bytes if kind == b"IDAT" else len(body) + 1
        chunks += [(kind, body[start : start + step]) for start in range(0, len(body) + 1, step)]
    return write_chunks(chunks)


def damage(data: bytes, rng: random.Random) -> bytes:
    """Does to a file what happens to files: cut off, bits turned, a chunk's head broken, a chunk lost or twice."""
    starts = list(np.cumsum([len(SIGNATURE), *(12 + len(body) for _, body in read_chunks(data))]))
    spans = list(pairwise(starts))
    begin, end = rng.choice(spans)
    damaged = bytearray(data)
    kind = rng.randrange(6)
    if kind == 0:
        del damaged[rng.randrange(30, len(data)) :]
    elif kind == 1:
        damaged[rng.randrange(8, len(data))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        damaged[begin + rng.randrange(8)] ^= 1 << rng.randrange(8)
    elif kind == 3:
        del damaged[begin:end]
    elif kind == 4:
        place = rng.choice(starts)
        damaged[place:place] = data[begin:end]
    else:  # the last bytes of the pixels and their checksums, which a decoder may never look at
        damaged[-rng.randrange(1, 40)] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def damage_stream(data: bytes, rng: random.Random) -> bytes:
    """Damages the compressed pixels of a file and gives its chunks checksums that are right: only pixels tell."""
    chunks = read_chunks(data)
    stream = bytearray(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    kind = rng.randrange(5)
    if kind == 0:
        stream[rng.randrange(len(stream))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del stream[rng.randrange(1, len(stream)) :]
    elif kind == 2:
        stream += rng.randbytes(rng.randrange(1, 20))
    elif kind == 3:  # its own checksum
        stream[-rng.randrange(1, 5)] ^= 1 << rng.randrange(8)
    else:  # its pixels: too few of them, too many, or a filter that there is not
        pixels = bytearray(zlib.decompress(stream))
        match rng.randrange(3):
            case 0:
                del pixels[rng.randrange(1, len(pixels)) :]
            case 1:
                pixels += rng.randbytes(rng.randrange(1, 500))
            case _:
                pixels[0] = rng.randrange(256)
        stream = bytearray(zlib.compress(pixels))
    before = [chunk for chunk in chunks if chunk[0] not in {b"IDAT", b"IEND"}]
    return cut(write_chunks([*before, (b"IDAT", bytes(stream)), (b"IEND", b"")]), rng.choice([100, 1 << 20]))


CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type: grey, RGB, palette, grey with alpha, RGBA."""

_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of Adam7: first column and row, steps of column and row."""


def encode_samples(
    samples: NDArray[np.uint16],
    colour_type: int,
    depth: int,
    *,
    filter_type: int | None = None,
    is_interlaced: bool = False,
    before_pixels: Sequence[Chunk] = (),
    after_pixels: Sequence[Chunk] = (),
) -> bytes:
    """Writes a PNG file of any kind.

    Args:
        samples: `(H, W, channels)`, each below 2**depth.
        colour_type: One of `CHANNELS`.
        depth: Bits a sample.
        filter_type: 0 to 4; None takes all five in turn.
        is_interlaced: Whether pixels come in the seven passes of Adam7.
        before_pixels: Further chunks.
        after_pixels: Further chunks.

    Source: PNG (Third Edition), W3C, 8 "Interlacing and pass extraction" and 9 "Filtering".
    """
    height, width, _ = samples.shape
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in _PASSES] if is_interlaced else [samples]
    rows = b"".join(_filter(part, depth, filter_type) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, is_interlaced)
    return write_chunks(
        [
            (b"IHDR", header),
            *before_pixels,
            (b"IDAT", zlib.compress(rows)),
            *after_pixels,
            (b"IEND", b""),
        ]
    )


def _filter(samples: NDArray[np.uint16], depth: int, filter_type: int | None) -> bytes:
    step = max(1, samples.shape[2] * depth // 8)
    lines = [_pack(row.reshape(-1), depth) for row in samples]
    above = bytes(len(lines[0]))
    filtered = bytearray()
    for number, line in enumerate(lines):
        kind = number % 5 if filter_type is None else filter_type
        filtered.append(kind)
        for place, value in enumerate(line):
            left = line[place - step] if place >= step else 0
            corner = above[place - step] if place >= step else 0
            filtered.append((value - _predict(kind, left, above[place], corner)) % 256)
        above = line
    return bytes(filtered)


def _pack(row: NDArray[np.uint16], depth: int) -> bytes:
    if depth == 16:
        return row.astype(">u2").tobytes()
    bits = (row[:, np.newaxis] >> np.arange(depth - 1, -1, -1)) & 1
    return np.packbits(bits.astype(np.uint8).reshape(-1)).tobytes()


def _predict(kind: int, left: int, above: int, corner: int) -> int:
    if kind < 4:
        return (0, left, above, (left + above) // 2)[kind]
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
