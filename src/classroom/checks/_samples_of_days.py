"""What comes in on the days of exercise 3: on Monday, on Tuesday, and on a day that the page does not show."""

from __future__ import annotations

import hashlib
from typing import Any

_SIZE_PX = 4
_PATHS = (
    "bottle/test/good/000.png",
    "bottle/test/good/001.png",
    "bottle/test/broken_small/000.png",
    "zipper/test/good/000.png",
)
_RETAKEN, _ADDED = "bottle/test/good/001.png", "zipper/test/good/001.png"
DAYS = ("Monday", "Tuesday")
"""The runs of the pipeline, in order."""


def make_samples(day: str) -> list[dict[str, Any]]:
    """Returns the samples that come in on a day, with tensors of 4 × 4 RGB pixels.

    Args:
        day: On `Monday` four come; on `Tuesday` one of them, photographed again, and a new one. No other file is read
            again on Tuesday.
    """
    if day == DAYS[0]:
        return [_make_sample(path, brightness=40) for path in _PATHS]
    return [_make_sample(_RETAKEN, brightness=200), _make_sample(_ADDED, brightness=40)]


def _make_sample(path: str, brightness: int) -> dict[str, Any]:
    category, split, label, filename = path.split("/")
    tensor = bytes([brightness]) * (_SIZE_PX * _SIZE_PX * 3)
    return {
        "sample_id": f"mvtec_ad/{path}",
        "category": category,
        "split": split,
        "label": label,
        "filename": filename,
        "content_sha256": hashlib.sha256(path.encode() + tensor).hexdigest(),
        "image_tensor": tensor,
    }


MANY = [_make_sample(f"cable/test/good/{number:03}.png", brightness=40) for number in range(9)]
"""What comes on a day that the page does not show."""
