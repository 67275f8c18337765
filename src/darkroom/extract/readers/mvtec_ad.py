"""MVTec AD: `<category>/train/good/`, `test/<label>/` and `ground_truth/<label>/<stem>_mask.png`.

Copies of it in which the label folders were flattened away, on images, masks or both, are read too.
Training images are good unless a label folder says otherwise.

Source: https://www.mvtec.com/company/research/datasets/mvtec-ad
"""

from __future__ import annotations

from darkroom.extract.readers.folder import read_label_folders
from darkroom.extract.readers.labels import NORMAL_WORDS
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, LayoutFacts, join_names
from darkroom.sample import NORMAL, Split

NAME = "mvtec_ad"
_DEFECTS = {
    "bottle": "broken_large broken_small contamination",
    "cable": "bent_wire cable_swap combined cut_inner_insulation cut_outer_insulation missing_cable missing_wire "
    "poke_insulation",
    "capsule": "crack faulty_imprint poke scratch squeeze",
    "carpet": "color cut hole metal_contamination thread",
    "grid": "bent broken glue metal_contamination thread",
    "hazelnut": "crack cut hole print",
    "leather": "color cut fold glue poke",
    "metal_nut": "bent color flip scratch",
    "pill": "color combined contamination crack faulty_imprint pill_type scratch",
    "screw": "manipulated_front scratch_head scratch_neck thread_side thread_top",
    "tile": "crack glue_strip gray_stroke oil rough",
    "toothbrush": "defective",
    "transistor": "bent_lead cut_lead damaged_case misplaced",
    "wood": "color combined hole liquid scratch",
    "zipper": "broken_teeth combined fabric_border fabric_interior rough split_teeth squeezed_teeth",
}
"""The labels of defects in each published category."""

FACTS = LayoutFacts(
    title="MVTec AD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "P. Bergmann, M. Fauser, D. Sattlegger, C. Steger: MVTec AD – A Comprehensive Real-World Dataset for "
        "Unsupervised Anomaly Detection. CVPR 2019."
    ),
    homepage="https://www.mvtec.com/company/research/datasets/mvtec-ad",
    published={category: frozenset({NORMAL, *labels.split()}) for category, labels in _DEFECTS.items()},
)


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    if folder.has_ground_truth:
        return _describe_ground_truth(folder)
    # with a second label in train it is a plain classification set, one of whose labels happens to be normal
    labels = folder.labels_in(Split.TRAIN)
    if len(labels) == 1 and labels <= NORMAL_WORDS:
        return f"{folder.name}/ has train/{labels.pop()}/ and no other label in train/"
    return None


def is_part(folder: CategoryFolder) -> bool:
    """Tells whether a category folder could be a part of this layout that was left without its other half."""
    return folder.splits == {Split.TEST}


def read_category(category: Category) -> CategoryFindings:
    """Pairs masks by label folder and stem; by the stem alone where the label folders are gone."""
    return read_label_folders(category, unlabelled_train=NORMAL)


def _describe_ground_truth(folder: CategoryFolder) -> str:
    masks = [section for section in folder.sections if section.lower().startswith("ground")]
    others = [section for section in folder.sections if section not in masks]
    beside = f" beside {join_names(sorted(others, reverse=True))}" if others else ""
    is_flat = not any(image.place.folders for image in folder.images)
    return f"{folder.name}/ has {masks[0]}/{beside}{' (label folders flattened away)' if is_flat else ''}"
