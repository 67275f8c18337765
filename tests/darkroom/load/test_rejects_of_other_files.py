"""A file that was rejected because of another one is a sample, or a reject in other words, once that one is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from real_runs import rows

from darkroom.load.report import IngestReport
from darkroom.load.run import ingest

IMAGE = "cat/test/bad/0.png"
MASK = "cat/ground_truth/bad/0_mask.png"
PART, OTHER_PART = "cat/ground_truth/bad/1/000.png", "cat/ground_truth/bad/1/001.png"
COMPOSED, DECOMPOSED = "cat/test/bad/\u00e9.png", "cat/test/bad/e\u0301.png"
"""Two names of one `sample_id`."""


def save_image(path: Path, level: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((32, 32, 3), level, np.uint8)).save(path)


def save_mask(path: Path, row: int) -> None:
    pixels = np.zeros((32, 32), np.uint8)
    pixels[row] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def spoil(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no picture")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for level, path in enumerate(("cat/train/good/0.png", "cat/train/good/1.png", "cat/test/good/0.png", IMAGE)):
        save_image(root / path, 60 + level)
    save_mask(root / MASK, 3)
    return root


def load(root: Path, database: Path) -> IngestReport:
    return ingest([root], database=database, size_px=32)


def read_tables(database: Path) -> tuple[list[tuple[object, ...]], ...]:
    return (
        rows(database, "SELECT sample_id, label, has_mask, content_sha256 FROM images ORDER BY 1"),
        rows(database, "SELECT sample_id, file_count, content_sha256 FROM masks ORDER BY 1"),
        rows(database, "SELECT source_path, reason, message FROM rejects ORDER BY 1"),
    )


def add_spoilt_twin(root: Path) -> None:
    spoil(root / DECOMPOSED)
    save_image(root / COMPOSED, 99)


def add_spoilt_part(root: Path) -> None:
    save_image(root / "cat/test/bad/1.png", 120)
    save_mask(root / PART, 3)
    spoil(root / OTHER_PART)


def spoil_image(root: Path) -> None:
    spoil(root / IMAGE)


@pytest.mark.parametrize(
    ("add", "gone"),
    [(add_spoilt_twin, DECOMPOSED), (add_spoilt_part, OTHER_PART), (spoil_image, IMAGE)],
    ids=["conflicting duplicate", "incomplete mask", "orphan mask"],
)
def test_the_tables_are_those_of_a_first_run(
    root: Path, tmp_path: Path, add: Callable[[Path], None], gone: str
) -> None:
    add(root)
    first = load(root, tmp_path / "x.duckdb")
    assert len(first.rejects) == 2
    again = load(root, tmp_path / "x.duckdb")
    assert (again.packages, again.rejects) == (0, first.rejects)
    (root / gone).unlink()
    second = load(root, tmp_path / "x.duckdb")
    assert second.rejects == load(root, tmp_path / "fresh.duckdb").rejects
    assert read_tables(tmp_path / "x.duckdb") == read_tables(tmp_path / "fresh.duckdb")
    assert load(root, tmp_path / "x.duckdb").packages == 0


def test_a_copy_beside_a_conflict_loads_nothing_anew(root: Path, tmp_path: Path) -> None:
    """Copies are compared in every run; that is no reason to write the same reject once more."""
    save_image(root / "cat/Data/Images/Normal/1.png", 70)
    save_image(root / "cat/Data/Images/Anomaly/7.png", 71)
    save_mask(root / "cat/Data/Images/Anomaly/7_mask.png", 2)
    save_mask(root / "cat/Data/Masks/Anomaly/7.png", 9)
    shutil.copy(root / "cat/Data/Masks/Anomaly/7.png", root / "cat/Data/Masks/Anomaly/7_mask.png")
    for folder in ("train", "test", "ground_truth"):
        shutil.rmtree(root / "cat" / folder)
    first = load(root, tmp_path / "x.duckdb")
    assert [reject.reason for reject in first.rejects] == ["conflicting_duplicate"]
    assert first.ignored == {"identical copy": 1}
    again = load(root, tmp_path / "x.duckdb")
    assert (again.packages, again.rejects, again.ignored) == (0, first.rejects, first.ignored)
