from __future__ import annotations

import json
from pathlib import Path

import pytest
from published_trees import NG_PART, OK_PART, REAL_IAD, REAL_IAD_IMAGES, make_real_iad_table
from trees import layouts_of, make_tar, make_tree, make_zip, places_of, read_roots

from darkroom.errors import OptionError
from darkroom.sample import Findings, Reason

MASK = f"{NG_PART}C1_2023_mask.png"


def facts_of(findings: Findings) -> dict[str, tuple[str, str | None, bool]]:
    return {
        sample.sample_id.removeprefix("real_iad/"): (sample.split.value, sample.label, sample.mask is not None)
        for sample in findings.samples
    }


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_published_splits_and_labels_of_views(tmp_path: Path, make) -> None:
    findings = read_roots(make(tmp_path / "x", REAL_IAD))
    assert facts_of(findings) == {
        f"{OK_PART}C1_2023.jpg": ("train", "good", False),
        f"{OK_PART}C2_2023.jpg": ("train", "good", False),
        f"{NG_PART}C1_2023.jpg": ("test", "AK", True),
        f"{NG_PART}C2_2023.jpg": ("test", "good", False),
    }
    assert [sample.mask.path for sample in findings.samples if sample.mask] == [f"realiad_256/{MASK}"]
    assert not any(sample.is_mask_by_name for sample in findings.samples)
    assert layouts_of(findings) == {"real_iad": "real_iad"}
    assert findings.image_datasets["real_iad"].licence == "CC BY-NC-SA 4.0"
    assert len(places_of(findings)) == findings.files_seen == len(REAL_IAD)
    assert [entry.file.path for entry in findings.ignored if entry.is_read] == [
        "realiad_jsons/realiad_jsons/audiojack.json"
    ]
    assert "splits of realiad_jsons (also there: realiad_jsons_sv)" in findings.notes[0]


def test_single_view_splits_leave_the_other_views_out(tmp_path: Path) -> None:
    root = make_tree(tmp_path, REAL_IAD)
    findings = read_roots(root, splits="realiad_jsons_sv")
    assert set(facts_of(findings)) == {f"{OK_PART}C1_2023.jpg", f"{NG_PART}C1_2023.jpg"}
    assert "images that realiad_jsons_sv does not list, left out: 2" in findings.notes[0]
    assert len(places_of(findings)) == len(REAL_IAD)
    with pytest.raises(OptionError, match=r"\(realiad_jsons, realiad_jsons_sv\)"):
        read_roots(root, splits="realiad_jsons_fuiad_0.4")


@pytest.mark.parametrize("folder", ["realiad_jsons", "a/realiad_jsons"])
@pytest.mark.parametrize("prefix", ["", "audiojack/", "./audiojack\\"])
def test_tables_right_beside_the_categories(tmp_path: Path, folder: str, prefix: str) -> None:
    files: dict[str, bytes] = {path: path.encode() for path in REAL_IAD_IMAGES}
    findings = read_roots(make_tree(tmp_path, files | {f"{folder}/audiojack.json": make_real_iad_table(prefix=prefix)}))
    assert "audiojack: splits of realiad_jsons" in findings.notes[0]
    assert facts_of(findings)[f"{NG_PART}C2_2023.jpg"] == ("test", "good", False)


def test_without_a_table_all_views_of_a_part_stay_together(tmp_path: Path) -> None:
    parts = [f"audiojack/OK/S{part:04}/v{view}.jpg" for part in range(100) for view in range(5)]
    findings = read_roots(make_tree(tmp_path, [*REAL_IAD_IMAGES, *parts]))
    splits: dict[str, set[str]] = {}
    for sample in findings.samples:
        splits.setdefault(sample.sample_id.rpartition("/")[0], set()).add(sample.split)
    assert all(len(found) == 1 for found in splits.values())
    assert 70 <= sum(found == {"train"} for found in splits.values()) <= 90
    assert facts_of(findings)[f"{NG_PART}C2_2023.jpg"] == ("test", "AK", False)
    assert "a view of a defective part without a mask has the label of its folder" in findings.notes[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "Expecting property name"),
        (b"[]", "expected an object with `train` and `test`"),
        (b'{"train": [{"image_path": "OK/S0001/x.jpg"}]}', "expected entries with `image_path` and `anomaly_class`"),
        (b'{"train": [{"image_path": 1, "anomaly_class": "OK"}]}', "expected entries with"),
        (b'{"train": [], "more": [{"image_path": "OK/1.jpg", "anomaly_class": "OK"}]}', "'more' is no split"),
        (b"[" * 100_000, "recursion"),
        (b'{"meta": 1, "train": {}}', "lists none of its images"),
    ],
)
def test_a_damaged_table_is_told(tmp_path: Path, content: bytes, why: str) -> None:
    findings = read_roots(make_tree(tmp_path, REAL_IAD | {"realiad_jsons/realiad_jsons/audiojack.json": content}))
    assert why in findings.notes[0]
    assert len(findings.samples) == 4


def test_masks_without_a_view_are_rejects(tmp_path: Path) -> None:
    # the mask of another part, whose image has the same stem as one elsewhere
    stray = MASK.replace("S0001", "S0002")
    findings = read_roots(make_tree(tmp_path, [*REAL_IAD_IMAGES, stray]))
    assert [(reject.file.path, reject.reason) for reject in findings.rejects] == [(stray, Reason.ORPHAN_MASK)]


def test_own_parts_in_this_layout_keep_their_own_name(tmp_path: Path) -> None:
    files = ["screw/OK/S0001/1.jpg", "screw/NG/rust/S0001/1.jpg", "screw/NG/rust/S0001/1_mask.png"]
    findings = read_roots(make_tree(tmp_path / "plant", files))
    assert layouts_of(findings) == {"plant": "real_iad"}
    assert findings.image_datasets["plant"].licence is None
    assert {sample.label for sample in findings.samples} == {"good", "rust"}


def test_a_split_with_folders_called_ok_is_none_of_it(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "plant", ["cup/train/OK/1.jpg", "cup/train/OK/S0001/2.jpg"]))
    assert layouts_of(findings) == {"plant": "mvtec_ad"}
    assert [reject.file.path for reject in findings.rejects] == ["cup/train/OK/S0001/2.jpg"]


@pytest.mark.parametrize("word", ["OK", "ok", "normal", "Good ", "defect-free"])
def test_any_word_for_normal_in_the_table_means_good(tmp_path: Path, word: str) -> None:
    row = {"image_path": "OK/S0001/1.jpg", "anomaly_class": word}
    table = json.dumps({"train": [row], "test": []}).encode()
    files = {"audiojack/OK/S0001/1.jpg": b"1", "realiad_jsons/audiojack.json": table}
    assert [sample.label for sample in read_roots(make_tree(tmp_path, files)).samples] == ["good"]
