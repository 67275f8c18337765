"""Exercise 1: a path in the layout of MVTec AD tells everything about a sample."""

from __future__ import annotations

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace

_EXPECTED = {
    "bottle/train/good/000.png": ("mvtec_ad/bottle/train/good/000.png", "bottle", "train", "good", False),
    "bottle/test/broken_small/003.png": (
        "mvtec_ad/bottle/test/broken_small/003.png",
        "bottle",
        "test",
        "broken_small",
        True,
    ),
    "zipper/test/good/012.png": ("mvtec_ad/zipper/test/good/012.png", "zipper", "test", "good", False),
}
"""Facts by path, in the order of `_FACTS`."""
_FACTS = ("sample_id", "category", "split", "label", "is_defect")
_MASK = "bottle/ground_truth/broken_small/003_mask.png"


def collect(names: Names, workspace: Workspace) -> Evidence:  # noqa: ARG001 - this exercise loads nothing
    """Writes down what `read_sample` says of each path."""
    read_sample = names["read_sample"]
    answers = {path: read_sample(path) for path in (*_EXPECTED, _MASK)}
    if all(answer is None for answer in answers.values()):
        return EMPTY
    return {"answers": {path: _plain(answer) for path, answer in answers.items()}}


def judge(evidence: Evidence) -> CheckResult:
    """Compares fact by fact, so that the first wrong one is named."""
    answers = evidence["answers"]
    for path, values in _EXPECTED.items():
        call = f"read_sample({path!r})"
        answer = answers[path]
        if not isinstance(answer, dict):
            message = "An image has to become a dict of facts."
            hint = f"Return a dict with {', '.join(_FACTS)}."
            return failed(message, expected="a dict", actual=answer, next_step=hint, call=call)
        for fact, value in zip(_FACTS, values, strict=True):
            if answer.get(fact) != value:
                return failed(
                    f"`{fact}` is not what the path says.",
                    expected=repr(value),
                    actual=repr(answer[fact]) if fact in answer else f"no {fact!r} in the dict",
                    next_step=_NEXT[fact],
                    call=call,
                )
    if answers[_MASK] is not None:
        return failed(
            "A mask was taken for an image.",
            expected="None",
            actual=answers[_MASK],
            next_step="Look at the second part of the path before anything else.",
            call=f"read_sample({_MASK!r})",
        )
    return passed(
        "The key comes from the path below the category, so it is the same on every machine, and masks never count "
        "as images."
    )


_NEXT = {
    "sample_id": "Put `mvtec_ad/` before the path, with `/` whatever the system.",
    "category": "The category is the first part of the path.",
    "split": "The split is the second part of the path.",
    "label": "The label is the third part of the path: the folder's name.",
    "is_defect": "A sample is defective unless its label is `good`; the split says nothing about it.",
}


def _plain(answer: object) -> object:
    """Returns the answer as values that JSON has; whatever else comes back is shown as text."""
    if answer is None or isinstance(answer, (str, bool, int, float)):
        return answer
    if isinstance(answer, dict):
        return {str(key): _plain(value) for key, value in answer.items()}
    return repr(answer)


_FACTS_OF_PATH = """
category, split, label, filename = PurePosixPath(path).parts
facts = {"sample_id": "mvtec_ad/" + path, "category": category, "split": split, "label": label}
facts["is_defect"] = label != "good"
"""
_NO_MASKS = 'if split == "ground_truth":\n    return None\n'

STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer("masks are images too", _FACTS_OF_PATH + "return facts", "A mask was taken for an image"),
            WrongAnswer(
                "everything in test is defective",
                _FACTS_OF_PATH + _NO_MASKS + 'return facts | {"is_defect": split == "test"}',
                "`is_defect` is not what the path says",
            ),
            WrongAnswer(
                "the file's name as key",
                _FACTS_OF_PATH + _NO_MASKS + 'return facts | {"sample_id": filename}',
                "`sample_id` is not what the path says",
            ),
        ),
    ),
)
