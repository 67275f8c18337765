"""The files that are measured on: made here, or copied from real ones.

Generated pictures are as large, and as dear to decode, as those of MVTec AD (900 × 900 RGB, 530 KB) and DAGM 2007
(512 × 512 grey, 235 KB). A few pictures are drawn and compressed once; every file then gets last rows of its own,
so that no two files have the same bytes or pixels and 10,000 of them are written in a minute.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

MANIFEST = "corpus.json"
VERSION = 2
"""Of the generated pictures: a corpus made by another version is not used."""
PIECE_BYTES = 8192
"""Compressed pixels in one chunk of a file: as in the real files, and in what most programs write."""
DRAWINGS = 5
"""Pictures drawn per kind; all files are variations of them."""
OWN_ROWS = 8
"""Rows at the bottom of each picture that no other file has."""
MASK_EVERY = 5
"""One image in five has a defect and a mask (MVTec AD: 23 %, DAGM 2007: 13 %)."""
CATEGORY_SIZE = 1000
"""Generated images per category, both splits together."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Paths of an image and its mask, or None, relative to the folder of the corpus, with `/`."""

    image: str
    mask: str | None

    @property
    def files(self) -> tuple[str, ...]:
        """One path or two."""
        return (self.image, self.mask) if self.mask else (self.image,)


def is_mask(path: str) -> bool:
    """Whether a file is a mask, by the folder both layouts keep masks in."""
    return any(part.lower() in ("ground_truth", "label") for part in Path(path).parts)


def read_corpus(folder: Path, origin: str) -> list[Picture]:
    """Returns the pictures of a corpus, or none if there is no finished one of this origin in `folder`."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError:
        return []
    if (manifest["version"], manifest["origin"]) != (VERSION, origin):
        return []
    return [Picture(image, mask) for image, mask in manifest["pictures"]]


def make_corpus(folder: Path, images: int, root: Path | None = None) -> None:
    """Writes a corpus of `images` images with their masks; does nothing if there is one that is large enough.

    Args:
        folder: Where to.
        images: How many images; masks come on top.
        root: A folder with real image datasets to copy from, again and again under new category names until
            there are enough; by default pictures are drawn.
    """
    origin = describe_origin(root)
    if len(read_corpus(folder, origin)) >= images:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    written = _copy_pictures(folder, root) if root else _write_pictures(folder)
    pictures = [(picture.image, picture.mask) for picture in islice(written, images)]
    manifest = {"version": VERSION, "origin": origin, "pictures": pictures}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def describe_origin(root: Path | None) -> str:
    """Says what a corpus is made from, in a word that its manifest remembers."""
    return str(root.resolve()) if root else "generated"


def link_pictures(corpus: Path, pictures: Sequence[Picture], tree: Path) -> None:
    """Adds pictures to a folder of its own, as hard links where the file system has them."""
    for path in chain.from_iterable(picture.files for picture in pictures):
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(corpus / path, target)
        except OSError:
            shutil.copy2(corpus / path, target)


def change_pictures(tree: Path, pictures: Sequence[Picture]) -> None:
    """Turns pictures upside down and encodes them anew; the corpus they are linked to stays as it is."""
    for path in chain.from_iterable(picture.files for picture in pictures):
        with Image.open(tree / path) as opened:
            turned = opened.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            new = tree / f"{path}.new"
            turned.save(new, opened.format, compress_level=1)
        new.replace(tree / path)


def _copy_pictures(folder: Path, root: Path) -> Iterator[Picture]:
    from darkroom.extract.readers import read_layouts
    from darkroom.extract.storage import open_storage

    with open_storage(root) as storage:
        findings = read_layouts([storage], layout="auto", name=None)
    samples = sorted(findings.samples, key=lambda sample: zlib.crc32(sample.sample_id.encode()))
    for turn in count(100):
        for sample in samples:
            paths = [file.path if file else None for file in (sample.image, sample.mask)]
            named = [path and _rename_category(path, sample.category, f"{turn}") for path in paths]
            for path, target in zip(paths, named, strict=True):
                if path and target:
                    (folder / target).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(root / path, folder / target)
            yield Picture(named[0] or "", named[1])


def _rename_category(path: str, category: str, suffix: str) -> str:
    """Makes `bottle/test/000.png` another category's file: the same sample twice would be a duplicate."""
    parts = path.split("/")
    if category not in parts:
        return f"{category}{suffix}/{path}"
    place = parts.index(category)
    return "/".join([*parts[:place], category + suffix, *parts[place + 1 :]])


def _write_pictures(folder: Path) -> Iterator[Picture]:
    noise = np.random.default_rng(0)
    plates = [_Template(_draw_plate(noise)) for _ in range(DRAWINGS)]
    surfaces = [_Template(_draw_surface(noise)) for _ in range(DRAWINGS)]
    for number in count():
        # The same mixture in any first part of the corpus.
        template = (plates, surfaces)[number % 2][number // 2 % DRAWINGS]
        has_mask = number // 2 % MASK_EVERY == MASK_EVERY - 1
        picture = (_name_mvtec_ad, _name_dagm_2007)[number % 2](number, has_mask=has_mask)
        _write(folder / picture.image, template.vary(number))
        if picture.mask:
            _write(folder / picture.mask, _encode(_draw_mask(template.size, number)))
        yield picture


def _name_mvtec_ad(number: int, *, has_mask: bool) -> Picture:
    category = f"mvtec_ad/plate{number // CATEGORY_SIZE + 1}"
    if has_mask:
        mask = f"{category}/ground_truth/scratch/{number:06}_mask.png"
        return Picture(f"{category}/test/scratch/{number:06}.png", mask)
    return Picture(f"{category}/train/good/{number:06}.png", None)


def _name_dagm_2007(number: int, *, has_mask: bool) -> Picture:
    split = f"dagm_2007/Class{number // CATEGORY_SIZE + 1}/{('Train', 'Test')[number // 4 % 2]}"
    mask = f"{split}/Label/{number:06}_label.PNG" if has_mask else None
    return Picture(f"{split}/{number:06}.PNG", mask)


def _draw_plate(noise: np.random.Generator) -> Image.Image:
    """Draws a round, grainy thing on white, which costs what a picture of MVTec AD's `bottle` costs."""
    y, x = np.mgrid[-450:450, -450:450]
    light = 110 + 60 * np.sin(x / 70 + noise.uniform(0, 6)) + 40 * np.cos(y / 90) + 5 * _grain(noise, 900, 9)
    colours = np.stack([light + _grain(noise, 900, 2) for _ in range(3)], axis=-1)
    return _to_image(np.where((np.hypot(y, x) < 372)[..., None], colours, 255))


def _draw_surface(noise: np.random.Generator) -> Image.Image:
    """Draws grain that hardly compresses, as the surfaces of DAGM 2007 do."""
    y, x = np.mgrid[:512, :512]
    waves = 20 * np.sin(x / 60 + noise.uniform(0, 6)) + 15 * np.cos(y / 45)
    return _to_image(80 + waves + 28 * _grain(noise, 512, 1.3))


def _grain(noise: np.random.Generator, size_px: int, width: float) -> NDArray[np.float64]:
    """Returns square noise of standard deviation 1 whose grains are about `width` pixels wide.

    Its width decides which PNG filter fits and how well the rest compresses: the cost of decoding.
    """
    frequency = np.hypot(np.fft.fftfreq(size_px)[:, None], np.fft.rfftfreq(size_px))
    spectrum = np.fft.rfft2(noise.normal(size=(size_px, size_px))) * np.exp(-((frequency * width) ** 2))
    grain = np.fft.irfft2(spectrum, (size_px, size_px))
    return np.asarray(grain / grain.std())


def _to_image(values: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _draw_mask(size: tuple[int, int], number: int) -> Image.Image:
    mask = Image.new("L", size)
    left, top = number * 37 % (size[0] - 120), number * 53 % (size[1] - 90)
    ImageDraw.Draw(mask).ellipse((left, top, left + 110, top + 80), fill=255)
    return mask


class _Template:
    """A picture compressed but for its last rows, to which each file adds its own.

    Source: RFC 1950 and 1951: after a full flush, a deflate stream goes on without looking back.
    """

    def __init__(self, drawing: Image.Image) -> None:
        png = _encode(drawing)
        rows = zlib.decompress(b"".join(data for kind, data in _read_chunks(png) if kind == b"IDAT"))
        self.size = drawing.size
        self._row_bytes = len(rows) // drawing.height - 1
        kept = rows[: -OWN_ROWS * (self._row_bytes + 1)]
        compressor = zlib.compressobj()
        self._compressed = compressor.compress(kept) + compressor.flush(zlib.Z_FULL_FLUSH)
        self._checksum = zlib.adler32(kept)
        self._header = next(data for kind, data in _read_chunks(png) if kind == b"IHDR")

    def vary(self, number: int) -> bytes:
        """Returns the PNG of this picture with the last rows of this number."""
        pixels = np.random.default_rng(number).integers(90, 120, (OWN_ROWS, self._row_bytes), np.uint8)
        rows = b"".join(b"\0" + row.tobytes() for row in pixels)
        compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        stream = self._compressed + compressor.compress(rows) + compressor.flush()
        stream += struct.pack(">I", zlib.adler32(rows, self._checksum))
        pieces = (stream[start : start + PIECE_BYTES] for start in range(0, len(stream), PIECE_BYTES))
        chunks = ((b"IHDR", self._header), *((b"IDAT", piece) for piece in pieces), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_make_chunk(*chunk) for chunk in chunks)


def _read_chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 8
    while position < len(png):
        (length,) = struct.unpack_from(">I", png, position)
        start = position + 8
        yield png[position + 4 : start], png[start : start + length]
        position = start + length + 4


def _make_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
