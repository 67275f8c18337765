"""Exports with tables: images and masks beside `samples.csv`, and the layout of VisA."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_runs import SAMPLE_DATA, rows
from rich.console import Console
from small_database import SIZE_PX, editing

from darkroom.commands.views.export import render_export
from darkroom.errors import OptionError
from darkroom.export.files import write_export
from darkroom.extract.exported import restore_samples
from darkroom.extract.readers import read_layout
from darkroom.extract.storage import Roots, open_storage
from darkroom.load.run import ingest
from darkroom.query.batches import Batch, arrays
from darkroom.query.verification.comparison import DatabaseComparison
from darkroom.query.verification.verify import verify
from darkroom.sample import EXPORTED_TABLE_COLUMNS

pytest_plugins = ["fixtures_database"]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, rows: list[dict[str, str]], *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def odd_database(copy_database: Callable[[], Path]) -> Path:
    """Images whose names and places no folder can keep: equal stems, other endings, what no system takes."""
    database = copy_database()
    with editing(database) as connection:
        jpg = "replace(sample_id, '.png', '.jpg')"
        for table in ("images", "masks"):
            connection.execute(f"UPDATE {table} SET sample_id = {jpg} WHERE sample_id LIKE '%/broken/00_.png'")
        connection.execute("UPDATE images SET filename = '000.bmp' WHERE sample_id LIKE 'beta/%/train/%1.png'")
        connection.execute("UPDATE images SET category = 'Class:1', label = 'a/b' WHERE label = 'defect'")
        connection.execute("DELETE FROM masks WHERE sample_id LIKE 'beta/%/000.png'")
        connection.execute("UPDATE images SET has_mask = false WHERE sample_id LIKE 'beta/%/000.png'")
        connection.execute("UPDATE images SET split = 'train' WHERE sample_id LIKE 'beta/%/test/%1.png'")
        connection.execute("UPDATE images SET split = 'val' WHERE sample_id LIKE 'alpha/%/good/001.png'")
    return database


def check_same(after: Batch, before: Batch) -> None:
    assert after.sample_ids == before.sample_ids
    assert (after.labels, after.splits, after.categories) == (before.labels, before.splits, before.categories)
    assert np.array_equal(after.images, before.images)
    assert np.array_equal(after.has_mask, before.has_mask)
    assert np.array_equal(after.is_defect, before.is_defect)
    assert before.masks is not None and after.masks is not None
    assert np.array_equal(after.masks, before.masks)


def test_samples_csv_says_all_of_each_image(loaded_database: Path, tmp_path: Path) -> None:
    report = write_export(loaded_database, tmp_path / "out", format="csv")
    assert (report.image_count, report.mask_count, report.left_out, report.left_out_masks) == (15, 5, {}, {})
    rows = read_csv(tmp_path / "out/samples.csv")
    assert tuple(rows[0]) == EXPORTED_TABLE_COLUMNS
    by_id = {row["sample_id"]: row for row in rows}
    assert len(by_id) == 15
    broken = by_id["alpha/bottle/test/broken/000.png"]
    assert broken == {
        "image": "images/alpha/bottle/test/broken/000.png",
        "mask": "masks/alpha/bottle/test/broken/000.png",
        "label": "broken",
        "is_defect": "1",
        "split": "test",
        "category": "bottle",
        "sample_id": "alpha/bottle/test/broken/000.png",
        "source_dataset": "alpha",
    }
    (unlabelled,) = [row for row in rows if not row["label"]]
    assert (unlabelled["is_defect"], unlabelled["mask"]) == ("", "")
    assert {row["is_defect"] for row in rows if row["label"] == "good"} == {"0"}
    found = arrays(loaded_database)
    assert found.masks is not None
    for row, image, mask in zip(rows, found.images, found.masks, strict=True):
        assert np.array_equal(pixels(tmp_path / "out" / row["image"]), image)
        if row["mask"]:
            assert np.array_equal(pixels(tmp_path / "out" / row["mask"]), mask * 255)
    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    named = {row["image"] for row in rows} | {row["mask"] for row in rows if row["mask"]}
    assert files == named | {"samples.csv", "darkroom_export.json"}


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["", "zip", "tar"])
def test_an_export_to_csv_ingested_again_gives_the_same_samples(odd_database: Path, tmp_path: Path, kind: str) -> None:
    write_export(odd_database, tmp_path / "out", format="csv")
    root = Path(shutil.make_archive(str(tmp_path / "packed"), kind, tmp_path / "out")) if kind else tmp_path / "out"
    again = tmp_path / "again.duckdb"
    report = ingest([root], database=again, size_px=SIZE_PX)
    assert report.rejects == ()
    assert set(report.fingerprints) == {"alpha", "beta"}
    assert any("samples.csv: an export; its 15 samples keep their sample_id" in note for note in report.notes)
    check_same(arrays(again), arrays(odd_database))
    found = verify(again, odd_database)
    assert found.ok
    assert isinstance(found.comparison, DatabaseComparison)
    assert len(found.comparison.other_files) == 15
    assert ingest([root], database=again, size_px=SIZE_PX).packages == 0


@pytest.mark.thorough
def test_what_was_changed_in_samples_csv_counts(loaded_database: Path, tmp_path: Path) -> None:
    write_export(loaded_database, tmp_path / "out", format="csv", source="alpha")
    table = tmp_path / "out/samples.csv"
    rows = read_csv(table)
    changed = next(row for row in rows if row["sample_id"] == "alpha/bottle/test/good/000.png")
    changed |= {"label": "dirty", "is_defect": "1"}
    moved = next(row for row in rows if row["sample_id"] == "alpha/bottle/train/good/003.png")
    moved["split"] = "val"
    shutil.copy(tmp_path / "out" / moved["image"], tmp_path / "out/images/new.png")
    new = dict.fromkeys(rows[0], "") | {
        "image": "images/new.png",
        "label": "good",
        "split": "val",
        "category": "bottle",
    }
    # as a spreadsheet of a German office saves it, with a column of remarks
    write_csv(table, [row | {"remark": "geprüft"} for row in [*rows, new]], delimiter=";", encoding="utf-8-sig")
    report = ingest([tmp_path / "out"], database=tmp_path / "again.duckdb", size_px=SIZE_PX)
    assert report.rejects == ()
    found = arrays(tmp_path / "again.duckdb")
    facts = dict(zip(found.sample_ids, zip(found.labels, found.splits, strict=True), strict=True))
    assert facts.pop("alpha/bottle/images/new.png") == ("good", "val")
    assert len(facts) == 10
    assert facts["alpha/bottle/test/good/000.png"] == ("dirty", "test")
    assert facts["alpha/bottle/train/good/003.png"] == ("good", "val")


def test_a_samples_csv_of_somebody_else_restores_nothing(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "parts/1.png")
    (tmp_path / "parts/samples.csv").write_text("image,label,split,sample_id\n1.png,good,train,other/1.png\n")
    report = ingest([tmp_path / "parts"], database=tmp_path / "x.duckdb", size_px=SIZE_PX)
    assert not any("export" in note for note in report.notes)
    assert arrays(tmp_path / "x.duckdb").sample_ids == ("parts/parts/1.png",)


def test_visa_is_laid_out_as_published(loaded_database: Path, tmp_path: Path) -> None:
    report = write_export(loaded_database, tmp_path / "out", format="visa")
    assert (report.image_count, report.mask_count, report.left_out) == (14, 5, {"without a label": 1})
    root = tmp_path / "out/alpha"
    images = root / "bottle/Data/Images"
    assert sorted(path.name for path in (images / "Anomaly").iterdir()) == ["000.png", "001.png", "002.png"]
    normal = sorted(path.name for path in (images / "Normal").iterdir())
    # train and test share a folder, so that equal names get a part of a hash
    assert len(normal) == 6 and {name[:3] for name in normal} == {"000", "001", "002", "003"}
    splits = read_csv(root / "split_csv/1cls.csv")
    assert list(splits[0]) == ["object", "split", "label", "image", "mask"]
    assert {(row["object"], row["split"], row["label"]) for row in splits} == {
        ("bottle", "train", "normal"),
        ("bottle", "test", "normal"),
        ("bottle", "test", "anomaly"),
    }
    labels = {row["image"]: row for row in read_csv(root / "bottle/image_anno.csv")}
    assert {row["label"] for row in labels.values()} == {"normal", "broken"}
    found = arrays(loaded_database)
    assert found.masks is not None
    order = {row["sample_id"]: row["path"] for row in read_csv(root / "darkroom_samples.csv")}
    for row in splits:
        sample_id = next(sample_id for sample_id, path in order.items() if path == row["image"])
        position = found.sample_ids.index(sample_id)
        assert found.splits[position] == row["split"]
        assert found.labels[position] == labels[row["image"]]["label"].replace("normal", "good")
        assert np.array_equal(pixels(root / row["image"]), found.images[position])
        assert row["mask"] == labels[row["image"]]["mask"]
        assert bool(row["mask"]) == bool(found.has_mask[position])
        if row["mask"]:
            assert row["mask"] == row["image"].replace("Images", "Masks")
            assert np.array_equal(pixels(root / row["mask"]), found.masks[position] * 255)
    pngs = {path.relative_to(root).as_posix() for path in root.rglob("*.png")}
    assert pngs == {row["image"] for row in splits} | {row["mask"] for row in splits if row["mask"]}


def test_what_visa_has_no_place_for_is_left_out_and_counted(odd_database: Path, tmp_path: Path) -> None:
    report = write_export(odd_database, tmp_path / "strict", format="visa")
    assert report.left_out == {
        "in val": 2,
        "without a label": 1,
        "defective and not in test": 1,
        "defective and without a mask": 1,
    }
    console = Console(file=io.StringIO(), width=200)
    console.print(render_export(report))
    assert isinstance(console.file, io.StringIO)
    assert "Left out: 2 images in val." in console.file.getvalue()
    report = write_export(odd_database, tmp_path / "all", format="visa", all_labelled=True)
    assert report.left_out == {"in val": 2, "without a label": 1}
    root = tmp_path / "all/beta"
    (train,) = [
        row for row in read_csv(root / "split_csv/1cls.csv") if (row["split"], row["label"]) == ("train", "anomaly")
    ]
    assert train["object"] == "Class_1"
    (label,) = {row["label"] for row in read_csv(root / "Class_1/image_anno.csv")}
    assert label == "a/b"
    with pytest.raises(OptionError, match="2 in val"):
        write_export(odd_database, tmp_path / "none", format="visa", split="val")


def test_darkroom_samples_of_visa_names_every_image(odd_database: Path, tmp_path: Path) -> None:
    write_export(odd_database, tmp_path / "out", format="visa", all_labelled=True)
    kept = {sample_id for sample_id, split, label in _facts(odd_database) if split != "val" and label is not None}
    found = {
        (row["sample_id"], root.name + "/" + row["path"])
        for root in (tmp_path / "out/alpha", tmp_path / "out/beta")
        for row in read_csv(root / "darkroom_samples.csv")
    }
    assert {sample_id for sample_id, _ in found} == kept
    assert all((tmp_path / "out" / path).is_file() for _, path in found)


def _facts(database: Path) -> list[tuple[str, str, str | None]]:
    found = arrays(database)
    return list(zip(found.sample_ids, found.splits, found.labels, strict=True))


def test_the_tables_of_visa_can_be_read_as_tables(odd_database: Path, tmp_path: Path) -> None:
    write_export(odd_database, tmp_path / "out", format="visa", all_labelled=True)
    with open_storage(tmp_path / "out/alpha") as storage:
        findings = restore_samples(read_layout(storage, storage.files(), layout="table"), Roots([storage]))
    expected = [fact for fact in _facts(odd_database) if fact[0].startswith("alpha/") and fact[1] != "val" and fact[2]]
    found = sorted((sample.sample_id, sample.split.value, sample.label) for sample in findings.samples)
    assert found == expected
    assert sum(sample.mask is not None for sample in findings.samples) == 3
    assert findings.rejects == ()


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["mvtec", "visa", "csv"])
def test_an_export_ingested_again_keeps_name_and_licence(tmp_path: Path, kind: str) -> None:
    facts = "SELECT name, licence, citation, homepage FROM image_datasets"
    shutil.copytree(SAMPLE_DATA / "mvtec_like/washer", tmp_path / "in/washer")
    (tmp_path / "in/dataset.toml").write_text('name = "line-4"\nlicence = "\\"ours\\", größer"\n', encoding="utf-8")
    ingest([tmp_path / "in"], database=tmp_path / "a.duckdb", size_px=16)
    write_export(tmp_path / "a.duckdb", tmp_path / "out", format=kind)
    ingest([tmp_path / "out"], database=tmp_path / "b.duckdb", size_px=16)
    assert rows(tmp_path / "b.duckdb", facts) == [("line-4", '"ours", größer', None, None)]
    assert rows(tmp_path / "a.duckdb", facts) == rows(tmp_path / "b.duckdb", facts)


@pytest.mark.thorough
def test_an_export_as_visa_ingested_again_gives_the_same_samples(odd_database: Path, tmp_path: Path) -> None:
    with editing(odd_database) as connection:
        connection.execute("UPDATE images SET split = 'test' WHERE split = 'val'")
        connection.execute("DELETE FROM images WHERE label IS NULL")
    write_export(odd_database, tmp_path / "out", format="visa", all_labelled=True)
    again = tmp_path / "again.duckdb"
    report = ingest([tmp_path / "out"], database=again, size_px=SIZE_PX)
    assert report.rejects == ()
    check_same(arrays(again), arrays(odd_database))
    assert verify(again, odd_database).ok
    assert ingest([tmp_path / "out"], database=again, size_px=SIZE_PX).packages == 0
