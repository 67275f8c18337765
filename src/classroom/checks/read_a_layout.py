"""Exercise 1: a path in the layout of MVTec AD tells everything about a sample."""

from __future__ import annotations

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import is_blank
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace

_EXPECTED = {
    "bottle/train/good/000.png": ("bottle", "train", "good", False),
    "bottle/test/broken_small/003.png": ("bottle", "test", "broken_small", True),
    "zipper/test/good/012.png": ("zipper", "test", "good", False),
    "train_wheel/test/good/000.png": ("train_wheel", "test", "good", False),
    "good_cork/test/not_good/001.png": ("good_cork", "test", "not_good", True),
    "ground_truth_gauge/train/good/004.png": ("ground_truth_gauge", "train", "good", False),
    "mask_clip/test/bent/007.png": ("mask_clip", "test", "bent", True),
    "ground_truth/train/good/008.png": ("ground_truth", "train", "good", False),
    "train/test/good/009.png": ("train", "test", "good", False),
    "good/test/dented/010.png": ("good", "test", "dented", True),
}
"""Category, split, label and whether it is defective, by path; some categories are called like a split or a label."""
_FACTS = ("sample_id", "category", "split", "label", "is_defect")
_MASKS = ("bottle/ground_truth/broken_small/003_mask.png", "zipper/ground_truth/split_teeth/005.png")
"""The second is named like its image, as in copies that people have made."""


def collect(names: Names, workspace: Workspace) -> Evidence:  # noqa: ARG001 - this exercise loads nothing
    """Writes down what `read_sample` says of each path."""
    read_sample = names["read_sample"]
    if is_blank(read_sample):
        return EMPTY
    return {"answers": {path: _plain(read_sample(path)) for path in (*_EXPECTED, *_MASKS)}}


def judge(evidence: Evidence) -> CheckResult:
    """Compares fact by fact, so that the first wrong one is named."""
    answers = evidence["answers"]
    for path, values in _EXPECTED.items():
        call = f"read_sample({path!r})"
        answer = answers[path]
        if not isinstance(answer, dict):
            message = "An image has to become a dict of facts, whatever its category is called."
            hint = f"End with `return` and a dict with {', '.join(_FACTS)}."
            return failed(message, expected="a dict", actual=answer, next_step=hint, call=call)
        for fact, value in zip(_FACTS, (f"mvtec_ad/{path}", *values), strict=True):
            # 0 is not False: the column would hold numbers
            if answer.get(fact) != value or type(answer[fact]) is not type(value):
                return failed(
                    f"`{fact}` is not what the path says.",
                    expected=repr(value),
                    actual=repr(answer[fact]) if fact in answer else f"no {fact!r} in the dict",
                    next_step=_NEXT[fact],
                    call=call,
                )
    for mask in _MASKS:
        if answers[mask] is not None:
            return failed(
                "A mask was taken for an image.",
                expected="None",
                actual=answers[mask],
                next_step="Look at the second part of the path: it tells, whatever the file is called.",
                call=f"read_sample({mask!r})",
            )
    return passed(
        "The key is the path from the category on, so it is the same on every machine, and masks never count as images."
    )


_NEXT = {
    "sample_id": "Put `mvtec_ad/` before the path, with `/` whatever the system.",
    "category": "The category is the first part of the path.",
    "split": "The split is the second part of the path.",
    "label": "The label is the third part of the path: the folder's name.",
    "is_defect": "True unless the label is exactly `good`, else False; the split says nothing about it.",
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
            WrongAnswer(
                "a mask is what ends in _mask",
                'if path.endswith("_mask.png"):\n    return None\n' + _FACTS_OF_PATH + "return facts",
                "A mask was taken for an image",
            ),
            WrongAnswer(
                "ground_truth anywhere in the path",
                'if "ground_truth" in path:\n    return None\n' + _FACTS_OF_PATH + "return facts",
                "An image has to become a dict",
            ),
            WrongAnswer(
                "ground_truth as any folder of the path",
                'if "ground_truth" in path.split("/"):\n    return None\n' + _FACTS_OF_PATH + "return facts",
                "An image has to become a dict",
            ),
            WrongAnswer(
                "train as any folder of the path",
                _FACTS_OF_PATH
                + _NO_MASKS
                + 'return facts | {"split": "train" if "train" in path.split("/") else "test"}',
                "`split` is not what the path says",
            ),
            WrongAnswer(
                "good as any folder of the path",
                _FACTS_OF_PATH + _NO_MASKS + 'return facts | {"is_defect": "good" not in path.split("/")}',
                "`is_defect` is not what the path says",
            ),
            WrongAnswer(
                "a dict that is not returned",
                _FACTS_OF_PATH + "sample = facts",
                "An image has to become a dict",
            ),
            WrongAnswer(
                "train anywhere in the path",
                _FACTS_OF_PATH + _NO_MASKS + 'return facts | {"split": "train" if "train" in path else "test"}',
                "`split` is not what the path says",
            ),
            WrongAnswer(
                "good anywhere in the label",
                _FACTS_OF_PATH + _NO_MASKS + 'return facts | {"is_defect": "good" not in label}',
                "`is_defect` is not what the path says",
            ),
            WrongAnswer(
                "0 and 1 for False and True",
                _FACTS_OF_PATH + _NO_MASKS + 'return facts | {"is_defect": int(label != "good")}',
                "`is_defect` is not what the path says",
            ),
        ),
        demands=("sample_id", "category", "split", "label", "is_defect", "`mvtec_ad/` before it", "`None`"),
    ),
)
