"""MVTec AD: `<category>/train/good/`, `test/<label>/` and `ground_truth/<label>/<stem>_mask.png`.

Copies of it in which the label folders were flattened away, on images, masks or both, are read too.
Training images are good unless a label folder says otherwise.

Source: https://www.mvtec.com/company/research/datasets/mvtec-ad
"""

from __future__ import annotations

from darkroom.extract.readers.folder import read_label_folders
from darkroom.extract.readers.labels import is_normal
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, join_names
from darkroom.sample import NORMAL, Split


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    if folder.has_ground_truth:
        return _describe_ground_truth(folder)
    # with a second label in train it is a plain classification set, one of whose labels happens to be normal
    labels = folder.labels_in(Split.TRAIN)
    if len(labels) == 1 and all(label is not None and is_normal(label) for label in labels):
        return f"{folder.name}/ has train/{labels.pop()}/ and no other label in train/"
    return None


def is_part(folder: CategoryFolder) -> bool:
    """Tells whether a category folder could be a part of this layout that was left without its other half."""
    return folder.splits == {Split.TEST}


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Pairs masks by label folder and stem; by the stem alone where the label folders are gone."""
    return read_label_folders(category, unlabelled_train=NORMAL)


def _describe_ground_truth(folder: CategoryFolder) -> str:
    masks = [section for section in folder.sections if section.lower().startswith("ground")]
    others = [section for section in folder.sections if section not in masks]
    beside = f" beside {join_names(sorted(others, reverse=True))}" if others else ""
    is_flat = not any(image.place.folders for image in folder.images)
    if folder.mirror:
        return f"{folder.mirror}/ mirrors {folder.path or 'it'}/, as masks do"
    return f"{folder.name}/ has {masks[0]}/{beside}{' (label folders flattened away)' if is_flat else ''}"


LAYOUT = Layout(
    name="mvtec_ad",
    title="MVTec AD",
    expected="<category>/train/good/<image>, test/<label>/<image>, ground_truth/<label>/<image>_mask.png",
    signs=frozenset({"train", "test", "ground_truth", "good"}),
    recognise=recognise,
    read_category=read_category,
)
