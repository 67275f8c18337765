"""What a learner has done so far, in one small file.

`.classroom/progress.json` in the course's folder is replaced as a whole with every change, so that a crash leaves
the old or the new one. A damaged file is set aside and told; progress then begins anew, and `classroom check` brings
it back, as the exercises themselves are the truth.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from classroom.course.outcomes import CheckResult, Outcome
from classroom.errors import ProgressError

FOLDER = ".classroom"
_LOCK_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class StepProgress:
    """What is known of one step.

    Attributes:
        attempts: Checks of something that the learner had written.
        hints: Hints opened.
        has_passed: Whether it ever passed.
        points: Points earned.
        solution_seen: Whether the solution was asked for before a pass.
    """

    attempts: int = 0
    hints: int = 0
    has_passed: bool = False
    points: int = 0
    solution_seen: bool = False

    @property
    def is_unlocked(self) -> bool:
        """Whether the solution may be seen: after a pass or one attempt."""
        return self.has_passed or self.attempts > 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress by step id.

    Attributes:
        steps: Only steps that were touched.
        note: What happened to a damaged file; empty otherwise.
    """

    steps: Mapping[str, StepProgress] = field(default_factory=dict)
    note: str = ""

    def of(self, step_id: str) -> StepProgress:
        """What is known of a step; nothing yet is known of one that was not touched."""
        return self.steps.get(step_id, StepProgress())


def read_progress(root: Path) -> Progress:
    """Reads the file; a damaged one is renamed to `progress.damaged-<time>.json`, and the result's note says so."""
    path = _path(root)
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return Progress({key: StepProgress(**values) for key, values in table["steps"].items()})
    except FileNotFoundError:
        return Progress()
    except (ValueError, TypeError, KeyError, AttributeError):
        aside = path.with_name(f"progress.damaged-{time.strftime('%Y%m%d-%H%M%S')}.json")
        path.replace(aside)
        return Progress(note=f"The progress file was damaged and is now {aside}. `classroom check` counts anew.")


def record_result(root: Path, result: CheckResult) -> Progress:
    """Notes the result of a check; a step that passed once stays passed."""

    def change(step: StepProgress) -> StepProgress:
        has_passed = step.has_passed or result.outcome is Outcome.PASS
        attempts = step.attempts + result.is_attempt
        return replace(step, attempts=attempts, has_passed=has_passed, points=max(step.points, result.points))

    return _change(root, result.id, change)


def record_hint(root: Path, step_id: str) -> Progress:
    """Notes that one more hint was opened."""
    return _change(root, step_id, lambda step: replace(step, hints=step.hints + 1))


def record_solution(root: Path, step_id: str) -> Progress:
    """Notes that the solution was seen."""
    return _change(root, step_id, lambda step: replace(step, solution_seen=not step.has_passed or step.solution_seen))


def forget(root: Path, step_id: str) -> Progress:
    """Forgets a step, as `classroom reset` does."""
    return _change(root, step_id, lambda _: StepProgress())


def _change(root: Path, step_id: str, change: Callable[[StepProgress], StepProgress]) -> Progress:
    try:
        with _locked(root):
            before = read_progress(root)
            after = replace(before, steps={**before.steps, step_id: change(before.of(step_id))})
            _write(root, after)
            return after
    except OSError as error:
        raise ProgressError(
            f"{_path(root)} cannot be written: {error.strerror or error}. Check the permissions of the folder "
            f"{FOLDER}, then run the same command again; the exercises themselves are as they were."
        ) from error


def _write(root: Path, progress: Progress) -> None:
    path = _path(root)
    new = path.with_suffix(f".new-{os.getpid()}")
    text = json.dumps({"steps": {key: asdict(step) for key, step in sorted(progress.steps.items())}}, indent=1)
    new.write_text(text + "\n", encoding="utf-8")
    new.replace(path)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Keeps a notebook and the command from writing at the same moment; a lock left by a crash is broken."""
    lock = root / FOLDER / "progress.lock"
    lock.parent.mkdir(exist_ok=True)
    give_up = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except (FileExistsError, PermissionError):
            if time.monotonic() > give_up:
                break
            time.sleep(0.02)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _path(root: Path) -> Path:
    return root / FOLDER / "progress.json"
