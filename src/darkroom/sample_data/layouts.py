"""The sample images in the two published layouts: which pictures there are, and the files they become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from darkroom.sample import NORMAL, Reason
from darkroom.sample_data.canvas import Dice, Picture
from darkroom.sample_data.encode import encode_png
from darkroom.sample_data.surface import draw_cast, draw_ripple
from darkroom.sample_data.washer import DEFECTS as WASHER_DEFECTS
from darkroom.sample_data.washer import draw_washer
from darkroom.sample_data.weave import DEFECTS as WEAVE_DEFECTS
from darkroom.sample_data.weave import draw_weave

IMAGE, MASK, IGNORED = "image", "mask", "ignored"
"""What a reader should make of a file, if it is not a `Reason` to reject it."""

MVTEC_FOLDER, DAGM_FOLDER = "mvtec_like", "dagm_like"
"""Folders of the two image datasets: each is like a published one, and none of it."""

TRAIN_GOOD, TEST_GOOD, TEST_PER_DEFECT = 16, 8, 5
"""Images of each category in the layout of MVTec AD."""

DAGM_TEST, DAGM_TRAIN = 18, 20
"""Images of each class in the layout of DAGM 2007: numbered through, the test images first, as published."""

_DAGM_DEFECTIVE = frozenset({2, 3, 5, 8, 10, 11, 14, 16, 17, 22, 27, 31, 36})

Drawing = Callable[[Dice, str | None, float], Picture]

_MVTEC_DRAWINGS: dict[str, tuple[Drawing, tuple[str, ...]]] = {
    "washer": (draw_washer, WASHER_DEFECTS),
    "weave": (draw_weave, WEAVE_DEFECTS),
}
_DAGM_DRAWINGS: tuple[Drawing, ...] = (draw_ripple, draw_cast)
_DAGM_CLASSES = 10
"""How many classes DAGM 2007 has: ours have the numbers after them, as they are not its own."""


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One file of the set.

    Attributes:
        path: Relative to the folder of the set, with `/`.
        content: Its bytes.
        outcome: What a reader should make of it: `image`, `mask`, `ignored`, or a `Reason`.
    """

    path: str
    content: bytes
    outcome: str | Reason


def iter_mvtec_pictures(seed: int) -> Iterator[tuple[str, Picture]]:
    """Yields the path of each image in the layout of MVTec AD, and its picture.

    Source: P. Bergmann et al., "MVTec AD", CVPR 2019, for the layout; the pictures are of this project.
    """
    for category, (draw, defects) in _MVTEC_DRAWINGS.items():
        groups = [("train", NORMAL, TRAIN_GOOD), ("test", NORMAL, TEST_GOOD)]
        groups += [("test", defect, TEST_PER_DEFECT) for defect in defects]
        for split, label, count in groups:
            for number in range(count):
                place = f"{category}/{split}/{label}/{number:03}.png"
                defect = None if label == NORMAL else label
                # what the dice are cast for is no path: a folder of another name keeps its pictures
                dice = Dice(seed, f"mvtec_ad/{place}")
                yield f"{MVTEC_FOLDER}/{place}", draw(dice, defect, (number + 0.5) / count)


def iter_dagm_pictures(seed: int) -> Iterator[tuple[str, Picture]]:
    """Yields the path of each image in the layout of DAGM 2007, and its picture.

    Source: M. Wieler, T. Hahn, "Weakly Supervised Learning for Industrial Optical Inspection", 2007, for
    the layout and the idea of the textures; the pictures are of this project.
    """
    for texture, draw in enumerate(_DAGM_DRAWINGS, start=1):
        for number in range(1, DAGM_TEST + DAGM_TRAIN + 1):
            split = "Test" if number <= DAGM_TEST else "Train"
            defect = "defect" if number in _DAGM_DEFECTIVE else None
            # 5 shares no factor with 13, so the defects come in every severity and in no visible order
            severity = (number * 5 % 13 + 0.5) / 13
            dice = Dice(seed, f"dagm_2007/Class{texture}/{split}/{number:04}.PNG")
            path = f"{DAGM_FOLDER}/Class{_DAGM_CLASSES + texture}/{split}/{number:04}.PNG"
            yield path, draw(dice, defect, severity)


def iter_mvtec_files(seed: int) -> Iterator[SampleFile]:
    """Yields images and masks in the layout of MVTec AD."""
    for path, picture in iter_mvtec_pictures(seed):
        yield SampleFile(path, encode_png(picture.pixels), IMAGE)
        if picture.mask.any():
            mask_path = path.replace("/test/", "/ground_truth/").replace(".png", "_mask.png")
            yield SampleFile(mask_path, encode_png(picture.mask * 255), MASK)


def iter_dagm_files(seed: int) -> Iterator[SampleFile]:
    """Yields images, masks and `Labels.txt` in the layout of DAGM 2007."""
    defects: dict[str, dict[str, bool]] = {}
    for path, picture in iter_dagm_pictures(seed):
        folder, name = path.rsplit("/", 1)
        stem = name.removesuffix(".PNG")
        defects.setdefault(folder, {})[stem] = bool(picture.mask.any())
        yield SampleFile(path, encode_png(picture.pixels), IMAGE)
        if picture.mask.any():
            yield SampleFile(f"{folder}/Label/{stem}_label.PNG", encode_png(picture.mask * 255), MASK)
    for folder, stems in defects.items():
        yield SampleFile(f"{folder}/Label/Labels.txt", format_labels(stems), IGNORED)


def format_labels(is_defect: dict[str, bool]) -> bytes:
    """Returns a `Labels.txt` as DAGM 2007 has it.

    ASCII, tabs, CRLF; the first line is `1`; a good image has six fields, a defective one five.

    Args:
        is_defect: Whether an image shows a defect, by its stem.
    """
    lines = ["1"]
    for stem, defective in is_defect.items():
        ending = f"1\t{stem}.PNG\t0\t{stem}_label.PNG" if defective else f"0\t{stem}.PNG\t0\t0\t"
        lines.append(f"{stem}\t{ending}")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
