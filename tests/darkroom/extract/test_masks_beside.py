"""Masks that stand among the images, told by their names: `10.png` and `10_GT.png`."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import make_tree, make_zip, places_of, read_roots

from darkroom.sample import Findings, Reason


def pairs(findings: Findings) -> dict[str, str | None]:
    """The mask of each image, by path."""
    return {sample.image.path: sample.mask.path if sample.mask else None for sample in findings.samples}


@pytest.mark.parametrize(
    "mask",
    [
        *("10_GT.png", "10_gt.png", "10_mask.png", "10_Mask.PNG", "10_label.bmp", "10_seg.png"),
        *("10_segmentation.png", "10-mask.png", "10.mask.png", "10 mask.png", "10_ground_truth.tif", "10_masks.png"),
        *("mask_10.png", "GT-10.png", "seg_10.bmp"),
    ],
)
def test_a_mask_beside_its_image_is_its_mask(tmp_path: Path, mask: str) -> None:
    files = ["part/train/10.png", f"part/train/{mask}", "part/test/11.png"]
    findings = read_roots(make_tree(tmp_path, files))
    assert pairs(findings) == {"part/train/10.png": f"part/train/{mask}", "part/test/11.png": None}
    assert [sample.is_mask_by_name for sample in findings.samples] == [False, True]
    assert [(sample.label, sample.unmasked_label) for sample in findings.samples] == [(None, "good")] * 2
    assert places_of(findings) == sorted(f"{tmp_path.resolve().as_posix()}/{path}" for path in files)


@pytest.mark.parametrize("alone", ["x_label.png", "x_seg.jpg", "gt.png", "_mask.png"])
def test_without_a_partner_it_is_an_image(tmp_path: Path, alone: str) -> None:
    findings = read_roots(make_tree(tmp_path, [f"part/train/{alone}", "part/train/y.png", "part/test/x.png"]))
    assert set(pairs(findings).values()) == {None}
    assert f"part/train/{alone}" in pairs(findings)


@pytest.mark.parametrize("layout", ["mvtec_ad", "folder", "dagm_2007"])
def test_every_layout_takes_them(tmp_path: Path, layout: str) -> None:
    findings = read_roots(make_tree(tmp_path, ["p/Train/1.png", "p/Train/1_label.png", "p/Train/2.png"]), layout=layout)
    assert pairs(findings) == {"p/Train/1.png": "p/Train/1_label.png", "p/Train/2.png": None}
    # what is assumed of training images gives way to a mask
    assert [(sample.label, sample.unmasked_label) for sample in findings.samples] == [
        (None, "good"),
        ("good", None) if layout == "mvtec_ad" else (None, "good"),
    ]


def test_a_dagm_class_without_its_label_folder(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, ["Class1/Train/0576.PNG", "Class1/Train/0576_label.PNG"]))
    assert pairs(findings) == {"Class1/Train/0576.PNG": "Class1/Train/0576_label.PNG"}


def test_in_label_folders_and_beside_a_ground_truth(tmp_path: Path) -> None:
    files = ["p/train/good/1.png", "p/test/cut/1.png", "p/test/cut/1_GT.png", "p/ground_truth/cut/1_mask.png"]
    findings = read_roots(make_tree(tmp_path, files))
    assert pairs(findings) == {"p/test/cut/1.png": "p/ground_truth/cut/1_mask.png", "p/train/good/1.png": None}
    (cut,) = (sample for sample in findings.samples if sample.mask)
    assert [copy.path for copy in cut.mask_copies] == ["p/test/cut/1_GT.png"]
    assert not cut.is_mask_by_name


def test_two_images_of_one_stem(tmp_path: Path) -> None:
    files = ["p/test/1.png", "p/test/1.jpg", "p/test/1_GT.png", "p/test/2.png", "p/test/2.jpg", "p/test/2_GT.bmp"]
    findings = read_roots(make_tree(tmp_path, [*files, "p/train/0.png"]))
    assert {image: mask for image, mask in pairs(findings).items() if mask} == {"p/test/1.png": "p/test/1_GT.png"}
    assert [(reject.file.path, reject.reason) for reject in findings.rejects] == [
        ("p/test/2_GT.bmp", Reason.AMBIGUOUS_MASK)
    ]


def test_a_mask_of_a_mask_goes_to_the_image(tmp_path: Path) -> None:
    files = ["p/test/1.png", "p/test/1_mask.png", "p/test/1_mask_label.png"]
    (sample,) = read_roots(make_tree(tmp_path, files)).samples
    assert [file.path for file in sample.files] == files


def test_images_and_masks_in_two_roots(tmp_path: Path) -> None:
    make_tree(tmp_path / "images", ["p/test/1.png"])
    make_tree(tmp_path / "masks", ["p/test/1_GT.png"])
    findings = read_roots(tmp_path / "images", tmp_path / "masks", name="mine")
    assert pairs(findings) == {"p/test/1.png": "p/test/1_GT.png"}
    assert findings.samples[0].is_mask_by_name


@pytest.mark.parametrize("folder", ["masks", "Mask", "ground_truth", "GT", "annotations"])
def test_a_mask_folder_within_a_split(tmp_path: Path, folder: str) -> None:
    files = [f"p/{split}/images/{number}.png" for split in ("train", "test") for number in (1, 2)]
    masks = [f"p/{split}/{folder}/1.png" for split in ("train", "test")]
    orphan = f"p/test/{folder}/9.png"
    findings = read_roots(make_zip(tmp_path / "x.zip", [*files, *masks, orphan]))
    assert {image: mask for image, mask in pairs(findings).items() if mask} == {
        "p/train/images/1.png": masks[0],
        "p/test/images/1.png": masks[1],
    }
    assert [(reject.file.path, reject.reason) for reject in findings.rejects] == [(orphan, Reason.ORPHAN_MASK)]
    # `images` says nothing of what is on them
    assert {(sample.label, sample.unmasked_label) for sample in findings.samples} == {(None, "good")}


def outcomes(findings: Findings) -> dict[str, str | None]:
    """The label of each image and the reason of each reject, by path."""
    return {sample.image.path: sample.label for sample in findings.samples} | {
        reject.file.path: reject.reason for reject in findings.rejects
    }


@pytest.mark.parametrize("alone", ["x_mask.png", "x_GT.bmp", "gt_x.png", "x_ground_truth.png", "x_masks.png"])
def test_a_mask_of_nothing_is_no_image(tmp_path: Path, alone: str) -> None:
    files = ["part/train/good/y.png", "part/test/good/z.png", "part/test/cut/x.png"]
    findings = read_roots(make_tree(tmp_path, [*files, f"part/test/good/{alone}"]))
    assert outcomes(findings)[f"part/test/good/{alone}"] == Reason.ORPHAN_MASK
    assert len(findings.samples) == 3


@pytest.mark.parametrize("shown", ["part/test/cut/1_label.png", "part/ground_truth/cut/1_label.png"])
def test_other_masks_show_what_a_word_means(tmp_path: Path, shown: str) -> None:
    files = ["part/train/good/2.png", "part/test/cut/1.png", "part/test/good/9_label.png"]
    without = read_roots(make_tree(tmp_path / "without", files))
    assert outcomes(without)["part/test/good/9_label.png"] == "good"
    findings = read_roots(make_tree(tmp_path / "with", [*files, shown]))
    assert outcomes(findings)["part/test/good/9_label.png"] == Reason.ORPHAN_MASK


def test_where_all_images_are_called_so_the_word_says_nothing(tmp_path: Path) -> None:
    files = [f"face/{place}/{number}_mask.png" for place in ("train/good", "test/torn") for number in (1, 2)]
    findings = read_roots(make_tree(tmp_path, [*files, "face/ground_truth/torn/1_mask.png"]))
    assert pairs(findings) == dict.fromkeys(files) | {"face/test/torn/1_mask.png": "face/ground_truth/torn/1_mask.png"}
    assert not findings.rejects


SURE_FOLDERS = [
    "gts",
    "annotation",
    "mask_png",
    "binary_masks",
    "BinaryMasks",
    "ground-truth",
    "ground truth",
    "gt images",
]
GUESSED_FOLDERS = [
    "labels",
    "Label",
    "label_images",
    "seg",
    "Segs",
    "crack_mask",
    "CrackMask",
    "mask_crack",
    "defect-gt",
]


@pytest.mark.parametrize("folder", [*SURE_FOLDERS, *GUESSED_FOLDERS])
@pytest.mark.parametrize("layout", ["auto", "mvtec_ad", "mvtec_loco", "folder"])
def test_a_folder_of_masks_beside_label_folders(tmp_path: Path, folder: str, layout: str) -> None:
    images = ["p/train/good/0.png", "p/train/good/1.png", "p/test/crack/0.png", "p/test/crack/1.png"]
    masks, orphan = [f"p/test/{folder}/0.png", f"p/test/{folder}/1_mask.png"], f"p/test/{folder}/7.png"
    findings = read_roots(make_tree(tmp_path, [*images, *masks, orphan]), layout=layout)
    assert pairs(findings) == dict(zip(images, [None, None, *masks], strict=True))
    assert outcomes(findings)[orphan] == Reason.ORPHAN_MASK
    assert all(sample.is_mask_by_name for sample in findings.samples if sample.mask)
    assert ("taken for masks" in findings.notes[0]) == (folder in GUESSED_FOLDERS)


@pytest.mark.parametrize("folder", ["labels", "Label", "seg"])
def test_masks_of_several_labels_are_no_images(tmp_path: Path, folder: str) -> None:
    images = [f"p/{split}/{label}/0.png" for split in ("train", "test") for label in ("good", "crack")]
    masks = [f"p/{split}/{folder}/0.png" for split in ("train", "test")]
    findings = read_roots(make_tree(tmp_path, [*images, *masks]))
    # in train, where the good image hardly has a mask, it is the other one's
    assert {image: mask for image, mask in pairs(findings).items() if mask} == {"p/train/crack/0.png": masks[0]}
    assert outcomes(findings) == {
        **{image: image.split("/")[2] for image in images},
        masks[1]: Reason.AMBIGUOUS_MASK,
    }


@pytest.mark.parametrize(
    "label",
    ["label_missing", "masking_tape", "masked", "unmasked", "label_1", "segment", "gtx", "labelled", "torn_mask"],
)
def test_a_label_that_is_called_a_little_like_masks(tmp_path: Path, label: str) -> None:
    files = ["p/train/good/0.png", "p/test/good/0.png", "p/test/crack/0.png", f"p/test/{label}/0.png"]
    findings = read_roots(make_tree(tmp_path, files))
    assert outcomes(findings)[files[-1]] == label
    assert ("may be called after masks" in findings.notes[0]) == (label == "torn_mask")


def test_a_label_called_label(tmp_path: Path) -> None:
    files = ["p/train/good/0.png", "p/test/good/0.png", "p/test/label/0.png", "p/ground_truth/label/0_mask.png"]
    findings = read_roots(make_tree(tmp_path / "a", files))
    assert pairs(findings)["p/test/label/0.png"] == "p/ground_truth/label/0_mask.png"
    others = read_roots(make_tree(tmp_path / "b", ["p/train/good/0.png", "p/test/good/1.png", "p/test/label/2.png"]))
    assert outcomes(others)["p/test/label/2.png"] == "label"
    assert "p/*/label: taken for a label" in others.notes[0]


def test_a_folder_of_masks_changes_neither_the_name_nor_the_layout(tmp_path: Path) -> None:
    files = [f"bottle/{path}/0.png" for path in ("train/good", "train/labels", "test/broken_large", "test/labels")]
    findings = read_roots(make_tree(tmp_path, files))
    assert {name: facts.layout for name, facts in findings.image_datasets.items()} == {"mvtec_ad": "mvtec_ad"}


@pytest.mark.parametrize("layout", ["mvtec_ad", "mvtec_loco", "folder", "mvtec_ad_2", "kolektor_sdd2", "dagm_2007"])
def test_no_layout_makes_images_of_the_masks_of_dagm(tmp_path: Path, layout: str) -> None:
    files = [f"Class1/{split}/{stem}.PNG" for split in ("Train", "Test") for stem in ("0001", "0002")]
    masks = [f"Class1/{split}/Label/0001_label.PNG" for split in ("Train", "Test")]
    findings = read_roots(make_tree(tmp_path, [*files, *masks]), layout=layout)
    assert sorted(sample.image.path for sample in findings.samples) == sorted(files)
    if layout in ("mvtec_ad", "mvtec_loco", "folder", "dagm_2007"):
        assert {mask for mask in pairs(findings).values() if mask} == set(masks)


@pytest.mark.parametrize(
    ("images", "mask", "advice"),
    [
        (["p/test/cut/1.jpg", "p/test/cut/1.bmp"], "p/ground_truth/cut/1_mask.png", "call these images otherwise"),
        (["p/test/cut/1.png", "p/test/dent/1.png"], "p/test/masks/1.png", "name its label folder too"),
    ],
)
def test_an_ambiguous_mask_is_told_what_would_help(tmp_path: Path, images: list[str], mask: str, advice: str) -> None:
    findings = read_roots(make_tree(tmp_path, ["p/train/good/0.png", *images, mask]))
    (reject,) = findings.rejects
    assert (reject.file.path, reject.reason) == (mask, Reason.AMBIGUOUS_MASK)
    assert advice in reject.message


MIRRORED = {
    "beside images, in a part": ("part/images/{split}/{number}.png", "part/masks/{split}/{number}.png"),
    "beside images, in the root": ("images/{split}/{number}.png", "masks/{split}/{number}.png"),
    "by another name": ("part/imgs/{split}/{number}.png", "part/Annotations/{split}/{number}_mask.png"),
    "beside the splits": ("part/{split}/{number}.png", "part/masks/{split}/{number}.png"),
    "with labels": ("part/{split}/bent/{number}.png", "part/masks/{split}/bent/{number}.png"),
    "above the parts": ("images/part/{split}/bent/{number}.png", "masks/part/{split}/bent/{number}.png"),
}


@pytest.mark.parametrize(("image", "mask"), MIRRORED.values(), ids=MIRRORED)
def test_a_tree_of_masks_that_mirrors_the_images_is_theirs(tmp_path: Path, image: str, mask: str) -> None:
    places = [{"split": split, "number": number} for split in ("train", "test") for number in range(3)]
    images, masks = [image.format(**place) for place in places], [mask.format(**place) for place in places[2:]]
    findings = read_roots(make_tree(tmp_path / "r", [*images, *masks]))
    assert pairs(findings) == dict(zip(images, [None, None, *masks], strict=True))
    assert findings.rejects == ()
    assert any("mirrors" in note for note in findings.notes)


def test_a_part_that_is_called_masks_stays_a_part(tmp_path: Path) -> None:
    files = [
        f"{part}/{split}/good/{part}_{n}.png"
        for part in ("masks", "gloves")
        for split in ("train", "test")
        for n in "12"
    ]
    findings = read_roots(make_tree(tmp_path / "r", files))
    assert {sample.category for sample in findings.samples} == {"masks", "gloves"}
    assert all(mask is None for mask in pairs(findings).values())
