from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from small_database import SIZE_PX, editing

import darkroom
from darkroom.commands.views.audit import render_audit
from darkroom.errors import DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.query.audit.audit import Audit
from darkroom.query.audit.concerns import ConcernCase
from darkroom.query.contact_sheet.drawing import HEADER_PX, TILE_PX

SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"
pytest_plugins = ["fixtures_database"]


def cases(report: Audit, name: str) -> tuple[ConcernCase, ...]:
    [concern] = [concern for concern in report.concerns if concern.name == name]
    return concern.cases


def samples(report: Audit) -> dict[str, list[tuple[str, ...]]]:
    """What was found, by rule: the samples of each case."""
    return {concern.name: [case.samples for case in concern.cases] for concern in report.concerns if concern.cases}


def shift(picture: Image.Image, by_px: int) -> Image.Image:
    pixels = np.asarray(picture)
    padding = ((by_px, 0), (by_px, 0)) + ((0, 0),) * (pixels.ndim - 2)
    return Image.fromarray(np.pad(pixels, padding, mode="edge")[: picture.height, : picture.width])


def brighten(picture: Image.Image, factor: float) -> Image.Image:
    return Image.fromarray((np.asarray(picture) * factor).round().clip(0, 255).astype(np.uint8))


def plant(washer: Path) -> None:
    """Plants one of each fault into a copy of the sample washers."""
    train, test = washer / "train/good", washer / "test/good"
    truth = washer / "ground_truth"
    shutil.copy(train / "000.png", test / "same_file.png")
    with Image.open(train / "001.png") as picture:
        picture.save(test / "same_pixels.bmp")
    with Image.open(train / "002.png") as picture:
        picture.save(test / "compressed.jpg", quality=80)
    with Image.open(train / "003.png") as picture:
        shift(picture, 1).save(test / "shifted.png")
    with Image.open(train / "004.png") as picture:
        brighten(picture, 1.02).save(test / "brighter.png")
    with Image.open(train / "005.png") as picture:
        picture.resize((160, 160)).save(test / "smaller.png")
    with Image.open(train / "006.png") as picture:
        picture.save(train / "compressed_too.jpg", quality=80)
    scratched = min((washer / "test/scratch").iterdir())
    shutil.copy(scratched, test / "called_good.png")
    without, empty, full = sorted((truth / "corrosion").iterdir())[:3]
    without.unlink()
    Image.new("L", (320, 320), 0).save(empty)
    Image.new("L", (320, 320), 255).save(full)
    (train / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n but no more")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sample washers with faults; weaves whose test images are brighter, and other, darker weaves of a second line.

    The second line holds one washer of the first one.
    """
    folder = tmp_path_factory.mktemp("planted")
    for category in ("washer", "weave"):
        shutil.copytree(SAMPLE_DATA / "mvtec_like" / category, folder / "line_1" / category)
    shutil.copytree(SAMPLE_DATA / "mvtec_like/weave", folder / "line_2/weave")
    (folder / "line_2/washer/test/good").mkdir(parents=True)
    shutil.copy(folder / "line_1/washer/train/good/007.png", folder / "line_2/washer/test/good/again.png")
    plant(folder / "line_1/washer")
    for file in (folder / "line_1/weave/test/good").iterdir():
        replace(file, lambda picture: brighten(picture, 1.25))
    for file in (folder / "line_2/weave").glob("t*/*/*.png"):
        replace(file, lambda picture: brighten(picture.transpose(Image.Transpose.ROTATE_180), 0.7))
    for file in (folder / "line_2/weave/ground_truth").rglob("*.png"):
        replace(file, lambda picture: picture.transpose(Image.Transpose.ROTATE_180))
    darkroom.ingest([folder / "line_1"], database=folder / "planted.duckdb")
    darkroom.ingest([folder / "line_2"], database=folder / "planted.duckdb")
    return folder / "planted.duckdb"


def replace(file: Path, change: Callable[[Image.Image], Image.Image]) -> None:
    with Image.open(file) as picture:
        changed = change(picture)
    changed.save(file)


@pytest.fixture(scope="module")
def report(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return darkroom.audit(planted, tmp_path_factory.mktemp("sheet") / "pairs.png")


def test_finds_what_was_planted_and_nothing_else(report: Audit) -> None:
    found = samples(report)
    drifted = [tuple(f"line_1/weave/test/good/{number:03}.png" for number in range(8))]
    assert found.pop("drift_between_splits") == drifted
    assert len(found.pop("drift_between_sources")) == 1
    washers = {name: [tuple(shorten(sample) for sample in case) for case in cases] for name, cases in found.items()}
    assert washers == {
        "identical_across_splits": [
            ("line_1 train/good/000.png", "line_1 test/good/same_file.png"),
            ("line_1 train/good/001.png", "line_1 test/good/same_pixels.bmp"),
            ("line_1 train/good/007.png", "line_2 test/good/again.png"),
        ],
        "near_identical_across_splits": [
            ("line_1 train/good/002.png", "line_1 test/good/compressed.jpg"),
            ("line_1 train/good/003.png", "line_1 test/good/shifted.png"),
            ("line_1 train/good/004.png", "line_1 test/good/brighter.png"),
            ("line_1 train/good/005.png", "line_1 test/good/smaller.png"),
        ],
        "identical_with_other_labels": [("line_1 test/good/called_good.png", "line_1 test/scratch/000.png")],
        "identical_within_split": [("line_1 test/good/called_good.png", "line_1 test/scratch/000.png")],
        "near_identical_within_split": [("line_1 train/good/006.png", "line_1 train/good/compressed_too.jpg")],
        "defect_without_mask": [("line_1 test/corrosion/000.png",)],
        "empty_mask": [("line_1 test/corrosion/001.png",)],
        "full_mask": [("line_1 test/corrosion/002.png",)],
        "size_or_mode_differs": [("line_1 test/good/smaller.png",)],
        "rejects": [("washer/train/good/broken.png",)],
    }


def shorten(sample: str) -> str:
    source, _, path = sample.partition("/washer/")
    return f"{source} {path}" if path else sample


def test_says_how_strong_it_is(report: Audit) -> None:
    [between_splits] = cases(report, "drift_between_splits")
    assert between_splits.where == "line_1/weave"
    assert between_splits.what.startswith("brightness ")
    assert between_splits.measure is not None
    assert between_splits.measure > 3
    [between_sources] = cases(report, "drift_between_sources")
    assert between_sources.where == "weave"
    assert "in line_1" in between_sources.what
    assert "in line_2" in between_sources.what
    [rejects] = cases(report, "rejects")
    assert "1 of " in rejects.what
    assert "corrupt 1" in rejects.what
    assert all(0 <= case.measure <= 0.06 for case in cases(report, "near_identical_across_splits") if case.measure)
    assert not report.ok
    assert report.image_count == 34 + 8 + 34 + 34 + 1


def test_draws_the_pairs(report: Audit) -> None:
    assert report.sheet is not None
    assert (report.sheet.pair_count, report.sheet.shown_count) == (10, 10)
    with Image.open(report.sheet.path) as picture:
        assert picture.height > HEADER_PX + 6 * TILE_PX
        tile = np.asarray(picture)[HEADER_PX + 46 : HEADER_PX + 46 + TILE_PX, 28 : 28 + 2 * TILE_PX + 4].astype(int)
    assert np.array_equal(tile[:, :TILE_PX], tile[:, -TILE_PX:])
    assert tile.std() > 20


@pytest.mark.parametrize("width", [80, 120])
def test_fits_a_terminal(report: Audit, width: int) -> None:
    terminal = io.StringIO()
    Console(width=width, file=terminal).print(render_audit(report))
    text = terminal.getvalue()
    assert "FOUND   identical images across splits: 3" in text
    assert "line_1/washer/test/corrosion/000.png" in text
    assert "6 concerns and 6 notes" in text


def test_clean_sample_data_has_no_concern_and_the_faulty_one_true_ones(tmp_path: Path) -> None:
    database = tmp_path / "darkroom.duckdb"
    darkroom.ingest([SAMPLE_DATA], database=database)
    report = darkroom.audit(database)
    found = samples(report)
    assert {case.where for concern in report.concerns for case in concern.cases} == {"faulty", "faulty/gasket"}
    # files of several formats made from one drawing, of which each is alone in its mode
    assert found.pop("identical_within_split") == [
        (
            "faulty/gasket/train/good/bit_16.png",
            "faulty/gasket/train/good/bitmap.bmp",
            "faulty/gasket/train/good/tagged.tif",
        ),
        ("faulty/gasket/train/good/grey_alpha.png", "faulty/gasket/train/good/rgba.png"),
    ]
    assert ("faulty/gasket/test/cut/004.png",) in found.pop("size_or_mode_differs")
    assert found.pop("defect_without_mask") == [
        (f"faulty/gasket/test/cut/{name}.png",) for name in ("000", "006", "007", "008")
    ]
    assert [len(case) for case in found.pop("rejects")] == [12]
    assert found == {}


def test_real_photographs_have_no_concern(real_excerpts: Path, tmp_path: Path) -> None:
    """No copies: each bottle lies as it came, and the surfaces are different; each defect has its mask."""
    darkroom.ingest([real_excerpts], database=tmp_path / "darkroom.duckdb")
    assert samples(darkroom.audit(tmp_path / "darkroom.duckdb")) == {}


def test_masks_and_labels_that_contradict(copy_database: Callable[[str], Path]) -> None:
    database = copy_database("copy.duckdb")
    with editing(database) as connection:
        broken = "alpha/bottle/test/broken/00"
        connection.execute(f"UPDATE images SET label = 'ok', is_defect = false WHERE sample_id = '{broken}0.png'")
        connection.execute(f"UPDATE masks SET defect_fraction = 0 WHERE sample_id = '{broken}1.png'")
        connection.execute(f"UPDATE masks SET defect_fraction = 0.995 WHERE sample_id = '{broken}2.png'")
        # a good image with an empty mask contradicts nothing
        connection.execute("UPDATE images SET is_defect = false WHERE sample_id = 'beta/Class1/test/defect/000.png'")
        connection.execute("UPDATE masks SET defect_fraction = 0 WHERE sample_id = 'beta/Class1/test/defect/000.png'")
    found = samples(darkroom.audit(database))
    assert found["mask_on_good"] == [("alpha/bottle/test/broken/000.png",)]
    assert found["empty_mask"] == [("alpha/bottle/test/broken/001.png",)]
    assert found["full_mask"] == [("alpha/bottle/test/broken/002.png",)]
    assert "defect_without_mask" not in found


def test_good_by_any_name_is_one_label(copy_database: Callable[[str], Path]) -> None:
    database = copy_database("copy.duckdb")
    one, other = "beta/Class1/train/good/000.png", "beta/Class1/train/good/001.png"
    with editing(database) as connection:
        connection.execute(f"UPDATE images SET content_sha256 = 'x', label = 'ok' WHERE sample_id = '{one}'")
        connection.execute(f"UPDATE images SET content_sha256 = 'x' WHERE sample_id = '{other}'")
    found = samples(darkroom.audit(database))
    assert found["identical_within_split"] == [(one, other)]
    assert "identical_with_other_labels" not in found
    with editing(database) as connection:
        connection.execute(f"UPDATE images SET label = NULL, is_defect = NULL WHERE sample_id = '{one}'")
    assert "identical_with_other_labels" not in samples(darkroom.audit(database))


def test_a_size_for_nearly_every_image_is_no_difference(copy_database: Callable[[str], Path]) -> None:
    database = copy_database("copy.duckdb")
    assert list(samples(darkroom.audit(database))) == ["size_or_mode_differs", "rejects"]
    with editing(database) as connection:
        connection.execute("UPDATE images SET original_width = 900 + rowid")
    assert list(samples(darkroom.audit(database))) == ["rejects"]


def test_reports_progress_and_leaves_the_file_free(copy_database: Callable[[str], Path]) -> None:
    database = copy_database("copy.duckdb")
    steps: list[tuple[int, int]] = []
    darkroom.audit(database, progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (15, 15)
    with editing(database) as connection:
        connection.execute("DELETE FROM images")
    with pytest.raises(DatabaseNotFoundError, match="no image yet"):
        darkroom.audit(database)


def test_a_sheet_without_pairs_says_so(loaded_database: Path, tmp_path: Path) -> None:
    report = darkroom.audit(loaded_database, tmp_path / "pairs.png")
    assert report.sheet is not None
    assert (report.sheet.pair_count, report.sheet.path.exists()) == (0, True)


def test_a_sheet_that_cannot_be_written(loaded_database: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"ends in \.png"):
        darkroom.audit(loaded_database, tmp_path / "pairs.jpg")
    with pytest.raises(OptionError, match="there is no folder"):
        darkroom.audit(loaded_database, tmp_path / "nowhere/pairs.png")


def test_a_damaged_tensor_is_an_error(copy_database: Callable[[str], Path]) -> None:
    database = copy_database("copy.duckdb")
    with editing(database) as connection:
        connection.execute(f"UPDATE images SET tensor_height = {SIZE_PX - 1} WHERE filename = '000.png'")
    with pytest.raises(DatabaseError, match="darkroom verify"):
        darkroom.audit(database)
