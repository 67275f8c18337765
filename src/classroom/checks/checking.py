"""From a notebook to results: run the step's cell, collect evidence, judge it."""

from __future__ import annotations

from pathlib import Path

from classroom.checks import EMPTY, Evidence, find_check
from classroom.course.answers import AnswerError, describe_exception, read_notebook, run_names
from classroom.course.contents import Exercise, Names, Step
from classroom.course.outcomes import CheckResult, judge_steps, name_result, raised, todo
from classroom.course.workspace import temporary_workspace
from classroom.errors import NotebookError

_RAISED = "raised"


def check_step(step: Step, names: Names) -> CheckResult:
    """Checks one step in a workspace of its own, in this process.

    Args:
        step: From the registry.
        names: What the step's cell defines.
    """
    return judge_evidence(step, collect_evidence(step, names))


def check_notebook(exercise: Exercise, path: Path) -> list[CheckResult]:
    """Checks all steps of a notebook in order.

    Args:
        exercise: From the registry.
        path: The notebook: the learner's, the master, or a submission.
    """
    return judge_steps(exercise, lambda step: check_file(step, path))


def check_file(step: Step, path: Path) -> CheckResult:
    """Checks one step of a notebook's file, whatever the steps before it say."""
    return judge_evidence(step, collect_from_notebook(step, path))


def collect_from_notebook(step: Step, path: Path) -> Evidence:
    """Collects evidence of one step of a notebook's file; whatever is wrong with the file is evidence too."""
    try:
        names = run_names(read_notebook(path), step.defines)
    except (NotebookError, AnswerError) as error:
        return {_RAISED: str(error)}
    return collect_evidence(step, names, path)


def collect_evidence(step: Step, names: Names, path: Path | None = None) -> Evidence:
    """Runs the learner's code in a new workspace and writes down what came of it.

    Whatever the code raises is evidence.

    Args:
        step: From the registry.
        names: What the step's cell defines.
        path: The notebook's file, to tell cell and line; None in a running notebook.
    """
    check = find_check(step)
    with temporary_workspace() as workspace:
        try:
            return check.collect(names, workspace)
        except (Exception, SystemExit) as error:
            return {_RAISED: describe_exception(error, path)}


def judge_evidence(step: Step, evidence: Evidence) -> CheckResult:
    """Tells from the evidence how a step stands; runs none of the learner's code."""
    if _RAISED in evidence:
        text = str(evidence[_RAISED])
        what = "the line that is named" if ", line " in text else "what was raised"
        result = raised(text, next_step=f"Read {what}, mend the cell, and run it again.")
    elif evidence == EMPTY:
        result = todo(f"Write where the gap is: `{', '.join(step.defines)}`.")
    else:
        result = find_check(step).judge(evidence)
    return name_result(result, step)
