from __future__ import annotations

from pathlib import Path

import pytest
from published_trees import KOLEKTOR_SDD2
from trees import layouts_of, make_tar, make_tree, make_zip, places_of, read_roots

from darkroom.sample import Reason


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_splits_are_published_and_masks_tell_the_labels(tmp_path: Path, make) -> None:
    findings = read_roots(make(tmp_path / "KolektorSDD2", KOLEKTOR_SDD2))
    assert {sample.sample_id: (sample.split, sample.mask and sample.mask.path) for sample in findings.samples} == {
        f"kolektor_sdd2/surface/{split}/{stem}.png": (split, f"{split}/{stem}_GT.png")
        for split, stem in (("train", "10000"), ("train", "10301"), ("test", "20000"), ("test", "20001"))
    }
    assert {(sample.label, sample.is_mask_by_name) for sample in findings.samples} == {(None, False)}
    assert layouts_of(findings) == {"kolektor_sdd2": "kolektor_sdd2"}
    assert findings.image_datasets["kolektor_sdd2"].licence == "CC BY-NC-SA 4.0"
    assert len(places_of(findings)) == len(KOLEKTOR_SDD2)
    assert not findings.rejects


def test_the_copies_in_the_published_archive_are_copies_and_no_sample_of_their_own(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, KOLEKTOR_SDD2))
    (copied,) = [sample for sample in findings.samples if sample.copies]
    assert copied.image.path == "train/10301.png"
    assert [copy.path for copy in copied.copies] == ["train/10301 (copy).png"]
    assert [copy.path for copy in copied.mask_copies] == ["train/10301_GT (copy).png"]


@pytest.mark.parametrize("more", ["preview", "good/10000", "100000"])
def test_one_file_that_is_called_otherwise_is_a_reject_and_changes_nothing_else(tmp_path: Path, more: str) -> None:
    files = [*KOLEKTOR_SDD2, f"train/{more}.png", "test/20009_GT.png"]
    findings = read_roots(make_tree(tmp_path / "KolektorSDD2", files))
    clean = read_roots(make_tree(tmp_path / "clean" / "KolektorSDD2", KOLEKTOR_SDD2))
    assert [sample.sample_id for sample in findings.samples] == [sample.sample_id for sample in clean.samples]
    assert {reject.file.path: reject.reason for reject in findings.rejects} == {
        f"train/{more}.png": Reason.OUTSIDE_LAYOUT,
        "test/20009_GT.png": Reason.ORPHAN_MASK,
    }


@pytest.mark.parametrize("more", ["val/10000.png", "ground_truth/x/1.png", ["train/a.png", "train/b.png"]])
def test_much_else_beside_them_makes_it_somebody_s_own(tmp_path: Path, more: str | list[str]) -> None:
    more = [more] if isinstance(more, str) else more
    findings = read_roots(make_tree(tmp_path / "plant", [*KOLEKTOR_SDD2, *more]))
    assert list(layouts_of(findings)) == ["plant"]
    assert "kolektor_sdd2" not in layouts_of(findings).values()


def test_the_given_layout_reads_other_stems_but_lends_them_no_licence(tmp_path: Path) -> None:
    files = ["train/a.png", "train/a_GT.png", "test/b.png", "test/c_GT.png", "test/deep/d.png"]
    findings = read_roots(make_tree(tmp_path / "plant", files), layout="kolektor_sdd2")
    assert [sample.sample_id for sample in findings.samples] == [
        "plant/surface/test/b.png",
        "plant/surface/train/a.png",
    ]
    assert findings.image_datasets["plant"].licence is None
    assert {reject.file.path: reject.reason for reject in findings.rejects} == {
        "test/c_GT.png": Reason.ORPHAN_MASK,
        "test/deep/d.png": Reason.OUTSIDE_LAYOUT,
    }
    assert "images without a mask, taken for good: 1" in findings.notes[0]


def test_both_kolektor_sets_below_one_root(tmp_path: Path) -> None:
    files = [f"KolektorSDD2/{path}" for path in KOLEKTOR_SDD2]
    findings = read_roots(make_tree(tmp_path, [*files, "KolektorSDD/kos01/Part0.jpg"]))
    assert layouts_of(findings) == {"kolektor_sdd": "kolektor_sdd", "kolektor_sdd2": "kolektor_sdd2"}
