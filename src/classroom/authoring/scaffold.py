"""`classroom dev new`: the three places of a new exercise, begun."""

from __future__ import annotations

import re
from pathlib import Path

from classroom.checks import module_name
from classroom.course.registry import REGISTRY, Course
from classroom.errors import CourseError

_ID = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


def begin_exercise(course: Course, exercise_id: str) -> list[Path]:
    """Writes a master and a check to be filled in, and appends the exercise to the registry.

    Args:
        course: The course.
        exercise_id: As in `11_share_a_fingerprint`.

    Returns:
        The files written.

    Raises:
        CourseError: The id is no file name, or it or its number is taken.
    """
    if not _ID.fullmatch(exercise_id):
        raise CourseError(f"{exercise_id!r} is no id; expected lower-case words joined by _, as in 11_read_a_mask.")
    master = course.solution_file(exercise_id)
    check = Path(__file__).parents[1] / "checks" / f"{module_name(exercise_id)}.py"
    for path in (master, check):
        if path.exists():
            raise CourseError(f"{path} is there already; choose another id, or delete it first.")
    number = exercise_id.partition("_")[0]
    for exercise in course.exercises:
        if number.isdigit() and exercise.id.startswith(f"{number}_"):
            what = f"{exercise_id} has the number of {exercise.id}, and `{number}` would name neither"
            raise CourseError(f"{what}; take another number.")
    title = module_name(exercise_id).replace("_", " ").capitalize()
    master.write_text(_MASTER.format(id=exercise_id, title=title), encoding="utf-8")
    check.write_text(_CHECK.format(title=title), encoding="utf-8")
    registry = course.root / REGISTRY
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text.rstrip("\n") + "\n" + _ENTRY.format(id=exercise_id, title=title), encoding="utf-8")
    return [master, check, registry]


_MASTER = '''import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="{title}")

with app.setup(hide_code=True):
    import marimo as mo

    from classroom.pages.checkpoint import checkpoint, hints
    from classroom.pages.navigation import exercise_banner


@app.cell(hide_code=True)
def banner():
    exercise_banner("{id}")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # {title}

    Why it matters, and what is to be done. For example, `answer(41)` is 42.
    """)
    return


@app.cell
def exercise_1():
    def answer(question: int) -> int | None:
        """What it takes and what it returns."""
        # BEGIN SOLUTION
        return question + 1
        # END SOLUTION

    return (answer,)


@app.cell(hide_code=True)
def checkpoint_1(answer):
    checkpoint("{id}", 1, answer=lambda: answer)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("{id}", 1)
    return


if __name__ == "__main__":
    app.run()
'''

_CHECK = '''"""{title}."""

from __future__ import annotations

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace


def collect(names: Names, workspace: Workspace) -> Evidence:  # noqa: ARG001 - loads nothing yet
    """Writes down what the learner's code says."""
    answer = names["answer"](41)
    return EMPTY if answer is None else {{"answer": answer}}


def judge(evidence: Evidence) -> CheckResult:
    """Compares it with what should come out."""
    if evidence["answer"] != 42:
        return failed(
            "That is not the next number.",
            expected=42,
            actual=evidence["answer"],
            next_step="Add one.",
            call="answer(41)",
        )
    return passed("One insight worth the learner's while.")


STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer("the number itself", "return question", "not the next number"),
            WrongAnswer("one less", "return question - 1", "not the next number"),
        ),
        demands=("`answer(41)` is 42",),
    ),
)
'''

_ENTRY = """
[[exercise]]
id = "{id}"
title = "{title}"
minutes = 5
objectives = ["What one can do afterwards"]

[[exercise.step]]
title = "{title}"
defines = ["answer"]
points = 10
hints = ["A nudge.", "A pointer.", "Nearly the answer."]
"""
