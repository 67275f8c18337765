from __future__ import annotations

from pathlib import Path

import pytest
from published_trees import LABELS, VISA, VISA_IMAGES
from trees import layouts_of, make_tar, make_tree, make_zip, places_of, read_roots

from darkroom.errors import LayoutNotRecognisedError, OptionError
from darkroom.sample import Findings, Reason


def splits_of(findings: Findings) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        sample.sample_id: (sample.split.value, sample.label, sample.mask and sample.mask.path)
        for sample in findings.samples
    }


PUBLISHED = {
    "visa/candle/Data/Images/Anomaly/000.JPG": ("test", "Anomaly", "candle/Data/Masks/Anomaly/000.png"),
    "visa/candle/Data/Images/Normal/0000.JPG": ("train", "good", None),
    "visa/pcb1/Data/Images/Anomaly/000.JPG": ("test", "bent,scratch", "pcb1/Data/Masks/Anomaly/000.png"),
    "visa/pcb1/Data/Images/Normal/0000.JPG": ("test", "good", None),
    "visa/pcb1/Data/Images/Normal/0001.JPG": ("train", "good", None),
}


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_published_splits_and_labels(tmp_path: Path, make) -> None:
    findings = read_roots(make(tmp_path / "VisA", VISA))
    assert splits_of(findings) == PUBLISHED
    assert layouts_of(findings) == {"visa": "visa"}
    assert findings.image_datasets["visa"].licence == "CC BY 4.0"
    assert len(places_of(findings)) == findings.files_seen == len(VISA)
    assert {ignored.file.path: ignored.why for ignored in findings.ignored if ignored.is_read} == {
        "pcb1/image_anno.csv": "labels file, read for the labels",
        "split_csv/1cls.csv": "table of splits, read for the splits",
    }
    assert not findings.rejects
    assert len(findings.notes) == 1
    assert ": VisA, because candle/ has Data/Images/, Data/Masks/" in findings.notes[0]
    assert "candle and 1 more: splits of 1cls (also there: 2cls_fewshot)" in findings.notes[0]
    assert "candle: no usable image_anno.csv, the folders tell the labels" in findings.notes[0]
    assert findings.notes[0].endswith("images that 1cls lists and that are not there: 1")


def test_other_splits_by_name(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "VisA", VISA)
    few = splits_of(read_roots(root, splits="2cls_fewshot"))
    assert {key: split for key, (split, _, _) in few.items()} == {
        key: "train" if "Anomaly" in key else split for key, (split, _, _) in PUBLISHED.items()
    }
    with pytest.raises(OptionError, match=r"`splits` '3cls'.*\(1cls, 2cls_fewshot\)"):
        read_roots(root, splits="3cls")


def test_without_tables_a_fixed_fold_that_the_name_of_the_folder_does_not_change(tmp_path: Path) -> None:
    normal = [f"pcb1/Data/Images/Normal/{number:04}.JPG" for number in range(200)]
    files = [*VISA_IMAGES, *normal]
    findings = [read_roots(make_tree(tmp_path / name, files), name=name) for name in ("a", "b")]
    first, second = ({sample.place: sample.split for sample in each.samples} for each in findings)
    assert first == second
    assert {split for place, split in first.items() if "Anomaly" in place} == {"test"}
    assert 140 < sum(split == "train" for split in first.values()) < 180
    assert (
        "no usable table of splits, so darkroom's own fixed fold: about 80 % of the good images" in findings[0].notes[0]
    )


def test_images_that_the_table_does_not_list_are_left_out_with_their_masks_and_counted(tmp_path: Path) -> None:
    more = ["pcb1/Data/Images/Normal/0002.JPG", "pcb1/Data/Images/Anomaly/7.JPG", "pcb1/Data/Masks/Anomaly/7.png"]
    findings = read_roots(make_tree(tmp_path, VISA | {path: path.encode() for path in more}))
    assert splits_of(findings).keys() == PUBLISHED.keys()
    left_out = {ignored.file.path for ignored in findings.ignored if ignored.why == "not listed in the splits 1cls"}
    assert left_out == set(more)
    assert "images that 1cls does not list, left out: 2" in findings.notes[0]


def test_a_category_that_the_table_does_not_know_is_folded(tmp_path: Path) -> None:
    files = VISA | {"mine/Data/Images/Normal/1.JPG": b"", "mine/Data/Images/Anomaly/1.JPG": b""}
    findings = read_roots(make_tree(tmp_path / "VisA", files))
    assert splits_of(findings)["visa_folder/mine/Data/Images/Anomaly/1.JPG"] == ("test", "Anomaly", None)
    assert "mine: the table 1cls lists none of its images" in findings.notes[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe", "can't decode"),
        (b"a,b\n1,2\n", "expected the columns object, split, image"),
        (b"object,split,image\npcb1,holdout,pcb1/Data/Images/Normal/0000.JPG\n", "'holdout' is no split"),
        (b'object,split,image\n"pcb1', "expected the columns"),
    ],
)
def test_a_damaged_table_is_told_and_the_fold_takes_its_place(tmp_path: Path, content: bytes, why: str) -> None:
    files = {path: body for path, body in VISA.items() if "2cls" not in path} | {"split_csv/1cls.csv": content}
    findings = read_roots(make_tree(tmp_path, files))
    assert f"the table 1cls cannot be used ({why}" in findings.notes[0].replace("'utf-8' codec ", "")
    assert len(findings.samples) == 5


def test_labels_survive_spelling_and_damage(tmp_path: Path) -> None:
    table = LABELS.replace("/Anomaly/000.JPG", "/ANOMALY/000.jpg").replace("\r\n", "\n")
    findings = read_roots(make_tree(tmp_path / "a", VISA | {"pcb1/image_anno.csv": b"\xef\xbb\xbf" + table.encode()}))
    assert splits_of(findings) == PUBLISHED
    findings = read_roots(make_tree(tmp_path / "b", VISA | {"pcb1/image_anno.csv": b"nothing\n"}))
    assert splits_of(findings)["visa/pcb1/Data/Images/Anomaly/000.JPG"][1] == "Anomaly"


def test_masks_without_images_are_rejects(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, [*VISA_IMAGES, "candle/Data/Masks/Anomaly/5.png"]))
    assert [(reject.file.path, reject.reason) for reject in findings.rejects] == [
        ("candle/Data/Masks/Anomaly/5.png", Reason.ORPHAN_MASK)
    ]


def test_the_rearranged_copy_is_visa_too(tmp_path: Path) -> None:
    files = ["train/good/1.JPG", "test/good/2.JPG", "test/bad/3.JPG", "ground_truth/bad/3.png"]
    findings = read_roots(make_tree(tmp_path / "visa_pytorch", [f"pcb1/{path}" for path in files]))
    assert layouts_of(findings) == {"visa": "mvtec_ad"}
    assert ": VisA, laid out like MVTec AD, because" in findings.notes[0]


def test_a_stranger_is_told_the_nearest_layout(tmp_path: Path) -> None:
    with pytest.raises(LayoutNotRecognisedError) as caught:
        read_roots(make_tree(tmp_path, ["pcb1/Data/Images/good/1.JPG", "pcb1/Data/Masks/1.png"]))
    message = str(caught.value)
    assert "Nearest is VisA: there is data/, images/ and masks/, but not anomaly/ and normal/; it has <cat" in message


def two_class(category: str = "pcb1") -> list[str]:
    """What the publisher's tool writes for two classes: defects in both splits, each split numbered from 0 on."""
    return [
        *(
            f"{category}/{split}/{label}/{stem}.JPG"
            for split in ("train", "test")
            for label in ("good", "bad")
            for stem in ("000", "001")
        ),
        *(f"{category}/ground_truth/{split}/bad/{stem}.png" for split in ("train", "test") for stem in ("000", "001")),
    ]


@pytest.mark.parametrize("layout", ["auto", "mvtec_ad"])
def test_the_copy_rearranged_for_two_classes_has_masks_by_split(tmp_path: Path, layout: str) -> None:
    findings = read_roots(make_tree(tmp_path / "2cls_highshot", two_class()), layout=layout)
    assert layouts_of(findings) == {"visa": "mvtec_ad"}
    assert findings.image_datasets["visa"].licence == "CC BY 4.0"
    assert {sample.place: sample.mask and sample.mask.path for sample in findings.samples if sample.label == "bad"} == {
        f"pcb1/{split}/bad/{stem}.JPG": f"pcb1/ground_truth/{split}/bad/{stem}.png"
        for split in ("train", "test")
        for stem in ("000", "001")
    }
    assert not any(sample.is_mask_by_name or (sample.mask and sample.label == "good") for sample in findings.samples)
    assert not findings.rejects


def test_other_splits_of_the_same_images_do_not_mix(tmp_path: Path) -> None:
    one_class = ["pcb1/train/good/000.JPG", "pcb1/test/good/000.JPG", "pcb1/test/bad/000.JPG"]
    make_tree(tmp_path / "1cls", [*one_class, "pcb1/ground_truth/bad/000.png"])
    make_tree(tmp_path / "2cls_highshot", two_class())
    findings = read_roots(tmp_path)
    assert set(findings.image_datasets) == {"visa", "2cls_highshot"}
    assert {facts.licence for facts in findings.image_datasets.values()} == {"CC BY 4.0"}
    assert not any(sample.copies for sample in findings.samples)


def test_a_label_called_like_a_split_has_its_masks(tmp_path: Path) -> None:
    files = ["p/train/good/0.png", "p/test/valid/0.png", "p/test/good/1.png", "p/ground_truth/valid/0_mask.png"]
    findings = read_roots(make_tree(tmp_path, files))
    assert [sample.image.path for sample in findings.samples if sample.mask] == ["p/test/valid/0.png"]


def test_several_masks_by_split_and_masks_by_split_without_labels(tmp_path: Path) -> None:
    parts = ["p/train/good/0.png", "p/train/cut/0.png", "p/test/cut/0.png", "p/ground_truth/train/cut/0/0.png"]
    findings = read_roots(make_tree(tmp_path / "parts", [*parts, "p/ground_truth/train/cut/0/1.png"]))
    assert {sample.image.path: len(sample.masks) for sample in findings.samples if sample.mask} == {parts[1]: 2}
    flat = ["p/train/0.png", "p/test/0.png", "p/test/1.png", "p/ground_truth/test/0.png"]
    findings = read_roots(make_tree(tmp_path / "flat", flat))
    assert [sample.image.path for sample in findings.samples if sample.mask] == ["p/test/0.png"]


@pytest.mark.parametrize("before", ["./", "/data/sets/VisA/", "C:\\sets\\"])
def test_labels_by_paths_that_begin_elsewhere(tmp_path: Path, before: str) -> None:
    labels = LABELS.replace("pcb1/Data/Images/Anomaly", f"{before}pcb1/Data/Images/Anomaly")
    findings = read_roots(make_tree(tmp_path / "VisA", VISA | {"pcb1/image_anno.csv": labels.encode()}))
    assert splits_of(findings) == PUBLISHED


def test_defects_that_the_labels_file_does_not_list_are_counted(tmp_path: Path) -> None:
    labels = LABELS.replace("Anomaly/000", "Anomaly/999").encode()
    findings = read_roots(make_tree(tmp_path / "VisA", VISA | {"pcb1/image_anno.csv": labels}))
    assert splits_of(findings)["visa/pcb1/Data/Images/Anomaly/000.JPG"][1] == "Anomaly"
    assert "images in Anomaly/ that image_anno.csv does not list, which keep that label: 1" in findings.notes[0]


def test_a_table_of_splits_that_contradicts_itself_is_not_used(tmp_path: Path) -> None:
    row = "pcb1,train,normal,pcb1/Data/Images/Normal/0000.JPG,\n"
    files = VISA | {"split_csv/1cls.csv": VISA["split_csv/1cls.csv"] + row.encode()}
    findings = read_roots(make_tree(tmp_path / "VisA", files))
    told = "the table 1cls cannot be used (data/images/normal/0000.jpg is there twice, as test and as train"
    assert told in findings.notes[0]
