"""Whatever decodes a PNG file, it is the same picture, or the same reject in the same words."""

from __future__ import annotations

import random
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin
from png_files import CHANNELS, Chunk, cut, damage, damage_stream, encode_samples, write_chunks
from real_runs import SAMPLE_DATA

from darkroom.harmonise import plain_png
from darkroom.harmonise.decode import DecodedImage, UnusableImageError, read_image, read_mask

pytest.importorskip("imgread", reason="imgread has no wheel for this machine: Pillow decodes everything")

Outcome = tuple[object, ...]

DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""By colour type."""


def read(data: bytes, reader: Callable[[bytes], DecodedImage]) -> Outcome:
    try:
        decoded = reader(data)
    except UnusableImageError as error:
        return error.reason, error.message
    pixels = decoded.pixels
    return pixels.mode, pixels.size, pixels.tobytes(), decoded.original_mode, decoded.original_format


class Decoders:
    """Reads files with the fast decoder and without it, and counts those that it took."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._decode = plain_png.load_numpy_from_bytes
        self.taken = 0
        self.outcomes: Counter[bool] = Counter()
        monkeypatch.setattr(plain_png, "load_numpy_from_bytes", self._note)

    def _note(self, data: bytes) -> object:
        pixels = self._decode(data)
        self.taken += 1
        return pixels

    def compare(self, data: bytes, *, unless: str = "nothing") -> bool:
        """Compares what becomes of a file, as an image and as a mask; tells whether the fast decoder took it.

        Where Pillow's words on a reject have those of `unless` in them, the fast decoder may take the file.
        """
        before = self.taken
        found = [read(data, reader) for reader in (read_image, read_mask)]
        with self._monkeypatch.context() as without:
            without.setattr(plain_png, "load_numpy_from_bytes", None)
            expected = [read(data, reader) for reader in (read_image, read_mask)]
        if unless not in str(expected[0][1]):
            assert found == expected
        self.outcomes[len(found[0]) > 2] += 1
        return self.taken > before


@pytest.fixture
def decoders(monkeypatch: pytest.MonkeyPatch) -> Decoders:
    return Decoders(monkeypatch)


def make_samples(colour_type: int, depth: int, *, height: int = 24, width: int = 33) -> np.ndarray:
    """Makes a picture that compresses as photographs do: a slope, and noise on it."""
    rng = np.random.default_rng(depth * 10 + colour_type)
    noise = rng.integers(0, min(12, 1 << depth), (height, width, CHANNELS[colour_type]), np.uint16)
    slope = np.add.outer(np.arange(height), np.arange(width))[:, :, np.newaxis]
    return ((noise + slope) % (1 << depth)).astype(np.uint16)


def palette(length: int) -> Chunk:
    return b"PLTE", np.random.default_rng(length).integers(0, 256, 3 * length, np.uint8).tobytes()


def encode(colour_type: int, depth: int = 8, **options: object) -> bytes:
    before = list(options.pop("before_pixels", []))  # type: ignore[call-overload] # a list of chunks
    if colour_type == 3:
        before.insert(0, palette(1 << depth))
    return encode_samples(make_samples(colour_type, depth), colour_type, depth, before_pixels=before, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("colour_type", "depth"), [(c, depth) for c, depths in DEPTHS.items() for depth in depths])
@pytest.mark.parametrize("is_interlaced", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_files_of_every_kind_give_the_same_picture(
    decoders: Decoders, colour_type: int, depth: int, *, is_interlaced: bool
) -> None:
    is_plain = depth == 8 and colour_type in {0, 2, 3} and not is_interlaced
    for filter_type in (0, 1, 2, 3, 4, None):
        data = encode(colour_type, depth, filter_type=filter_type, is_interlaced=is_interlaced)
        for piece_bytes in (1, 100, 1 << 20):
            assert decoders.compare(cut(data, piece_bytes)) is is_plain


def text(keyword: str, value: bytes = b"a") -> Chunk:
    return b"tEXt", keyword.encode() + b"\0" + value


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes().removeprefix(b"Exif\0\0")


XMP = (
    b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-"
    b"rdf-syntax-ns#'><rdf:Description xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='6'/></rdf:RDF>"
    b"</x:xmpmeta>"
)
RAW_EXIF = b"\nexif\n%8d\n" % len(b"Exif\0\0" + turned()) + (b"Exif\0\0" + turned()).hex().encode() + b"\n"
PROFILE = b"p\0\0" + zlib.compress(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())

HARMLESS: list[Chunk] = [
    (b"tIME", struct.pack(">HBBBBB", 2026, 1, 2, 3, 4, 5)),
    text("Software"),
    (b"iTXt", b"Title\0\0\0\0\0a"),
    (b"iTXt", b"Title\0\0\0no further end"),
    (b"tEXt", b"no end of its keyword"),
]
HARMLESS_BEFORE: list[Chunk] = [
    (b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
    (b"gAMA", struct.pack(">I", 45455)),
    (b"cHRM", struct.pack(">8I", *[31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000])),
    (b"sRGB", b"\0"),
    (b"iCCP", PROFILE),
    (b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 1000)),
    (b"iTXt", b"Title\0\1\0\0\0" + zlib.compress(b"a" * 1000)),
    (b"prIv", b"anything"),
]
DOUBTFUL: list[Chunk] = [
    (b"eXIf", turned()),
    text("Raw profile type exif", RAW_EXIF),
    (b"iTXt", XMP),
]
FAULTY: list[Chunk] = [
    (b"zTXt", b"Comment\0\0" + b"not compressed"),
    (b"iTXt", b"Title\0\1\0\0\0" + b"not compressed"),
    (b"iTXt", b"Bomb\0\1\0\0\0" + zlib.compress(bytes(80 << 20))),
    (b"iTXt", b"short"),
    (b"tEXt", b""),
    (b"tEXt", b"long\0" + b"a" * (1 << 17)),
    (b"zTXt", b"Comment\0\1" + zlib.compress(b"a")),
    (b"zTXt", b"Bomb\0\0" + zlib.compress(bytes(80 << 20))),
    (b"iCCP", b"p\0\0" + b"not compressed"),
    (b"iCCP", b"no end of its name"),
    (b"gAMA", b"\0"),
    (b"cHRM", b"\0"),
    (b"pHYs", b""),
    (b"tRNS", b""),
    (b"IHDR", struct.pack(">IIBBBBB", 5, 5, 8, 0, 0, 0, 0)),
    (b"NEWc", b"a chunk that must be understood"),
    (b"acTL", struct.pack(">II", 1, 0)),
    (b"acTL", struct.pack(">II", 0, 0)),
    (b"fcTL", bytes(26)),
    (b"fdAT", bytes(26)),
]


@pytest.mark.parametrize("colour_type", [0, 2, 3])
@pytest.mark.parametrize("place", ["before_pixels", "after_pixels"])
def test_notes_of_every_kind_change_nothing(decoders: Decoders, colour_type: int, place: str) -> None:
    for chunk in HARMLESS:
        assert decoders.compare(encode(colour_type, **{place: [chunk]})), chunk
    for chunk in HARMLESS_BEFORE:
        # what follows the pixels is for Pillow to read, and it does so with them
        assert decoders.compare(encode(colour_type, **{place: [chunk]})) is (place == "before_pixels"), chunk
    for chunk in DOUBTFUL:
        assert not decoders.compare(encode(colour_type, **{place: [chunk]})), chunk
    for chunk in FAULTY:
        decoders.compare(encode(colour_type, **{place: [chunk]}))


@pytest.mark.parametrize(
    ("colour_type", "transparency"),
    [(0, b"\0\7"), (2, b"\0\1\0\2\0\3"), (3, bytes(range(200))), (3, b"\xff\0\xff"), (0, b"\0"), (2, b"")],
)
def test_transparency_is_never_lost(decoders: Decoders, colour_type: int, transparency: bytes) -> None:
    assert not decoders.compare(encode(colour_type, before_pixels=[(b"tRNS", transparency)]))


@pytest.mark.parametrize("length", [0, 1, 2, 100, 255, 257])
def test_palettes_of_every_length(decoders: Decoders, length: int) -> None:
    for highest in (max(1, min(length, 256)), 256):
        samples = make_samples(3, 8) % np.uint16(highest)
        decoders.compare(encode_samples(samples, 3, 8, before_pixels=[palette(length)]))
    decoders.compare(encode_samples(make_samples(3, 8), 3, 8))
    # an index beyond the palette is one of the doubts; without a palette there is no picture
    assert sum(decoders.outcomes.values()) == 3
    assert decoders.outcomes[False] >= 1


@pytest.mark.parametrize("length", [1, 2, 31, 32, 767])
def test_a_palette_of_part_of_a_colour_is_pillows(decoders: Decoders, length: int) -> None:
    samples = make_samples(3, 8) % np.uint16(10)
    assert not decoders.compare(encode_samples(samples, 3, 8, before_pixels=[(b"PLTE", bytes(length))]))


def test_a_panic_of_the_decoder_is_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(_: bytes) -> None:
        raise PanicException

    monkeypatch.setattr(plain_png, "load_numpy_from_bytes", panic)
    assert read_image(encode(2)).pixels.tobytes() == make_samples(2, 8).astype(np.uint8).tobytes()


def test_notes_that_turn_a_picture_are_seen_through_their_compression(decoders: Decoders) -> None:
    keyword, text = XMP.split(b"\0", 1)[0], XMP.rpartition(b"\0")[2]
    for chunk in (
        (b"iTXt", keyword + b"\0\1\0\0\0" + zlib.compress(text)),
        (b"zTXt", keyword + b"\0\0" + zlib.compress(text)),
    ):
        assert not decoders.compare(encode(2, before_pixels=[chunk]))


def test_many_notes_together_are_pillows(decoders: Decoders) -> None:
    assert not decoders.compare(encode(2, after_pixels=[text("Comment", b"a" * 1000)] * 70))


def test_masks_of_every_kind(decoders: Decoders) -> None:
    for white, colour_type in product((1, 2, 128, 255), (0, 2)):
        samples = np.zeros((24, 33, CHANNELS[colour_type]), np.uint16)
        samples[10:20, 20:30] = white
        assert decoders.compare(encode_samples(samples, colour_type, 8))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 5)])
def test_small_files(decoders: Decoders, size: tuple[int, int]) -> None:
    height, width = size
    for colour_type in (0, 2):
        decoders.compare(encode_samples(make_samples(colour_type, 8, height=height, width=width), colour_type, 8))
    assert decoders.outcomes == {True: 2}


def test_streams_of_other_compressors(decoders: Decoders) -> None:
    rows = bytes(33 * 3 + 1) * 24
    header = (b"IHDR", struct.pack(">IIBBBBB", 33, 24, 8, 2, 0, 0, 0))
    for level, window, strategy in product((0, 1, 9), (9, 12, 15), (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED)):
        packer = zlib.compressobj(level, zlib.DEFLATED, window, 9, strategy)
        stream = packer.compress(rows) + packer.flush()
        for tail in (b"", b"\0", b"more"):
            decoders.compare(write_chunks([header, (b"IDAT", stream + tail), (b"IEND", b"")]))
    stream = zlib.compress(rows)
    for head in range(256):
        for second in (stream[1], 0x01, 0x20, 0xDA):
            decoders.compare(write_chunks([header, (b"IDAT", bytes([head, second]) + stream[2:]), (b"IEND", b"")]))
    decoders.compare(write_chunks([header, (b"IDAT", stream), (b"IEND", b"")]) + b"what follows the end")
    assert decoders.taken > 30


SEEDS = [(colour_type, piece_bytes) for colour_type in (0, 2, 3) for piece_bytes in (100, 1 << 20)]


def make_damaged(count: int, do: Callable[[bytes, random.Random], bytes]) -> Iterator[bytes]:
    rng = random.Random(count)  # noqa: S311 -- repeatable, not secret
    seeds = [cut(encode(colour_type, filter_type=None), piece_bytes) for colour_type, piece_bytes in SEEDS]
    for _ in range(count):
        yield do(rng.choice(seeds), rng)


@pytest.mark.parametrize("count", [300, pytest.param(5000, marks=pytest.mark.thorough)])
def test_damaged_files_end_the_same(decoders: Decoders, count: int) -> None:
    for data in make_damaged(count, damage):
        decoders.compare(data)
    assert decoders.outcomes[True] > count / 10
    assert decoders.outcomes[False] > count / 10


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.thorough)])
def test_damaged_pixels_with_right_checksums_end_the_same_but_for_what_their_own_checksum_tells(
    decoders: Decoders, count: int
) -> None:
    for data in make_damaged(count, damage_stream):
        decoders.compare(data, unless="broken data stream")
    assert decoders.outcomes[True] > count / 10
    assert decoders.outcomes[False] > count / 10


def test_sample_data_give_the_same_pictures(decoders: Decoders) -> None:
    taken = [decoders.compare(file.read_bytes()) for file in SAMPLE_DATA.rglob("*") if file.is_file()]
    assert sum(taken) > 20


@pytest.mark.thorough
def test_real_files_give_the_same_pictures(decoders: Decoders, real_excerpts: Path) -> None:
    taken = [decoders.compare(file.read_bytes()) for file in real_excerpts.rglob("*.[pP][nN][gG]")]
    assert len(taken) == 60
    assert all(taken)


def test_a_picture_is_decoded_once(decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither does Pillow decode what the fast decoder took, for instance to look for how it is turned."""

    def fail(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fail)
    samples = make_samples(2, 8)
    assert read_image(encode(2)).pixels.tobytes() == samples.astype(np.uint8).tobytes()
    assert decoders.taken == 1
