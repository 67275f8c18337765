from __future__ import annotations

from pathlib import Path

import pytest
from published_trees import KOLEKTOR_SDD
from trees import layouts_of, make_tar, make_tree, make_zip, places_of, read_roots

from darkroom.sample import Reason


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_every_image_has_its_mask_which_tells_the_label(tmp_path: Path, make) -> None:
    findings = read_roots(make(tmp_path / "KolektorSDD", KOLEKTOR_SDD))
    assert {sample.sample_id: sample.mask and sample.mask.path for sample in findings.samples} == {
        f"kolektor_sdd/commutator/{path}": path.replace(".jpg", "_label.bmp")
        for path in KOLEKTOR_SDD
        if path.endswith(".jpg")
    }
    assert {(sample.label, sample.is_mask_by_name) for sample in findings.samples} == {(None, False)}
    assert layouts_of(findings) == {"kolektor_sdd": "kolektor_sdd"}
    assert findings.image_datasets["kolektor_sdd"].licence == "CC BY-NC-SA 4.0"
    assert len(places_of(findings)) == len(KOLEKTOR_SDD)
    assert not findings.rejects
    assert "because it has folders called like kos01/" in findings.notes[0]


def test_no_item_is_in_two_splits(tmp_path: Path) -> None:
    items = [f"kos{item:02}/Part{part}.jpg" for item in range(1, 51) for part in range(8)]
    findings = read_roots(make_tree(tmp_path, [*items, *KOLEKTOR_SDD]))
    splits: dict[str, set[str]] = {}
    for sample in findings.samples:
        splits.setdefault(sample.sample_id.split("/")[2], set()).add(sample.split)
    assert all(len(found) == 1 for found in splits.values())
    # of the 50 published ones
    assert sum(found == {"train"} for found in splits.values()) == 38
    assert "about 80 % of the items train, with their defects" in findings.notes[0]


def test_images_without_a_mask_are_counted_and_masks_without_an_image_rejected(tmp_path: Path) -> None:
    files = [path for path in KOLEKTOR_SDD if path not in ("kos01/Part0_label.bmp", "kos02/Part0.jpg")]
    findings = read_roots(make_tree(tmp_path, files))
    assert [sample.unmasked_label for sample in findings.samples if sample.mask is None] == ["good"]
    assert "images without a mask, taken for good: 1" in findings.notes[0]
    assert [(reject.file.path, reject.reason) for reject in findings.rejects] == [
        ("kos02/Part0_label.bmp", Reason.ORPHAN_MASK)
    ]


def test_items_below_splits_are_read_as_those_splits(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "x", [*KOLEKTOR_SDD, "cup/train/kos01/1.jpg"]))
    assert layouts_of(findings) == {"kolektor_sdd": "kolektor_sdd", "x": "folder"}
