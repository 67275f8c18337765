from __future__ import annotations

from pathlib import Path

import pytest
from trees import layouts_of, make_tree, make_zip, read_roots

from darkroom.sample import Findings, Reason, Sample, Split

PUBLISHED = [
    "bottle/train/good/000.png",
    "bottle/test/good/000.png",
    "bottle/test/broken_large/000.png",
    "bottle/test/broken_large/001.png",
    "bottle/test/contamination/000.png",
    "bottle/ground_truth/broken_large/000_mask.png",
    "bottle/ground_truth/broken_large/001_mask.png",
    "bottle/ground_truth/contamination/000_mask.png",
    "license.txt",
]


def by_id(findings: Findings) -> dict[str, Sample]:
    return {sample.sample_id: sample for sample in findings.samples}


def masks(findings: Findings) -> dict[str, str]:
    return {sample.image.path: sample.mask.path for sample in findings.samples if sample.mask}


def rejected(findings: Findings) -> dict[str, Reason]:
    return {reject.file.path: reject.reason for reject in findings.rejects}


def test_as_published(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "mvtec", PUBLISHED))
    samples = by_id(findings)
    assert sorted(samples) == sorted(f"mvtec_ad/{path}" for path in PUBLISHED[:5])
    assert {sample.split for sample in samples.values()} == {Split.TRAIN, Split.TEST}
    assert [samples[f"mvtec_ad/{path}"].label for path in PUBLISHED[:5]] == [
        *("good", "good", "broken_large", "broken_large", "contamination")
    ]
    assert masks(findings) == {
        path.replace("ground_truth", "test").replace("_mask", ""): path for path in PUBLISHED[5:8]
    }
    assert not findings.rejects
    assert layouts_of(findings) == {"mvtec_ad": "mvtec_ad"}
    assert findings.notes == (
        "mvtec: MVTec AD, because bottle/ has ground_truth/ beside train/ and test/; 1 category, 5 images, 3 masks",
    )


def test_the_key_is_the_same_wherever_the_category_lies(tmp_path: Path) -> None:
    make_tree(tmp_path / "mvtec", PUBLISHED)
    make_tree(tmp_path / "deep" / "one" / "two", PUBLISHED)
    make_zip(tmp_path / "all.zip", PUBLISHED)
    inside = {path.removeprefix("bottle/"): b"" for path in PUBLISHED}
    make_zip(tmp_path / "bottle.zip", inside)
    roots = ["mvtec", "deep", "mvtec/bottle", "all.zip", "bottle.zip"]
    keys = [sorted(by_id(read_roots(tmp_path / root))) for root in roots]
    assert keys == [sorted(f"mvtec_ad/{path}" for path in PUBLISHED[:5])] * len(roots)


def test_everything_flattened(tmp_path: Path) -> None:
    files = ["b/train/1.png", "b/test/1.png", "b/test/2.png", "b/ground_truth/1_mask.png"]
    findings = read_roots(make_tree(tmp_path, files))
    assert masks(findings) == {"b/test/1.png": "b/ground_truth/1_mask.png"}
    labels = {sample.image.path: (sample.label, sample.unmasked_label) for sample in findings.samples}
    assert labels == {
        "b/train/1.png": ("good", None),
        "b/test/1.png": (None, "good"),
        "b/test/2.png": (None, "good"),
    }
    assert "(label folders flattened away)" in findings.notes[0]


def test_without_any_mask_nobody_knows(tmp_path: Path) -> None:
    files = ["b/train/good/1.png", "b/test/1.png"]
    samples = by_id(read_roots(make_tree(tmp_path / "parts", files)))
    assert samples["parts/b/test/1.png"].label is None
    assert samples["parts/b/test/1.png"].unmasked_label is None


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("test/broken/1.png", "ground_truth/broken/1.png"),
        ("test/broken/1.jpg", "ground_truth/broken/1_mask.png"),
        ("test/broken/1.PNG", "GroundTruth/broken/1_MASK.BMP"),
        ("Test/broken/1.tif", "ground_truth/1_mask.tif"),
        ("test/1.png", "ground_truth/broken/1_mask.png"),
        ("test/broken/Prüf 1.png", "ground_truth/broken/Pru\u0308f 1_mask.png"),
        ("test/broken/1_mask.png", "ground_truth/broken/1_mask_mask.png"),
        ("test/broken/1_mask.png", "ground_truth/broken/1_mask.png"),
        ("validation/broken/1.png", "ground_truth/broken/1_mask.png"),
        ("train/broken/1.png", "ground_truth/broken/1_mask.png"),
    ],
)
def test_masks_find_their_image(tmp_path: Path, image: str, mask: str) -> None:
    make_zip(tmp_path / "x.zip", [f"b/{image}", f"b/{mask}", "b/train/good/1.png", "b/test/good/2.png"])
    findings = read_roots(tmp_path / "x.zip")
    assert masks(findings) == {f"b/{image}": f"b/{mask}"}
    assert not findings.rejects


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "Testing")])
def test_folders_of_splits_are_known_by_several_words(tmp_path: Path, train: str, test: str) -> None:
    files = [f"b/{train}/good/1.png", f"b/{test}/good/2.png", f"b/{test}/cut/3.png", "b/ground_truth/cut/3_mask.png"]
    findings = read_roots(make_tree(tmp_path, files))
    assert {sample.image.path: sample.split for sample in findings.samples} == {
        files[0]: Split.TRAIN,
        files[1]: Split.TEST,
        files[2]: Split.TEST,
    }
    assert masks(findings) == {files[2]: files[3]}


def test_a_good_image_stays_good_even_with_a_mask(tmp_path: Path) -> None:
    files = ["b/test/good/1.png", "b/ground_truth/good/1_mask.png"]
    (sample,) = read_roots(make_tree(tmp_path, files)).samples
    assert (sample.label, sample.mask is not None) == ("good", True)


def test_a_mask_without_label_folder_goes_to_nobody_if_two_could_own_it(tmp_path: Path) -> None:
    files = ["b/test/cut/1.png", "b/test/hole/1.png", "b/test/hole/2.png", "b/ground_truth/1_mask.png"]
    findings = read_roots(make_tree(tmp_path, [*files, "b/ground_truth/2_mask.png"]))
    assert rejected(findings) == {"b/ground_truth/1_mask.png": Reason.AMBIGUOUS_MASK}
    assert masks(findings) == {"b/test/hole/2.png": "b/ground_truth/2_mask.png"}


def test_one_stem_with_two_endings(tmp_path: Path) -> None:
    files = ["b/test/cut/1.png", "b/test/cut/1.jpg", "b/test/cut/2.bmp", "b/test/cut/2.jpg"]
    own = ["b/ground_truth/cut/1_mask.png", "b/ground_truth/cut/2_mask.png"]
    findings = read_roots(make_tree(tmp_path, files + own))
    assert masks(findings) == {"b/test/cut/1.png": "b/ground_truth/cut/1_mask.png"}
    assert rejected(findings) == {"b/ground_truth/cut/2_mask.png": Reason.AMBIGUOUS_MASK}


def test_orphans(tmp_path: Path) -> None:
    orphans = ["ground_truth/cut/9_mask.png", "ground_truth/cut/01_mask.png", "ground_truth/hole/1_mask.png"]
    files = ["train/good/7.png", "test/cut/1.png", "ground_truth/7_mask.png", *orphans]
    findings = read_roots(make_tree(tmp_path / "bottle", files))
    assert rejected(findings) == dict.fromkeys([*orphans, "ground_truth/7_mask.png"], Reason.ORPHAN_MASK)
    assert not masks(findings)
    assert all(reject.source_dataset == "bottle" and reject.message for reject in findings.rejects)


def test_two_masks_of_one_image_are_copies(tmp_path: Path) -> None:
    files = ["b/test/cut/1.png", "b/ground_truth/cut/1.png", "b/ground_truth/cut/1_mask.png"]
    (sample,) = read_roots(make_tree(tmp_path, files)).samples
    assert sample.mask
    assert [sample.mask.path, *(copy.path for copy in sample.mask_copies)] == files[1:]


def test_images_and_masks_in_two_roots(tmp_path: Path) -> None:
    make_tree(tmp_path / "images", ["b/train/good/1.png", "b/test/cut/1.png"])
    make_tree(tmp_path / "masks", ["b/ground_truth/cut/1_mask.png"])
    findings = read_roots(tmp_path / "images", tmp_path / "masks")
    assert masks(findings) == {"b/test/cut/1.png": "b/ground_truth/cut/1_mask.png"}


def test_a_category_of_which_only_test_is_left_stays_in_the_family(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, [*PUBLISHED, "cable/test/bent_wire/1.png"]))
    assert layouts_of(findings) == {"mvtec_ad": "mvtec_ad"}
    assert "mvtec_ad/cable/test/bent_wire/1.png" in by_id(findings)


def test_real_excerpt(real_excerpts: Path) -> None:
    findings = read_roots(real_excerpts / "mvtec_excerpt")
    assert len(findings.samples) == 20
    assert len(masks(findings)) == 10
    assert {sample.split for sample in findings.samples if sample.mask} == {Split.TEST}
    assert findings.notes == (
        "mvtec_excerpt: MVTec AD, by the names of its categories alone, "
        "because bottle/ has ground_truth/ beside train/ and test/ (label folders flattened away); "
        "1 category, 20 images, 10 masks",
    )


def test_flattened_images_without_a_mask_are_counted(tmp_path: Path) -> None:
    files = ["bolt/train/000.png", "bolt/test/010.png", "bolt/test/011.png", "bolt/ground_truth/010_mask.png"]
    findings = read_roots(make_tree(tmp_path, [*files, "bolt/ground_truth/11_mask.png"]))
    assert findings.notes[0].endswith("images without a mask, taken for good: 1")
    assert [reject.reason for reject in findings.rejects] == ["orphan_mask"]
    labelled = read_roots(make_tree(tmp_path / "b", ["b/train/good/1.png", "b/test/cut/1.png", "b/test/good/2.png"]))
    assert "without a mask" not in labelled.notes[0]
