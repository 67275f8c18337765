"""Exercise 9: a generator that hands on half of what it reads, without a word."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import is_blank, is_rows, load_answer, read_images, returned_no_rows
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace

_FILES = {
    "bottle": (
        "train/good/000.png",
        "train/good/001.png",
        "test/broken/000.png",
        "ground_truth/broken/000_mask.png",
    ),
    "Class1": ("Train/0001.PNG", "Train/0002.PNG", "Test/0003.PNG", "Train/Label/0002_label.PNG"),
    "Class3": (),
    "zipper": (
        *("train/good/000.png", "test/split_teeth/000.png", "ground_truth/split_teeth/000_mask.png"),
        "Thumbnails/000.PNG",
    ),
    "fabric": ("Train/0001.PNG", "Test/0002.PNG", "tmp/crops/0001.png"),
}
"""Files by folder, in the order in which the folders are given. One folder is empty; each of the last two holds a file
that the other layout's reader would take for an image, and one is called like no class."""
_ROWS = {"bottle": 3, "Class1": 3, "Class3": 0, "zipper": 2, "fabric": 2}
_STRANGERS = ("zipper/Thumbnails/000.PNG", "fabric/tmp/crops/0001.png")
"""What only the wrong reader gives."""
_CALL = f"images([{', '.join(_ROWS)}])"


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Loads what `images` hands on for five folders, and counts the rows of each category."""
    images = names["images"]
    if is_blank(images):
        return EMPTY
    answer = images(_make_folders(workspace.folder))
    if not is_rows(answer):
        return {"returned": type(answer).__name__}
    load_answer(workspace, answer)
    rows = read_images(workspace)
    found = Counter(str(row.get("category")) for row in rows)
    strangers = sorted(str(row.get("sample_id")) for row in rows if str(row.get("sample_id")) in _STRANGERS)
    return {"counts": {name: found[name] for name in _ROWS}, "strangers": strangers}


def judge(evidence: Evidence) -> CheckResult:
    """Tells apart what ends too early, what is thrown away, and what is used up."""
    if "returned" in evidence:
        return returned_no_rows(evidence["returned"], _CALL)
    counts = evidence["counts"]
    if strangers := evidence["strangers"]:
        return failed(
            "A folder was read by the reader of the other layout.",
            expected="one reader for each folder: that of its layout",
            actual=f"a row for {', '.join(strangers)}",
            next_step="A folder that holds `ground_truth` is laid out like MVTec AD, whatever it is called; ask each "
            "folder once.",
            call=_CALL,
        )
    if counts == _ROWS:
        return passed(
            "The bug: a forgotten `yield`. "
            "A generator does nothing until somebody asks it for rows, and it can be asked once. `yield from` asks, "
            "and hands on; calling it, or counting it, does not."
        )
    message, next_step = _explain(counts)
    return failed(message, expected=_tell(_ROWS), actual=_tell(counts), next_step=next_step, call=_CALL)


def _explain(counts: dict[str, int]) -> tuple[str, str]:
    """Returns what went wrong, and what to do next, by where rows are missing."""
    full = [name for name in _ROWS if counts[name]]
    lost = [name for name, count in _ROWS.items() if count and not counts[name]]
    if not full:
        return (
            "Not one row arrived, and the load reports success.",
            "Who asks the readers for rows, and who hands them on? What you look at before that is used up.",
        )
    if lost and max(map(list(_ROWS).index, full)) < min(map(list(_ROWS).index, lost)):
        return (
            f"After {full[-1]} nothing more was read, and the load reports success.",
            "`return` ends it all, and what a generator returns goes nowhere. Which line leaves the loop?",
        )
    if lost:
        return (
            f"All rows of {' and '.join(lost)} are missing, and the load reports success.",
            "Calling a generator function reads nothing yet, and a list that nobody yields goes nowhere.",
        )
    if any(counts[name] > count for name, count in _ROWS.items()):
        return ("Some rows are there more than once.", "Hand each row on once.")
    return (
        "Some rows of a category are missing, and the load reports success.",
        "Whatever takes a row from a generator to look at it has used it up.",
    )


def _make_folders(root: Path) -> list[Path]:
    for category, files in _FILES.items():
        (root / category).mkdir()
        for file in files:
            (root / category / file).parent.mkdir(parents=True, exist_ok=True)
            (root / category / file).touch()
    return [root / category for category in _FILES]


def _tell(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


_EACH = "for folder in folders:\n"
_READER = '    rows = mvtec_rows(folder) if (folder / "ground_truth").exists() else dagm_rows(folder)\n'
_BRANCH = '    if (folder / "ground_truth").exists():\n        yield from mvtec_rows(folder)\n    else:\n        '

STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer(
                "return the other rows",
                f"{_EACH}{_BRANCH}return dagm_rows(folder)",
                "After bottle nothing more was read",
            ),
            WrongAnswer(
                "a list that nobody yields",
                f"{_EACH}{_BRANCH}list(dagm_rows(folder))",
                "All rows of Class1 and fabric are missing",
            ),
            WrongAnswer(
                "counted, and used up",
                f"{_EACH}{_READER}    if sum(1 for _ in rows) > 0:\n        yield from rows",
                "Not one row arrived",
            ),
            WrongAnswer(
                "the first row taken to see whether there is one",
                f"{_EACH}{_READER}    if next(rows, None):\n        yield from rows",
                "Some rows of a category are missing",
            ),
            WrongAnswer(
                "an empty folder ends it all",
                f"{_EACH}    if not list(folder.iterdir()):\n        return\n{_READER}    yield from rows",
                "After Class1 nothing more was read",
            ),
            WrongAnswer(
                "both readers for each folder",
                f"{_EACH}    yield from mvtec_rows(folder)\n    yield from dagm_rows(folder)",
                "read by the reader of the other layout",
            ),
            WrongAnswer(
                "the other reader where the first one finds nothing",
                f"{_EACH}    yield from list(mvtec_rows(folder)) or dagm_rows(folder)",
                "read by the reader of the other layout",
            ),
            WrongAnswer(
                "the layout by the folder's name",
                f'{_EACH}    yield from dagm_rows(folder) if folder.name.startswith("Class") else mvtec_rows(folder)',
                "read by the reader of the other layout",
            ),
            WrongAnswer(
                "rows side by side, until the shortest ends",
                "readers = [mvtec_rows(folder) if (folder / 'ground_truth').exists() else dagm_rows(folder)"
                " for folder in folders]\nfor rows in zip(*readers):\n    yield from rows",
                "Not one row arrived",
            ),
            WrongAnswer(
                "no yield at all",
                f"{_EACH}{_READER}    list(rows)",
                "hands nothing on",
            ),
        ),
        demands=("every image of every folder", "once", "any order", "one may be empty"),
    ),
)
