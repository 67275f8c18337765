from __future__ import annotations

from pathlib import Path

import pytest
from trees import layouts_of, make_tar, make_tree, make_zip, read_roots

from darkroom.extract.readers.dagm_2007 import parse_labels
from darkroom.sample import Findings, Reason, Split

LABELS = b"1\r\n0576\t0\t0576.PNG\t0\t0\t\r\n0595\t1\t0595.PNG\t0\t0595_label.PNG\r\n"
CLASS = {
    "Class1/Train/0576.PNG": b"a",
    "Class1/Train/0595.PNG": b"b",
    "Class1/Train/Label/0595_label.PNG": b"c",
    "Class1/Train/Label/Labels.txt": LABELS,
    "Class1/Train/Thumbs.db": b"d",
}


def labels_of(findings: Findings) -> dict[str, tuple[str | None, str | None, bool]]:
    return {
        sample.sample_id: (sample.label, sample.unmasked_label, sample.mask is not None) for sample in findings.samples
    }


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_labels_file_tells(tmp_path: Path, make) -> None:
    findings = read_roots(make(tmp_path / "x", CLASS))
    assert labels_of(findings) == {
        "dagm_2007/Class1/Train/0576.PNG": ("good", None, False),
        "dagm_2007/Class1/Train/0595.PNG": ("defect", None, True),
    }
    assert {sample.split for sample in findings.samples} == {Split.TRAIN}
    assert {ignored.file.path: ignored.why for ignored in findings.ignored} == {
        "Class1/Train/Label/Labels.txt": "labels file, read for the labels",
        "Class1/Train/Thumbs.db": "Thumbs.db and the like",
    }
    assert not findings.rejects
    assert len(findings.notes) == 1
    assert findings.notes[0].endswith("1 category, 2 images, 1 mask")


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (None, "no Labels.txt, the masks tell"),
        (b"", "Labels.txt cannot be understood, the masks tell"),
        (b"\xff\xfe\x00nonsense\r\n\t\t", "Labels.txt cannot be understood, the masks tell"),
        (b"1\r\n0001\t0\t0001.PNG\t0\t0\t\r\n", "Labels.txt does not list every image"),
    ],
)
def test_without_a_usable_labels_file_the_masks_tell(tmp_path: Path, content: bytes | None, remark: str) -> None:
    files = {path: body for path, body in CLASS.items() if not path.endswith(".txt")}
    if content is not None:
        files["Class1/Train/Label/Labels.txt"] = content
    findings = read_roots(make_tree(tmp_path, files))
    assert labels_of(findings) == {
        "dagm_2007/Class1/Train/0576.PNG": (None, "good", False),
        "dagm_2007/Class1/Train/0595.PNG": (None, "good", True),
    }
    assert f"Class1/Train: {remark}" in findings.notes[0]


def test_a_mask_that_contradicts_the_labels_file_is_told(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, {**CLASS, "Class1/Train/Label/0576_label.PNG": b""}))
    assert labels_of(findings)["dagm_2007/Class1/Train/0576.PNG"] == ("good", None, True)
    assert "calls images good that have a mask" in findings.notes[0]


def test_labels_file_lines() -> None:
    assert parse_labels(LABELS) == {"0576": "good", "0595": "defect"}
    assert parse_labels(b"\xef\xbb\xbf0001\t1\t0001.PNG\n0002\t2\t0002.PNG\n0003\n") == {"0001": "defect"}


def test_masks_pair_within_their_split(tmp_path: Path) -> None:
    files = ["Class2/Train/1.PNG", "Class2/Test/1.PNG", "Class2/Test/Label/1_label.PNG"]
    orphan = "Class2/Train/Label/2_label.PNG"
    findings = read_roots(make_tree(tmp_path, [*files, orphan]))
    assert {sample.image.path: bool(sample.mask) for sample in findings.samples} == {
        "Class2/Train/1.PNG": False,
        "Class2/Test/1.PNG": True,
    }
    assert [(reject.file.path, reject.reason) for reject in findings.rejects] == [(orphan, Reason.ORPHAN_MASK)]


def test_the_two_copies_of_kaggle_are_one(tmp_path: Path) -> None:
    tops = ["DAGM_KaggleUpload", "dagm_kaggleupload/DAGM_KaggleUpload"]
    files = {f"{top}/{path}": content for top in tops for path, content in CLASS.items()}
    findings = read_roots(make_zip(tmp_path / "archive.zip", files))
    assert labels_of(findings) == {
        "dagm_2007/Class1/Train/0576.PNG": ("good", None, False),
        "dagm_2007/Class1/Train/0595.PNG": ("defect", None, True),
    }
    assert {sample.image.path.split("/")[0] for sample in findings.samples} == {tops[0]}
    assert [len(sample.copies) for sample in findings.samples] == [1, 1]
    assert [copy.path for copy in findings.samples[1].mask_copies] == [
        "dagm_kaggleupload/DAGM_KaggleUpload/Class1/Train/Label/0595_label.PNG"
    ]
    assert "2 images, 1 mask, 3 second copies" in findings.notes[0]


def test_a_class_without_any_label_is_known_by_its_name_but_not_called_good(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, ["Class7/Train/1.PNG"]))
    assert labels_of(findings) == {"dagm_2007/Class7/Train/1.PNG": (None, None, False)}


def test_a_single_class_given_directly(tmp_path: Path) -> None:
    make_tree(tmp_path, CLASS)
    assert labels_of(read_roots(tmp_path / "Class1")) == labels_of(read_roots(tmp_path))


def test_real_excerpt(real_excerpts: Path) -> None:
    findings = read_roots(real_excerpts / "dagm_excerpt")
    assert len(findings.samples) == 20
    assert sum(sample.mask is not None for sample in findings.samples) == 10
    assert {sample.split for sample in findings.samples if sample.mask} == {Split.TEST}
    assert "no Labels.txt" in findings.notes[0]


def test_masks_without_a_word_for_it_and_without_a_labels_file(tmp_path: Path) -> None:
    files = [f"Class1/{split}/{stem}.PNG" for split in ("Train", "Test") for stem in ("0001", "0002")]
    masks = [f"Class1/{split}/Label/0001.PNG" for split in ("Train", "Test")]
    findings = read_roots(make_tree(tmp_path, [*files, *masks]))
    assert layouts_of(findings) == {"dagm_2007": "dagm_2007"}
    assert {sample.place: sample.mask and sample.mask.path for sample in findings.samples} == {
        "Class1/Test/0001.PNG": masks[1],
        "Class1/Test/0002.PNG": None,
        "Class1/Train/0001.PNG": masks[0],
        "Class1/Train/0002.PNG": None,
    }
    # nothing but its place says that it is one: its pixels have to agree
    assert [sample.is_mask_by_name for sample in findings.samples if sample.mask] == [True, True]


def test_images_without_a_mask_are_counted_where_masks_tell(tmp_path: Path) -> None:
    files = [f"Class1/Train/{number:04}.PNG" for number in range(3)]
    files += ["Class1/Train/Label/0001_label.PNG", "Class1/Train/Label/002_label.PNG"]
    findings = read_roots(make_tree(tmp_path, files))
    assert "images without a mask, taken for good: 2" in findings.notes[0]
    assert [reject.reason for reject in findings.rejects] == [Reason.ORPHAN_MASK]
    assert "without a mask" not in read_roots(make_tree(tmp_path / "labelled", CLASS)).notes[0]
