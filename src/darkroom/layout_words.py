"""Words in names of folders and files that mean a split or masks: readers go by them, exports keep clear of them."""

from __future__ import annotations

import re

from darkroom.keys import make_key
from darkroom.sample import Split

PUBLIC_TEST = "test_public"
UNLABELLED_TESTS = ("test_private", "test_private_mixed")
"""Test splits of MVTec AD 2: with labels and masks in it, and those whose labels are not published."""

SPLITS = {
    **dict.fromkeys(("train", "training"), Split.TRAIN),
    **dict.fromkeys(("test", "testing", PUBLIC_TEST, *UNLABELLED_TESTS), Split.TEST),
    **dict.fromkeys(("val", "validation", "valid"), Split.VAL),
}
"""Names of split folders, lower case."""

MASKS_BESIDE = "ground_truth"
"""Name of the folder beside the splits in which MVTec AD has masks."""
MASK_FOLDERS = frozenset({MASKS_BESIDE, "groundtruth", "ground-truth", "ground truth"})
"""Names of folders with masks that stand beside the splits, lower case."""

SURE_MASK_WORDS = frozenset(
    {"gt", "gts", "mask", "masks", "groundtruth", "annotation", "annotations", "segmentation", "segmentations"}
)
"""Words for masks that are no words for defects."""

MASK_WORDS = SURE_MASK_WORDS | {"label", "labels", "seg", "segs", "segm"}
"""Words for masks, within a split; some of them may be words for defects."""

IMAGE_FOLDERS = frozenset({"images", "image", "imgs", "img"})
"""Folders that say nothing of what is on the images in them."""

_WORD = re.compile(
    r"[_\-. ](gt|masks?|labels?|seg|segm|segmentation|ground[_-]?truth|annotations?)$"
    r"|^(gt|mask|seg|segmentation)[_\-. ]",
    re.IGNORECASE,
)

_FIRST_WORDS = frozenset({"gt", "mask", "masks"})
_KIND_WORDS = IMAGE_FOLDERS | {"png", "bmp", "jpg", "tif", "tiff", "binary", "bin", "bw", "pixel", "semantic"}
"""Words that say of what kind masks are, and not of what."""

WEAK_WORDS = frozenset({"label", "seg", "segm"})
"""Words at the end of a name, as `find_mask_word` returns them, that something photographed may be called as well."""


def cut_mask_word(stem: str) -> str:
    """Returns the stem of the image that a mask is called after: `10` for `10_GT`; another stem stays as it is."""
    return _WORD.sub("", stem, count=1)


def find_mask_word(stem: str) -> str | None:
    """Returns the word that tells a mask, in one spelling: `mask` for `10_Masks`; None if there is none, or no more."""
    match = _WORD.search(stem)
    if match is None or len(match[0]) == len(stem):
        return None
    return re.sub(r"[_-]", "", (match[1] or match[2]).lower()).removesuffix("s")


def is_mask_folder(folder: str) -> bool:
    """Tells whether a folder within a split holds masks, by its name. `label` is none: some defects are called so."""
    words = split_words(folder)
    return bool(words) and SURE_MASK_WORDS.issuperset(words)


def may_hold_masks(folder: str) -> bool:
    """Tells whether a folder within a split is called like one of masks; `label` is one of those that may be both."""
    words = split_words(folder)
    return bool(words) and MASK_WORDS.issuperset(words)


def is_called_mask(folder: str) -> bool:
    """Tells whether a folder is called so, or after a label: `crack_mask`. `label_missing` is not."""
    words = split_words(folder)
    return bool(words) and (words[-1] in MASK_WORDS or words[0] in _FIRST_WORDS)


def split_words(folder: str) -> list[str]:
    """Returns the words of a name, lower case, without those for kinds of masks: `CrackMask_png` is crack, mask."""
    parted = make_key(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", folder))
    words = re.sub(r"\bground[\W_]truth", "groundtruth", parted)
    return [word for word in re.split(r"[\W_]+", words) if word and word not in _KIND_WORDS]
