"""One resampler for all images of a table: recorded, followed, and no other one let in."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from real_runs import SAMPLE_DATA, contents, darkroom, rows
from small_database import editing

from darkroom.errors import OptionError
from darkroom.harmonise import resampler
from darkroom.harmonise.resampler import FAST, PILLOW
from darkroom.load.run import ingest
from darkroom.query.verification.comparison import DatabaseComparison
from darkroom.query.verification.verify import verify

pytestmark = pytest.mark.skipif(FAST is None, reason="cykooz-resizer has no wheel for this machine: one resampler only")

RECORDED = "SELECT name, resampler, resampler_version FROM image_datasets ORDER BY ALL"


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE_DATA / "mvtec_like/washer/test", tmp_path / "parts/washer/test")).parents[1]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "darkroom.duckdb"


def add_image(parts: Path) -> None:
    first = min((parts / "washer/test/good").iterdir())
    first.with_name("one_more.png").write_bytes(first.read_bytes() + b"more")


def test_a_table_says_what_scaled_its_images(parts: Path, database: Path) -> None:
    assert FAST is not None
    ingest([parts], database=database, size_px=32)
    assert rows(database, RECORDED) == [("parts", FAST.name, FAST.version)]
    assert ingest([parts], database=database, size_px=32).packages == 0


def test_a_run_scales_as_the_table_does(parts: Path, database: Path) -> None:
    ingest([parts], database=database, size_px=32, resampler="pillow")
    add_image(parts)
    ingest([parts], database=database, size_px=32)
    assert rows(database, RECORDED) == [("parts", PILLOW.name, PILLOW.version)]
    [(copies,)] = rows(database, "SELECT max(n) FROM (SELECT count(*) AS n FROM images GROUP BY image_tensor)")
    assert copies == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [("pillow", "cykooz-resizer"), pytest.param("cykooz-resizer", "pillow", marks=pytest.mark.thorough)],
)
def test_another_resampler_is_refused(parts: Path, database: Path, first: str, second: str) -> None:
    ingest([parts], database=database, size_px=32, resampler=first)
    before = contents(database)
    add_image(parts)
    with pytest.raises(
        OptionError, match=rf"parts in the table are scaled by {first}; .* asks for {second}.*give `resampler` {first}"
    ):
        ingest([parts], database=database, size_px=32, resampler=second)
    assert contents(database) == before


@pytest.mark.thorough
def test_a_table_whose_resampler_is_missing_here_is_left_alone(
    parts: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([parts], database=database, size_px=32)
    before = contents(database)
    add_image(parts)
    monkeypatch.setattr(resampler, "FAST", None)
    with pytest.raises(OptionError, match=r"parts in the table are scaled by cykooz-resizer.*it is not installed here"):
        ingest([parts], database=database, size_px=32)
    assert contents(database) == before


@pytest.mark.thorough
def test_the_table_of_an_older_darkroom_is_pillows(parts: Path, database: Path) -> None:
    ingest([parts], database=database, size_px=32, resampler="pillow")
    with editing(database) as connection:
        connection.execute("ALTER TABLE image_datasets DROP COLUMN resampler")
        connection.execute("ALTER TABLE image_datasets DROP COLUMN resampler_version")
    assert ingest([parts], database=database, size_px=32).packages == 0
    with pytest.raises(OptionError, match="scaled by pillow"):
        ingest([parts], database=database, size_px=32, resampler="cykooz-resizer")
    assert verify(database).ok


@pytest.mark.thorough
def test_the_version_is_that_of_the_last_run_that_scaled(
    parts: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([parts], database=database, size_px=32, resampler="pillow")
    monkeypatch.setattr(resampler, "PILLOW", replace(PILLOW, version="99.0"))
    assert ingest([parts], database=database, size_px=32).packages == 0
    assert rows(database, RECORDED) == [("parts", "pillow", PILLOW.version)]
    add_image(parts)
    ingest([parts], database=database, size_px=32)
    assert rows(database, RECORDED) == [("parts", "pillow", "99.0")]


@pytest.mark.thorough
def test_without_both_accelerators_all_is_pillows_work(parts: Path, database: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules.update(imgread=None, cykooz_resizer=None); import darkroom; "
        f"darkroom.ingest([{str(parts)!r}], database={str(database)!r}, size_px=32)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    with_both = tmp_path / "with_both.duckdb"
    ingest([parts], database=with_both, size_px=32, resampler="pillow")
    tensors = "SELECT sample_id, image_tensor, original_mode FROM images ORDER BY ALL"
    assert rows(database, RECORDED) == rows(with_both, RECORDED) == [("parts", PILLOW.name, PILLOW.version)]
    assert rows(database, tensors) == rows(with_both, tensors)


@pytest.mark.thorough
def test_verify_tells_tables_of_two_resamplers(parts: Path, database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    ingest([parts], database=database, size_px=32)
    ingest([parts], database=other, size_px=32, resampler="pillow")
    comparison = verify(database, against=other).comparison
    assert isinstance(comparison, DatabaseComparison)
    assert comparison.resamplers == ("cykooz-resizer", "pillow")
    assert {what for difference in comparison.differing for what in difference.what} == {"image tensor"}
    told = darkroom("verify", "--database", str(database), "--against", str(other), cwd=tmp_path)
    assert told.returncode == 1
    text = " ".join(told.stdout.split())
    assert "scaled by cykooz-resizer here and by pillow there, so tensors of one file differ" in text
    assert f"scaled by {FAST.name} {FAST.version}" in text  # type: ignore[union-attr] # these tests are skipped then


@pytest.mark.thorough
def test_verify_finds_two_resamplers_in_one_table(parts: Path, database: Path) -> None:
    ingest([parts], database=database, size_px=32)
    with editing(database) as connection:
        connection.execute("INSERT INTO image_datasets BY NAME SELECT * REPLACE ('b' AS name) FROM image_datasets")
        connection.execute("UPDATE image_datasets SET resampler = NULL, file_count = 0 WHERE name = 'b'")
    breaches = {check.name: check.breaches for check in verify(database).checks if not check.ok}
    assert breaches["one_resampler"] == ("b: pillow", "parts: cykooz-resizer")
