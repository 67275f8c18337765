"""The benchmark runs, and its numbers agree with each other; how large they are is not for a test to say."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
IMAGES, MASKS = 12, 2
pytestmark = pytest.mark.thorough
PEERS = ("lancedb", "lancedb_fast", "daft", "hf_map", "hf_imagefolder")


def run_benchmark(*options: str) -> dict[str, Any]:
    command = [sys.executable, str(BENCHMARKS / "ingest.py"), "--repeats", "1", "--json", *options]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def summary(corpus: Path) -> dict[str, Any]:
    return run_benchmark("--images", str(IMAGES), "--corpus", str(corpus))


def test_it_says_what_was_measured_on(summary: dict[str, Any]) -> None:
    assert {"cpu", "cores", "memory_bytes", "python", "versions"} <= summary["measured_on"].keys()
    corpus = summary["corpus"]
    assert (corpus["images"], corpus["masks"], corpus["files"]) == (IMAGES, MASKS, IMAGES + MASKS)
    kinds = {(kind["mode"], kind["width"], kind["height"]): kind["images"] for kind in corpus["kinds"]}
    assert kinds == {("RGB", 900, 900): IMAGES // 2, ("L", 512, 512): IMAGES // 2}


def test_files_are_cut_into_chunks_as_real_ones_are(summary: dict[str, Any], corpus: Path) -> None:
    pictures = [file.read_bytes() for file in corpus.rglob("*.[pP][nN][gG]")]
    assert len(pictures) >= summary["corpus"]["files"]
    assert max(data.count(b"\x00\x00\x20\x00IDAT") for data in pictures) > 50


@pytest.mark.parametrize(
    "name",
    [
        "read_limit",
        "decode_limit",
        "fast_limit",
        "ingest",
        "row_by_row",
        "decode_epoch",
        "read_back",
        "rerun_unchanged",
        "rerun_changed",
    ],
)
def test_every_measurement_takes_every_file(summary: dict[str, Any], name: str) -> None:
    measurement = summary["measurements"][name]
    assert "error" not in measurement
    assert measurement["files"] == IMAGES + MASKS
    for key in ("seconds", "files_per_s", "of_decode_limit", "of_fast_limit"):
        assert measurement[key]["min"] <= measurement[key]["median"] <= measurement[key]["max"]


def test_ingest_loads_everything_once_and_then_only_what_changed(summary: dict[str, Any]) -> None:
    measurements = summary["measurements"]
    first = measurements["ingest"]
    assert (first["images"], first["masks"], first["rejects"]) == (IMAGES, MASKS, 0)
    assert (measurements["rerun_unchanged"]["new"], measurements["rerun_unchanged"]["replaced"]) == (0, 0)
    assert (measurements["rerun_changed"]["new"], measurements["rerun_changed"]["replaced"]) == (0, 1)


def test_ratios_and_sizes_are_there(summary: dict[str, Any]) -> None:
    assert all(ratio["median"] > 0 for ratio in summary["ratios"].values())
    assert all(ratio > 1 for ratio in summary["database_per_tensor_byte"].values())
    assert summary["peak_extra_disk_bytes"]["max"] > 0


def test_growth_measures_each_size_on_part_of_the_corpus(summary: dict[str, Any], corpus: Path) -> None:
    assert "error" not in summary["measurements"]["ingest"]
    growth = run_benchmark("--growth", "4", "8", "--corpus", str(corpus))["growth"]
    assert [(row["asked_for"], row["images"]) for row in growth] == [(4, 4), (8, 8)]


@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("lancedb", "daft", "datasets"))),
    reason="the peers are not installed",
)
def test_peers_store_every_file(corpus: Path) -> None:
    measurements = run_benchmark("--images", str(IMAGES), "--corpus", str(corpus), "--peers")["measurements"]
    assert {name: measurements[name].get("files") for name in PEERS} == dict.fromkeys(PEERS, IMAGES + MASKS)
