"""The command as a person and as a script meet it: real processes, what they print and how they exit."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from deep_images import make_png_16
from PIL import Image
from real_runs import SAMPLE_DATA, darkroom, rows

import darkroom as darkroom_package

WASHER = str(SAMPLE_DATA / "mvtec_like/washer")


@pytest.mark.thorough
def test_a_day_with_the_command(tmp_path: Path) -> None:
    first = darkroom("ingest", WASHER, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "MVTec AD, because" in first.stdout
    assert "34 new" in first.stdout
    assert "1 package loaded" in first.stdout
    # in a pipe: no progress bar, no colour
    assert first.stderr == ""
    assert "\x1b" not in first.stdout
    assert "34 unchanged" in darkroom("ingest", WASHER, cwd=tmp_path).stdout
    summary = darkroom("summary", cwd=tmp_path)
    assert "corrosion" in summary.stdout
    assert "320x320" in summary.stdout
    assert "34 images in 1 category" in darkroom("contact-sheet", "sheet.png", cwd=tmp_path).stdout
    assert (tmp_path / "sheet.png").stat().st_size > 10_000
    audit = darkroom("audit", "--strict", "--sheet", "pairs.png", cwd=tmp_path)
    assert audit.returncode == 0
    assert "Nothing found." in audit.stdout
    assert (tmp_path / "pairs.png").exists()
    verification = darkroom("verify", cwd=tmp_path)
    assert verification.returncode == 0
    assert "Everything holds." in verification.stdout


@pytest.mark.thorough
def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    run = darkroom("ingest", WASHER, "--json", cwd=tmp_path)
    report = json.loads(run.stdout)
    assert report["files_seen"] == 44
    assert report["images"] == {"new": 34, "replaced": 0, "unchanged": 0, "total": 34}
    assert run.stderr == ""
    assert json.loads(darkroom("summary", "--json", cwd=tmp_path).stdout)["image_count"] == 34
    assert json.loads(darkroom("verify", "--json", cwd=tmp_path).stdout)["ok"] is True


@pytest.mark.thorough
def test_strict_exits_1_and_has_loaded_all_the_same(tmp_path: Path) -> None:
    run = darkroom("ingest", str(SAMPLE_DATA / "faulty"), "--strict", cwd=tmp_path)
    assert run.returncode == 1
    assert "conflicting_duplicate" in run.stdout
    assert darkroom("audit", cwd=tmp_path).returncode == 0
    assert darkroom("audit", "--strict", cwd=tmp_path).returncode == 1
    assert rows(tmp_path / "darkroom.duckdb", "SELECT count(*) > 20 FROM images") == [(True,)]


def test_verify_exits_1_when_another_database_differs(tmp_path: Path) -> None:
    darkroom_package.ingest([WASHER], database=tmp_path / "darkroom.duckdb", size_px=32)
    darkroom_package.ingest([SAMPLE_DATA / "mvtec_like/weave"], database=tmp_path / "other.duckdb", size_px=32)
    run = darkroom("verify", "--against", "other.duckdb", cwd=tmp_path)
    assert run.returncode == 1
    assert "34 samples only here" in run.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ingest", "nowhere"], "There is no folder or file nowhere"),
        (["summary"], "darkroom.duckdb: there is no such file"),
        (["ingest", WASHER, "--destination", "nosuch"], "dlt has no destination nosuch"),
        (["ingest", WASHER, "--database", "no/such/folder.duckdb"], "its folder does not exist"),
    ],
)
def test_an_error_is_one_sentence_on_stderr(words: list[str], sentence: str, tmp_path: Path) -> None:
    run = darkroom(*words, cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith("darkroom: ")
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


@pytest.mark.thorough
def test_excerpt(tmp_path: Path) -> None:
    run = darkroom("excerpt", str(SAMPLE_DATA), "small.zip", "--category", "weave", "--limit", "3", cwd=tmp_path)
    assert "6 images" in run.stdout
    report = json.loads(darkroom("ingest", "small.zip", "--json", cwd=tmp_path).stdout)
    assert report["images"]["new"] == 6
    assert report["rejects"] == []


def test_help_tells_a_stranger_what_there_is(tmp_path: Path) -> None:
    text = darkroom("--help", cwd=tmp_path).stdout
    for command in ("ingest", "summary", "excerpt", "contact-sheet", "audit", "verify", "sample-data"):
        assert f"  {command} " in text
    assert "ROOT is a folder" in darkroom("ingest", "--help", cwd=tmp_path).stdout


NOWHERE = "http://127.0.0.1:9"
"""An address that answers nobody, in place of the one that dlt reports to."""


def telemetry_address(folder: Path, *, before: str = "", **settings: str) -> str:
    """Where dlt reports to while `ingest` runs, in a process of its own; `before` is code that runs first."""
    code = f"""
import dlt, dlt.common.runtime.anon_tracker as tracker
{before}
import darkroom
run, told = dlt.Pipeline.run, set()
def tell(*args, **options):
    told.add(str(tracker._ANON_TRACKER_ENDPOINT))
    return run(*args, **options)
dlt.Pipeline.run = tell
darkroom.ingest([{WASHER!r}], database='t.duckdb', size_px=32)
print(*told)
"""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RUNTIME__")}
    environment = kept | {"RUNTIME__DLTHUB_TELEMETRY_ENDPOINT": NOWHERE} | settings
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env=environment, check=True
    )
    return run.stdout.strip()


def test_telemetry_of_dlt_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert telemetry_address(tmp_path) == "None"


@pytest.mark.thorough
def test_telemetry_is_off_too_where_dlt_was_used_before(tmp_path: Path) -> None:
    used = "dlt.config.get('nothing'); assert tracker._ANON_TRACKER_ENDPOINT"
    assert telemetry_address(tmp_path, before=used) == "None"


@pytest.mark.thorough
def test_telemetry_of_dlt_is_on_where_the_environment_says_so(tmp_path: Path) -> None:
    assert telemetry_address(tmp_path, RUNTIME__DLTHUB_TELEMETRY="true") == NOWHERE


@pytest.mark.thorough
def test_telemetry_of_dlt_is_on_where_its_settings_file_says_so(tmp_path: Path) -> None:
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_text("[runtime]\ndlthub_telemetry = true\n")
    assert telemetry_address(tmp_path) == NOWHERE


def test_every_command_is_a_function(tmp_path: Path) -> None:
    not_callable = [name for name in darkroom_package.__all__ if not callable(getattr(darkroom_package, name))]
    assert not_callable == ["NORMAL"]
    report = darkroom_package.ingest([WASHER], database=tmp_path / "a.duckdb", size_px=32)
    assert darkroom_package.summary(tmp_path / "a.duckdb").image_count == report.images.new == 34
    assert darkroom_package.verify(tmp_path / "a.duckdb").ok
    assert darkroom_package.write_contact_sheet(tmp_path / "a.png", tmp_path / "a.duckdb").image_count == 34


def make_damaged_tiff() -> bytes:
    levels = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "TIFF", compression="tiff_lzw")
    content = bytearray(buffer.getvalue())
    content[200:400] = bytes(range(200))
    return bytes(content)


@pytest.mark.thorough
def test_a_damaged_tiff_is_told_about_by_its_reject_alone(tmp_path: Path) -> None:
    folder = tmp_path / "root/part/train/good"
    folder.mkdir(parents=True)
    Image.new("L", (8, 8)).save(folder / "1.png")
    (folder / "2.tif").write_bytes(make_damaged_tiff())
    code = "import sys; from darkroom import read_image; read_image(open(sys.argv[1], 'rb').read())"
    chatter = subprocess.run([sys.executable, "-c", code, str(folder / "2.tif")], capture_output=True, check=False)
    assert b"tempfile.tif" in chatter.stderr, "LibTIFF is silent, so the below proves nothing"
    run = darkroom("ingest", "root", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert "corrupt" in run.stdout


def test_what_python_says_still_reaches_the_terminal(tmp_path: Path) -> None:
    code = (
        "import os, sys; from darkroom.commands.output import only_python_on_stderr\n"
        "with only_python_on_stderr():\n"
        "    os.write(2, b'from C'); print('within', file=sys.stderr)\n"
        "print('after', file=sys.stderr); os.write(2, b'at last')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert run.stderr.splitlines() == ["within", "after", "at last"]


@pytest.mark.thorough
def test_depth_is_an_option_of_ingest_and_its_errors_name_it(tmp_path: Path) -> None:
    folder = tmp_path / "parts/part/train/good"
    folder.mkdir(parents=True)
    (folder / "1.png").write_bytes(make_png_16(np.full((8, 8), 2000, np.uint16)))
    run = darkroom("ingest", "parts", "--depth", "12", cwd=tmp_path)
    assert "level 4095 (12 bits) is white, as asked for" in " ".join(run.stdout.split())
    run = darkroom("ingest", "parts", "--depth", "16", cwd=tmp_path)
    assert run.returncode == 2
    assert "leave `--depth` away" in run.stderr
    assert "white at 4095 (12 bits)" in " ".join(darkroom("summary", cwd=tmp_path).stdout.split())


def test_the_reason_of_a_reject_names_the_option(tmp_path: Path) -> None:
    run = darkroom("ingest", WASHER, "--max-pixels", "100", cwd=tmp_path)
    assert "raise `--max-pixels`" in " ".join(run.stdout.split())
