"""What anomalib reads of trees, as JSON; runs in an environment of its own, where anomalib is installed.

Arguments: a kind of dataset and a category folder, and so on. For each folder a list of its images, each with its
split, its label (0 good, 1 defective, -1 unknown) and its masks; paths are relative to the folder above the category.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

try:
    import torchvision  # noqa: F401 - only to see whether it can be imported
except RuntimeError:
    # its wheel may be built for another torch than is installed; none of its operators is used here
    for _name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{_name}", "(Tensor dets, Tensor scores, float threshold) -> Tensor")
    for _module in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[_module]

import pandas as pd
from anomalib.data.datasets.image import (
    autovi,
    btech,
    kolektor,
    mpdd,
    mvtec_loco,
    mvtecad,
    mvtecad2,
    realiad,
    tabular,
)


def read_mvtec_ad_2(root: Path) -> pd.DataFrame:
    kinds = [mvtecad2.make_mvtec2_dataset(root, test_type=kind) for kind in mvtecad2.TestType]
    return pd.concat(kinds).drop_duplicates("image_path")


def read_real_iad(root: Path) -> pd.DataFrame:
    """Reads the category of a tree whose tables lie as published, two folders below its top."""
    metadata = json.loads((root.parents[1] / f"realiad_jsons/realiad_jsons/{root.name}.json").read_text())
    return realiad.make_realiad_dataset(root, metadata=metadata)


def read_visa(root: Path) -> pd.DataFrame:
    """Lets anomalib re-arrange the tree by its table of splits, and reads that."""
    from anomalib.data import Visa
    from anomalib.data.datamodules.image import visa

    visa.VISA_CATEGORIES = (root.name,)
    module = Visa(root=root.parent, category=root.name)
    module.apply_cls1_split()
    return mvtecad.make_mvtec_ad_dataset(module.split_root / root.name, extensions=(".png", ".jpg", ".JPG"))


def read_tabular(root: Path) -> pd.DataFrame:
    return tabular.make_tabular_dataset(pd.read_csv(root / "samples.csv"), root=root)


READERS = {
    "mvtec_ad": mvtecad.make_mvtec_ad_dataset,
    "mvtec_ad_2": read_mvtec_ad_2,
    "mvtec_loco": mvtec_loco.make_dataset,
    "autovi": autovi.make_autovi_dataset,
    "btad": btech.make_btech_dataset,
    "mpdd": mpdd.make_mpdd_dataset,
    "kolektor_sdd": kolektor.make_kolektor_dataset,
    "real_iad": read_real_iad,
    "visa": read_visa,
    "table": read_tabular,
}


def read(kind: str, folder: Path) -> list[dict[str, object]]:
    rows = []
    for row in READERS[kind](folder).to_dict("records"):
        masks = row.get("mask_path")
        masks = [masks] if isinstance(masks, str) and masks else masks if isinstance(masks, list) else []
        label = int(row["label_index"])
        rows.append(
            {
                "image": Path(row["image_path"]).relative_to(folder.parent).as_posix(),
                "split": getattr(row["split"], "value", row["split"]),
                "label": label,
                "masks": sorted(Path(mask).relative_to(folder.parent).as_posix() for mask in masks)
                if label == 1
                else [],
            }
        )
    return rows


if __name__ == "__main__":
    arguments = iter(sys.argv[1:])
    # its output is what it is for
    print(json.dumps([read(kind, Path(next(arguments)).resolve()) for kind in arguments]))  # noqa: T201
