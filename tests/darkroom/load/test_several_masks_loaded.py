"""An image with several masks has one row in `masks`: their union, and how many they were."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_runs import rows

from darkroom.load.report import IngestReport
from darkroom.load.run import ingest
from darkroom.query.verification.verify import verify
from darkroom.tables import MASKS, SCHEMAS

STEM = "ground_truth/logical_anomalies/000"


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def make_mask(row: int, level: int = 255, size: int = 32) -> bytes:
    """A mask with one line of defect pixels, in a grey of its own, as LOCO has them."""
    pixels = np.zeros((size, size))
    pixels[row] = level
    return png(pixels)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "loco" / "screw_bag"
    contents = {f"train/good/{number:03}.png": png(np.full((32, 32, 3), 90 + number)) for number in range(2)}
    contents |= {
        f"test/logical_anomalies/{number:03}.png": png(np.full((32, 32, 3), 150 + number)) for number in range(2)
    }
    contents |= {f"{STEM}/{part:03}.png": make_mask(10 * part, level) for part, level in ((0, 255), (1, 251), (2, 1))}
    contents |= {"ground_truth/logical_anomalies/001/000.png": make_mask(5, 254)}
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder.parent


def load(root: Path, tmp_path: Path) -> IngestReport:
    return ingest([root], database=tmp_path / "x.duckdb", size_px=32)


def mask_rows(tmp_path: Path) -> list[tuple[object, ...]]:
    facts = "sample_id, file_count, round(defect_fraction * 32), source_path, mask_tensor"
    return rows(tmp_path / "x.duckdb", f"SELECT {facts} FROM masks ORDER BY 1")


def test_the_row_is_the_union_and_every_file_is_counted(root: Path, tmp_path: Path) -> None:
    report = load(root, tmp_path)
    assert (report.files_seen, report.images.new, report.masks.new, report.rejects) == (8, 4, 4, ())
    first, second = mask_rows(tmp_path)
    assert first[:4] == ("mvtec_loco/screw_bag/test/logical_anomalies/000.png", 3, 3, f"screw_bag/{STEM}/000.png")
    assert second[1:3] == (1, 1)
    tensor = np.frombuffer(first[4], np.uint8).reshape(32, 32)  # type: ignore[call-overload]
    assert np.flatnonzero(tensor.any(axis=1)).tolist() == [0, 10, 20]
    assert verify(tmp_path / "x.duckdb").ok
    again = load(root, tmp_path)
    assert (again.packages, again.masks.unchanged) == (0, 4)


@pytest.mark.thorough
@pytest.mark.parametrize("part", [0, 2])
def test_a_part_that_changed_or_went_away_makes_a_new_union(root: Path, tmp_path: Path, part: int) -> None:
    load(root, tmp_path)
    file = root / f"screw_bag/{STEM}/{part:03}.png"
    file.write_bytes(make_mask(31))
    report = load(root, tmp_path)
    assert (report.masks.replaced, report.masks.unchanged) == (3, 1)
    tensor = np.frombuffer(mask_rows(tmp_path)[0][4], np.uint8).reshape(32, 32)  # type: ignore[call-overload]
    assert 31 in np.flatnonzero(tensor.any(axis=1))
    file.unlink()
    report = load(root, tmp_path)
    assert mask_rows(tmp_path)[0][1:3] == (2, 2)
    assert report.files_seen == 7
    assert load(root, tmp_path).packages == 0
    assert verify(tmp_path / "x.duckdb").ok


def test_touched_files_load_nothing(root: Path, tmp_path: Path) -> None:
    load(root, tmp_path)
    for file in root.rglob("*.png"):
        os.utime(file, (1_600_000_000, 1_600_000_000))
    report = load(root, tmp_path)
    assert (report.packages, report.images.unchanged, report.masks.unchanged) == (0, 4, 4)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("content", "reason"), [(b"no picture", "not_an_image"), (make_mask(1, size=16), "mask_size_mismatch")]
)
def test_with_a_bad_part_the_image_has_no_mask_and_all_parts_are_rejects(
    root: Path, tmp_path: Path, content: bytes, reason: str
) -> None:
    (root / f"screw_bag/{STEM}/001.png").write_bytes(content)
    report = load(root, tmp_path)
    assert {reject.source_path.rpartition("/")[2]: reject.reason for reject in report.rejects} == {
        "000.png": "incomplete_mask",
        "001.png": reason,
        "002.png": "incomplete_mask",
    }
    assert len(mask_rows(tmp_path)) == 1
    again = load(root, tmp_path)
    assert (again.packages, again.new_rejects) == (0, 0)
    (root / f"screw_bag/{STEM}/001.png").write_bytes(make_mask(10))
    assert load(root, tmp_path).rejects == ()
    assert mask_rows(tmp_path)[0][1] == 3


@pytest.mark.thorough
def test_a_database_of_an_older_darkroom_gets_the_column(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [root / f"screw_bag/{STEM}/{part:03}.png" for part in (1, 2)]
    contents = [part.read_bytes() for part in parts]
    for part in parts:
        part.unlink()
    with monkeypatch.context() as patch:
        patch.setitem(SCHEMAS, "masks", MASKS.remove(MASKS.get_field_index("file_count")))
        load(root, tmp_path)
    assert "file_count" not in [column[0] for column in rows(tmp_path / "x.duckdb", "DESCRIBE masks")]
    for part, content in zip(parts, contents, strict=True):
        part.write_bytes(content)
    assert load(root, tmp_path).masks.replaced == 3
    assert [row[1] for row in mask_rows(tmp_path)] == [3, None]
    assert verify(tmp_path / "x.duckdb").ok
