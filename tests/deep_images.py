"""PNG and TIFF files of more than 8 bits a channel, written byte by byte: Pillow writes none in colour."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_PNG_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def make_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def make_png_16(levels: NDArray[np.uint16], key: tuple[int, ...] | None = None) -> bytes:
    """Makes a PNG of `(H, W)` or `(H, W, channels)` levels; `key` is the level or colour that is transparent."""
    height, width = levels.shape[:2]
    colour_type = _PNG_COLOUR_TYPES[1 if levels.ndim == 2 else levels.shape[2]]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    header = make_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0))
    transparency = b"" if key is None else make_chunk(b"tRNS", struct.pack(f">{len(key)}H", *key))
    pixels = make_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + transparency + pixels + make_chunk(b"IEND", b"")


def make_tiff(
    levels: NDArray[np.generic],
    order: str = "<",
    *,
    photometric: int | None = None,
    are_apart: bool = False,
    extra: int | None = None,
    is_deflated: bool = False,
) -> bytes:
    """Makes a TIFF of `(H, W)` or `(H, W, channels)` levels, in one strip, or one for each channel.

    Args:
        levels: uint16, uint32, int16 or float32.
        order: `<` or `>`, the order of bytes.
        photometric: 0 for white is zero; by default 1 for grey, 2 for colours.
        are_apart: Whether the channels are stored apart.
        extra: What the fourth channel is: 0 for nothing, 1 for premultiplied alpha, 2 for alpha.
        is_deflated: Whether the strips are compressed.
    """
    height, width = levels.shape[:2]
    channels = 1 if levels.ndim == 2 else levels.shape[2]
    ordered = levels.astype(levels.dtype.newbyteorder(order))  # type: ignore[call-overload] # "<" and ">"
    strips = (
        [ordered[..., number].tobytes() for number in range(channels)]
        if are_apart and channels > 1
        else [ordered.tobytes()]
    )
    strips = [zlib.compress(strip) for strip in strips] if is_deflated else strips
    number_kind = {"u": 1, "i": 2, "f": 3}[levels.dtype.kind]
    tags = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [levels.dtype.itemsize * 8] * channels),
        259: ("H", [8 if is_deflated else 1]),
        262: ("H", [(1 if channels == 1 else 2) if photometric is None else photometric]),
        273: ("I", [0] * len(strips)),
        277: ("H", [channels]),
        278: ("I", [height]),
        279: ("I", [len(strip) for strip in strips]),
        284: ("H", [2 if are_apart else 1]),
        **({} if extra is None else {338: ("H", [extra])}),
        339: ("H", [number_kind] * channels),
    }
    return _lay_out(tags, strips, order)


def _lay_out(tags: dict[int, tuple[str, list[int]]], strips: list[bytes], order: str) -> bytes:
    begin = 8 + 2 + 12 * len(tags) + 4
    begin += sum(length for kind, values in tags.values() if (length := struct.calcsize(kind) * len(values)) > 4)
    tags[273] = ("I", [begin + sum(map(len, strips[:number])) for number in range(len(strips))])
    entries, tail = b"", b""
    for tag, (kind, values) in tags.items():
        body = struct.pack(f"{order}{len(values)}{kind}", *values)
        entries += struct.pack(f"{order}HHI", tag, {"H": 3, "I": 4}[kind], len(values))
        if len(body) > 4:
            entries += struct.pack(f"{order}I", 8 + 2 + 12 * len(tags) + 4 + len(tail))
            tail += body
        else:
            entries += body.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    return head + entries + bytes(4) + tail + b"".join(strips)
