"""MVTec AD 2: `train/good/`, `validation/good/`, and `test_public/{good,bad}/` with `ground_truth/bad/` in it.

Of the images in `test_private/` and `test_private_mixed/` nobody but the publisher knows whether they are good.

Source: https://www.mvtec.com/company/research/datasets/mvtec-ad-2
"""

from __future__ import annotations

from darkroom.extract.readers.labels import is_normal, read_label
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.pairing import FoundImage, FoundMask, pair_masks, reject_misplaced
from darkroom.extract.readers.places import (
    Category,
    CategoryFindings,
    CategoryFolder,
    PlacedFile,
    find_mask_folders,
)
from darkroom.layout_words import PUBLIC_TEST, UNLABELLED_TESTS
from darkroom.sample import Split

_EXPECTED = "train/good/<image>, test_public/<label>/<image> or test_public/ground_truth/<label>/<mask>"


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category folder is taken for this layout; None if it is not."""
    named = [section for section in folder.sections if section.lower() in (PUBLIC_TEST, *UNLABELLED_TESTS)]
    return f"{folder.name}/ has {named[0]}/" if named else None


def is_part(folder: CategoryFolder) -> bool:
    """Tells whether a category folder could be a part of this layout, with no test in it: all of it is good."""
    if folder.layout or folder.has_ground_truth or not folder.splits <= {Split.TRAIN, Split.VAL}:
        return False
    labels = folder.labels_in(Split.TRAIN) | folder.labels_in(Split.VAL)
    return all(label is not None and is_normal(label) for label in labels)


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Pairs masks by label folder and stem, and calls no image of a private test good."""
    public: list[FoundImage] = []
    private: list[FoundImage] = []
    masks: list[FoundMask] = []
    misplaced: list[PlacedFile] = []
    mask_folders = find_mask_folders([files[0] for files in category.images.values()])
    for files in category.images.values():
        place = files[0].place
        label = place.folders[0] if len(place.folders) == 1 and place.folders[0] not in mask_folders else None
        if len(place.folders) == 2 and place.folders[0] in mask_folders:
            masks.append(FoundMask(files, place.folders[1]))
        elif place.split is None or (label is None and place.folders):
            misplaced += files
        elif place.section.lower() in UNLABELLED_TESTS:
            private.append(FoundImage(files, place.split, None, label))
        else:
            word = None if label is None else read_label(label, category.normal_words)
            public.append(FoundImage(files, place.split, word, label))
    findings = pair_masks(category, public, masks)
    unknown = pair_masks(category, private, [])
    findings.samples += unknown.samples
    findings.rejects += unknown.rejects + reject_misplaced(category, misplaced, _EXPECTED)
    findings.remarks += mask_folders.describe(category.name)
    findings.counts["images of private tests, which have no label"] += len(private)
    return findings


LAYOUT = Layout(
    name="mvtec_ad_2",
    title="MVTec AD 2",
    expected="<category>/train/good/<image>, test_public/<label>/<image>, "
    "test_public/ground_truth/<label>/<image>_mask.png",
    signs=frozenset({"train", "validation", "test_public", "ground_truth", "good", "bad"}),
    recognise=recognise,
    read_category=read_category,
)
