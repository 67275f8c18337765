"""One worker process from start to end: its request, its time, and what it wrote down.

Nothing that a worker writes is run. Its evidence is parsed as JSON, and judged by `classroom.grading.grader`.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from classroom.checks import Evidence
from classroom.course.contents import Step
from classroom.errors import GradingError
from classroom.grading import limits
from classroom.grading.drain import READY, Drain
from classroom.grading.isolation import Isolation, Level
from classroom.grading.tree import kill_worker, start_worker

EVIDENCE_LIMIT_BYTES = 4 << 20
OUTPUT_LIMIT_BYTES = 64 << 10
_START_S = 180
"""A worker has this long to import the checks; the submission's own time begins afterwards."""
_DRAIN_S = 5
"""What left a worker's process group may hold its pipes open; they are not waited for any longer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a submission may use.

    Attributes:
        timeout_s: Time for one notebook, from its first line on.
        memory_mb: Memory for one notebook, in MiB.
    """

    timeout_s: float
    memory_mb: int


@dataclass(frozen=True, slots=True)
class SubmittedNotebook:
    """What a worker runs.

    Attributes:
        exercise_id: The exercise that was handed in, by its id in the registry.
        steps: The steps to collect evidence of.
        content: The bytes of the file as it was handed in.
    """

    exercise_id: str
    steps: tuple[Step, ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """What came of a worker.

    Attributes:
        evidence: By number of the step; what is missing here was never written, or not as a check writes it.
        ending: Why there is no more, as a sentence.
    """

    evidence: Mapping[int, Evidence]
    ending: str


@dataclass
class Workers:
    """All workers of a grading, so that all can be stopped at once.

    Attributes:
        isolation: How the workers are shut in.
        allowed: What each worker may use.
    """

    isolation: Isolation
    allowed: Limits
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _users: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_stopped: bool = False

    def run(self, notebook: SubmittedNotebook) -> NotebookRun:
        """Runs one notebook in a process of its own; returns when nothing of it is left.

        Raises:
            GradingError: The worker did not come as far as the submission's first line, or all were stopped.
        """
        with _scratch() as scratch, self._user(scratch) as user, self._worker(scratch, user) as process:
            evidence, output = _drain(process)
            _send(process, self._request(notebook, scratch, user))
            is_ready = evidence.wait_until_ready(_START_S)
            has_ended = is_ready and _ends_within(process, self.allowed.timeout_s)
            kill_worker(process, user)
            for drain in (evidence, output):
                drain.join(_DRAIN_S)
        if not is_ready:
            raise GradingError(_explain_no_start(self.isolation.level, bytes(output.kept)))
        return self._read(notebook, evidence, process.returncode if has_ended else None)

    def stop(self) -> None:
        """Ends all workers, and lets no other start."""
        with self._lock:
            self._is_stopped = True
            for process in self._running:
                kill_worker(process)

    @contextmanager
    def _user(self, scratch: Path) -> Iterator[int | None]:
        """Yields a user that no other worker has, who owns the scratch; None where the worker keeps its user."""
        if self.isolation.level is not Level.USER:
            yield None
            return
        with self._lock:
            user = next(user for user in limits.possible_users() if user not in self._users)
            self._users.add(user)
        os.chown(scratch, user, user)
        try:
            yield user
        finally:
            with self._lock:
                self._users.discard(user)

    @contextmanager
    def _worker(self, scratch: Path, user: int | None) -> Iterator[subprocess.Popen[bytes]]:
        with self._lock:
            if self._is_stopped:
                raise GradingError("Grading was stopped.")
            process = start_worker(self.isolation, scratch)
            self._running.add(process)
        try:
            yield process
        finally:
            kill_worker(process, user)
            with self._lock:
                self._running.discard(process)

    def _request(self, notebook: SubmittedNotebook, scratch: Path, user: int | None) -> dict[str, Any]:
        return {
            "level": str(self.isolation.level),
            "scratch": str(scratch),
            "visible": [str(path) for path in self.isolation.visible],
            "user": user,
            "memory_mb": self.allowed.memory_mb,
            "cpu_s": 60 + 4 * int(self.allowed.timeout_s),  # for what escapes; the clock stops the others
            "exercise": notebook.exercise_id,
            "steps": [{**asdict(step), "hints": ()} for step in notebook.steps],
            "notebook": base64.b64encode(notebook.content).decode("ascii"),
        }

    def _read(self, notebook: SubmittedNotebook, drain: Drain, exit_code: int | None) -> NotebookRun:
        if drain.is_over:
            return NotebookRun(
                {}, f"The notebook wrote more than {EVIDENCE_LIMIT_BYTES >> 20} MiB where the evidence belongs."
            )
        lines = [line for line in bytes(drain.kept[len(READY) :]).split(b"\n") if line]
        found = [_parse(line) for line in lines]
        wanted = [entry for entry in found if entry.keys() == {"step", "evidence"}]
        evidence = {
            step.number: own[0]["evidence"]
            for step in notebook.steps
            if len(own := [entry for entry in wanted if entry["step"] == step.number]) == 1
            and isinstance(own[0]["evidence"], dict)
        }
        was_memory = {"stopped": "memory"} in found
        return NotebookRun(evidence, self._ending(exit_code, was_memory, len(lines) > len(evidence) + was_memory))

    def _ending(self, exit_code: int | None, was_memory: bool, is_odd: bool) -> str:
        if exit_code is None:
            return f"It ran longer than {self.allowed.timeout_s:g} s and was stopped."
        if was_memory:
            return f"It took more than {self.allowed.memory_mb} MB of memory and was stopped."
        if is_odd:
            return "What the notebook left is no evidence that a check has written."
        if exit_code < 0 or exit_code > 128:
            return f"Its process was ended by {_name_signal(exit_code)}."
        return f"The notebook ended the process itself, with exit code {exit_code}, as `sys.exit` does."


def _name_signal(exit_code: int) -> str:
    number = -exit_code if exit_code < 0 else exit_code - 128
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def _parse(line: bytes) -> dict[str, Any]:
    """Reads one line of evidence; empty if it is no JSON object."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _explain_no_start(level: Level, output: bytes) -> str:
    last = output.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
    return (
        f"A worker ({level}) could not be made ready: {last[0]}. No submission is to blame; `classroom doctor` may be."
    )


def _ends_within(process: subprocess.Popen[bytes], timeout_s: float) -> bool:
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _drain(process: subprocess.Popen[bytes]) -> tuple[Drain, Drain]:
    assert process.stdout is not None and process.stderr is not None  # noqa: S101 - both were asked for
    return Drain(process.stdout, EVIDENCE_LIMIT_BYTES), Drain(process.stderr, OUTPUT_LIMIT_BYTES)


def _send(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    # a worker that ended at once says why on its standard error
    with suppress(OSError), process.stdin as pipe:
        pipe.write(json.dumps(request).encode("ascii"))


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="classroom-grading-"))
    try:
        yield folder
    finally:
        _make_deletable(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _make_deletable(folder: Path) -> None:
    """Gives back the rights that a submission may have taken away; no link is followed."""
    for parent, folders, files in os.walk(folder):
        for path in (Path(parent, name) for name in (folders + files)):
            # what is still held open stays, in the system's folder for such things
            with suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)
