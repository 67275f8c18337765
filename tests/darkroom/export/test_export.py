from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from real_runs import SAMPLE_DATA, rows
from rich.console import Console
from small_database import SIZE_PX, can_be_written_elsewhere, editing

from darkroom import tables
from darkroom.commands.views.export import render_export
from darkroom.errors import DatabaseError, OptionError
from darkroom.export.arrays import FINGERPRINT_KEY
from darkroom.export.files import FORMATS, write_export
from darkroom.export.image_files import make_safe
from darkroom.export.marker import MARKER
from darkroom.load.run import ingest
from darkroom.query import tensors as tensor_reader
from darkroom.query.analyses import ask
from darkroom.query.batches import arrays
from darkroom.query.verification.comparison import DatabaseComparison
from darkroom.query.verification.verify import verify
from darkroom.sample import EXPORTED_SAMPLES_FILE

pytest_plugins = ["fixtures_database"]


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensor_reader, "FETCH_BYTES", 4 * 3 * SIZE_PX * SIZE_PX)


@pytest.mark.usefixtures("small_batches")
def test_npz_holds_what_arrays_gives(loaded_database: Path, tmp_path: Path) -> None:
    report = write_export(loaded_database, tmp_path / "all.npz", format="npz")
    expected = arrays(loaded_database)
    with np.load(report.path) as found:
        for name in ("images", "masks", "has_mask", "is_defect", "is_known"):
            assert found[name].dtype == getattr(expected, name).dtype
            assert np.array_equal(found[name], getattr(expected, name))
        for name in ("sample_ids", "source_datasets", "categories", "splits", "labels"):
            assert found[name].tolist() == [text or "" for text in getattr(expected, name)]
        assert str(found["fingerprint"]) == report.fingerprint
    assert (report.image_count, report.mask_count, report.left_out) == (15, 5, {})
    assert report.size_bytes == report.path.stat().st_size


def test_the_same_samples_give_the_same_npz(loaded_database: Path, tmp_path: Path) -> None:
    contents = [
        write_export(loaded_database, tmp_path / name, format="npz", source="alpha").path.read_bytes()
        for name in ("a.npz", "b.npz")
    ]
    assert contents[0] == contents[1]


@pytest.mark.usefixtures("small_batches")
def test_parquet_holds_the_columns_of_the_contract_and_the_masks(loaded_database: Path, tmp_path: Path) -> None:
    report = write_export(loaded_database, tmp_path / "all.parquet", format="parquet")
    table = pq.read_table(report.path)
    assert table.schema.names[: len(tables.IMAGES)] == tables.IMAGES.names
    assert table.schema.metadata[FINGERPRINT_KEY.encode()].decode() == report.fingerprint
    expected = arrays(loaded_database)
    assert expected.masks is not None
    rows = table.to_pylist()
    assert tuple(row["sample_id"] for row in rows) == expected.sample_ids
    for number, row in enumerate(rows):
        assert row["image_tensor"] == expected.images[number].tobytes()
        has_mask = bool(expected.has_mask[number])
        assert row["mask_tensor"] == (expected.masks[number].tobytes() if has_mask else None)
        assert row["defect_fraction"] == (pytest.approx(64 / 1024) if has_mask else None)


@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_a_selection_without_masks(loaded_database: Path, tmp_path: Path, kind: str) -> None:
    report = write_export(loaded_database, tmp_path / "some", format=kind, split="train", category="bottle")
    assert (report.image_count, report.mask_count) == (4, 0)


def test_the_fingerprint_of_everything_is_that_of_verify(loaded_database: Path, tmp_path: Path) -> None:
    report = write_export(loaded_database, tmp_path / "all.npz", format="npz")
    assert report.fingerprint == verify(loaded_database).fingerprint


def test_the_image_folder_is_laid_out_as_mvtec_ad(loaded_database: Path, tmp_path: Path) -> None:
    report = write_export(loaded_database, tmp_path / "out", format="mvtec")
    assert files_in(tmp_path / "out" / "alpha") == [
        *(f"bottle/ground_truth/broken/{n:03}_mask.png" for n in range(3)),
        *(f"bottle/test/broken/{n:03}.png" for n in range(3)),
        *(f"bottle/test/good/{n:03}.png" for n in range(2)),
        *(f"bottle/train/good/{n:03}.png" for n in range(4)),
        "darkroom_samples.csv",
        "dataset.toml",
    ]
    assert len(files_in(tmp_path / "out" / "beta" / "Class1")) == 3 + 2 + 2
    assert report.left_out == {"without a label": 1}
    marker = json.loads((tmp_path / "out" / MARKER).read_text(encoding="utf-8"))
    written = [name for name in files_in(tmp_path / "out") if name != MARKER]
    assert marker | {"files": list(marker["files"])} == {
        "fingerprint": report.fingerprint,
        "images": 14,
        "files": written,
    }
    mask = np.asarray(Image.open(tmp_path / "out/alpha/bottle/ground_truth/broken/000_mask.png"))
    assert mask.shape == (SIZE_PX, SIZE_PX) and set(np.unique(mask)) == {0, 255}


def test_anomalib_could_pair_every_mask(loaded_database: Path, tmp_path: Path) -> None:
    # anomalib 1 and 2 pair by position after sorting, over all labels, and then compare the stems
    write_export(loaded_database, tmp_path / "out", format="mvtec")
    for category in (path for path in (tmp_path / "out").glob("*/*") if path.is_dir()):
        images = sorted(path for path in category.glob("*/*/*.png") if path.parts[-3] != "ground_truth")
        abnormal = [path for path in images if path.parts[-2] != "good"]
        masks = sorted(category.glob("ground_truth/*/*.png"))
        assert all(path.parts[-3] == "test" for path in abnormal)
        assert [path.stem for path in abnormal] == [path.stem.removesuffix("_mask") for path in masks]


@pytest.mark.thorough
def test_masks_of_good_images_are_left_out_and_counted(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET label = 'good' WHERE label = 'defect'")
    report = write_export(database, tmp_path / "out", format="mvtec")
    masks = [name for name in files_in(tmp_path / "out") if name.endswith("_mask.png")]
    assert (
        (report.mask_count, report.left_out_masks) == (len(masks), {"of good images": 2}) == (3, {"of good images": 2})
    )
    console = Console(file=io.StringIO(), width=200)
    console.print(render_export(report))
    assert isinstance(console.file, io.StringIO)
    assert "14 images, 3 masks, " in console.file.getvalue()
    assert "Left out: 1 image without a label.\nLeft out: 2 masks of good images." in console.file.getvalue()
    again = tmp_path / "again.duckdb"
    assert ingest([tmp_path / "out"], database=again, size_px=SIZE_PX).masks.new == report.mask_count


def test_what_anomalib_refuses_is_left_out_unless_asked_for(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET split = 'train' WHERE sample_id LIKE '%Class1/test/defect/001.png'")
        connection.execute("DELETE FROM masks WHERE sample_id LIKE '%broken/002.png'")
    report = write_export(database, tmp_path / "strict", format="mvtec")
    assert report.left_out == {
        "without a label": 1,
        "defective and not in test": 1,
        "defective and without a mask": 1,
    }
    report = write_export(database, tmp_path / "all", format="mvtec", all_labelled=True)
    assert report.left_out == {"without a label": 1}
    beta = files_in(tmp_path / "all" / "beta" / "Class1")
    assert "train/defect/001.png" in beta and "ground_truth/defect/001_mask.png" in beta
    with pytest.raises(OptionError, match="1 without a label"):
        write_export(database, tmp_path / "none", format="mvtec", category="screw")


def test_equal_names_do_not_collide(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET category = 'bottle'")
        connection.execute("UPDATE images SET filename = '000.JPG' WHERE sample_id LIKE '%broken/001.png'")
        connection.execute("UPDATE images SET label = 'a/b' WHERE label = 'defect'")
    report = write_export(database, tmp_path / "out", format="mvtec")
    found = files_in(tmp_path / "out")
    assert len(found) == report.image_count + report.mask_count + 1 + 4  # a marker, and two tables and facts
    assert "beta/bottle/test/a_b/000.png" in found
    renamed = [name for name in found if name.startswith("alpha/bottle/test/broken/000_")]
    assert len(renamed) == 2


@pytest.mark.parametrize(
    ("name", "safe"), [("broken large", "broken large"), ("..", "_"), ("a:b?", "a_b_"), ("é", "é"), ("", "_")]
)
def test_names_are_safe_everywhere(name: str, safe: str) -> None:
    assert make_safe(name) == safe


@pytest.mark.thorough
@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_is_replaced_unasked(loaded_database: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    first = write_export(loaded_database, out, format=kind)
    with pytest.raises(OptionError, match="or give `overwrite`"):
        write_export(loaded_database, out, format=kind)
    second = write_export(loaded_database, out, format=kind, overwrite=True, source="beta")
    assert second.image_count < first.image_count
    assert second.size_bytes < first.size_bytes
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_no_export_made_is_never_replaced(loaded_database: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OptionError, match="no export made it"):
        write_export(loaded_database, tmp_path, format="mvtec", overwrite=True)
    with pytest.raises(OptionError, match="this is a folder"):
        write_export(loaded_database, tmp_path, format="npz", overwrite=True)
    with pytest.raises(OptionError, match="this is a file"):
        write_export(loaded_database, tmp_path / "thesis.txt", format="mvtec", overwrite=True)
    with pytest.raises(OptionError, match="there is no folder"):
        write_export(loaded_database, tmp_path / "no" / "x.npz", format="npz")
    with pytest.raises(OptionError, match="one of npz, parquet, mvtec, visa, csv"):
        write_export(loaded_database, tmp_path / "x", format="xlsx")


@pytest.mark.parametrize("kind", ["mvtec", "visa", "csv"])
def test_what_somebody_put_into_an_export_is_never_lost(loaded_database: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    write_export(loaded_database, out, format=kind)
    (out / "Thumbs.db").write_text("left behind by a file manager")
    write_export(loaded_database, out, format=kind, overwrite=True)
    (out / "weights").mkdir()
    (out / "weights" / "best.pt").write_text("hours of training")
    (out / "notes.txt").symlink_to(tmp_path / "elsewhere.txt")
    with pytest.raises(OptionError, match=r"did not write notes\.txt and 1 more as it is now, so it is not"):
        write_export(loaded_database, out, format=kind, overwrite=True)
    assert (out / "weights" / "best.pt").read_text() == "hours of training"


@pytest.mark.parametrize("kind", ["mvtec", "visa", "csv"])
def test_what_somebody_corrected_in_an_export_is_never_lost(loaded_database: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    write_export(loaded_database, out, format=kind)
    table = next(path for path in out.rglob("*.csv"))
    table.write_text(table.read_text(encoding="utf-8").replace("broken", "dented"), encoding="utf-8")
    corrected = table.read_bytes()
    with pytest.raises(OptionError, match=rf"did not write {table.relative_to(out).as_posix()} as it is now"):
        write_export(loaded_database, out, format=kind, overwrite=True)
    assert table.read_bytes() == corrected


@pytest.mark.parametrize("content", ["", "[]", '{"files": null}', '{"files": [1]}', "files:"])
def test_a_folder_with_a_damaged_marker_is_not_replaced(loaded_database: Path, tmp_path: Path, content: str) -> None:
    write_export(loaded_database, tmp_path / "out", format="csv")
    (tmp_path / "out" / MARKER).write_text(content)
    with pytest.raises(OptionError, match="does not say which files the export wrote"):
        write_export(loaded_database, tmp_path / "out", format="csv", overwrite=True)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", FORMATS)
def test_a_failed_export_leaves_what_was_there(copy_database: Callable[[], Path], tmp_path: Path, kind: str) -> None:
    database, out = copy_database(), tmp_path / "out"
    before = write_export(database, out, format=kind)
    with editing(database) as connection:
        connection.execute("UPDATE images SET image_tensor = '\\x00'::BLOB WHERE sample_id LIKE 'beta%'")
    with pytest.raises(DatabaseError, match="expected 3072"):
        write_export(database, out, format=kind, overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {"out", "copy.duckdb"}
    assert before.size_bytes == sum(
        p.stat().st_size for p in ([out] if out.is_file() else out.rglob("*")) if p.is_file()
    )


@pytest.mark.thorough
def test_the_file_is_not_held_open(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    for kind in FORMATS:
        write_export(database, tmp_path / kind, format=kind)
        assert can_be_written_elsewhere(database), kind


def folder_and_zip(folder: Path) -> tuple[Path, Path]:
    return folder, Path(shutil.make_archive(str(folder.with_name("packed")), "zip", folder))


@pytest.mark.thorough
def test_an_image_folder_ingested_again_gives_the_same_samples(
    copy_database: Callable[[], Path], tmp_path: Path
) -> None:
    database = copy_database()
    with editing(database) as connection:
        # names that cannot stay: another ending, two files of one stem, what no system takes for a folder
        connection.execute("DELETE FROM images WHERE label IS NULL")
        jpg = "replace(sample_id, '.png', '.jpg')"
        for table in ("images", "masks"):
            connection.execute(f"UPDATE {table} SET sample_id = {jpg} WHERE sample_id LIKE '%/broken/00_.png'")
        connection.execute("UPDATE images SET filename = '000.bmp' WHERE sample_id LIKE 'beta/%/train/%1.png'")
        connection.execute("UPDATE images SET category = 'Class:1', label = 'a/b' WHERE label = 'defect'")
        connection.execute("DELETE FROM masks WHERE sample_id LIKE 'beta/%/000.png'")
        connection.execute("UPDATE images SET has_mask = false WHERE sample_id LIKE 'beta/%/000.png'")
        connection.execute("UPDATE images SET split = 'train' WHERE sample_id LIKE 'beta/%/test/%1.png'")
    write_export(database, tmp_path / "out", format="mvtec", all_labelled=True)
    before = arrays(database)
    for number, root in enumerate(folder_and_zip(tmp_path / "out")):
        again = tmp_path / f"again_{number}.duckdb"
        report = ingest([root], database=again, size_px=SIZE_PX)
        assert set(report.fingerprints) == {"alpha", "beta"}
        assert any("an export; its 9 samples keep their sample_id" in note for note in report.notes)
        after = arrays(again)
        assert after.sample_ids == before.sample_ids
        assert (after.labels, after.splits, after.categories) == (before.labels, before.splits, before.categories)
        assert np.array_equal(after.images, before.images)
        assert np.array_equal(after.has_mask, before.has_mask)
        assert before.masks is not None and after.masks is not None
        assert np.array_equal(after.masks, before.masks)
        found = verify(again, database)
        assert found.ok
        assert isinstance(found.comparison, DatabaseComparison)
        assert len(found.comparison.other_files) == 14
        assert ingest([root], database=again, size_px=SIZE_PX).packages == 0


def test_part_of_an_export_and_files_added_to_it(loaded_database: Path, tmp_path: Path) -> None:
    write_export(loaded_database, tmp_path / "out", format="mvtec")
    good = tmp_path / "out/alpha/bottle/test/good"
    shutil.copy(good / "000.png", good / "new.png")
    (good / "001.png").write_bytes(b"no image")
    (tmp_path / "out/alpha/bottle/ground_truth/broken/orphan_mask.png").write_bytes((good / "000.png").read_bytes())
    again = tmp_path / "again.duckdb"
    report = ingest([tmp_path / "out/alpha"], database=again, size_px=SIZE_PX)
    assert report.images.new == 9
    assert {reject.reason for reject in report.rejects} == {"not_an_image", "orphan_mask"}
    ids = [row["sample_id"] for row in ask(again, "SELECT sample_id FROM images WHERE split = 'test'").to_pylist()]
    kept = [sample_id for sample_id in ids if not sample_id.endswith("/new.png")]
    assert len(kept) == 4 and all(sample_id.startswith("alpha/bottle/test/") for sample_id in kept)


@pytest.mark.thorough
def test_an_export_beside_what_it_was_made_from_keeps_both_apart(tmp_path: Path) -> None:
    good = tmp_path / "photos/parts/weave/train/good"
    good.mkdir(parents=True)
    for path in sorted((SAMPLE_DATA / "mvtec_like/weave/train/good").iterdir())[:3]:
        Image.open(path).convert("RGB").save(good / f"{path.stem}.jpg")
    ingest([tmp_path / "photos"], database=tmp_path / "first.duckdb", size_px=SIZE_PX)
    write_export(tmp_path / "first.duckdb", tmp_path / "photos/export", format="mvtec")
    both = tmp_path / "both.duckdb"
    report = ingest([tmp_path / "photos"], database=both, size_px=SIZE_PX)
    assert any("Ingest an export by itself" in note for note in report.notes)
    assert report.files_seen == report.images.total + report.masks.total + len(report.rejects) + sum(
        report.ignored.values()
    )
    assert verify(both).ok


@pytest.mark.thorough
@pytest.mark.parametrize(
    "table",
    [
        b"not,the,columns\n1,2,3\n",
        b"\xff\xfe",
        b"path,sample_id,source_dataset,category,split,label\nbottle/test/good/000.png,other/x.png,alpha,bottle,test,good\n",
        b"path,sample_id,source_dataset,category,split,label\nbottle/test/good/000.png,alpha/x.png,alpha,bottle,ground,good\n",
        b"path,sample_id,source_dataset,category,split,label\nbottle/test/good/000.png,alpha/x.png\n",
    ],
)
def test_a_table_that_no_export_wrote_is_not_used_and_that_is_said(
    loaded_database: Path, tmp_path: Path, table: bytes
) -> None:
    write_export(loaded_database, tmp_path / "out", format="mvtec", source="alpha")
    (tmp_path / "out/alpha" / EXPORTED_SAMPLES_FILE).write_bytes(table)
    report = ingest([tmp_path / "out/alpha"], database=tmp_path / "again.duckdb", size_px=SIZE_PX)
    assert report.images.new == 9
    assert any("darkroom_samples.csv: not used" in note for note in report.notes)


def test_a_parquet_file_is_the_table_again(loaded_database: Path, tmp_path: Path) -> None:
    report = write_export(loaded_database, tmp_path / "all.parquet", format="parquet")
    schema = pq.read_schema(report.path)
    assert pa.schema(list(schema)[: len(tables.IMAGES)]).equals(tables.IMAGES)


@pytest.mark.parametrize("name", ["CON", "aux", "nul.txt", "Com1", "LPT9.png"])
def test_no_name_is_that_of_a_device(name: str) -> None:
    assert make_safe(name) == f"_{name}"
    assert make_safe(f"x{name}") == f"x{name}"


def test_names_that_are_too_long_are_cut_and_stay_apart() -> None:
    one, other = make_safe("ü" * 300 + "1"), make_safe("ü" * 300 + "2")
    assert one != other
    assert max(len(one.encode()), len(other.encode())) < 240


@pytest.mark.parametrize("kind", ["mvtec", "visa"])
@pytest.mark.parametrize(
    ("category", "label", "filename"),
    [
        ("test", "masks", "001_mask.png"),
        ("training", "gt_mask", "mask_000.png"),
        pytest.param("ground_truth", "mask.png", "001 gt.png", marks=pytest.mark.thorough),
        pytest.param("gt", "broken_mask", "000_mask.png", marks=pytest.mark.thorough),
        ("images", "images", "000_label.png"),
        pytest.param("part", "bent", "gt.png", marks=pytest.mark.thorough),
        pytest.param("part", "bent", "mask.png", marks=pytest.mark.thorough),
        ("part", "bent", "seg.png"),
    ],
)
def test_names_with_words_for_splits_or_masks_come_back(
    copy_database: Callable[[], Path], tmp_path: Path, kind: str, category: str, label: str, filename: str
) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET label = ? WHERE label = 'broken'", [label])
        connection.execute("UPDATE images SET filename = ? WHERE sample_id LIKE '%bottle/test/%/001%'", [filename])
        connection.execute("UPDATE images SET category = ? WHERE category = 'bottle'", [category])
    assert filename in {name for (name,) in rows(database, "SELECT filename FROM images")}
    report = write_export(database, tmp_path / "out", format=kind)
    again = ingest([tmp_path / "out"], database=tmp_path / "again.duckdb", size_px=SIZE_PX)
    assert (again.images.total, again.masks.total, again.rejects) == (report.image_count, report.mask_count, ())
    assert (category, label) in rows(tmp_path / "again.duckdb", "SELECT DISTINCT category, label FROM images")


def test_an_export_into_the_current_folder_or_a_link_stays_there(
    loaded_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write_export(loaded_database, ".", format="csv")
    assert (tmp_path / "here" / "samples.csv").is_file()
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there", target_is_directory=True)
    write_export(loaded_database, tmp_path / "link", format="csv")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "samples.csv").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {"here", "there", "link"}
