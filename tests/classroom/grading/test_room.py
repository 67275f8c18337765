"""The load test of the room, with three attendees: what everybody got, and never how long it took."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from classroom.museum.catalogue import make_catalogue

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
ATTENDEES = 3
ONE_DAY = -(-len(make_catalogue(1).works) // 100)
PICTURES = sum(work["image_id"] is not None for work in make_catalogue(1).works[:24])
ANSWERS = {
    "all_pages": ONE_DAY,
    "by_address": ONE_DAY,
    "by_agent": ONE_DAY,
    "day_1": ONE_DAY,
    "day_2": 1,
    "pictures": 1 + PICTURES,
    "ask_only": ONE_DAY + PICTURES,
}
"""Requests that one attendee needs, refusals not counted."""


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    options = ["--attendees", f"{ATTENDEES}", "--requests-per-minute", "6", "--minute-s", "1", "--json"]
    command = [sys.executable, str(BENCHMARKS / "room.py"), *options]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("room")


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("room_summary")


@pytest.mark.parametrize("phase", ANSWERS)
@pytest.mark.thorough
def test_every_load_completes_with_every_row_once(summary: dict[str, Any], phase: str) -> None:
    measured = summary["room"]["phases"][phase]
    assert measured["errors"] == []
    assert (measured["completed"], measured["right"]) == (ATTENDEES, ATTENDEES)
    works = make_catalogue(2 if phase == "day_2" else 1).works
    assert measured["rows"] == (PICTURES if phase == "pictures" else len(works))


@pytest.mark.parametrize("phase", ANSWERS)
@pytest.mark.thorough
def test_the_museum_answers_what_is_asked_and_refuses_only_what_it_was_told_to(
    summary: dict[str, Any], phase: str
) -> None:
    measured = summary["room"]["phases"][phase]
    assert measured["statuses"]["200"] == ATTENDEES * ANSWERS[phase]
    assert measured["statuses"].keys() <= ({"200", "429"} if phase.startswith("by_") else {"200"})
    assert measured["statuses"] == measured["met"]


@pytest.mark.thorough
def test_the_museum_has_nothing_to_complain_of(summary: dict[str, Any]) -> None:
    assert summary["alone"]["museum_said"] == summary["room"]["museum_said"] == ""
    assert summary["room"]["museum_peak_memory_bytes"] > 0


def test_a_row_that_is_there_twice_or_missing_is_seen(room: ModuleType, figures: ModuleType) -> None:
    rows = [figures.fingerprint_artwork(work) for work in make_catalogue(1).works]
    measured = summarise(figures, [rows, [*rows, rows[0]], rows[1:]])
    assert (measured["completed"], measured["right"]) == (3, 1)
    assert room.find_wrong(as_summary(measured)) == ["all_pages: all rows are right for 1 of 3"]


def test_a_row_that_is_out_of_date_is_seen(figures: ModuleType) -> None:
    rows = [figures.fingerprint_artwork(work) for work in make_catalogue(1).works]
    number, updated = rows[0]
    assert summarise(figures, [[(number, updated - 1), *rows[1:]]])["right"] == 0


def test_a_load_that_failed_and_a_refusal_nobody_asked_for_are_told(room: ModuleType, figures: ModuleType) -> None:
    rows = [figures.fingerprint_artwork(work) for work in make_catalogue(1).works]
    measured = summarise(figures, [rows, None], {"200": 12, "503": 2})
    assert room.find_wrong(as_summary(measured)) == [
        "all_pages: TimeoutError: no answer",
        "all_pages: all rows are right for 1 of 2",
        "all_pages: 2 refusals that nobody had asked for",
    ]


def test_those_at_once_are_those_that_cover_one_moment(figures: ModuleType) -> None:
    assert figures.count_at_once([(0, 4), (1, 2), (2, 5), (3, 4), (6, 7)]) == 3


def summarise(figures: ModuleType, loads: list[Any], statuses: dict[str, int] | None = None) -> dict[str, Any]:
    """The summary of step 2, with the rows that each attendee is said to have; None for a load that failed."""
    asked = {"requests": [(0.0, 1.0, 200, 10)], "began_s": 0.0, "ended_s": 1.0, "cpu_s": 0.5}
    results = [
        asked | ({"error": "TimeoutError: no answer"} if rows is None else figures.describe_rows(rows))
        for rows in loads
    ]
    counts = {"statuses": statuses or {"200": len(loads)}}
    phase = figures.Phase("all_pages", "all_pages")
    return figures.summarise_phase(phase, results, counts, seconds=1.0, museum_cpu_s=0.1)


def as_summary(measured: dict[str, Any]) -> dict[str, Any]:
    silent = {"museum_said": "", "phases": {}}
    return {"alone": silent, "room": silent | {"phases": {"all_pages": measured}}}
