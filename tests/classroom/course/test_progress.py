"""The progress file: small, whole or not at all, and never in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import FOLDER, forget, read_progress, record_hint, record_result, record_solution
from classroom.errors import ProgressError

FAIL = CheckResult("a", Outcome.FAIL, "A", "no")
PASS = replace(FAIL, outcome=Outcome.PASS, points=10)


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    progress = read_progress(tmp_path)
    assert progress.steps == {}
    assert not progress.of("a").is_unlocked
    assert not (tmp_path / FOLDER).exists()


def test_attempts_hints_and_a_pass_are_remembered(tmp_path: Path) -> None:
    record_result(tmp_path, replace(FAIL, outcome=Outcome.TODO))
    assert not read_progress(tmp_path).of("a").is_unlocked
    record_result(tmp_path, FAIL)
    record_hint(tmp_path, "a")
    record_solution(tmp_path, "a")
    record_result(tmp_path, PASS)
    record_result(tmp_path, FAIL)
    step = read_progress(tmp_path).of("a")
    assert (step.attempts, step.hints, step.has_passed, step.points, step.solution_seen) == (3, 1, True, 10, True)
    assert forget(tmp_path, "a").of("a").attempts == 0


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"steps": {"a": {"attempts": 1, "colour": 2}}}', '{"steps": 1}'])
def test_a_damaged_file_is_set_aside_and_told(tmp_path: Path, damage: str) -> None:
    record_result(tmp_path, PASS)
    (tmp_path / FOLDER / "progress.json").write_text(damage, encoding="utf-8")
    progress = read_progress(tmp_path)
    assert progress.steps == {}
    (aside,) = (tmp_path / FOLDER).glob("progress.damaged-*.json")
    assert str(aside) in progress.note
    assert aside.read_text(encoding="utf-8") == damage
    assert record_result(tmp_path, PASS).of("a").has_passed


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [f"step_{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: record_result(tmp_path, replace(PASS, id=name)), names))
    assert sorted(read_progress(tmp_path).steps) == sorted(names)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["progress.json"]


def test_a_lock_left_by_a_crash_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.course.progress._LOCK_PATIENCE_S", 0.1)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "progress.lock").touch()
    assert record_result(tmp_path, PASS).of("a").has_passed


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(ProgressError, match="cannot be written"):
        record_result(tmp_path, PASS)
