"""Sixty students, a good half of them honest: one grading, in which nobody harms another."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hostile import EXERCISE, MASTER, ROOT, Hostile, hand_in, make_hostile, one_exercise

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import read_course
from classroom.errors import GradingError
from classroom.grading import Grading, grade
from classroom.grading.grader import find_isolation, judge_run
from classroom.grading.isolation import Level, make_isolation
from classroom.grading.notebook_run import NotebookRun
from classroom.grading.watch import watch_sources

STUDENTS = 60
TOKEN = f"61.{uuid.uuid4().int % 10**9}"
NAMES = sorted(make_hostile(Path(), 0, ""))
WEAKER = Level.LIMITS if os.name == "posix" else Level.TIME


@dataclass
class Graded:
    grading: Grading
    level: Level
    hostile: dict[str, Hostile]
    connections: list[object]
    progress: list[tuple[int, int]]

    def result_of(self, student: str) -> CheckResult:
        (found,) = [grade for grade in self.grading.students if grade.name == student]
        return found.results[0]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    level = find_isolation(one_exercise()).level
    folder = tmp_path_factory.mktemp("submissions")
    connections: list[object] = []
    progress: list[tuple[int, int]] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, args=(server, connections), daemon=True).start()
        other = folder / "good-00" / f"{EXERCISE}.py"
        hostile = make_hostile(other, server.getsockname()[1], TOKEN)
        if level is not Level.NAMESPACES:
            hostile = {name: attack for name, attack in hostile.items() if not attack.is_contained}
        for name, attack in hostile.items():
            hand_in(folder, name, attack.notebook)
        (folder / "folder-for-a-file" / f"{EXERCISE}.py").mkdir(parents=True)
        for number in range(STUDENTS - len(hostile) - 1):
            hand_in(folder, f"good-{number:02}", MASTER.encode())
        grading = grade(
            one_exercise(), folder, jobs=3, timeout_s=8, memory_mb=600, on_graded=lambda *done: progress.append(done)
        )
        yield Graded(grading, level, hostile, connections, progress)


def accept(server: socket.socket, connections: list[object]) -> None:
    while True:
        try:
            connections.append(server.accept()[1])
        except OSError:
            return


def processes(token: str) -> list[str]:
    listed = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True)  # noqa: S607
    return [line for line in listed.stdout.splitlines() if token in line and "/bin/sleep" in line]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.thorough
def test_hostile_notebook_is_graded_as_what_it_is(graded: Graded, name: str) -> None:
    if name not in graded.hostile:
        pytest.skip(f"runs in namespaces only, and here the strongest is: {graded.level}")
    assert_graded_as_what_it_is(graded, name)


def assert_graded_as_what_it_is(graded: Graded, name: str) -> None:
    wanted, result = graded.hostile[name], graded.result_of(name)
    assert (result.outcome, wanted.message in result.message) == (wanted.outcome, True), result
    assert result.points == (10 if wanted.outcome is Outcome.PASS else 0)


@pytest.mark.thorough
def test_the_others_are_unharmed(graded: Graded) -> None:
    good = [grade for grade in graded.grading.students if grade.name.startswith("good-")]
    assert len(graded.grading.students) == STUDENTS
    assert len(good) > STUDENTS / 2 - 1
    assert {(grade.results[0].outcome, grade.points) for grade in good} == {(Outcome.PASS, 10)}


@pytest.mark.thorough
def test_students_come_in_the_order_of_their_names(graded: Graded) -> None:
    names = [grade.name for grade in graded.grading.students]
    assert names == sorted(names)
    assert graded.progress == [(number, len(names)) for number in range(1, len(names) + 1)]


@pytest.mark.thorough
def test_folder_in_place_of_a_notebook(graded: Graded) -> None:
    result = graded.result_of("folder-for-a-file")
    assert result.outcome is Outcome.ERROR
    assert "is a folder; expected a notebook" in result.message


@pytest.mark.skipif(os.name != "posix", reason="there is no `ps` on this system")
@pytest.mark.thorough
def test_nothing_is_left_running(graded: Graded) -> None:
    assert graded.grading.students
    assert processes(TOKEN) == []


@pytest.mark.thorough
def test_nobody_called_home(graded: Graded) -> None:
    if "calls-home" not in graded.hostile:
        pytest.skip(f"the network is not denied here: {graded.level}")
    assert graded.connections == []


@pytest.mark.thorough
def test_isolation_is_told(graded: Graded) -> None:
    assert graded.grading.isolation == make_isolation(one_exercise(), graded.level).describe()
    assert ("NOT denied" in graded.grading.isolation) == (graded.level in (Level.USER, Level.LIMITS))


@pytest.fixture(scope="module")
def weakly_graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Without namespaces, even where there are some."""
    folder = tmp_path_factory.mktemp("weaker")
    hostile = make_hostile(folder, 0, TOKEN)
    names = ("endless-loop", "sys-exit", "100-mb-of-output", "memory-at-once", "replaces-the-steps")
    for name in names:
        hand_in(folder, name, hostile[name].notebook)
    grading = grade(one_exercise(), folder, jobs=3, timeout_s=8, memory_mb=600, level=WEAKER)
    return Graded(grading, WEAKER, {name: hostile[name] for name in names}, [], [])


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["endless-loop", "sys-exit", "100-mb-of-output", "replaces-the-steps"])
def test_weaker_level_stops_what_it_promises_to(weakly_graded: Graded, name: str) -> None:
    assert_graded_as_what_it_is(weakly_graded, name)


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_weaker_level_limits_memory(weakly_graded: Graded) -> None:
    assert_graded_as_what_it_is(weakly_graded, "memory-at-once")


def test_no_scratch_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    locked = "from pathlib import Path\nPath('locked').mkdir()\nPath('locked/file').touch()\nPath('locked').chmod(0)\n"
    code = Hostile(Outcome.TODO, "", locked + "return None").notebook
    hand_in(tmp_path / "in", "ada", code)
    result = grade(one_exercise(), tmp_path / "in", jobs=1, level=WEAKER).students[0].results[0]
    assert result.outcome is Outcome.ERROR, "the second call finds the folder that the first has made"
    assert "FileExistsError" in result.message
    assert list(scratch.iterdir()) == []


GRADE_UNTIL_STOPPED = """
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits that it is ignored
sys.path.insert(0, {tests!r})
from hostile import one_exercise
from classroom.grading import grade
try:
    grade(one_exercise(), Path({folder!r}), jobs=2, timeout_s=300)
except KeyboardInterrupt:
    sys.exit(42)
"""


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C cannot be sent to one process on this system")
def test_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    token = f"62.{uuid.uuid4().int % 10**9}"
    code = f"import subprocess\nsubprocess.Popen(['/bin/sleep', '{token}'])\nwhile True:\n    pass"
    for student in ("ada", "bob", "eve"):
        hand_in(tmp_path, student, Hostile(Outcome.ERROR, "", code).notebook)
    script = GRADE_UNTIL_STOPPED.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", script]) as grader:
        wait_for_processes(token, 2, grader)
        grader.send_signal(signal.SIGINT)
        assert grader.wait(timeout=60) == 42
    assert processes(token) == []


def wait_for_processes(token: str, count: int, grader: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while len(processes(token)) < count:
        assert grader.poll() is None, "the grader ended before its workers ran"
        assert time.monotonic() < deadline, "the workers did not start"
        time.sleep(0.1)


def test_worker_that_cannot_start_is_nobodys_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.grading.tree._COMMAND", [sys.executable, "-c", "raise SystemExit('no room')"])
    hand_in(tmp_path, "ada", MASTER.encode())
    with pytest.raises(GradingError, match="could not be made ready: no room"):
        grade(one_exercise(), tmp_path, level=WEAKER)


def test_step_after_one_without_evidence_is_blocked() -> None:
    exercise = next(exercise for exercise in read_course(ROOT).exercises if len(exercise.steps) > 1)
    first, second, *_ = judge_run(
        exercise, NotebookRun({2: {"empty": True}}, "It ran longer than 8 s and was stopped.")
    )
    assert (first.outcome, first.message) == (Outcome.ERROR, "It ran longer than 8 s and was stopped.")
    assert (second.outcome, second.points) == (Outcome.BLOCKED, 0)
    assert exercise.steps[0].id in second.message


def test_what_a_submission_says_is_cut_short() -> None:
    (result,) = judge_run(one_exercise().exercises[0], NotebookRun({1: {"raised": "x" * 100_000}}, ""))
    assert len(result.message) == 500


@pytest.mark.parametrize("change", ["edited", "added", "removed"])
def test_edited_checker_stops_the_grading(tmp_path: Path, change: str) -> None:
    file = tmp_path / "checks" / "one.py"
    file.parent.mkdir()
    file.write_text("def judge(): ...", encoding="utf-8")
    watch = watch_sources([tmp_path])
    watch.check("01 of ada")
    if change == "removed":
        file.unlink()
    else:
        (file if change == "edited" else file.with_name("two.py")).write_text("forged", encoding="utf-8")
    with pytest.raises(GradingError, match="edited while 01 of ada was graded"):
        watch.check("01 of ada")
