"""Databases whose rows bear another name than a run gives their files, as those of an older darkroom do."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from real_runs import SAMPLE_DATA, rows

from darkroom.errors import OptionError
from darkroom.load.run import ingest
from darkroom.query.verification.verify import verify

NAMES = "SELECT source_dataset, count(*) FROM images GROUP BY ALL ORDER BY ALL"


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A root with a category of one's own, in the layout of MVTec AD, and one file to be rejected."""
    root = tmp_path / "parts"
    for folder in ("train/good", "test/scratch", "ground_truth/scratch"):
        (root / "washer" / folder).mkdir(parents=True)
        for path in sorted((SAMPLE_DATA / "mvtec_like/washer" / folder).iterdir())[:2]:
            shutil.copy(path, root / "washer" / folder)
    (root / "washer/train/good/bad.png").write_bytes(b"no picture")
    (root / "washer/ground_truth/scratch/009_mask.png").write_bytes(b"an orphan")
    return root


@pytest.fixture
def old(parts: Path, tmp_path: Path) -> Path:
    """A database of these parts as an older darkroom named them."""
    ingest([parts], database=tmp_path / "old.duckdb", name="mvtec_ad", size_px=32)
    return tmp_path / "old.duckdb"


def test_an_old_name_is_explained_and_nothing_is_loaded_twice(parts: Path, old: Path) -> None:
    with pytest.raises(OptionError) as caught:
        ingest([parts], database=old, size_px=32)
    message = str(caught.value)
    assert "4 as mvtec_ad (such as mvtec_ad/washer/test/scratch/000.png), which this run would name parts" in message
    assert "mvtec_ad: kept for folders that hold its own categories and nothing else" in message
    assert "`prune`" in message
    assert "`name` mvtec_ad" in message
    assert rows(old, NAMES) == [("mvtec_ad", 4)]


def test_the_old_name_can_be_kept(parts: Path, old: Path) -> None:
    report = ingest([parts], database=old, name="mvtec_ad", size_px=32)
    assert (report.packages, report.images.unchanged) == (0, 4)


@pytest.mark.thorough
def test_prune_renames_all_that_belongs_to_it(parts: Path, old: Path, tmp_path: Path) -> None:
    report = ingest([parts], database=old, size_px=32, prune=True)
    assert "mvtec_ad: 4 images are named parts now, and loaded anew" in report.notes
    assert report.gone == ()
    ingest([parts], database=tmp_path / "new.duckdb", size_px=32)
    for table, key in (
        ("images", "sample_id"),
        ("masks", "sample_id"),
        ("rejects", "source_path"),
        ("image_datasets", "name"),
    ):
        query = f"SELECT * EXCLUDE (_dlt_load_id) FROM {table} ORDER BY {key}"
        assert rows(old, query) == rows(tmp_path / "new.duckdb", query), table
    assert verify(old).ok
    again = ingest([parts], database=old, size_px=32)
    assert (again.packages, again.images.unchanged, again.new_rejects) == (0, 4, 0)


@pytest.mark.thorough
def test_rows_of_other_image_datasets_stay_when_one_is_renamed(parts: Path, old: Path) -> None:
    ingest([SAMPLE_DATA / "dagm_like/Class11"], database=old, size_px=32)
    ingest([parts], database=old, size_px=32, prune=True)
    assert rows(old, NAMES) == [("class11", 38), ("parts", 4)]
    assert rows(old, "SELECT name FROM image_datasets ORDER BY 1") == [("class11",), ("parts",)]


def test_an_old_name_is_known_again_in_a_folder_that_moved(parts: Path, old: Path, tmp_path: Path) -> None:
    moved = parts.rename(tmp_path / "moved")
    with pytest.raises(OptionError, match=r"4 as mvtec_ad .* would name moved"):
        ingest([moved], database=old, size_px=32)
    ingest([moved], database=old, size_px=32, prune=True)
    assert rows(old, NAMES) == [("moved", 4)]


@pytest.mark.thorough
@pytest.mark.parametrize("root", ["line4", "."])
def test_a_renamed_folder_is_known_again(parts: Path, tmp_path: Path, root: str) -> None:
    database = tmp_path / "x.duckdb"
    (tmp_path / "plant").mkdir()
    parts.rename(tmp_path / "plant/line4")
    ingest([tmp_path / "plant" / root], database=database, size_px=32)
    (tmp_path / "plant/line4").rename(tmp_path / "plant/line5")
    again = tmp_path / "plant" / root.replace("4", "5")
    with pytest.raises(OptionError, match=r"4 as line4 .* would name line5"):
        ingest([again], database=database, size_px=32)
    ingest([again], database=database, size_px=32, prune=True)
    assert rows(database, NAMES) == [("line5", 4)]
    assert rows(database, "SELECT name FROM image_datasets") == [("line5",)]
    assert len(rows(database, "SELECT * FROM rejects")) == 2
    assert verify(database).ok


@pytest.mark.thorough
def test_a_category_given_by_itself_is_known_again(parts: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.duckdb"
    ingest([parts], database=database, size_px=32)
    with pytest.raises(OptionError, match=r"4 as parts .* would name washer"):
        ingest([parts / "washer"], database=database, size_px=32)
    assert ingest([parts / "washer"], database=database, size_px=32, name="parts").images.unchanged == 4
    assert len(rows(database, "SELECT * FROM rejects")) == 2
    assert verify(database).ok


@pytest.mark.thorough
def test_a_copy_elsewhere_under_another_name_is_no_rename(parts: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.duckdb"
    shutil.copytree(parts, tmp_path / "copy")
    ingest([parts], database=database, size_px=32)
    ingest([tmp_path / "copy"], database=database, size_px=32)
    assert rows(database, NAMES) == [("copy", 4), ("parts", 4)]


@pytest.mark.thorough
def test_facts_of_one_part_are_not_told_of_another(parts: Path, tmp_path: Path) -> None:
    database, licences = tmp_path / "x.duckdb", "SELECT licence FROM image_datasets"
    shutil.copytree(parts / "washer", tmp_path / "other/nut")
    (parts / "dataset.toml").write_text('name = "ours"\nlicence = "secret"')
    ingest([parts], database=database, size_px=32)
    assert rows(database, licences) == [("secret",)]
    report = ingest([tmp_path / "other"], database=database, size_px=32, name="ours")
    assert rows(database, licences) == [(None,)]
    assert any("licence, citation and homepage are empty now" in note for note in report.notes)
    assert ingest([parts], database=database, size_px=32).packages == 0


@pytest.mark.thorough
def test_archives_of_one_name_are_told(parts: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.duckdb"
    for person in ("alice", "bob"):
        (tmp_path / person).mkdir()
        shutil.make_archive(str(tmp_path / person / "parts"), "zip", parts)
        ingest([tmp_path / person / "parts.zip"], database=database, size_px=32)
        shutil.copy(parts / "washer/train/good/001.png", parts / "washer/train/good/000.png")
    report = ingest([tmp_path / "alice/parts.zip"], database=database, size_px=32)
    assert any("1 gave way to others of the same name" in note for note in report.notes)


@pytest.mark.thorough
def test_the_published_images_are_no_old_name_of_somebody_elses(parts: Path, tmp_path: Path) -> None:
    database = tmp_path / "both.duckdb"
    for name in ("published", "own"):
        shutil.copytree(parts / "washer", tmp_path / name / "bottle")
    (tmp_path / "published/bottle/test/scratch").rename(tmp_path / "published/bottle/test/broken_large")
    (tmp_path / "published/bottle/ground_truth/scratch").rename(tmp_path / "published/bottle/ground_truth/broken_large")
    ingest([tmp_path / "published"], database=database, size_px=32)
    ingest([tmp_path / "own"], database=database, size_px=32)
    assert rows(database, NAMES) == [("mvtec_ad", 4), ("own", 4)]


@pytest.mark.thorough
def test_a_stranger_of_the_same_place_is_no_old_name(parts: Path, old: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    for path in sorted(parts.rglob("*.png")):
        target = stranger / path.relative_to(parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((SAMPLE_DATA / "mvtec_like/weave/train/good/000.png").read_bytes())
    ingest([stranger], database=old, size_px=32)
    assert dict(rows(old, NAMES))["mvtec_ad"] == 4


@pytest.mark.thorough
def test_another_name_for_the_same_files_is_refused_too(parts: Path, tmp_path: Path) -> None:
    database = tmp_path / "x.duckdb"
    ingest([parts], database=database, size_px=32)
    with pytest.raises(OptionError, match=r"4 as parts .* would name ours\. Give `prune`"):
        ingest([parts], database=database, name="ours", size_px=32)
    assert rows(database, NAMES) == [("parts", 4)]


@pytest.mark.thorough
def test_a_rename_that_was_cut_short_is_finished_by_the_next_run(
    parts: Path, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("darkroom.load.loader.Loader.delete_obsolete", lambda _: (_ for _ in ()).throw(OSError("gone")))
        with pytest.raises(Exception, match="gone"):
            ingest([parts], database=old, size_px=32, prune=True)
    assert rows(old, NAMES) == [("mvtec_ad", 4), ("parts", 4)]
    ingest([parts], database=old, size_px=32, prune=True)
    assert rows(old, NAMES) == [("parts", 4)]
    assert verify(old).ok


@pytest.mark.thorough
def test_two_image_datasets_of_one_name_are_told(parts: Path, tmp_path: Path) -> None:
    database, other = tmp_path / "x.duckdb", tmp_path / "elsewhere" / "parts"
    shutil.copytree(parts, other)
    shutil.copy(parts / "washer/train/good/001.png", other / "washer/train/good/000.png")
    ingest([parts], database=database, size_px=32)
    report = ingest([other], database=database, size_px=32)
    (note,) = [note for note in report.notes if "two image datasets" in note]
    assert note.startswith(f"parts: of the images loaded from {parts.as_posix()}, 1 gave way to others")
    both = ingest([parts, other], database=tmp_path / "y.duckdb", size_px=32)
    (reject,) = [reject for reject in both.rejects if reject.reason == "conflicting_duplicate"]
    assert "if these are two image datasets" in reject.message


@pytest.mark.thorough
def test_the_facts_of_an_old_database_are_columns_as_before(old: Path) -> None:
    with duckdb.connect(str(old), read_only=True) as connection:
        row = connection.execute("SELECT name, layout, licence FROM inspection.image_datasets").fetchall()
    assert row == [("mvtec_ad", "mvtec_ad", None)]


def test_a_category_folder_that_was_renamed_is_known_again(parts: Path, tmp_path: Path) -> None:
    database, root = tmp_path / "x.duckdb", parts / "washer"
    (root / "dataset.toml").write_text('name = "line_9"\n', encoding="utf-8")
    ingest([root], database=database, size_px=32)
    root.rename(parts / "ring")
    with pytest.raises(OptionError, match=r"4 as line_9/washer .* would name line_9/ring"):
        ingest([parts / "ring"], database=database, size_px=32)
    ingest([parts / "ring"], database=database, size_px=32, prune=True)
    assert rows(database, "SELECT DISTINCT category, count(*) FROM images GROUP BY ALL") == [("ring", 4)]
    assert verify(database).ok
