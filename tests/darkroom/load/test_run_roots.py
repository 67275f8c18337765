"""Whole runs over every kind of root, and in surroundings that fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb
import pytest
from real_runs import SAMPLE_DATA, contents, rows
from trees import make_tar, make_zip

from darkroom.errors import DiskFullError, OptionError, RootNotFoundError
from darkroom.load.run import ingest
from darkroom.sample import Reason

WASHER = SAMPLE_DATA / "mvtec_like/washer"


@pytest.fixture
def washer_files() -> dict[str, bytes]:
    return {
        f"washer/{path.relative_to(WASHER).as_posix()}": path.read_bytes()
        for path in sorted(WASHER.rglob("*.png"))
        if path.stem[:3] in {"000", "001"}
    }


def pictures(database: Path) -> list[tuple[object, ...]]:
    return rows(database, "SELECT sample_id, label, content_sha256, image_tensor FROM images ORDER BY 1")


@pytest.mark.thorough
def test_archives_and_bucket_give_the_rows_of_the_folder(
    tmp_path: Path, washer_files: dict[str, bytes], s3_bucket: Callable[[Mapping[str, bytes]], str]
) -> None:
    folder = tmp_path / "folder"
    for path, content in washer_files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    ingest([folder], database=tmp_path / "folder.duckdb", name="washers", size_px=64)
    expected = pictures(tmp_path / "folder.duckdb")
    assert len(expected) == 8
    roots = {
        "zip": make_zip(tmp_path / "washers.zip", washer_files),
        "tar": make_tar(tmp_path / "washers.tar.gz", washer_files),
        "s3": s3_bucket(washer_files),
    }
    for name, root in roots.items():
        database = tmp_path / f"{name}.duckdb"
        assert ingest([root], database=database, name="washers", size_px=64).masks.new == 4
        assert pictures(database) == expected, name
        again = ingest([root], database=database, name="washers", size_px=64)
        assert (again.packages, again.images.unchanged, again.masks.unchanged) == (0, 8, 4), name


@pytest.mark.thorough
def test_zip_in_a_bucket(
    tmp_path: Path, washer_files: dict[str, bytes], s3_bucket: Callable[[Mapping[str, bytes]], str]
) -> None:
    archive = make_zip(tmp_path / "washers.zip", washer_files)
    url = s3_bucket({"downloads/washers.zip": archive.read_bytes()})
    report = ingest([f"{url}/downloads/washers.zip"], database=tmp_path / "a.duckdb", size_px=32)
    assert (report.images.new, report.masks.new, report.rejects) == (8, 4, ())


@pytest.mark.thorough
def test_file_that_changed_in_a_bucket_replaces_its_row(
    tmp_path: Path, washer_files: dict[str, bytes], s3_bucket: Callable[[Mapping[str, bytes]], str]
) -> None:
    url, database = s3_bucket(washer_files), tmp_path / "a.duckdb"
    ingest([url], database=database, size_px=32)
    s3_bucket({"washer/train/good/000.png": washer_files["washer/train/good/001.png"]})
    report = ingest([url], database=database, size_px=32)
    assert (report.images.replaced, report.images.unchanged) == (1, 7)


def test_two_copies_in_one_archive_are_loaded_once(tmp_path: Path) -> None:
    dagm = SAMPLE_DATA / "dagm_like"
    files = {path.relative_to(dagm).as_posix(): path.read_bytes() for path in dagm.rglob("Class11/Test/**/*.*")}
    twice = {f"DAGM_KaggleUpload/{path}": content for path, content in files.items()}
    twice |= {f"dagm_kaggleupload/{path}": content for path, content in twice.items()}
    archive = make_zip(tmp_path / "archive.zip", twice)
    report = ingest([archive], database=tmp_path / "a.duckdb", size_px=32)
    assert (report.images.total, report.masks.total, report.rejects) == (18, 9, ())
    assert report.ignored["identical copy"] == 27
    again = ingest([archive], database=tmp_path / "a.duckdb", size_px=32)
    assert (again.packages, again.images.unchanged, again.ignored["identical copy"]) == (0, 18, 27)


def test_a_folder_that_moved_may_have_a_licence_by_now(tmp_path: Path, washer_files: dict[str, bytes]) -> None:
    for path, content in washer_files.items():
        (tmp_path / "here" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / path).write_bytes(content)
    ingest([tmp_path / "here"], database=tmp_path / "a.duckdb", name="ours", size_px=32)
    shutil.move(tmp_path / "here", tmp_path / "there")
    (tmp_path / "there/dataset.toml").write_text('licence = "CC0"')
    report = ingest([tmp_path / "there"], database=tmp_path / "a.duckdb", name="ours", size_px=32)
    assert (report.images.unchanged, report.images.new) == (8, 0)
    assert rows(tmp_path / "a.duckdb", "SELECT licence FROM image_datasets") == [("CC0",)]


def test_rows_say_where_files_are_that_moved(tmp_path: Path, washer_files: dict[str, bytes]) -> None:
    for path, content in washer_files.items():
        (tmp_path / "here" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / path).write_bytes(content)
    database, now = tmp_path / "a.duckdb", (tmp_path / "there").resolve().as_posix()
    ingest([tmp_path / "here"], database=database, name="ours", size_px=32)
    shutil.move(tmp_path / "here", tmp_path / "there")
    (tmp_path / "there/washer/ground_truth").rename(tmp_path / "there/washer/groundtruth")
    report = ingest([tmp_path / "there"], database=database, name="ours", size_px=32)
    assert (report.images.unchanged, report.masks.unchanged) == (8, 4)
    for table in ("images", "masks"):
        places = rows(database, f"SELECT source_root, source_path FROM {table}")
        assert {root for root, _ in places} == {now}
        assert all((Path(str(root)) / str(path)).is_file() for root, path in places)
    assert rows(database, "SELECT root FROM image_datasets") == [(now,)]
    other = tmp_path / "there/washer/groundtruth/scratch"
    first, second = sorted(other.iterdir())[:2]
    content, times = second.read_bytes(), first.stat()
    first.unlink()
    moved = other / first.name.replace("_mask", "_GT")
    moved.write_bytes(content)
    os.utime(moved, ns=(times.st_atime_ns, times.st_mtime_ns))
    report = ingest([tmp_path / "there"], database=database, name="ours", size_px=32)
    assert report.masks.replaced == 1, "another mask of the same size is another mask"
    assert ingest([tmp_path / "there"], database=database, name="ours", size_px=32).packages == 0


@pytest.mark.thorough
def test_real_excerpts(real_excerpts: Path, tmp_path: Path) -> None:
    roots = [real_excerpts / "mvtec_excerpt", real_excerpts / "dagm_excerpt"]
    report = ingest(roots, database=tmp_path / "a.duckdb")
    assert (report.files_seen, report.images.new, report.masks.new, report.rejects) == (60, 40, 20, ())
    splits = rows(tmp_path / "a.duckdb", "SELECT split, count(*), count_if(has_mask) FROM images GROUP BY 1 ORDER BY 1")
    assert splits == [("test", 20, 20), ("train", 20, 0)]
    assert rows(tmp_path / "a.duckdb", "SELECT count(*) FROM images WHERE source_path LIKE '%ground_truth%'") == [(0,)]
    assert rows(tmp_path / "a.duckdb", "SELECT count(*) FROM masks WHERE defect_fraction = 0") == [(0,)]
    assert rows(tmp_path / "a.duckdb", "SELECT DISTINCT split, label FROM images ORDER BY 1") == [
        ("test", "defect"),
        ("train", "good"),
    ]


def test_dangling_link_is_a_reject(tmp_path: Path, washer_files: dict[str, bytes]) -> None:
    good = tmp_path / "root/washer/train/good"
    good.mkdir(parents=True)
    (good / "000.png").write_bytes(washer_files["washer/train/good/000.png"])
    try:
        (good / "001.png").symlink_to(tmp_path / "not-there.png")
    except OSError:
        pytest.skip("this system does not let us make links")
    report = ingest([tmp_path / "root"], database=tmp_path / "a.duckdb", size_px=32)
    assert [reject.reason for reject in report.rejects] == [Reason.DANGLING_SYMLINK]
    assert report.images.new == 1
    with pytest.raises(RootNotFoundError, match=r"is a link to .*not-there.png, which is not there"):
        ingest([good / "001.png"], database=tmp_path / "a.duckdb", size_px=32)


def test_file_that_may_not_be_read_is_a_reject(tmp_path: Path, washer_files: dict[str, bytes]) -> None:
    good = tmp_path / "root/washer/train/good"
    good.mkdir(parents=True)
    for name in ("000.png", "001.png"):
        (good / name).write_bytes(washer_files[f"washer/train/good/{name}"])
    (good / "001.png").chmod(0)
    if os.access(good / "001.png", os.R_OK):
        pytest.skip("this user may read every file")
    report = ingest([tmp_path / "root"], database=tmp_path / "a.duckdb", size_px=32)
    assert [reject.reason for reject in report.rejects] == [Reason.UNREADABLE]
    assert report.images.new == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a small file system can be mounted by root on Linux only")
    command = [mount, "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - the one that belongs to mount


@pytest.mark.thorough
def test_full_disk_is_one_sentence_and_the_next_run_is_whole(small_disk: Path, tmp_path: Path) -> None:
    database = small_disk / "a.duckdb"
    with pytest.raises(DiskFullError, match=r"No space is left in .*free some space"):
        ingest([SAMPLE_DATA / "mvtec_like"], database=database)
    moved = tmp_path / "a.duckdb"
    if database.exists():
        shutil.copy(database, moved)
    ingest([SAMPLE_DATA / "mvtec_like"], database=moved)
    ingest([SAMPLE_DATA / "mvtec_like"], database=tmp_path / "undisturbed.duckdb")
    assert contents(moved) == contents(tmp_path / "undisturbed.duckdb")


@pytest.mark.thorough
def test_filesystem_takes_parquet_files_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = tmp_path / "bucket"
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", bucket.as_uri())
    database = tmp_path / "unused.duckdb"
    report = ingest([WASHER], destination="filesystem", database=database, size_px=32)
    assert report.images.new == 34
    for table, count in (("images", 34), ("masks", 10), ("image_datasets", 1)):
        files = (bucket / "inspection" / table).as_posix() + "/*.parquet"
        assert duckdb.sql(f"SELECT count(*) FROM '{files}'").fetchall() == [(count,)]
    with pytest.raises(OptionError, match="in the destination filesystem already"):
        ingest([WASHER], destination="filesystem", database=database, size_px=32)
    assert not database.exists()
