"""One of each fault that a reader must survive, and what it should make of it."""

from __future__ import annotations

from dataclasses import dataclass

from darkroom.sample import Reason
from darkroom.sample_data.layouts import IGNORED, IMAGE, MASK

UMLAUT_NAME = "Prüfling 7 größer.png"


@dataclass(frozen=True, slots=True)
class Fault:
    """One file of `faulty/`.

    Attributes:
        path: Relative to the folder of the whole set, with `/`.
        outcome: What a reader should make of it: `image`, `mask`, `ignored`, or a `Reason`.
        what: What is wrong with the file, or why it is there.
    """

    path: str
    outcome: str | Reason
    what: str


def _in(folder: str, *faults: tuple[str, str | Reason, str]) -> tuple[Fault, ...]:
    return tuple(Fault(f"faulty/{folder}/{name}", outcome, what) for name, outcome, what in faults)


FAULTS: tuple[Fault, ...] = (
    *_in(
        "gasket",
        ("overview.png", Reason.OUTSIDE_LAYOUT, "an image beside the splits, not in one"),
    ),
    *_in(
        "gasket/train/good",
        ("000.png", IMAGE, "nothing wrong, to compare with"),
        ("001.png", IMAGE, "nothing wrong, to compare with"),
        (UMLAUT_NAME, IMAGE, "spaces and umlauts (NFC) in the name"),
        ("bit_1.png", IMAGE, "1 bit a pixel"),
        ("bit_16.png", IMAGE, "16 bits a pixel"),
        ("bitmap.bmp", IMAGE, "BMP"),
        ("bomb.png", Reason.TOO_LARGE, "a header that claims 60000 x 60000 pixels, in a hundred bytes"),
        ("empty.png", Reason.EMPTY, "zero bytes"),
        ("grey_alpha.png", IMAGE, "grey with transparency (LA)"),
        ("palette.png", IMAGE, "16 colours from a palette (P)"),
        ("rgba.png", IMAGE, "RGBA, nothing opaque but the part"),
        ("rotated.jpg", IMAGE, "lies on its side; its EXIF orientation (6) puts it upright, 96 x 128"),
        ("tagged.tif", IMAGE, "TIFF"),
        ("text.png", Reason.NOT_AN_IMAGE, "a text file by another name"),
        ("truncated.jpg", Reason.CORRUPT, "a JPEG whose copying stopped half-way"),
        ("truncated.png", Reason.CORRUPT, "a PNG whose copying stopped half-way"),
        (".DS_Store", IGNORED, "left behind by a file manager"),
        ("Thumbs.db", IGNORED, "left behind by a file manager"),
    ),
    *_in(
        "gasket/test/good",
        ("000.png", IMAGE, "nothing wrong, to compare with"),
        ("001.png", IMAGE, "nothing wrong, to compare with"),
    ),
    *_in(
        "gasket/test/cut",
        ("000.png", IMAGE, "its mask has another size"),
        ("001.png", IMAGE, "its mask has a palette"),
        ("002.png", IMAGE, "its mask is RGBA"),
        ("003.png", IMAGE, "its mask is anti-aliased"),
        ("004.png", IMAGE, "400 x 400, its mask has one single defect pixel"),
        ("005.jpg", IMAGE, "a JPEG with a PNG mask"),
        ("006.png", IMAGE, "defective by its folder, and no mask"),
        ("007.png", IMAGE, "its mask is truncated"),
        ("008.png", IMAGE, "the stem of its mask does not match"),
    ),
    *_in(
        "gasket/ground_truth/cut",
        ("000_mask.png", Reason.MASK_SIZE_MISMATCH, "half as wide and half as high as its image"),
        ("001_mask.png", MASK, "a palette: 0 black, 1 dark red"),
        ("002_mask.png", MASK, "RGBA: opaque white on transparent black"),
        ("003_mask.png", MASK, "anti-aliased, greys from 0 to 255"),
        ("004_mask.png", MASK, "one single defect pixel, which must survive resizing"),
        ("005_mask.png", MASK, "nothing wrong; its image is a JPEG"),
        ("007_mask.png", Reason.CORRUPT, "a PNG whose copying stopped half-way"),
        ("8_mask.png", Reason.ORPHAN_MASK, "meant for `008.png`, but the stem says otherwise"),
    ),
    *_in(
        "gasket/ground_truth/scuff",
        ("000_mask.png", Reason.ORPHAN_MASK, "there is no `test/scuff/000` any more"),
    ),
    *_in(
        "second_copy/faulty/gasket/train/good",
        ("000.png", IGNORED, "the same bytes as the one under `faulty/gasket`"),
        ("001.png", Reason.CONFLICTING_DUPLICATE, "the place of the one under `faulty/gasket`, other bytes"),
    ),
    *_in(
        "Class19/Train",
        ("0001.PNG", IMAGE, "nothing wrong"),
        ("0002.PNG", IMAGE, "nothing wrong, defective"),
        ("Label/0002_label.PNG", MASK, "nothing wrong"),
        ("Label/Labels.txt", IGNORED, "names `0003.PNG` too, which is not there"),
    ),
    *_in(
        "Class19/Test",
        ("0004.PNG", IMAGE, "no `Labels.txt` here: good, because it has no mask"),
        ("0005.PNG", IMAGE, "no `Labels.txt` here: defective, because it has a mask"),
        ("Label/0005_label.PNG", MASK, "nothing wrong"),
        ("Label/0009_label.PNG", Reason.ORPHAN_MASK, "there is no `0009.PNG`"),
        ("Label/Thumbs.db", IGNORED, "left behind by a file manager"),
    ),
)
"""Every file of `faulty/`."""

EXPECTED_FAULTS: dict[str, str] = {fault.path: str(fault.outcome) for fault in FAULTS}
"""What a reader of the whole set should make of each file of `faulty/`, by its path relative to the set."""
