"""MVTec AD: `<category>/train/good/`, `test/<label>/` and `ground_truth/<label>/<stem>_mask.png`.

Copies of it in which the label folders were flattened away, on images, masks or both, are read too.
Training images are good unless a label folder says otherwise.

Source: https://www.mvtec.com/company/research/datasets/mvtec-ad
"""

from __future__ import annotations

from darkroom.extract.readers.folder import read_label_folders
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, LayoutFacts, join_names
from darkroom.sample import NORMAL, Split

NAME = "mvtec_ad"
FACTS = LayoutFacts(
    title="MVTec AD",
    licence="CC BY-NC-SA 4.0",
    citation=(
        "P. Bergmann, M. Fauser, D. Sattlegger, C. Steger: MVTec AD – A Comprehensive Real-World Dataset for "
        "Unsupervised Anomaly Detection. CVPR 2019."
    ),
    homepage="https://www.mvtec.com/company/research/datasets/mvtec-ad",
    categories=frozenset(
        {
            *("bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "metal_nut"),
            *("pill", "screw", "tile", "toothbrush", "transistor", "wood", "zipper"),
        }
    ),
)


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    if folder.has_ground_truth:
        return _describe_ground_truth(folder)
    # with a second label in train it is a plain classification set that happens to say `good`
    if folder.labels_in(Split.TRAIN) == {NORMAL}:
        return f"{folder.name}/ has train/good/ and no other label in train/"
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
