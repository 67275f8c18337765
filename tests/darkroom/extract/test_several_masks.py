"""MVTec LOCO AD and AutoVI: an image has several masks, in a folder that bears its stem."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import layouts_of, make_tar, make_tree, make_zip, places_of, read_roots

from darkroom.sample import Findings, Reason, Split

LOCO = [
    "pushpins/train/good/000.png",
    "pushpins/validation/good/000.png",
    "pushpins/test/good/000.png",
    "pushpins/test/logical_anomalies/000.png",
    "pushpins/test/logical_anomalies/001.png",
    "pushpins/test/structural_anomalies/000.png",
    "pushpins/ground_truth/logical_anomalies/000/000.png",
    "pushpins/ground_truth/logical_anomalies/000/001.png",
    "pushpins/ground_truth/logical_anomalies/001/000.png",
    "pushpins/ground_truth/structural_anomalies/000/000.png",
    "pushpins/ground_truth/structural_anomalies/000/001.png",
    "pushpins/ground_truth/structural_anomalies/000/002.png",
    "pushpins/defects_config.json",
    "pushpins/readme.txt",
    "license.txt",
]
GROUND_TRUTH = "pushpins/ground_truth"


def masks(findings: Findings) -> dict[str, list[str]]:
    return {
        sample.image.path: [mask.path.removeprefix(f"{GROUND_TRUTH}/") for mask in sample.masks]
        for sample in findings.samples
        if sample.masks
    }


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_as_published(tmp_path: Path, make) -> None:
    suffix = {make_zip: ".zip", make_tar: ".tar.gz"}.get(make, "")
    findings = read_roots(make(tmp_path / f"mvtec_loco_anomaly_detection{suffix}", LOCO))
    assert layouts_of(findings) == {"mvtec_loco": "mvtec_loco"}
    assert findings.image_datasets["mvtec_loco"].licence == "CC BY-NC-SA 4.0"
    assert {(sample.sample_id, sample.split, sample.label) for sample in findings.samples} == {
        ("mvtec_loco/pushpins/train/good/000.png", Split.TRAIN, "good"),
        ("mvtec_loco/pushpins/validation/good/000.png", Split.VAL, "good"),
        ("mvtec_loco/pushpins/test/good/000.png", Split.TEST, "good"),
        ("mvtec_loco/pushpins/test/logical_anomalies/000.png", Split.TEST, "logical_anomalies"),
        ("mvtec_loco/pushpins/test/logical_anomalies/001.png", Split.TEST, "logical_anomalies"),
        ("mvtec_loco/pushpins/test/structural_anomalies/000.png", Split.TEST, "structural_anomalies"),
    }
    assert masks(findings) == {
        "pushpins/test/logical_anomalies/000.png": ["logical_anomalies/000/000.png", "logical_anomalies/000/001.png"],
        "pushpins/test/logical_anomalies/001.png": ["logical_anomalies/001/000.png"],
        "pushpins/test/structural_anomalies/000.png": [f"structural_anomalies/000/00{part}.png" for part in range(3)],
    }
    assert not findings.rejects
    assert len(places_of(findings)) == findings.files_seen == len(LOCO)
    why = "because pushpins/ground_truth/logical_anomalies/000/ holds the masks of one image"
    assert findings.notes[0].endswith(f"MVTec LOCO AD, {why}; 1 category, 6 images, 6 masks")


def test_autovi_is_laid_out_so_too(tmp_path: Path) -> None:
    files = ["train/good/0001.png", "test/missing/0002.png", "ground_truth/missing/0002/0000.png"]
    findings = read_roots(make_tree(tmp_path / "AutoVI", [f"tank_screw/{path}" for path in files]))
    assert layouts_of(findings) == {"autovi": "mvtec_loco"}
    assert findings.notes[0].startswith("AutoVI: AutoVI, laid out like MVTec LOCO AD, because tank_screw/")
    assert [len(sample.masks) for sample in findings.samples] == [1, 0]


def test_the_masks_of_an_image_that_is_not_there_are_orphans(tmp_path: Path) -> None:
    orphans = [f"{GROUND_TRUTH}/logical_anomalies/007/00{part}.png" for part in range(2)]
    orphans.append(f"{GROUND_TRUTH}/structural_anomalies/001/000.png")
    findings = read_roots(make_tree(tmp_path, [*LOCO, *orphans]))
    assert {reject.file.path: reject.reason for reject in findings.rejects} == dict.fromkeys(
        orphans, Reason.ORPHAN_MASK
    )
    assert any("has the stem 007" in reject.message for reject in findings.rejects)


def test_copies_of_parts_are_copies_and_parts_are_not(tmp_path: Path) -> None:
    roots = [make_tree(tmp_path / name, LOCO) for name in ("a", "b")]
    findings = read_roots(*roots)
    sample = next(sample for sample in findings.samples if len(sample.masks) == 3)
    assert {mask.root for mask in sample.masks} == {roots[0].resolve().as_posix()}
    assert {copy.root for copy in sample.mask_copies} == {roots[1].resolve().as_posix()}
    assert len(places_of(findings)) == findings.files_seen == 2 * len(LOCO)


def test_a_whole_mask_beside_parts_counts_as_well(tmp_path: Path) -> None:
    whole = f"{GROUND_TRUTH}/logical_anomalies/001_mask.png"
    findings = read_roots(make_tree(tmp_path, [*LOCO, whole]))
    assert masks(findings)["pushpins/test/logical_anomalies/001.png"] == [
        "logical_anomalies/001_mask.png",
        "logical_anomalies/001/000.png",
    ]


def test_own_images_may_lie_so_and_bear_the_name_of_their_folder(tmp_path: Path) -> None:
    files = ["bolt/train/good/1.png", "bolt/test/bent/1.png", "bolt/ground_truth/bent/1/a.png"]
    findings = read_roots(make_tree(tmp_path / "line", files))
    assert layouts_of(findings) == {"line": "mvtec_loco"}
    assert findings.image_datasets["line"].licence is None
