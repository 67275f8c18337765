from __future__ import annotations

from pathlib import Path

import pytest
from published_trees import MAGNETIC_TILE
from trees import layouts_of, make_tar, make_tree, make_zip, places_of, read_roots

from darkroom.errors import LayoutNotRecognisedError
from darkroom.sample import Reason


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_labels_are_the_words_of_the_folders(tmp_path: Path, make) -> None:
    findings = read_roots(make(tmp_path / "x", MAGNETIC_TILE))
    samples = {sample.sample_id: sample for sample in findings.samples}
    assert len(samples) == 23
    assert {sample.label for sample in samples.values()} == {"good", "Uneven", "Blowhole"}
    blowhole = samples["magnetic_tile/magnetic_tile/MT_Blowhole/Imgs/exp2_num_7.jpg"]
    assert blowhole.mask is not None
    assert blowhole.mask.path == "MT_Blowhole/Imgs/exp2_num_7.png"
    assert samples["magnetic_tile/magnetic_tile/MT_Blowhole/Imgs/exp2_num_8.jpg"].mask is None
    # masks are paired in their own folder: the same stem is in two
    assert samples["magnetic_tile/magnetic_tile/MT_Uneven/Imgs/exp1_num_1.jpg"].mask is not None
    assert {reject.file.path: reject.reason for reject in findings.rejects} == {
        "MT_Crack/Imgs/exp2_num_9.png": Reason.ORPHAN_MASK,
        "dataset.jpg": Reason.OUTSIDE_LAYOUT,
    }
    assert layouts_of(findings) == {"magnetic_tile": "magnetic_tile"}
    assert findings.image_datasets["magnetic_tile"].licence is None
    assert len(places_of(findings)) == findings.files_seen == len(MAGNETIC_TILE)
    assert findings.notes[0].startswith("x")
    assert "Magnetic Tile, because it has MT_Blowhole/Imgs/" in findings.notes[0]


def test_a_fixed_fold_of_the_good_ones_that_is_said(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, MAGNETIC_TILE))
    splits = {sample.sample_id: sample.split for sample in findings.samples}
    assert {splits[sample.sample_id] for sample in findings.samples if sample.label != "good"} == {"test"}
    good = [split for sample_id, split in splits.items() if "MT_Free" in sample_id]
    assert (good.count("train"), good.count("test")) == (15, 5)
    assert "no split is published, so darkroom's own fixed fold: about 80 % of the good images" in findings.notes[0]


def test_the_sample_id_is_the_same_wherever_the_folders_lie(tmp_path: Path) -> None:
    whole = read_roots(make_tree(tmp_path / "a", MAGNETIC_TILE))
    deeper = read_roots(make_tree(tmp_path / "b", {f"datasets/tiles/{path}": b"" for path in MAGNETIC_TILE}))
    facts = [{(each.sample_id, each.split) for each in findings.samples} for findings in (whole, deeper)]
    assert facts[0] == facts[1]


def test_it_stands_beside_other_image_datasets(tmp_path: Path) -> None:
    files = [*(f"tiles/{path}" for path in MAGNETIC_TILE), "bottle/train/good/1.png", "bottle/test/contamination/1.png"]
    findings = read_roots(make_tree(tmp_path / "all", files))
    assert layouts_of(findings) == {"magnetic_tile": "magnetic_tile", "mvtec_ad": "mvtec_ad"}


def test_other_kinds_of_defect_are_somebody_s_own(tmp_path: Path) -> None:
    files = ["MT_Free/Imgs/1.jpg", "MT_Melted/Imgs/1.jpg", "MT_Melted/Imgs/1.png"]
    findings = read_roots(make_tree(tmp_path / "plant", files))
    assert layouts_of(findings) == {"plant": "magnetic_tile"}
    assert {sample.label for sample in findings.samples} == {"good", "Melted"}


def test_folders_spelled_otherwise_are_told_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        LayoutNotRecognisedError, match=r"Nearest is Magnetic Tile: there is mt_free/, but not imgs/; it"
    ):
        read_roots(make_tree(tmp_path, ["MT_Free/images/1.jpg", "MT_Free/images/1.png"]))


def test_whatever_is_no_jpeg_is_a_mask(tmp_path: Path) -> None:
    files = ["MT_Crack/Imgs/exp1_num_1.jpg", "MT_Crack/Imgs/exp1_num_1.bmp", "MT_Crack/Imgs/exp1_num_2.bmp"]
    findings = read_roots(make_tree(tmp_path / "a", files))
    assert [(sample.image.path, sample.mask and sample.mask.path) for sample in findings.samples] == [tuple(files[:2])]
    assert [(reject.file.path, reject.reason) for reject in findings.rejects] == [(files[2], Reason.ORPHAN_MASK)]
    own = ["MT_Crack/Imgs/1.bmp", "MT_Crack/Imgs/1.png"]
    (sample,) = read_roots(make_tree(tmp_path / "b", own)).samples
    assert [file.path for file in sample.files] == own


def test_nothing_but_pngs_is_told_in_the_words_of_the_layout(tmp_path: Path) -> None:
    make_tree(tmp_path, ["MT_Free/Imgs/1.png", "MT_Crack/Imgs/2.png"])
    with pytest.raises(LayoutNotRecognisedError) as caught:
        read_roots(tmp_path)
    assert "read as Magnetic Tile" in str(caught.value)
    assert "train/" not in str(caught.value)
