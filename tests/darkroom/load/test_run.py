"""What a run of `ingest` leaves in the tables, and what the next run makes of it."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import time
from pathlib import Path
from typing import Any

import dlt
import duckdb
import numpy as np
import pytest
from PIL import Image
from real_runs import SAMPLE_DATA, contents, rows

from darkroom.errors import (
    DatabaseBusyError,
    DatabaseError,
    LayoutNotRecognisedError,
    LoadError,
    OptionError,
    RootError,
)
from darkroom.load import small_tables
from darkroom.load.limits import SampleLimits
from darkroom.load.report import IngestReport
from darkroom.load.resources import make_table
from darkroom.load.run import ingest
from darkroom.query.summary import summary
from darkroom.query.verification.verify import verify
from darkroom.read_ahead import read_ahead
from darkroom.sample_data import EXPECTED_FAULTS


def balance(report: IngestReport) -> tuple[int, int, int, int, int]:
    return (
        report.files_seen,
        report.images.total,
        report.masks.total,
        len(report.rejects),
        sum(report.ignored.values()),
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "darkroom.duckdb"


@pytest.fixture(scope="module")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, IngestReport]:
    """All of the sample data, faulty files too; shared, so read only."""
    path = tmp_path_factory.mktemp("sample") / "darkroom.duckdb"
    return path, ingest([SAMPLE_DATA], database=path)


@pytest.fixture
def washers(tmp_path: Path) -> Path:
    """A root with one small MVTec category that tests may change."""
    root = tmp_path / "root"
    for folder in ("train/good", "test/good", "test/scratch", "ground_truth/scratch"):
        target = root / "washer" / folder
        target.mkdir(parents=True)
        for path in sorted((SAMPLE_DATA / "mvtec_like/washer" / folder).iterdir())[:3]:
            shutil.copy(path, target)
    return root


def test_sample_data_comes_out_whole(sample_database: tuple[Path, IngestReport]) -> None:
    database, report = sample_database
    assert balance(report) == (299, 204, 65, 12, 18)
    assert rows(database, "SELECT count(*), count(DISTINCT sample_id) FROM images") == [(204, 204)]
    assert rows(database, "SELECT count(*) FROM masks JOIN images USING (sample_id)") == [(62,)]
    assert rows(database, "SELECT count(*) FROM images WHERE has_mask") == [(62,)]
    assert rows(database, "SELECT DISTINCT split FROM images ORDER BY 1") == [("test",), ("train",), ("val",)]


def test_each_fault_gets_the_outcome_it_was_made_for(sample_database: tuple[Path, IngestReport]) -> None:
    database, _ = sample_database
    found = dict(rows(database, "SELECT source_path, reason FROM rejects"))
    found |= dict(rows(database, "SELECT source_path, 'mask' FROM masks WHERE source_path LIKE 'faulty/%'"))
    found |= dict(rows(database, "SELECT source_path, 'image' FROM images WHERE source_path LIKE 'faulty/%'"))
    expected = {path: outcome for path, outcome in EXPECTED_FAULTS.items() if outcome != "ignored"}
    assert found == expected


def test_tensors_are_the_harmonised_files(database: Path, washers: Path) -> None:
    ingest([washers], database=database, size_px=64, resampler="pillow")
    [(blob, height, width)] = rows(
        database,
        "SELECT image_tensor, tensor_height, tensor_width FROM images "
        "WHERE sample_id = 'root/washer/train/good/000.png'",
    )
    with Image.open(washers / "washer/train/good/000.png") as image:
        expected = np.asarray(image.convert("RGB").resize((64, 64), Image.Resampling.LANCZOS))
    assert (height, width) == (64, 64)
    np.testing.assert_array_equal(np.frombuffer(blob, np.uint8).reshape(64, 64, 3), expected)


def test_second_run_loads_nothing_and_reads_no_file(
    database: Path, washers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([washers], database=database)
    before = contents(database)
    monkeypatch.setattr("darkroom.load.loader.read_sample", lambda *_, **__: pytest.fail("a settled file was read"))
    report = ingest([washers], database=database)
    assert report.packages == 0
    assert (report.images.unchanged, report.masks.unchanged) == (9, 3)
    assert contents(database) == before


def test_a_run_with_nothing_new_asks_over_one_client_and_works_out_each_fingerprint_once(
    database: Path, washers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ingest([washers], database=database)
    calls: list[str] = []

    def count(owner: Any, name: str) -> None:
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *args, **options: calls.append(name) or original(*args, **options))

    count(dlt.Pipeline, "sql_client")
    count(small_tables, "make_fingerprint")
    assert ingest([washers], database=database).fingerprints == first.fingerprints
    assert sorted(calls) == ["make_fingerprint", "sql_client"]


@pytest.mark.parametrize(("option", "value"), [("size_px", 0), ("size_px", 8193), ("fit", "squeeze")])
def test_an_option_out_of_range_is_named_before_a_file_is_opened(database: Path, option: str, value: Any) -> None:
    with pytest.raises(OptionError, match=f"`{option}` '?{value}'?: expected"):
        ingest(["no such folder"], database=database, **{option: value})
    assert not database.exists()


def test_changed_file_replaces_its_row(database: Path, washers: Path) -> None:
    ingest([washers], database=database)
    changed = washers / "washer/train/good/000.png"
    shutil.copy(washers / "washer/train/good/001.png", changed)
    os.utime(changed, (2_000_000_000, 2_000_000_000))
    report = ingest([washers], database=database)
    assert (report.images.new, report.images.replaced, report.images.unchanged) == (0, 1, 8)
    hashes = rows(
        database,
        "SELECT count(DISTINCT content_sha256), count(DISTINCT image_tensor) FROM images "
        "WHERE filename IN ('000.png', '001.png') AND split = 'train'",
    )
    assert hashes == [(1, 1)]
    assert rows(database, "SELECT count(*) FROM images") == [(9,)]


def test_touched_file_with_the_same_bytes_is_not_loaded_again(database: Path, washers: Path) -> None:
    ingest([washers], database=database)
    os.utime(washers / "washer/train/good/000.png", (2_000_000_000, 2_000_000_000))
    report = ingest([washers], database=database)
    assert (report.packages, report.images.unchanged) == (0, 9)


@pytest.mark.thorough
def test_file_added_later_with_an_older_timestamp_is_found(database: Path, washers: Path) -> None:
    ingest([washers], database=database)
    late = washers / "washer/train/good/099.png"
    shutil.copy(washers / "washer/train/good/000.png", late)
    os.utime(late, (1_000_000_000, 1_000_000_000))
    report = ingest([washers], database=database)
    assert (report.images.new, report.images.unchanged) == (1, 9)
    assert rows(database, "SELECT count(*) FROM images WHERE filename = '099.png'") == [(1,)]


def test_file_gone_is_reported_and_kept_without_prune(database: Path, washers: Path) -> None:
    ingest([washers], database=database)
    before = contents(database)
    (washers / "washer/test/scratch/000.png").unlink()
    (washers / "washer/ground_truth/scratch/000_mask.png").unlink()
    report = ingest([washers], database=database)
    assert report.gone == ("washer/test/scratch/000.png", "washer/ground_truth/scratch/000_mask.png")
    assert report.pruned == 0
    assert contents(database) == before


@pytest.mark.thorough
def test_prune_deletes_the_rows_of_files_that_are_gone(database: Path, washers: Path, tmp_path: Path) -> None:
    ingest([washers], database=database)
    (washers / "washer/test/scratch/000.png").unlink()
    (washers / "washer/ground_truth/scratch/000_mask.png").unlink()
    (washers / "washer/ground_truth/scratch/001_mask.png").unlink()
    report = ingest([washers], database=database, prune=True)
    assert report.pruned == 3
    fresh = tmp_path / "fresh.duckdb"
    ingest([washers], database=fresh)
    assert contents(database) == contents(fresh)


@pytest.mark.thorough
def test_another_root_does_not_make_the_first_one_gone(database: Path, washers: Path) -> None:
    ingest([SAMPLE_DATA / "mvtec_like/weave"], database=database)
    report = ingest([washers], database=database, prune=True)
    assert report.gone == ()
    assert rows(database, "SELECT count(DISTINCT category) FROM images") == [(2,)]


@pytest.mark.thorough
def test_file_that_became_unusable_turns_from_row_to_reject_and_back(database: Path, washers: Path) -> None:
    ingest([washers], database=database)
    before = contents(database)
    path = washers / "washer/test/scratch/000.png"
    good, stat = path.read_bytes(), path.stat()
    path.write_bytes(good[:1000])
    report = ingest([washers], database=database)
    reasons = sorted(reject.reason for reject in report.rejects)
    assert reasons == ["corrupt", "orphan_mask"]
    assert rows(database, "SELECT count(*) FROM images") == [(8,)]
    assert rows(database, "SELECT count(*) FROM masks") == [(2,)]
    assert ingest([washers], database=database).packages == 0
    path.write_bytes(good)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert not ingest([washers], database=database).rejects
    assert contents(database) == before


def test_a_label_that_changes_on_disk_changes_in_the_table(database: Path, tmp_path: Path) -> None:
    root = tmp_path / "dagm"
    shutil.copytree(SAMPLE_DATA / "dagm_like/Class11", root / "Class11")
    ingest([root], database=database)
    labels = root / "Class11/Train/Label/Labels.txt"
    lines = labels.read_bytes().split(b"\r\n")
    index = next(i for i, line in enumerate(lines) if line.split(b"\t")[1:2] == [b"0"])
    fields = lines[index].split(b"\t")
    lines[index] = b"\t".join([fields[0], b"1", fields[2], b"0", fields[0] + b"_label.PNG"])
    labels.write_bytes(b"\r\n".join(lines))
    report = ingest([root], database=database)
    assert report.images.replaced == 1
    name = fields[2].decode()
    query = f"SELECT label, is_defect FROM images WHERE filename = '{name}' AND split = 'train'"
    assert rows(database, query) == [("defect", True)]


@pytest.mark.thorough
def test_several_roots_in_one_call(database: Path) -> None:
    report = ingest([SAMPLE_DATA / "mvtec_like", SAMPLE_DATA / "dagm_like"], database=database)
    assert report.images.total == 144
    assert set(report.fingerprints) == {"mvtec_like", "dagm_like"}


def test_same_data_in_two_places_has_one_fingerprint(tmp_path: Path, washers: Path) -> None:
    copy = tmp_path / "elsewhere" / "root"
    shutil.copytree(washers, copy)
    first = ingest([washers], database=tmp_path / "a.duckdb")
    second = ingest([copy], database=tmp_path / "b.duckdb", size_px=32)
    assert first.fingerprints == second.fingerprints


def test_one_table_holds_one_size(database: Path, washers: Path) -> None:
    ingest([washers], database=database)
    with pytest.raises(OptionError, match=r"256 px, fit stretch; this run asks for 128 px"):
        ingest([washers], database=database, size_px=128)


def test_a_run_that_stopped_between_packages_has_settled_the_size(
    database: Path, washers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, packages = dlt.Pipeline.run, iter(range(100))

    def fail_at_the_second(pipeline: dlt.Pipeline, *args: Any, **options: Any) -> Any:
        if next(packages) == 1:
            raise OSError(errno.EIO, "the disk is gone")
        return run(pipeline, *args, **options)

    few = SampleLimits(ahead=4, per_tables=2, per_file=4, per_package=64)
    monkeypatch.setattr(SampleLimits, "of", classmethod(lambda *_: few))
    monkeypatch.setattr(dlt.Pipeline, "run", fail_at_the_second)
    with pytest.raises(LoadError):
        ingest([washers], database=database)
    assert rows(database, "SELECT count(*) > 0 FROM images") == [(True,)]
    with pytest.raises(OptionError, match="One table holds one size"):
        ingest([washers], database=database, size_px=128)


def bytes_written() -> int:
    """What this process has handed to the system to write, so far."""
    fields = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(field.split()[1]) for field in fields if field.startswith("wchar:"))


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux tells how much a process writes")
def test_a_picture_is_written_twice_and_not_to_the_log_as_well(database: Path) -> None:
    before = bytes_written()
    ingest([SAMPLE_DATA], database=database)
    written = bytes_written() - before
    ((images,),) = rows(database, "SELECT sum(octet_length(image_tensor)) FROM images")
    ((masks,),) = rows(database, "SELECT sum(octet_length(mask_tensor)) FROM masks")
    # once to parquet, once to the table; all else comes to a seventh
    assert 2 < written / (images + masks) < 2.4


def test_a_column_of_tensors_copies_none() -> None:
    tensors = [bytes([number]) * 1000 for number in range(3)]
    given = [{"sample_id": str(number), "mask_tensor": tensor} for number, tensor in enumerate(tensors)]
    column = make_table("masks", given)["mask_tensor"]
    assert column.to_pylist() == tensors
    addresses = [np.frombuffer(tensor, np.uint8).ctypes.data for tensor in tensors]
    assert [chunk.buffers()[2].address for chunk in column.chunks] == addresses


def test_nothing_recognised_makes_no_database(database: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/readme.txt").write_text("nothing here")
    with pytest.raises(LayoutNotRecognisedError):
        ingest([tmp_path / "notes"], database=database)
    assert not database.exists()


@pytest.mark.thorough
def test_workers_and_limits_do_not_change_the_rows(
    tmp_path: Path, washers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([washers], database=tmp_path / "fast.duckdb")
    slow = SampleLimits(ahead=1, per_tables=1, per_file=1, per_package=1)
    monkeypatch.setattr(SampleLimits, "of", classmethod(lambda *_: slow))
    report = ingest([washers], database=tmp_path / "slow.duckdb", workers=1)
    assert report.packages >= 5
    assert contents(tmp_path / "slow.duckdb") == contents(tmp_path / "fast.duckdb")


def test_no_more_samples_are_in_flight_than_asked_for() -> None:
    started: list[int] = []

    def read(number: int) -> int:
        started.append(number)
        return number

    with read_ahead(range(100), read, workers=4, ahead=10) as numbers:
        for taken, number in enumerate(numbers):
            time.sleep(0.001)
            assert number == taken
            assert len(started) <= taken + 1 + 10
    assert sorted(started) == list(range(100))


def test_busy_database_is_one_sentence_and_loses_nothing(database: Path, washers: Path) -> None:
    import subprocess
    import sys

    ingest([washers], database=database)
    before = contents(database)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseBusyError, match="another process"):
            ingest([washers], database=database)
        holder.communicate()
    assert contents(database) == before


@pytest.mark.parametrize(
    ("tables", "found"),
    [
        ("CREATE TABLE images (id INT, taken_on DATE)", "images without _dlt_loads, the list of loads"),
        ("CREATE TABLE masks (sample_id VARCHAR)", "masks without _dlt_loads, the list of loads"),
        (
            "CREATE TABLE _dlt_loads (load_id VARCHAR, status BIGINT); CREATE TABLE images (sample_id VARCHAR, x INT)",
            "images lacks source_dataset, category, split and more",
        ),
        (
            "CREATE TABLE _dlt_loads (load_id VARCHAR, status BIGINT); CREATE VIEW rejects AS SELECT 1 AS reason",
            "rejects lacks source_dataset, source_root, source_path and more",
        ),
    ],
)
def test_tables_of_somebody_else_are_told_as_summary_tells_them_and_left_alone(
    database: Path, washers: Path, tables: str, found: str
) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE SCHEMA inspection; USE inspection; {tables}")
    before = database.read_bytes()
    said = []
    for act in (lambda: ingest([washers], database=database), lambda: summary(database)):
        with pytest.raises(DatabaseError) as error:
            act()
        said.append(str(error.value))
    assert said[0] == said[1]
    assert f"not as this version of darkroom writes them ({found})" in said[0]
    assert "safe" not in said[0]
    assert database.read_bytes() == before
    assert not (database.parent / ".darkroom").exists()


def test_other_tables_in_the_file_and_in_its_schema_are_no_hindrance(database: Path, washers: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE TABLE images AS SELECT 1 AS a; CREATE SCHEMA inspection")
        connection.execute("CREATE TABLE inspection.notes AS SELECT 'kept' AS note")
    assert ingest([washers], database=database, size_px=32).images.new == 9
    assert rows(database, "SELECT note FROM notes UNION ALL SELECT a::VARCHAR FROM main.images") == [("kept",), ("1",)]


def test_pruning_a_whole_image_dataset_leaves_a_database_that_verifies(database: Path, tmp_path: Path) -> None:
    root = tmp_path / "both"
    shutil.copytree(SAMPLE_DATA / "mvtec_like/weave", root / "mvtec_like/weave")
    shutil.copytree(SAMPLE_DATA / "dagm_like/Class11", root / "dagm_like/Class11")
    ingest([root], database=database, size_px=32)
    shutil.rmtree(root / "dagm_like")
    ingest([root], database=database, size_px=32, prune=True)
    assert rows(database, "SELECT DISTINCT source_dataset FROM images") == [("mvtec_like",)]
    assert rows(database, "SELECT name FROM image_datasets") == [("mvtec_like",)]
    assert verify(database).ok


@pytest.mark.thorough
def test_image_without_a_mask_is_called_good_once_others_have_masks(database: Path, tmp_path: Path) -> None:
    part = tmp_path / "root/part"
    for folder in ("train", "test", "ground_truth"):
        (part / folder).mkdir(parents=True)
    washer = SAMPLE_DATA / "mvtec_like/washer"
    shutil.copy(washer / "train/good/000.png", part / "train/000.png")
    shutil.copy(washer / "test/good/000.png", part / "test/000.png")
    shutil.copy(washer / "test/scratch/001.png", part / "test/001.png")
    options: dict[str, Any] = {"database": database, "layout": "mvtec_ad", "size_px": 32}
    ingest([tmp_path / "root"], **options)
    labels = "SELECT filename, label FROM images WHERE split = 'test' ORDER BY 1"
    assert rows(database, labels) == [("000.png", None), ("001.png", None)]
    shutil.copy(washer / "ground_truth/scratch/001_mask.png", part / "ground_truth/001_mask.png")
    ingest([tmp_path / "root"], **options)
    assert rows(database, labels) == [("000.png", "good"), ("001.png", "defect")]
    assert ingest([tmp_path / "root"], **options).packages == 0


def test_the_garbage_collector_is_as_before_after_a_run(tmp_path: Path) -> None:
    before = (gc.get_threshold(), gc.get_freeze_count())
    with pytest.raises(RootError):
        ingest([tmp_path / "absent"], database=tmp_path / "x.duckdb")
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


@pytest.mark.parametrize("name", ["workers", "max_pixels"])
def test_a_number_that_makes_no_sense_is_refused_before_anything_is_opened(name: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=f"`{name}` 0: expected 1 or more"):
        ingest([tmp_path / "not there"], database=tmp_path / "d.duckdb", **{name: 0})  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
