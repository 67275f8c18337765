"""A table says of images what their folders do not: which it takes, and what becomes of rows that are wrong."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from trees import layouts_of, make_tar, make_tree, make_zip, places_of, read_roots

from darkroom.errors import LayoutNotRecognisedError, OptionError
from darkroom.extract.readers.splits import fold_labelled
from darkroom.sample import Findings, Reason, Split

IMAGES = ["images/1.png", "images/2.png", "images/3.png"]


def lines(*rows: str) -> bytes:
    return "\n".join([*rows, ""]).encode()


def tree(table: bytes, *files: str, name: str = "labels.csv") -> dict[str, bytes]:
    return {path: path.encode() for path in files} | {name: table}


def facts(findings: Findings) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        sample.sample_id: (sample.split.value, sample.label, sample.mask and sample.mask.path)
        for sample in findings.samples
    }


def rejected(findings: Findings) -> dict[str, Reason]:
    return {reject.file.path: reject.reason for reject in findings.rejects}


def told(findings: Findings, text: str) -> bool:
    return any(text in note for note in findings.notes)


FULL = tree(
    lines(
        "image,mask,label,split,category",
        "images/1.png,,good,train,nut",
        "images\\2.png,masks/2.png,scratch,TEST,nut",
        "./images/3.png,,normal,validation,bolt",
    ),
    *IMAGES,
    "masks/2.png",
)


@pytest.mark.parametrize("make", [make_tree, make_zip, make_tar])
def test_a_table_beside_its_images(tmp_path: Path, make: object) -> None:
    name = {make_tree: "parts", make_zip: "parts.zip", make_tar: "parts.tar.gz"}[make]  # type: ignore[index]
    root = make(tmp_path / name, FULL)  # type: ignore[operator]
    findings = read_roots(root)
    assert facts(findings) == {
        "parts/nut/images/1.png": ("train", "good", None),
        "parts/nut/images/2.png": ("test", "scratch", "masks/2.png"),
        "parts/bolt/images/3.png": ("val", "good", None),
    }
    assert layouts_of(findings) == {"parts": "table"}
    assert findings.rejects == ()
    assert [ignored.why for ignored in findings.ignored] == ["table of images, read for what it says of them"]
    assert told(findings, "because labels.csv names its images; 2 categories, 3 images, 1 mask")
    assert facts(read_roots(root, layout="table")) == facts(findings)


def test_the_folder_of_the_table_is_the_category_where_no_column_is(tmp_path: Path) -> None:
    table = lines("image,label", "1.png,good", "b/2.png,bad")
    root = make_tree(tmp_path / "r", tree(table, "nut/1.png", "nut/b/2.png", name="nut/list.csv"))
    assert [sample.sample_id for sample in read_roots(root).samples] == ["r/nut/1.png", "r/nut/b/2.png"]


def test_paths_may_count_from_the_root_and_then_so_does_the_sample_id(tmp_path: Path) -> None:
    table = lines("image,label,split", "r/images/1.png,good,train", "../r/images/2.png,good,test")
    root = make_tree(tmp_path / "r", tree(table, "r/images/1.png", "r/images/2.png", name="tables/list.csv"))
    findings = read_roots(root)
    assert [sample.sample_id for sample in findings.samples] == ["r/r/r/images/1.png", "r/r/r/images/2.png"]


def test_without_a_split_a_fold_that_is_the_same_everywhere(tmp_path: Path) -> None:
    names = [f"images/{number:03}.png" for number in range(200)]
    rows = [f"{name},{'good' if number < 150 else 'cut'}" for number, name in enumerate(names)]
    findings = read_roots(make_tree(tmp_path / "parts", tree(lines("image,label", *rows), *names)))
    train = [sample for sample in findings.samples if sample.split is Split.TRAIN]
    assert {sample.label for sample in train} == {"good"}
    assert 105 < len(train) < 135
    assert all(sample.split is fold_labelled(sample.label, sample.image.path) for sample in findings.samples)
    # a fixed point, so that no later version deals in another way unnoticed
    assert sum(fold_labelled("good", f"parts/{name}") is Split.TRAIN for name in names) == 153
    assert told(
        findings, "neither a table nor a folder says which split they are in, so darkroom's own fixed fold: about 80 %"
    )


def test_labels_in_numbers_and_masks(tmp_path: Path) -> None:
    table = lines("image_path,label_index,mask_path", "images/1.png,0,", "images/2.png,1,m/2.png", "images/3.png,,")
    root = make_tree(tmp_path / "a", tree(table, *IMAGES, "m/2.png"))
    assert {sample.label for sample in read_roots(root).samples} == {"good", "defect", None}
    table = lines(
        "image_path,mask_path,split", "images/1.png,,test", "images/2.png,m/2.png,test", "images/3.png,x,test"
    )
    root = make_tree(tmp_path / "b", tree(table, *IMAGES, "m/2.png"))
    samples = read_roots(root).samples
    # where masks tell, having none tells it too; a mask that is lost tells nothing
    assert [(sample.label, sample.unmasked_label) for sample in samples] == [
        (None, "good"),
        (None, "good"),
        (None, None),
    ]
    table = lines("image,is_defect,label,split", "images/1.png,False,fine,train", "images/2.png,True,worn,test")
    root = make_tree(tmp_path / "c", tree(table, "images/1.png", "images/2.png"))
    assert [sample.label for sample in read_roots(root).samples] == ["good", "worn"]


def test_a_table_whose_normal_images_are_all_in_train_leaves_no_doubt(tmp_path: Path) -> None:
    table = lines("image,label,split", "images/1.png,good,train", "images/2.png,cut,test")
    assert not told(read_roots(make_tree(tmp_path / "r", tree(table, *IMAGES[:2]))), "no label is a word for normal")


def test_what_no_row_names_is_told_by_what_it_is_called(tmp_path: Path) -> None:
    table = lines("image,label", "images/1.png,good")
    files = ["images/1.png", "images/2.png", "masks/3.png", "images/4_mask.png"]
    findings = read_roots(make_tree(tmp_path / "r", tree(table, *files)))
    mask = "called like a mask, and no row in labels.csv names it: write it into the column mask of its image"
    assert {reject.file.path: reject.message for reject in findings.rejects} == {
        "images/2.png": "an image without a row in labels.csv: add one for it",
        "masks/3.png": mask,
        "images/4_mask.png": mask,
    }


def test_a_word_for_normal_in_a_table(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "r", tree(lines("image,label", "images/1.png,fine", "images/2.png,cut"), *IMAGES[:2]))
    assert told(read_roots(root), "no label is a word for normal")
    assert [sample.label for sample in read_roots(root, normal_label="fine").samples] == ["good", "cut"]
    with pytest.raises(OptionError, match=r"`normal_label` fein: .*cut, fine"):
        read_roots(root, normal_label="fein")


def test_rows_that_are_wrong_are_told_and_their_images_are_rejects(tmp_path: Path) -> None:
    table = lines(
        "image,mask,label,is_defect,split",
        "images/1.png,,good,0,train",
        "images/1.png,,good,0,train",
        "images/2.png,,cut,1,test",
        "images/2.png,,worn,1,test",
        "images/3.png,,good,0,holdout",
        "images/4.png,,good,1,test",
        "images/5.png,,cut,maybe,test",
        "images/6.png,no/mask.png,cut,1,test",
        "images/7.png,,cut",
        "images/8.png,m/shared.png,cut,1,test",
        "images/9.png,m/shared.png,cut,1,test",
        "images/10.png,images/1.png,cut,1,test",
        "images/gone.png,,good,0,train",
        "/etc/passwd,,good,0,train",
        "C:\\data\\1.png,,good,0,train",
        "../../1.png,,good,0,train",
        "s3://bucket/1.png,,good,0,train",
        "notes.txt,,good,0,train",
        ",,good,0,train",
    )
    images = [f"images/{number}.png" for number in range(1, 11)]
    files = [*images, "images/11.png", "m/shared.png", "notes.txt"]
    findings = read_roots(make_tree(tmp_path / "r", tree(table, *files)))
    assert facts(findings) == {
        "r/r/images/1.png": ("train", "good", None),
        "r/r/images/6.png": ("test", "cut", None),
        "r/r/images/8.png": ("test", "cut", None),
        "r/r/images/9.png": ("test", "cut", None),
        "r/r/images/10.png": ("test", "cut", None),
    }
    assert rejected(findings) == {
        **dict.fromkeys((f"images/{number}.png" for number in (2, 3, 4, 5, 7)), Reason.UNUSABLE_ROW),
        "images/11.png": Reason.OUTSIDE_LAYOUT,
        "m/shared.png": Reason.AMBIGUOUS_MASK,
    }
    for text in (
        "1 row with an image of another row that says the same (first: line 3: images/1.png)",
        "in contradiction to another row of its image, whose images are rejects (first: line 4: line 4, line 5)",
        "with a split that is none of train, test and val, whose images are rejects (first: line 6: holdout)",
        "with both good and defective, whose images are rejects (first: line 7: good and 1)",
        "with neither 0 nor 1 for whether it is defective, whose images are rejects (first: line 8: maybe)",
        "with a mask that is not there (first: line 9: no/mask.png)",
        "with damage, whose images are rejects (first: line 10: 3 cells where 5 were expected)",
        "3 rows with a mask that is another image's too, or an image itself (first: m/shared.png)",
        "with an image that is not there (first: line 14: images/gone.png)",
        "3 rows with a path of an image that is absolute: write it from the table's folder on (first: line 15:",
        "1 row with a path of an image that leads out of the root, which is refused (first: line 17: ../../1.png)",
        "with an image that is no picture by its ending (first: line 19: notes.txt)",
        "1 row without an image",
    ):
        assert told(findings, text), text
    reasons = {reject.file.path: reject.message for reject in findings.rejects}
    assert reasons["images/3.png"] == (
        "labels.csv, line 6: a row with a split that is none of train, test and val (holdout); correct the table"
    )


def test_a_table_takes_only_what_no_other_layout_has_a_place_for(tmp_path: Path) -> None:
    files = ["nut/train/good/1.png", "nut/test/cut/2.png", "more/3.png", "nut/ground_truth/cut/2_mask.png"]
    table = lines("image,label,split", *(f"{path},{'worn' if 'cut' in path else 'good'},test" for path in files[:3]))
    root = make_tree(tmp_path / "r", tree(table, *files))
    findings = read_roots(root)
    assert facts(findings) == {
        "r/nut/train/good/1.png": ("train", "good", None),
        "r/nut/test/cut/2.png": ("test", "cut", "nut/ground_truth/cut/2_mask.png"),
        "r/r/more/3.png": ("test", "good", None),
    }
    assert told(findings, "2 rows with an image that its folders describe, which count; `layout` table goes by")
    findings = read_roots(root, layout="table")
    assert facts(findings) == {
        "r/r/nut/train/good/1.png": ("test", "good", None),
        "r/r/nut/test/cut/2.png": ("test", "worn", None),
        "r/r/more/3.png": ("test", "good", None),
    }
    assert rejected(findings) == {"nut/ground_truth/cut/2_mask.png": Reason.OUTSIDE_LAYOUT}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_metadata_of_hugging_face_takes_all_images_below_its_folder(tmp_path: Path, ending: str) -> None:
    table = {
        "csv": lines("file_name,label", "1.png,good", "sub/2.png,cut"),
        "jsonl": lines('{"file_name": "1.png", "label": "good"}', '{"file_name": "sub/2.png", "label": "cut"}'),
    }[ending]
    files = {f"{part}/{path}": path.encode() for part in ("train", "test") for path in ("1.png", "sub/2.png", "3.png")}
    files |= {f"{part}/metadata.{ending}": table for part in ("train", "test")}
    root = make_tree(tmp_path / "line", {f"nut/{path}": content for path, content in files.items()})
    findings = read_roots(root)
    assert facts(findings) == {
        "line/nut/test/1.png": ("test", "good", None),
        "line/nut/test/sub/2.png": ("test", "cut", None),
        "line/nut/train/1.png": ("train", "good", None),
        "line/nut/train/sub/2.png": ("train", "cut", None),
    }
    assert rejected(findings) == dict.fromkeys(("nut/test/3.png", "nut/train/3.png"), Reason.OUTSIDE_LAYOUT)
    assert len(places_of(findings)) == 8


def test_one_metadata_above_the_splits_leaves_them_to_the_folders(tmp_path: Path) -> None:
    names = [f"{part}/{number}.png" for part in ("train", "test", "more") for number in range(40)]
    table = lines("file_name,label", *(f"{name},good" for name in names))
    findings = read_roots(make_tree(tmp_path / "nut", tree(table, *names, name="metadata.csv")))
    splits = {(sample.image.path.partition("/")[0], sample.split) for sample in findings.samples}
    assert {(folder, split) for folder, split in splits if folder != "more"} == {
        ("train", Split.TRAIN),
        ("test", Split.TEST),
    }
    assert {split for folder, split in splits if folder == "more"} == {Split.TRAIN, Split.TEST}


def test_metadata_that_says_nothing_of_labels_leaves_the_folders_alone(tmp_path: Path) -> None:
    files = tree(lines("file_name,caption", "train/good/1.png,a nut"), "train/good/1.png", name="metadata.csv")
    findings = read_roots(make_tree(tmp_path / "nut", files))
    assert layouts_of(findings) == {"nut": "mvtec_ad"}
    assert told(findings, "has none of labels, masks or splits, so it is not used; `layout` table goes by it")
    assert layouts_of(read_roots(tmp_path / "nut", layout="table")) == {"nut": "table"}


def test_tables_that_other_readers_own_are_left_to_them(tmp_path: Path) -> None:
    row = b"image,label,mask\nx/1.png,normal,\n"
    files = {"x/1.png": b"1", "y/train/good/1.png": b"2", "x/image_anno.csv": row, "split_csv/1cls.csv": row}
    findings = read_roots(make_tree(tmp_path / "r", files))
    assert rejected(findings) == {"x/1.png": Reason.OUTSIDE_LAYOUT}
    given = read_roots(tmp_path / "r", layout="table")
    assert [sample.image.path for sample in given.samples] == ["x/1.png"]


def test_split_tables_of_one_folder(tmp_path: Path) -> None:
    files = dict.fromkeys(("1.png", "2.png"), b"x")
    files |= {
        "train.csv": lines("image,label", "1.png,good"),
        "test.csv": lines("image,label", "2.png,cut", "1.png,good"),
    }
    findings = read_roots(make_tree(tmp_path / "nut", files))
    assert facts(findings) == {"nut/nut/1.png": ("test", "good", None), "nut/nut/2.png": ("test", "cut", None)}
    assert told(findings, "train.csv: 1 row with an image of a table before it, which says something else and counts")


def test_names_in_the_other_unicode_form_and_case(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Kratzér/Ü.PNG")
    table = lines("image,label", f"{unicodedata.normalize('NFC', decomposed).replace('PNG', 'png')},good")
    findings = read_roots(make_tree(tmp_path / "r", tree(table, decomposed)))
    assert [sample.sample_id for sample in findings.samples] == ["r/r/Kratzér/Ü.PNG"]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (b'image,label\n"1.png,good\n', "cannot be read as a table"),
        (lines("image,label", "gone.png,good"), "names no image that is here: 1 row with an image that is not there"),
        (lines("image,label"), "it has no rows"),
    ],
)
def test_a_table_of_no_use_is_told_and_crashes_nothing(tmp_path: Path, table: bytes, text: str) -> None:
    root = make_tree(tmp_path / "r", tree(table, "x/1.png", "nut/train/good/1.png"))
    findings = read_roots(root)
    assert told(findings, text)
    assert rejected(findings) == {"x/1.png": Reason.OUTSIDE_LAYOUT}
    with pytest.raises(LayoutNotRecognisedError, match=text):
        read_roots(root, layout="table")


def test_folder_and_archive_together_are_copies(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "parts", FULL), make_zip(tmp_path / "parts.zip", FULL))
    assert [len(sample.copies) for sample in findings.samples] == [1, 1, 1]
    assert sorted(len(sample.mask_copies) for sample in findings.samples) == [0, 0, 1]
    assert len(places_of(findings)) == len(set(places_of(findings))) == 2 * len(FULL)


def test_a_folder_and_one_above_it_count_once(tmp_path: Path) -> None:
    make_tree(tmp_path / "all" / "parts", FULL)
    findings = read_roots(tmp_path / "all", tmp_path / "all" / "parts")
    assert len(findings.samples) == 3 and findings.files_seen == len(FULL)
    assert len(set(places_of(findings))) == len(places_of(findings)) == len(FULL)


def test_a_table_and_folders_that_would_make_one_sample_id(tmp_path: Path) -> None:
    files = {"nut/test/good/1.png": b"1", "parts/nut/test/good/1.png": b"2", "parts/nut/train/good/2.png": b"3"}
    table = lines("image,label,category", "nut/test/good/1.png,good,nut")
    root = make_tree(
        tmp_path / "parts", {**{k.removeprefix("parts/"): v for k, v in files.items()}, "x/list.csv": table}
    )
    findings = read_roots(root)
    ids = [sample.sample_id for sample in findings.samples]
    assert len(ids) == len(set(ids))
    assert len(places_of(findings)) == len(set(places_of(findings)))


def test_numbers_of_classes_are_no_verdicts(tmp_path: Path) -> None:
    table = lines("image,label,label_index", "images/1.png,bent,0", "images/2.png,good,1", "images/3.png,hole,2")
    root = make_tree(tmp_path / "r", tree(table, *IMAGES))
    assert [sample.label for sample in read_roots(root).samples] == ["bent", "good", "hole"]


def test_a_verdict_that_contradicts_its_label_is_wrong_in_both_directions(tmp_path: Path) -> None:
    table = lines("image,label,is_defect", "images/1.png,crack,0", "images/2.png,good,1", "images/3.png,good,0")
    findings = read_roots(make_tree(tmp_path / "r", tree(table, *IMAGES)))
    assert rejected(findings) == dict.fromkeys(IMAGES[:2], Reason.UNUSABLE_ROW)
    assert told(findings, "with both good and defective")


@pytest.mark.parametrize("word", ["nan", "NaN", "None", "null", "<NA>"])
def test_what_programs_write_for_nothing_is_nothing(tmp_path: Path, word: str) -> None:
    table = lines("image,label,category,split", f"images/1.png,{word},{word},train", "images/2.png,good,nut,train")
    findings = read_roots(make_tree(tmp_path / "r", tree(table, *IMAGES[:2])))
    assert [sample.label for sample in findings.samples if sample.label != "good"] == [None]
    assert word not in " ".join(sample.sample_id for sample in findings.samples)


def test_each_line_of_json_may_spell_columns_in_its_own_way(tmp_path: Path) -> None:
    table = lines(
        '{"image": "images/1.png", "mask": "m/1.png", "label": "cut", "split": "test"}',
        '{"image": "images/2.png", "mask_path": "m/2.png", "Label": "bent", "split": "test"}',
    )
    root = make_tree(tmp_path / "r", tree(table, *IMAGES[:2], "m/1.png", "m/2.png", name="labels.jsonl"))
    assert sorted(facts(read_roots(root)).values()) == [("test", "bent", "m/2.png"), ("test", "cut", "m/1.png")]


def test_two_columns_of_one_name_are_told(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "r", tree(lines("image,label,label", "images/1.png,good,bad"), "images/1.png"))
    with pytest.raises(LayoutNotRecognisedError, match="2 columns are called label"):
        read_roots(root)


def parquet(**columns: object) -> bytes:
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), buffer)
    content: bytes = buffer.getvalue().to_pybytes()
    return content


def test_lists_and_bytes_of_parquet_are_read_or_told(tmp_path: Path) -> None:
    table = parquet(
        image=[path.encode() for path in IMAGES],
        label=[["good"], ["cut"], ["cut", "bent"]],
        mask=[[], ["m/2.png"], []],
        split=["train", "test", "test"],
    )
    findings = read_roots(make_tree(tmp_path / "r", tree(table, *IMAGES, "m/2.png", name="labels.parquet")))
    assert sorted(facts(findings).values()) == [("test", "cut", "m/2.png"), ("train", "good", None)]
    assert rejected(findings) == {IMAGES[2]: Reason.UNUSABLE_ROW}
    assert told(findings, "label is no single value")


def test_a_parquet_file_with_two_columns_of_one_name_is_told(tmp_path: Path) -> None:
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.table([[IMAGES[0]], [IMAGES[0]], ["good"]], names=["image", "image", "label"]), buffer)
    content = buffer.getvalue().to_pybytes()
    with pytest.raises(LayoutNotRecognisedError, match="2 columns are called image"):
        read_roots(make_tree(tmp_path / "r", tree(content, IMAGES[0], name="labels.parquet")))


def test_what_a_root_is_called_decides_neither_split_nor_sample_id(tmp_path: Path) -> None:
    images = [f"images/{number}.png" for number in range(20)]
    files = tree(lines("image,label", *(f"{path},good" for path in images)), *images)
    roots = [make_tree(tmp_path / name, files | {"dataset.toml": b'name = "line_9"'}) for name in ("alice", "bob")]
    found = [facts(read_roots(root)) for root in roots]
    assert found[0] == found[1]
    assert {split for split, *_ in found[0].values()} == {"train", "test"}
    assert all(sample_id.startswith("line_9/line_9/images/") for sample_id in found[0])


@pytest.mark.parametrize("table", ["img,msk,class", "# made by hand", ""])
def test_a_table_that_is_not_understood_is_named_with_what_was_expected(tmp_path: Path, table: str) -> None:
    files = tree(lines(table, "images/1.png,good,x"), "images/1.png")
    with pytest.raises(LayoutNotRecognisedError) as caught:
        read_roots(make_tree(tmp_path / "r", files))
    assert f"labels.csv: no column of it names images, as it begins with {table!r}" in str(caught.value)
    assert "expected one called image, image_path, file_name" in str(caught.value)
