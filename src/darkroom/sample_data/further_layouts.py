"""Two small categories in the layouts of VisA and of MVTec LOCO AD, drawn for this project."""

from __future__ import annotations

import json
from collections.abc import Iterator

from PIL import Image

from darkroom.sample_data.canvas import Dice, Pixels
from darkroom.sample_data.encode import encode_png, encode_with_pillow
from darkroom.sample_data.layouts import IGNORED, IMAGE, MASK, SampleFile
from darkroom.sample_data.tablet import DEFECTS, draw_tablet
from darkroom.sample_data.tray import draw_tray

VISA_FOLDER, LOCO_FOLDER = "visa_like", "loco_like"
VISA_NORMAL, VISA_TRAIN, VISA_PER_DEFECT = 12, 9, 2
"""Images of the category in the layout of VisA: normal ones, those of them to train on, and those of each defect."""

_TRAYS: tuple[tuple[str, int], ...] = (("train/good", 8), ("validation/good", 2), ("test/good", 3))
_MISSING = ((1,), (0, 3), (0, 1, 2))
_SCRATCHED = 2
_LOGICAL, _STRUCTURAL = "logical_anomalies", "structural_anomalies"
_GREYS = {_LOGICAL: 255, _STRUCTURAL: 254}
"""Each kind of defect has a grey of its own in the masks, as published."""


def iter_visa_files(seed: int) -> Iterator[SampleFile]:
    """Yields images, masks and tables in the layout of VisA.

    Source: Y. Zou et al., "SPot-the-Difference Self-Supervised Pre-training for Anomaly Detection and Segmentation",
    ECCV 2022, for the layout; the pictures are of this project.
    """
    defects: list[tuple[str | None, int]] = [(None, number) for number in range(VISA_NORMAL)]
    defects += [(defect, number) for defect in DEFECTS for number in range(VISA_PER_DEFECT)]
    rows, anomalies = [], 0
    for defect, number in defects:
        place = "tablet/Data/{}/" + (f"Normal/{number:04}" if defect is None else f"Anomaly/{anomalies:03}")
        picture = draw_tablet(Dice(seed, f"visa/{defect}/{number}"), defect, (number + 0.5) / VISA_PER_DEFECT)
        image, mask = place.format("Images") + ".JPG", place.format("Masks") + ".png"
        yield SampleFile(f"{VISA_FOLDER}/{image}", _jpeg(picture.pixels), IMAGE)
        if defect is not None:
            # defects are class numbers in VisA's masks, and not white
            yield SampleFile(f"{VISA_FOLDER}/{mask}", encode_png(picture.mask), MASK)
            anomalies += 1
        is_train = defect is None and number < VISA_TRAIN
        rows.append((image, defect or "normal", "" if defect is None else mask, "train" if is_train else "test"))
    annotations = ["image,label,mask", *(f"{image},{label},{mask}" for image, label, mask, _ in rows)]
    splits = ["object,split,label,image,mask"]
    splits += [f"tablet,{split},{'anomaly' if mask else 'normal'},{image},{mask}" for image, _, mask, split in rows]
    yield SampleFile(f"{VISA_FOLDER}/tablet/image_anno.csv", _lines(annotations), IGNORED)
    yield SampleFile(f"{VISA_FOLDER}/split_csv/1cls.csv", _lines(splits), IGNORED)


def iter_loco_files(seed: int) -> Iterator[SampleFile]:
    """Yields images and masks in the layout of MVTec LOCO AD, where an image has a mask for each defect.

    Source: P. Bergmann et al., "Beyond Dents and Scratches", IJCV 2022, for the layout; the pictures are of this
    project.
    """
    for folder, count in _TRAYS:
        for number in range(count):
            picture = draw_tray(Dice(seed, f"loco/{folder}/{number}"))
            yield SampleFile(f"{LOCO_FOLDER}/tray/{folder}/{number:03}.png", encode_png(picture.pixels), IMAGE)
    for number, missing in enumerate(_MISSING):
        yield from _make_defective_tray(seed, _LOGICAL, number, missing=missing)
    for number in range(_SCRATCHED):
        yield from _make_defective_tray(seed, _STRUCTURAL, number, has_scratch=True)
    config = [{"defect_name": kind, "pixel_value": grey} for kind, grey in _GREYS.items()]
    content = json.dumps(config, indent=1).encode()
    yield SampleFile(f"{LOCO_FOLDER}/tray/defects_config.json", content, IGNORED)


def _make_defective_tray(
    seed: int, kind: str, number: int, *, missing: tuple[int, ...] = (), has_scratch: bool = False
) -> Iterator[SampleFile]:
    picture = draw_tray(Dice(seed, f"loco/{kind}/{number}"), missing=missing, has_scratch=has_scratch)
    yield SampleFile(f"{LOCO_FOLDER}/tray/test/{kind}/{number:03}.png", encode_png(picture.pixels), IMAGE)
    for part, mask in enumerate(picture.masks):
        path = f"{LOCO_FOLDER}/tray/ground_truth/{kind}/{number:03}/{part:03}.png"
        yield SampleFile(path, encode_png(mask * _GREYS[kind]), MASK)


def _jpeg(pixels: Pixels) -> bytes:
    return encode_with_pillow(Image.fromarray(pixels), "JPEG", quality=88)


def _lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
