"""The page on impact says what its scripts say."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_lines_of_code_are_those_of_the_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    from impact import measure_lines

    page = (ROOT / "docs" / "impact.md").read_text(encoding="utf-8")
    stated = [int(count) for count in re.findall(r"(\d+) lines, `benchmarks/impact_", page)]
    assert stated == list(measure_lines().values())


def test_script_before_finds_all_of_the_sample_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    from impact_before import iter_samples

    samples = list(iter_samples(ROOT / "sample_data" / "mvtec_like", ROOT / "sample_data" / "dagm_like"))
    assert len(samples) == 144
    assert sum(mask.any() for *_, mask in samples) == 46
    assert {image.shape for *_, image, _ in samples} == {(256, 256, 3)}
