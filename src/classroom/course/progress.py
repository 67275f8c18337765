"""What a learner has done so far, in one small file.

`.classroom/progress.json` in the course's folder is replaced as a whole with every change, so that a crash leaves
the old or the new one. A damaged file is set aside and told; progress then begins anew, and `classroom check` brings
it back, as the exercises themselves are the truth.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import Course
from classroom.errors import ProgressError

FOLDER = ".classroom"
_LOCK_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class StepProgress:
    """What is known of one step.

    Attributes:
        attempts: Checks of something that the learner had written, each with another result than the one before: a page
            runs its checkpoint again and again, and that is no new attempt.
        hints: How many hints were opened.
        has_passed: Whether the step ever passed.
        points: The most points that a check of it earned.
        solution_seen: Whether the solution was asked for before a pass.
        last_result: What the last attempt came to, as a short hash; empty before the first.
    """

    attempts: int = 0
    hints: int = 0
    has_passed: bool = False
    points: int = 0
    solution_seen: bool = False
    last_result: str = ""

    @property
    def is_unlocked(self) -> bool:
        """Whether the solution may be seen: after a pass or one attempt."""
        return self.has_passed or self.attempts > 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress by step id.

    Attributes:
        steps: What is known of each step that was touched, by its id.
        note: What happened to a damaged file; empty otherwise.
    """

    steps: Mapping[str, StepProgress] = field(default_factory=dict)
    note: str = ""

    def of(self, step_id: str) -> StepProgress:
        """Returns what is known of a step; nothing yet is known of one that was not touched."""
        return self.steps.get(step_id, StepProgress())


def read_progress(root: Path) -> Progress:
    """Reads the file; a damaged one is renamed to `progress.damaged-<time>.json`, and the result's note says so.

    Raises:
        ProgressError: The file is there and cannot be read.
    """
    path = _path(root)
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return Progress({key: StepProgress(**values) for key, values in table["steps"].items()})
    except (FileNotFoundError, NotADirectoryError):
        return Progress()
    except OSError as error:
        raise ProgressError(f"{path} cannot be read: {error.strerror or error}. Check its permissions.") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        aside = path.with_name(f"progress.damaged-{time.strftime('%Y%m%d-%H%M%S')}.json")
        with suppress(FileNotFoundError):  # another process has just done the same
            path.replace(aside)
        return Progress(note=f"The progress file was damaged and is now {aside}. `classroom check` counts anew.")


def record_checkpoint(course: Course, folder: Path | None, result: CheckResult) -> Progress:
    """Notes the result of a checkpoint in the learner's own notebook; in a master or a copy it notes nothing.

    Args:
        course: The course.
        folder: The folder of the notebook that is open; None where marimo knows none.
        result: What the check said.

    Raises:
        ProgressError: The file cannot be written.
    """
    # a master that is opened or run is nobody's achievement
    is_learners = folder is not None and folder.resolve() == (course.root / "exercises").resolve()
    return record_result(course.root, result) if is_learners else read_progress(course.root)


def record_result(root: Path, result: CheckResult) -> Progress:
    """Notes the result of a check; a step that passed once stays passed.

    The same result once more is no further attempt, and nothing is written.

    Raises:
        ProgressError: The file cannot be written.
    """
    progress = read_progress(root)
    before = progress.of(result.id)
    if _add_result(before, result) == before:
        return progress
    return _change(root, result.id, lambda step: _add_result(step, result), progress.note)


def _add_result(step: StepProgress, result: CheckResult) -> StepProgress:
    found = hashlib.sha256(repr(result).encode("utf-8")).hexdigest()[:16]
    if not result.is_attempt or found == step.last_result:
        return step
    return replace(
        step,
        attempts=step.attempts + 1,
        has_passed=step.has_passed or result.outcome is Outcome.PASS,
        points=max(step.points, result.points),
        last_result=found,
    )


def record_hint(root: Path, step_id: str) -> Progress:
    """Notes that one more hint was opened."""
    return _change(root, step_id, lambda step: replace(step, hints=step.hints + 1))


def record_solution(root: Path, step_id: str) -> Progress:
    """Notes that the solution was seen."""
    return _change(root, step_id, lambda step: replace(step, solution_seen=not step.has_passed or step.solution_seen))


def forget(root: Path, step_id: str) -> Progress:
    """Forgets a step, as `classroom reset` does."""
    return _change(root, step_id, lambda _: StepProgress())


def _change(root: Path, step_id: str, change: Callable[[StepProgress], StepProgress], note: str = "") -> Progress:
    """Reads, changes and writes under a lock that all processes and threads respect."""
    path = _path(root)
    try:
        path.parent.mkdir(exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=_LOCK_PATIENCE_S):
            before = read_progress(root)
            after = replace(before, steps={**before.steps, step_id: change(before.of(step_id))})
            _write(root, after)
            return replace(after, note=note or after.note)
    except Timeout as error:
        raise ProgressError(
            f"{path} is in use: another program has held {error.lock_file} for {_LOCK_PATIENCE_S:g} s, so nothing was "
            "noted. Close other pages and commands of the course, then run the same command again."
        ) from error
    except OSError as error:
        raise ProgressError(
            f"{path} cannot be written: {error.strerror or error}. Check the permissions of the folder "
            f"{FOLDER}, then run the same command again; the exercises themselves are as they were."
        ) from error


def _write(root: Path, progress: Progress) -> None:
    path = _path(root)
    new = path.with_suffix(f".new-{os.getpid()}")
    text = json.dumps({"steps": {key: asdict(step) for key, step in sorted(progress.steps.items())}}, indent=1)
    new.write_text(text + "\n", encoding="utf-8")
    new.replace(path)


def _path(root: Path) -> Path:
    return root / FOLDER / "progress.json"
