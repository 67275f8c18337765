"""What two image datasets take without darkroom: a reader for each, as people write them for a training script.

No catch is hidden in it: it pairs masks by key, not by position, makes everything RGB of one size, and keeps
masks binary. Like most of its kind it takes the published layouts for granted, and passes over a file that
cannot be decoded without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = (256, 256)

Sample = tuple[str, str, str, NDArray[np.uint8], NDArray[np.uint8]]


def iter_mvtec_ad(root: Path) -> Iterator[Sample]:
    """Yields category, split, label, image and mask."""
    for path in sorted(root.glob("*/t*/*/*.png")):
        category, split, label = path.relative_to(root).parts[:3]
        mask_path = root / category / "ground_truth" / label / f"{path.stem}_mask.png"
        image = read_image(path)
        if image is None:
            continue
        yield category, split, label, image, read_mask(mask_path)


def iter_dagm_2007(root: Path) -> Iterator[Sample]:
    """Yields category, split, label, image and mask."""
    for path in sorted(root.glob("Class*/T*/*.PNG")):
        category, split = path.relative_to(root).parts[:2]
        mask_path = path.parent / "Label" / f"{path.stem}_label.PNG"
        image = read_image(path)
        if image is None:
            continue
        label = "defect" if mask_path.exists() else "good"
        yield category, split.lower(), label, image, read_mask(mask_path)


def read_image(path: Path) -> NDArray[np.uint8] | None:
    """Decodes an image: `(256, 256, 3)` uint8, RGB; None if it cannot be."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS))
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return None


def read_mask(path: Path) -> NDArray[np.uint8]:
    """Decodes a mask: `(256, 256)` uint8 in {0, 1}; zeros if there is none."""
    if not path.exists():
        return np.zeros(SIZE, np.uint8)
    with Image.open(path) as mask:
        return (np.asarray(mask.convert("L").resize(SIZE, Image.Resampling.NEAREST)) > 127).astype(np.uint8)


def iter_samples(mvtec_root: Path, dagm_root: Path) -> Iterator[Sample]:
    """Yields the samples of both, one image dataset after the other."""
    yield from iter_mvtec_ad(mvtec_root)
    yield from iter_dagm_2007(dagm_root)
