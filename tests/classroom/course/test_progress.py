"""The progress file: small, whole or not at all, and never in the way."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import (
    FOLDER,
    forget,
    read_progress,
    record_checkpoint,
    record_hint,
    record_result,
    record_solution,
)
from classroom.course.registry import Course
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
    assert {path.name for path in (tmp_path / FOLDER).iterdir()} <= {"progress.json", "progress.lock"}


RECORD = """
import sys
from pathlib import Path

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.progress import record_result

for number in range(60):
    record_result(Path(sys.argv[1]), CheckResult(f"{sys.argv[2]}_{number}", Outcome.PASS, "A", "yes", points=1))
"""

HOLD = """
import sys
from filelock import FileLock

with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def start_python(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    processes = [start_python(RECORD, tmp_path, name) for name in ("notebook", "command")]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    expected = {f"{name}_{number}" for name in ("notebook", "command") for number in range(60)}
    assert set(read_progress(tmp_path).steps) == expected


def test_a_lock_that_another_process_holds_is_told_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classroom.course.progress._LOCK_PATIENCE_S", 0.2)
    (tmp_path / FOLDER).mkdir()
    lock = tmp_path / FOLDER / "progress.lock"
    with start_python(HOLD, lock) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for _ in range(2):
            with pytest.raises(ProgressError, match=r"is in use: another program has held .*progress\.lock for 0\.2 s"):
                record_result(tmp_path, PASS)
        with pytest.raises(Timeout):
            FileLock(lock, timeout=0).acquire()
        assert read_progress(tmp_path).steps == {}
        holder.communicate("")
    assert record_result(tmp_path, PASS).of("a").has_passed


def test_a_lock_file_left_by_a_crash_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.course.progress._LOCK_PATIENCE_S", 0.1)
    (tmp_path / FOLDER).mkdir()
    lock = tmp_path / FOLDER / "progress.lock"
    with start_python(HOLD, lock) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
    assert lock.exists()
    assert record_result(tmp_path, PASS).of("a").has_passed


def test_the_same_result_once_more_is_no_attempt_and_writes_nothing(tmp_path: Path) -> None:
    record_result(tmp_path, FAIL)
    file = tmp_path / FOLDER / "progress.json"
    before = file.stat().st_mtime_ns, file.stat().st_ino
    progress = record_result(tmp_path, FAIL)
    record_result(tmp_path, replace(FAIL, outcome=Outcome.TODO))
    assert progress.of("a").attempts == 1
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before
    assert record_result(tmp_path, replace(FAIL, actual="another")).of("a").attempts == 2


def test_what_is_unchanged_needs_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record_result(tmp_path, FAIL)
    monkeypatch.setattr("classroom.course.progress._LOCK_PATIENCE_S", 0)
    with FileLock(tmp_path / FOLDER / "progress.lock"):
        assert record_result(tmp_path, FAIL).of("a").attempts == 1


def test_a_checkpoint_is_noted_in_the_learners_notebook_only(course: Course) -> None:
    for folder in (None, course.root / "solutions", course.root / "lessons"):
        assert record_checkpoint(course, folder, PASS).steps == {}
    assert record_checkpoint(course, course.root / "exercises", PASS).of("a").has_passed
    assert record_checkpoint(course, course.root / "solutions", FAIL).of("a").attempts == 1


@pytest.mark.thorough
def test_a_page_that_runs_its_checkpoint_again_is_one_attempt(course: Course) -> None:
    notebook = course.exercise_file("01_read_a_layout")
    again = """if True:
        import runpy, sys
        from pathlib import Path
        from classroom.course.progress import read_progress
        notebook = Path(sys.argv[1])
        for answer in ("return 1", "return 1", "return None or 2"):
            edited = notebook.read_text(encoding="utf-8").replace("pass  # write here", answer)
            notebook.write_text(edited.replace("return 1", answer), encoding="utf-8")
            runpy.run_path(str(notebook), run_name="__main__")
            print("attempts:", read_progress(Path()).of("01_read_a_layout").attempts)
    """
    command = [sys.executable, "-c", again, str(notebook)]
    run = subprocess.run(command, cwd=course.root, check=True, timeout=120, capture_output=True, encoding="utf-8")
    assert [line for line in run.stdout.splitlines() if "attempts:" in line] == [f"attempts: {n}" for n in (1, 1, 2)]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER / "progress.json").mkdir(parents=True)
    with pytest.raises(ProgressError, match="cannot be read"):
        read_progress(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file, not a folder", encoding="utf-8")
    with pytest.raises(ProgressError, match="cannot be written"):
        record_result(tmp_path, PASS)
