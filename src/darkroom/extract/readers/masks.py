"""Names of masks: the word that tells a mask from its image, and the folders that hold masks."""

from __future__ import annotations

import re

from darkroom.keys import make_key

_WORD = re.compile(
    r"[_\-. ](gt|masks?|labels?|seg|segm|segmentation|ground[_-]?truth|annotations?)$"
    r"|^(gt|mask|seg|segmentation)[_\-. ]",
    re.IGNORECASE,
)

MASK_FOLDERS = frozenset({"ground_truth", "groundtruth"})
"""Names of folders with masks that stand beside the splits, lower case."""

_INNER_MASK_FOLDERS = MASK_FOLDERS | {"gt", "mask", "masks", "segmentation", "segmentations", "annotations"}


def cut_mask_word(stem: str) -> str:
    """Returns the stem of the image that a mask is called after: `10` for `10_GT`; another stem stays as it is."""
    return _WORD.sub("", stem, count=1)


def is_mask_folder(folder: str) -> bool:
    """Tells whether a folder within a split holds masks, by its name. `label` is none: some defects are called so."""
    return make_key(folder) in _INNER_MASK_FOLDERS
