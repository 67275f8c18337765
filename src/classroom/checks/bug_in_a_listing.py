"""Exercise 6: a glob that takes masks for test images."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import is_blank, is_rows, load_answer, read_images, returned_no_rows
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace

_IMAGES = {
    "bottle/test/broken/000.png": "test",
    "bottle/test/broken/001.png": "test",
    "bottle/test/good/000.png": "test",
    "bottle/train/good/000.png": "train",
    "bottle/train/good/001_left.png": "train",
    "ground_truth/test/bent/000.png": "test",
    "ground_truth/train/good/000.png": "train",
    "mask_clip/test/bent/000.png": "test",
    "mask_clip/test/good/000.png": "test",
    "mask_clip/train/good/000.png": "train",
    "train/test/good/000.png": "test",
    "train_tester/test/good/000.png": "test",
    "train_tester/train/good/000.png": "train",
}
"""Split by path. One category has `mask` in its name and grey pictures, others are called like a split or like the
folder of masks: that means nothing."""
_MASKS = (
    "bottle/ground_truth/broken/000_mask.png",
    "bottle/ground_truth/broken/001_mask.png",
    "mask_clip/ground_truth/bent/000.png",
)
"""The last is named like its image, as in copies that people have made."""
_ROOT = ("ground_truth", "train", "mvtec_ad")
"""Below which folders the tree lies: what stands above `root` means nothing."""
_CALL = f"images(root), where root is .../{'/'.join(_ROOT)}"


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Loads what `images` yields for a small tree, and reads the table."""
    images = names["images"]
    if is_blank(images):
        return EMPTY
    answer = images(_make_tree(workspace.folder.joinpath(*_ROOT)))
    if not is_rows(answer):
        return {"returned": type(answer).__name__}
    load_answer(workspace, answer)
    return {"rows": [[str(row.get("sample_id")), str(row.get("split"))] for row in read_images(workspace)]}


def judge(evidence: Evidence) -> CheckResult:
    """Masks first, as they are the bug; then images that were lost with them."""
    if "returned" in evidence:
        return returned_no_rows(evidence["returned"], _CALL)
    rows = [tuple(row) for row in evidence["rows"]]
    return _judge_masks(rows) or _judge_images(rows) or _judge_splits(rows) or passed(_INSIGHT)


_INSIGHT = (
    "The bug: masks taken for images. "
    "A list of what is wanted (`train`, `test`) beats a list of what is not: the next folder that nobody thought of "
    "stays out by itself."
)


def _judge_masks(rows: list[tuple[str, str]]) -> CheckResult | None:
    found = [sample_id for sample_id, _ in rows if sample_id in _MASKS]
    if not found:
        return None
    return failed(
        f"{len(found)} of {len(_MASKS)} masks are rows of `images`.",
        expected="no row from below `ground_truth`",
        actual=", ".join(found),
        next_step="Ask in which folder a file lies; names of masks differ from copy to copy.",
        call=_CALL,
    )


def _judge_images(rows: list[tuple[str, str]]) -> CheckResult | None:
    ids = [sample_id for sample_id, _ in rows]
    if _IMAGES.keys().isdisjoint(ids):
        return failed(
            "Not one image is in the table.",
            expected=f"{len(_IMAGES)} images, with their path below `root` as `sample_id`",
            actual=f"{len(ids)} rows",
            next_step="Yield `make_row(root, path, split)` for each image; folders above `root` say nothing of it.",
            call=_CALL,
        )
    if lost := sorted(_IMAGES.keys() - set(ids)):
        return failed(
            f"{len(lost)} of {len(_IMAGES)} images went missing together with the masks.",
            expected=f"{len(_IMAGES)} images",
            actual=f"not there: {', '.join(lost)}",
            next_step="Look at what the lost ones have in common, and ask for the split's folder and nothing else.",
            call=_CALL,
        )
    if sorted(ids) != sorted(_IMAGES):
        return failed(
            "The table holds rows that are no image of the folder, or one twice.",
            expected=f"{len(_IMAGES)} rows",
            actual=f"{len(ids)} rows: {', '.join(ids)}",
            next_step="Yield `make_row(…)` once for each image.",
            call=_CALL,
        )
    return None


def _judge_splits(rows: list[tuple[str, str]]) -> CheckResult | None:
    for sample_id, split in rows:
        if split != _IMAGES[sample_id]:
            return failed(
                "An image is in the wrong split.",
                expected=f"{sample_id}: {_IMAGES[sample_id]}",
                actual=f"{sample_id}: {split}",
                next_step="The split is the second part of the path below `root`, and no other part.",
                call=_CALL,
            )
    return None


def _make_tree(root: Path) -> Path:
    for path in (*_IMAGES, *_MASKS):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        is_grey = path in _MASKS or path.startswith("mask_clip")
        Image.new("L" if is_grey else "RGB", (4, 4)).save(root / path)
    return root


_ALL_FILES = 'for path in sorted(root.glob("**/*.png")):\n    split = path.relative_to(root).parts[1]\n'
_YIELD = "yield make_row(root, path, 'train' if split == 'train' else 'test')"

STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer(
                "masks are what is called _mask",
                f'{_ALL_FILES}    if not path.stem.endswith("_mask"):\n        {_YIELD}',
                "1 of 3 masks are rows of `images`",
            ),
            WrongAnswer(
                "no path with the word mask",
                f'{_ALL_FILES}    if "mask" not in str(path) and split != "ground_truth":\n        {_YIELD}',
                "3 of 13 images went missing",
            ),
            WrongAnswer(
                "masks are what is grey",
                f'from PIL import Image\n{_ALL_FILES}    if Image.open(path).mode == "RGB":\n        {_YIELD}',
                "3 of 13 images went missing",
            ),
            WrongAnswer(
                "a glob with four parts",
                'for path in sorted(root.glob("*/*/*/*.png")):\n'
                "    split = path.relative_to(root).parts[1]\n"
                "    yield make_row(root, path, split)",
                "3 of 3 masks are rows of `images`",
            ),
            WrongAnswer(
                "only the folder test",
                'for path in sorted(root.glob("*/test/*/*.png")):\n    yield make_row(root, path, "test")',
                "5 of 13 images went missing",
            ),
            WrongAnswer(
                "everything is test",
                f'{_ALL_FILES}    if split != "ground_truth":\n        yield make_row(root, path, "test")',
                "An image is in the wrong split",
            ),
            WrongAnswer(
                "ground_truth anywhere in the path",
                f'{_ALL_FILES}    if "ground_truth" not in path.parts:\n        {_YIELD}',
                "Not one image is in the table",
            ),
            WrongAnswer(
                "ground_truth anywhere below root",
                f'{_ALL_FILES}    if "ground_truth" not in path.relative_to(root).parts:\n        {_YIELD}',
                "2 of 13 images went missing",
            ),
            WrongAnswer(
                "train as any folder below root",
                f'{_ALL_FILES}    folders = path.relative_to(root).parts\n    if split != "ground_truth":\n'
                '        yield make_row(root, path, "train" if "train" in folders else "test")',
                "An image is in the wrong split",
            ),
            WrongAnswer(
                "train anywhere in the path",
                f'{_ALL_FILES}    is_training = "train" in str(path)\n    if split != "ground_truth":\n'
                '        yield make_row(root, path, "train" if is_training else "test")',
                "An image is in the wrong split",
            ),
            WrongAnswer(
                "train anywhere below root",
                f'{_ALL_FILES}    below = path.relative_to(root).as_posix()\n    if split != "ground_truth":\n'
                '        yield make_row(root, path, "train" if "train" in below else "test")',
                "An image is in the wrong split",
            ),
        ),
        demands=("none for a mask", "named like their images", "a category may be called anything", "make_row"),
    ),
)
