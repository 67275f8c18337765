"""Submissions in, results out: each notebook's evidence, judged by the installed checks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from classroom.checks.checking import judge_evidence
from classroom.course.contents import Exercise, Step
from classroom.course.outcomes import CheckResult, judge_steps, name_result, raised, todo
from classroom.course.registry import Course
from classroom.errors import GradingError
from classroom.grading.isolation import Isolation, Level, levels_to_try, make_isolation
from classroom.grading.notebook_run import Limits, NotebookRun, SubmittedNotebook, Workers
from classroom.grading.submissions import Submission, read_submissions, tell_missing
from classroom.grading.watch import SourceWatch, watch_sources

NOTEBOOK_TIMEOUT_S = 60.0
NOTEBOOK_MEMORY_MB = 2048
_TEXT_LIMIT = 500
"""Characters of a message, of what was expected, of what came out: a submission has a part in them."""


@dataclass(frozen=True, slots=True)
class StudentGrade:
    """Results of one student.

    Attributes:
        name: Name of the student's folder or zip, without `.zip`.
        results: One for each step of the course, in the registry's order.
    """

    name: str
    results: tuple[CheckResult, ...]

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(result.points for result in self.results)


@dataclass(frozen=True, slots=True)
class Grading:
    """Results of all students.

    Attributes:
        students: The grades of each student, sorted by name.
        notes: What was found and not graded, in sentences.
        isolation: How the submissions were shut in, in a sentence.
    """

    students: tuple[StudentGrade, ...]
    notes: tuple[str, ...]
    isolation: str


def grade(
    course: Course,
    folder: Path,
    *,
    jobs: int | None = None,
    timeout_s: float = NOTEBOOK_TIMEOUT_S,
    memory_mb: int = NOTEBOOK_MEMORY_MB,
    level: Level | None = None,
    on_graded: Callable[[int, int], None] | None = None,
) -> Grading:
    """Grades a folder of submissions against the installed checks.

    Runs strangers' code: `docs/grading.md` says how far it is shut in. Writes nothing but scratch folders, which are
    gone afterwards. When it is interrupted, no process is left.

    Args:
        course: The registry.
        folder: Holds one folder or one zip a student.
        jobs: Notebooks graded at the same time; by default one less than there are processors.
        timeout_s: Time for one notebook, without what its worker needs to start.
        memory_mb: Memory of a notebook, in MiB.
        level: How to shut submissions in; by default the strongest that works here.
        on_graded: Called with the notebooks done so far, and with all.

    Raises:
        GradingError: The folder cannot be read, no worker can be started, or the checks were edited meanwhile.
    """
    submissions, notes = read_submissions(folder, [exercise.id for exercise in course.exercises])
    isolation = find_isolation(course) if level is None else make_isolation(course, level)
    workers = Workers(isolation, Limits(timeout_s, memory_mb))
    watch = watch_sources(isolation.packages if isolation.can_be_edited else ())
    with _pool(jobs, workers) as pool:
        futures = [
            [pool.submit(_grade_exercise, workers, watch, exercise, submission) for exercise in course.exercises]
            for submission in submissions
        ]
        _report_progress([future for own in futures for future in own], on_graded)
        students = tuple(
            StudentGrade(submission.student, tuple(result for future in own for result in future.result()))
            for submission, own in zip(submissions, futures, strict=True)
        )
    all_notes = (*notes, *(note for submission in submissions for note in submission.notes))
    return Grading(students, all_notes, isolation.describe())


def find_isolation(course: Course) -> Isolation:
    """Tries what the system lets us do, the strongest first, each with a real worker that runs no submission.

    Raises:
        GradingError: Not even the weakest works, or root could not give up its rights.
    """
    problems = []
    for level in levels_to_try():
        isolation = make_isolation(course, level)
        try:
            Workers(isolation, Limits(1, NOTEBOOK_MEMORY_MB)).run(SubmittedNotebook(course.exercises[0].id, (), b""))
        except GradingError as error:
            problems.append(str(error))
        else:
            return isolation
    raise GradingError(
        f"Submissions cannot be run safely here: {' '.join(problems)} "
        "Root's rights are never given to a submission: grade as an ordinary user."
    )


@contextmanager
def _pool(jobs: int | None, workers: Workers) -> Iterator[ThreadPoolExecutor]:
    """Opens threads that wait for workers; whatever goes wrong, Ctrl-C too, ends all workers first."""
    pool = ThreadPoolExecutor(jobs or max(1, (os.cpu_count() or 2) - 1))
    try:
        yield pool
    except BaseException:
        workers.stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _report_progress(futures: list[Future[list[CheckResult]]], on_graded: Callable[[int, int], None] | None) -> None:
    for number, future in enumerate(futures, start=1):
        future.result()
        if on_graded is not None:
            on_graded(number, len(futures))


def _grade_exercise(
    workers: Workers, watch: SourceWatch, exercise: Exercise, submission: Submission
) -> list[CheckResult]:
    """Returns the results of one exercise of one student, whatever was handed in."""
    content = submission.notebooks.get(exercise.id)
    if content is not None:
        run = workers.run(SubmittedNotebook(exercise.id, exercise.steps, content))
        watch.check(f"{exercise.id} of {submission.student}")
        return judge_run(exercise, run)
    problem = submission.problems.get(exercise.id)
    missing = todo("Hand it in under this name.", tell_missing(exercise.id))
    result = missing if problem is None else raised(problem, next_step="Hand in the notebook itself.")
    return [name_result(result, step) for step in exercise.steps]


def judge_run(exercise: Exercise, run: NotebookRun) -> list[CheckResult]:
    """Judges the steps of a notebook in order; those after one that does not pass are blocked.

    Args:
        exercise: From the registry.
        run: What the worker wrote down; it may be forged, and is never more than values.
    """
    return [_shorten(result) for result in judge_steps(exercise, lambda step: _judge_step(step, run))]


def _judge_step(step: Step, run: NotebookRun) -> CheckResult:
    if step.number not in run.evidence:
        ended = raised(run.ending, next_step=f"`classroom check {step.id}` shows the same.")
        return name_result(ended, step)
    try:
        return judge_evidence(step, run.evidence[step.number])
    except Exception as error:  # a check takes the shape of its evidence for granted, and this may be forged
        message = f"What the notebook left is no evidence that this check writes ({type(error).__name__}: {error})."
        return name_result(raised(message, next_step="Leave the checker alone."), step)


def _shorten(result: CheckResult) -> CheckResult:
    return replace(
        result,
        message=_shortened(result.message),
        expected=_shortened(result.expected),
        actual=_shortened(result.actual),
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"
