"""Deep images of one image dataset get one scale, whatever run they come with."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dlt
import numpy as np
import pyarrow as pa
import pytest
from deep_images import make_png_16, make_tiff
from PIL import Image
from real_runs import contents, rows

from darkroom import tables
from darkroom.commands.views.summary import render_summary
from darkroom.commands.views.verification import render_verification
from darkroom.errors import LoadError, OptionError
from darkroom.harmonise.deep import make_deep_picture
from darkroom.load import white_levels
from darkroom.load.limits import SampleLimits
from darkroom.load.report import IngestReport
from darkroom.load.run import ingest
from darkroom.load.white_levels import WhiteLevels
from darkroom.query.summary import summary
from darkroom.query.verification.verify import verify
from darkroom.sample import FileEntry, Sample, Split

LEVELS = "SELECT deep_white_level, float_white_level FROM image_datasets"


def make_grey(level: int, brightest: int) -> bytes:
    """A field of one grey level with one bright pixel at its corner."""
    levels = np.full((16, 16), level, np.uint16)
    levels[0, 0] = brightest
    return make_png_16(levels)


def make_float(level: float, brightest: float) -> bytes:
    levels = np.full((16, 16), level, np.float32)
    levels[0, 0] = brightest
    return make_tiff(levels)


def make_shallow(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (16, 16), 100).save(path)


def write(folder: Path, files: Mapping[str, bytes], name: str = "parts") -> Path:
    for number, content in files.items():
        path = folder / name / "part/train/good" / number
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / name


def run(root: Path, database: Path, **options: Any) -> IngestReport:
    return ingest([root], database=database, name=root.name, **{"size_px": 16, **options})


def grey_of(database: Path) -> dict[str, int]:
    """The grey of the field of each picture."""
    return {name: tensor[-1] for name, tensor in rows(database, "SELECT filename, image_tensor FROM images")}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "darkroom.duckdb"


def test_one_bright_pixel_does_not_make_two_scales(tmp_path: Path, database: Path) -> None:
    root = write(tmp_path, {"1.png": make_grey(2000, 4000), "2.png": make_grey(2000, 5000)})
    make_shallow(root / "part/train/good/3.png")
    report = run(root, database)
    assert grey_of(database) == {"1.png": 31, "2.png": 31, "3.png": 100}
    assert rows(database, LEVELS) == [(16383, None)]
    [note] = [note for note in report.notes if "white" in note]
    assert "level 16383 (14 bits) is white, as the brightest is 5000, in part/train/good/2.png" in note
    assert not [note for note in run(root, database).notes if "white" in note]


def test_colours_of_16_bits_share_the_scale_with_greys(tmp_path: Path, database: Path) -> None:
    colours = np.full((16, 16, 3), 2000, np.uint16)
    root = write(tmp_path, {"1.png": make_png_16(colours), "2.tif": make_tiff(colours), "3.png": make_grey(2000, 4000)})
    run(root, database)
    assert grey_of(database) == {"1.png": 125, "2.tif": 125, "3.png": 125}
    assert rows(database, "SELECT DISTINCT original_mode FROM images ORDER BY 1") == [("I;16",), ("RGB;16",)]


@pytest.mark.thorough
def test_floats_of_one_image_dataset_share_a_scale(tmp_path: Path, database: Path) -> None:
    run(write(tmp_path, {"1.tif": make_float(0.5, 1.0), "2.tif": make_float(0.5, 1.0001)}), database)
    run(write(tmp_path, {"1.tif": make_float(100, 200), "2.tif": make_float(100, 300)}, "others"), database)
    query = "SELECT source_dataset, filename, image_tensor FROM images"
    greys = {(name, file): tensor[-1] for name, file, tensor in rows(database, query)}
    assert greys == {
        ("parts", "1.tif"): 128,
        ("parts", "2.tif"): 128,
        ("others", "1.tif"): 25,
        ("others", "2.tif"): 25,
    }
    assert rows(database, f"{LEVELS} ORDER BY name") == [(None, 1023.0), (None, 1.0)]


def test_floats_and_integers_have_a_white_level_each(tmp_path: Path, database: Path) -> None:
    run(write(tmp_path, {"1.tif": make_float(0.5, 1.0), "2.png": make_grey(2000, 4000)}), database)
    assert grey_of(database) == {"1.tif": 128, "2.png": 125}
    assert rows(database, LEVELS) == [(4095, 1.0)]


def test_floats_of_0_to_1_beside_others_are_rejected_not_black(tmp_path: Path, database: Path) -> None:
    root = write(tmp_path, {"1.tif": make_float(0.5, 1.0), "2.tif": make_float(100, 255), "3.tif": make_float(0, 0)})
    [reject] = run(root, database).rejects
    assert (reject.source_path, reject.reason) == ("part/train/good/1.tif", "unsupported")
    assert "it would be black" in reject.message
    assert grey_of(database) == {"2.tif": 100, "3.tif": 0}


@pytest.mark.thorough
def test_a_later_run_keeps_to_the_scale(tmp_path: Path, database: Path) -> None:
    root = write(tmp_path, {"1.png": make_grey(2000, 4000)})
    run(root, database)
    write(tmp_path, {"2.png": make_grey(200, 200)})
    run(root, database)
    assert grey_of(database) == {"1.png": 125, "2.png": 12}
    write(tmp_path, {"3.png": make_grey(2000, 5000)})
    before = contents(database)
    with pytest.raises(OptionError, match=r"3\.png has levels up to 5000, .*4095 \(12 bits\) is white.*`database`"):
        run(root, database)
    assert contents(database) == before
    with pytest.raises(OptionError, match=r"4095 \(12 bits\) as white; `depth` 16 .* leave `depth` away"):
        run(root, database, depth=16)
    (root / "part/train/good/3.png").unlink()
    run(root, database, depth=12)


@pytest.mark.thorough
@pytest.mark.parametrize("depth", [14, "14"])
def test_the_depth_that_is_asked_for_holds(tmp_path: Path, database: Path, depth: int | str) -> None:
    root = write(tmp_path, {"1.png": make_grey(2000, 4000), "2.tif": make_float(0.5, 1)})
    run(root, database, depth=depth)
    assert grey_of(database) == {"1.png": 31, "2.tif": 128}
    assert rows(database, LEVELS) == [(16383, 1.0)]


def test_a_depth_that_is_too_small_is_refused(tmp_path: Path, database: Path) -> None:
    with pytest.raises(OptionError, match=r"levels up to 4000, .*1023 \(10 bits\) is white \(as asked for\)"):
        run(write(tmp_path, {"1.png": make_grey(2000, 4000)}), database, depth=10)


@pytest.mark.parametrize("depth", ["9", 0, "deep"])
def test_a_depth_that_no_camera_has_is_named_before_a_file_is_opened(database: Path, depth: int | str) -> None:
    with pytest.raises(OptionError, match=r"`depth` .*expected auto or one of 8, 10, 12, 14, 16"):
        ingest(["no such folder"], database=database, depth=depth)


def test_without_deep_images_no_file_is_looked_at_twice(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(white_levels, "measure_levels", lambda *_, **__: pytest.fail("a pass over 8-bit files"))
    make_shallow(tmp_path / "parts/part/train/good/1.png")
    run(tmp_path / "parts", database)
    assert rows(database, LEVELS) == [(None, None)]


def test_a_damaged_file_does_not_decide(tmp_path: Path, database: Path) -> None:
    damaged = make_grey(60000, 65535)[:-30]
    root = write(tmp_path, {"1.png": make_grey(2000, 4000), "2.png": damaged})
    assert [reject.reason for reject in run(root, database).rejects] == ["corrupt"]
    assert grey_of(database) == {"1.png": 125}


def test_summary_and_verify_tell_the_scale(tmp_path: Path, database: Path) -> None:
    from rich.console import Console

    run(write(tmp_path, {"1.png": make_grey(2000, 4000), "2.tif": make_float(0.5, 1)}), database)
    for view in (render_summary(summary(database)), render_verification(verify(database))):
        console = Console(width=200)
        with console.capture() as capture:
            console.print(view)
        assert "white at 4095 (12 bits), white at 1 in floats" in capture.get()


def fail_at_package(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    run_package, packages = dlt.Pipeline.run, iter(range(100))

    def fail(pipeline: dlt.Pipeline, *args: Any, **options: Any) -> Any:
        if next(packages) == number:
            raise OSError(errno.EIO, "the disk is gone")
        return run_package(pipeline, *args, **options)

    few = SampleLimits(ahead=1, per_tables=1, per_file=1, per_package=1)
    monkeypatch.setattr(SampleLimits, "of", classmethod(lambda *_: few))
    monkeypatch.setattr(dlt.Pipeline, "run", fail)


@pytest.mark.thorough
def test_a_run_that_stops_between_packages_has_recorded_the_scale(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{number}.png": make_grey(2000, 4000) for number in range(5)} | {"9.png": make_grey(2000, 5000)}
    root = write(tmp_path, files)
    with monkeypatch.context() as patch:
        fail_at_package(patch, 2)
        with pytest.raises(LoadError):
            run(root, database, workers=1)
    assert rows(database, LEVELS) == [(16383, None)]
    assert set(grey_of(database).values()) == {31}
    (root / "part/train/good/9.png").unlink()
    run(root, database)
    assert set(grey_of(database).values()) == {31}
    assert len(grey_of(database)) == 5


@pytest.fixture
def make_old_database(database: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Returns a function that ingests as darkroom did before it knew white levels: without their columns."""
    columns = [field for field in tables.IMAGE_DATASETS if not field.name.endswith("white_level")]

    def make(root: Path) -> None:
        with monkeypatch.context() as patch:
            patch.setitem(tables.SCHEMAS, "image_datasets", pa.schema(columns))
            run(root, database)
        assert "deep_white_level" not in [name for name, *_ in rows(database, "DESCRIBE image_datasets")]

    return make


@pytest.mark.thorough
def test_an_old_database_without_deep_images_goes_on(
    tmp_path: Path, database: Path, make_old_database: Callable[[Path], None]
) -> None:
    make_shallow(tmp_path / "parts/part/train/good/1.png")
    make_old_database(tmp_path / "parts")
    assert verify(database).ok
    assert summary(database).image_datasets[0].deep_white_level is None
    assert run(tmp_path / "parts", database).packages == 0
    run(write(tmp_path, {"2.png": make_grey(2000, 4000)}), database)
    assert grey_of(database) == {"1.png": 100, "2.png": 125}
    assert rows(database, LEVELS) == [(4095, None)]
    assert verify(database).ok


@pytest.mark.thorough
def test_the_deep_images_of_an_old_database_are_read_again(
    tmp_path: Path, database: Path, make_old_database: Callable[[Path], None]
) -> None:
    root = write(tmp_path, {"1.png": make_grey(2000, 4000)})
    make_shallow(root / "part/train/good/3.png")
    make_old_database(root)
    assert [check.name for check in verify(database).checks if not check.ok] == ["white_level_recorded"]
    write(tmp_path, {"2.png": make_grey(2000, 5000)})
    report = run(root, database)
    assert (report.images.new, report.images.replaced, report.images.unchanged) == (1, 1, 1)
    assert any("parts: 1 images of more than 8 bits a channel are read again" in note for note in report.notes)
    assert grey_of(database) == {"1.png": 31, "2.png": 31, "3.png": 100}
    assert verify(database).ok
    assert run(root, database).packages == 0


@pytest.mark.thorough
def test_deep_images_of_an_old_database_whose_files_are_gone_are_named(
    tmp_path: Path, database: Path, make_old_database: Callable[[Path], None]
) -> None:
    root = write(tmp_path, {"1.png": make_grey(2000, 4000), "2.png": make_grey(2000, 5000)})
    make_old_database(root)
    (root / "part/train/good/2.png").unlink()
    with pytest.raises(OptionError, match=r"the files of 1 are not in these roots \(such as .*2\.png\).*`prune`"):
        run(root, database)
    run(root, database, prune=True)
    assert grey_of(database) == {"1.png": 125}


@pytest.mark.thorough
def test_reading_again_that_is_cut_short_begins_anew(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch, make_old_database: Callable[[Path], None]
) -> None:
    root = write(tmp_path, {f"{number}.png": make_grey(2000, 4000) for number in range(4)})
    make_old_database(root)
    write(tmp_path, {"9.png": make_grey(2000, 5000)})
    with monkeypatch.context() as patch:
        fail_at_package(patch, 2)
        with pytest.raises(LoadError):
            run(root, database, workers=1)
    (root / "part/train/good/9.png").unlink()
    run(root, database, prune=True)
    assert grey_of(database) == {f"{number}.png": 125 for number in range(4)}
    assert rows(database, LEVELS) == [(4095, None)]


def test_a_pass_that_nobody_waits_for_any_more_reads_no_file() -> None:
    file = FileEntry("/root", "part/train/good/1.png", 1, 0)
    sample = Sample("parts/part/train/good/1.png", "parts", "part", Split.TRAIN, "good", file)
    read: list[FileEntry] = []
    levels = WhiteLevels([sample] * 50, {}, {}, None, lambda entry: read.append(entry) or b"", 100, workers=2)  # type: ignore[func-returns-value]
    picture = make_deep_picture(np.array([[2000]], np.uint16))
    levels.stop()
    assert levels.find(sample, picture) == 4095
    assert read == []
