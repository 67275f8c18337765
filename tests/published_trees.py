"""Small trees in the layouts of published image datasets, with what is odd about the real ones."""

from __future__ import annotations

import io
import json

from PIL import Image, ImageDraw

LABELS = (
    "image,label,mask\r\n"
    "pcb1/Data/Images/Normal/0000.JPG,normal,\r\n"
    "pcb1/Data/Images/Normal/0001.JPG,normal,\r\n"
    'pcb1/Data/Images/Anomaly/000.JPG,"bent,scratch",pcb1/Data/Masks/Anomaly/000.png\r\n'
)
SPLITS = (
    "object,split,label,image,mask\n"
    "pcb1,test,normal,pcb1/Data/Images/Normal/0000.JPG,\n"
    "pcb1,train,normal,pcb1/Data/Images/Normal/0001.JPG,\n"
    "pcb1,test,anomaly,pcb1/Data/Images/Anomaly/000.JPG,pcb1/Data/Masks/Anomaly/000.png\n"
    "candle,train,normal,candle/Data/Images/Normal/0000.JPG,\n"
    "candle,test,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png\n"
    "candle,test,anomaly,candle/Data/Images/Anomaly/099.JPG,candle/Data/Masks/Anomaly/099.png\n"
)
VISA_IMAGES = [
    "pcb1/Data/Images/Normal/0000.JPG",
    "pcb1/Data/Images/Normal/0001.JPG",
    "pcb1/Data/Images/Anomaly/000.JPG",
    "pcb1/Data/Masks/Anomaly/000.png",
    "candle/Data/Images/Normal/0000.JPG",
    "candle/Data/Images/Anomaly/000.JPG",
    "candle/Data/Masks/Anomaly/000.png",
]
VISA = {path: path.encode() for path in VISA_IMAGES} | {
    "pcb1/image_anno.csv": LABELS.encode(),
    "split_csv/1cls.csv": SPLITS.encode(),
    "split_csv/2cls_fewshot.csv": SPLITS.replace("test,anomaly", "train,anomaly").encode(),
    "LICENSE-DATASET": b"",
}

OK_PART = "audiojack/OK/S0001/audiojack_0001_OK_"
NG_PART = "audiojack/NG/AK/S0001/audiojack_0001_NG_AK_"
REAL_IAD_IMAGES = [
    *(f"{OK_PART}C{view}_2023.jpg" for view in (1, 2)),
    *(f"{NG_PART}C{view}_2023.jpg" for view in (1, 2)),
    f"{NG_PART}C1_2023_mask.png",
]


def make_real_iad_table(*, views: tuple[int, ...] = (1, 2), prefix: str = "") -> bytes:
    """Returns the splits of `audiojack`: the part without a defect trains, view 2 of the other one shows none."""

    def row(path: str, anomaly_class: str, mask: str | None = None) -> dict[str, str | None]:
        path = prefix + path.removeprefix("audiojack/")
        return {"category": "audiojack", "anomaly_class": anomaly_class, "image_path": path, "mask_path": mask}

    classes = {1: "AK", 2: "OK"}
    return json.dumps(
        {
            "meta": {"normal_class": "OK", "prefix": "audiojack/"},
            "train": [row(f"{OK_PART}C{view}_2023.jpg", "OK") for view in views],
            "test": [row(f"{NG_PART}C{view}_2023.jpg", classes[view], "x_mask.png") for view in views],
        }
    ).encode()


REAL_IAD = {f"realiad_256/{path}": path.encode() for path in REAL_IAD_IMAGES} | {
    "realiad_jsons/realiad_jsons/audiojack.json": make_real_iad_table(),
    "realiad_jsons/realiad_jsons_sv/audiojack.json": make_real_iad_table(views=(1,)),
    "realiad_jsons/realiad_jsons/zipper.json": b"{}",
}

MAGNETIC_TILE = {
    path: path.encode()
    for path in (
        *(f"MT_Free/Imgs/exp1_num_{number}.{suffix}" for number in range(20) for suffix in ("jpg", "png")),
        *(f"MT_Uneven/Imgs/exp1_num_1.{suffix}" for suffix in ("jpg", "png")),
        *(f"MT_Blowhole/Imgs/exp2_num_7.{suffix}" for suffix in ("jpg", "png")),
        "MT_Blowhole/Imgs/exp2_num_8.jpg",
        "MT_Crack/Imgs/exp2_num_9.png",
        "README.md",
        "dataset.jpg",
    )
}

KOLEKTOR_SDD = {
    path: path.encode()
    for item in range(1, 11)
    for part in (0, 1)
    for path in (f"kos{item:02}/Part{part}.jpg", f"kos{item:02}/Part{part}_label.bmp")
}

KOLEKTOR_SDD2 = {
    path: path.encode()
    for path in (
        *(f"train/{stem}{ending}.png" for stem in ("10000", "10301") for ending in ("", "_GT")),
        *(f"test/{stem}{ending}.png" for stem in ("20000", "20001") for ending in ("", "_GT")),
    )
} | {
    # the published archive has both
    "train/10301 (copy).png": b"train/10301.png",
    "train/10301_GT (copy).png": b"train/10301_GT.png",
}


def draw(files: dict[str, bytes], masks: dict[str, int]) -> dict[str, bytes]:
    """Replaces the bytes of images by those of a tiny picture that is grey, or black with a square for a mask.

    Args:
        files: The files of a tree.
        masks: The masks, each with the level of the square; 0 for a mask without a defect.
    """
    drawn = {path: _draw(path, masks.get(path)) for path in files if path.lower().endswith((".jpg", ".png", ".bmp"))}
    return files | drawn


def _draw(path: str, level: int | None) -> bytes:
    picture = Image.new("L", (16, 16), 0 if level is not None else 100 + len(path.replace(" (copy)", "")) % 100)
    if level:
        ImageDraw.Draw(picture).rectangle((4, 4, 9, 9), level)
    content = io.BytesIO()
    picture.save(content, {"g": "PNG", "G": "JPEG", "p": "BMP"}[path[-1]] if not path.endswith("jpg") else "JPEG")
    return content.getvalue()
