"""Names of folders that mean a split or masks: readers go by them, exports keep clear of them."""

from __future__ import annotations

from darkroom.sample import Split

PUBLIC_TEST = "test_public"
UNLABELLED_TESTS = ("test_private", "test_private_mixed")
"""Test splits of MVTec AD 2: with labels and masks in it, and those whose labels are not published."""

SPLITS = {
    "train": Split.TRAIN,
    **dict.fromkeys(("test", PUBLIC_TEST, *UNLABELLED_TESTS), Split.TEST),
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
