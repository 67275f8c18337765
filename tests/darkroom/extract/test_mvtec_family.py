"""Publications in MVTec AD's layout or one like it: MVTec AD 2, BTAD, MPDD, VAD, and VisA as it is passed on."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import layouts_of, make_tree, make_zip, places_of, read_roots

from darkroom.sample import Findings, Reason, Split

AD_2 = [
    "vial/train/good/000_regular.png",
    "vial/validation/good/000_regular.png",
    "vial/test_public/good/000_regular.png",
    "vial/test_public/bad/000_regular.png",
    "vial/test_public/bad/000_overexposed.png",
    "vial/test_public/ground_truth/bad/000_regular_mask.png",
    "vial/test_public/ground_truth/bad/000_overexposed_mask.png",
    "vial/test_private/000_regular.png",
    "vial/test_private_mixed/000_mixed.png",
]


def facts(findings: Findings) -> dict[str, tuple[Split, str | None, str | None, bool]]:
    return {
        sample.place: (sample.split, sample.label, sample.unmasked_label, sample.mask is not None)
        for sample in findings.samples
    }


def test_mvtec_ad_2(tmp_path: Path) -> None:
    findings = read_roots(make_zip(tmp_path / "mvtec_ad_2.zip", AD_2))
    assert layouts_of(findings) == {"mvtec_ad_2": "mvtec_ad_2"}
    assert facts(findings) == {
        "vial/train/good/000_regular.png": (Split.TRAIN, "good", None, False),
        "vial/validation/good/000_regular.png": (Split.VAL, "good", None, False),
        "vial/test_public/good/000_regular.png": (Split.TEST, "good", None, False),
        "vial/test_public/bad/000_regular.png": (Split.TEST, "bad", None, True),
        "vial/test_public/bad/000_overexposed.png": (Split.TEST, "bad", None, True),
        # nobody but the publisher knows
        "vial/test_private/000_regular.png": (Split.TEST, None, None, False),
        "vial/test_private_mixed/000_mixed.png": (Split.TEST, None, None, False),
    }
    assert "images of private tests, which have no label: 2" in findings.notes[0]
    assert not findings.rejects


def test_what_has_no_place_in_mvtec_ad_2_is_a_reject(tmp_path: Path) -> None:
    strange = [
        "vial/test_public/ground_truth/bad/009_regular_mask.png",
        "vial/test_public/bad/deep/1.png",
        "vial/test_private/ground_truth/1.png",
    ]
    findings = read_roots(make_tree(tmp_path, [*AD_2, *strange]))
    assert {reject.file.path: reject.reason for reject in findings.rejects} == {
        strange[0]: Reason.ORPHAN_MASK,
        strange[1]: Reason.OUTSIDE_LAYOUT,
        strange[2]: Reason.OUTSIDE_LAYOUT,
    }
    assert len(places_of(findings)) == findings.files_seen == len(AD_2) + 3


@pytest.mark.parametrize(
    "part",
    [
        ["can/train/good/000_regular.png", "can/validation/good/000_regular.png"],
        ["can/train/good/000_regular.png"],
        ["can/validation/good/000_regular.png"],
        ["can/train/good/0.png", "rice/train/good/0.png", "rice/validation/good/0.png"],
    ],
)
def test_a_category_of_mvtec_ad_2_without_its_tests_belongs_to_those_beside_it(tmp_path: Path, part: list[str]) -> None:
    findings = read_roots(make_tree(tmp_path / "downloads", [*AD_2, *part]))
    assert layouts_of(findings) == {"mvtec_ad_2": "mvtec_ad_2"}
    assert findings.image_datasets["mvtec_ad_2"].licence == "CC BY-NC-SA 4.0"
    assert {sample.label for sample in findings.samples if sample.image.path in part} == {"good"}
    assert not findings.rejects


@pytest.mark.parametrize(
    "beside", [["bottle/train/good/0.png"], ["bottle/train/good/0.png", "bottle/test/broken_large/0.png"]]
)
def test_beside_nothing_of_mvtec_ad_2_it_is_what_it_was(tmp_path: Path, beside: list[str]) -> None:
    findings = read_roots(make_tree(tmp_path / "x", [*beside, "bottle/validation/good/1.png"]))
    assert layouts_of(findings) == {"mvtec_ad": "mvtec_ad"}
    mixed = read_roots(make_tree(tmp_path / "mixed", [*AD_2, *beside, "cup/test/cut/1.png", "cup/train/good/0.png"]))
    assert layouts_of(mixed) == {"mixed": "mvtec_ad, mvtec_ad_2"}


def test_two_categories_of_which_one_has_train_and_one_test(tmp_path: Path) -> None:
    files = ["bolt/train/good/0.png", "nut/test/good/1.png", "nut/test/cut/2.png"]
    assert layouts_of(read_roots(make_tree(tmp_path / "x", files))) == {"x": "mvtec_ad"}


def btad(category: str, image: str, mask: str) -> list[str]:
    images = [f"{place}.{image}" for place in ("train/ok/0000", "test/ok/0001", "test/ko/0002")]
    return [f"{category}/{path}" for path in (*images, f"ground_truth/ko/0002.{mask}")]


def test_btad(tmp_path: Path) -> None:
    files = btad("01", "bmp", "png") + btad("02", "png", "png") + btad("03", "bmp", "bmp")
    findings = read_roots(make_tree(tmp_path / "BTech_Dataset_transformed", files))
    assert layouts_of(findings) == {"btad": "mvtec_ad"}
    assert findings.image_datasets["btad"].licence == "CC BY-NC-SA 4.0"
    assert findings.notes[0].startswith("BTech_Dataset_transformed: BTAD, laid out like MVTec AD, because ")
    assert facts(findings)["01/test/ko/0002.bmp"] == (Split.TEST, "ko", None, True)
    assert facts(findings)["01/train/ok/0000.bmp"] == (Split.TRAIN, "good", None, False)
    assert sum(sample.mask is not None for sample in findings.samples) == 3


def test_one_numbered_category_alone_is_not_taken_for_btad(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "presses", btad("01", "png", "png")))
    assert layouts_of(findings) == {"presses": "mvtec_ad"}
    assert findings.image_datasets["presses"].licence is None


@pytest.mark.parametrize(
    ("name", "layout", "files"),
    [
        (
            "mpdd",
            "mvtec_ad",
            ["tubes/train/good/000.png", "tubes/test/anomalous/001.png", "tubes/ground_truth/anomalous/001_mask.png"],
        ),
        (
            "vad",
            "folder",
            ["vad/train/good/1.png", "vad/train/bad/2.png", "vad/test/good/3.png", "vad/test/bad/4.png"],
        ),
    ],
)
def test_further_publications_in_layouts_there_are(tmp_path: Path, name: str, layout: str, files: list[str]) -> None:
    findings = read_roots(make_tree(tmp_path / "x", files))
    assert layouts_of(findings) == {name: layout}
    assert findings.image_datasets[name].licence == "CC BY-NC-SA 4.0"
    labels = {sample.image.path: sample.label for sample in findings.samples}
    assert {path.split("/")[2] for path in labels} == set(labels.values())
