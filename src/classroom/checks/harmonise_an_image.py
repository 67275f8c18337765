"""Exercise 2: pictures of any mode and size become one shape, and no defect is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._harmonise_cases import CASES, Cell, DefectBox, PictureCase
from classroom.checks._loaded import is_blank
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace

_COLOUR_TOLERANCE = 24
"""Levels by which resampling may change the middle of a quarter."""


def collect(names: Names, workspace: Workspace) -> Evidence:  # noqa: ARG001 - this exercise loads nothing
    """Writes down shapes, types, colours and mask cells of what `harmonise` makes of each picture."""
    harmonise = names["harmonise"]
    if is_blank(harmonise):
        return EMPTY
    answers = [harmonise(case.image(), case.mask(), case.size_px) for case in CASES]
    return {"answers": [_describe(answer, case) for answer, case in zip(answers, CASES, strict=True)]}


def _describe(answer: object, case: PictureCase) -> dict[str, Any]:
    if not isinstance(answer, tuple | list) or len(answer) != len(("tensor", "mask")):
        return {"kind": type(answer).__name__}
    tensor, mask = answer
    if not (isinstance(tensor, np.ndarray) and isinstance(mask, np.ndarray)):
        return {"kind": f"{type(tensor).__name__} and {type(mask).__name__}"}
    facts: dict[str, Any] = {"tensor": f"{tensor.shape} {tensor.dtype}", "mask": f"{mask.shape} {mask.dtype}"}
    if tensor.shape == (*case.shape, 3) and tensor.dtype == np.uint8:
        step = case.size_px // 4
        quarters, middle = tensor[step :: 2 * step, step :: 2 * step].reshape(-1, 3), 2 * step
        sides = [tensor[0, middle], tensor[middle, 0], tensor[middle, -1], tensor[-1, middle]]
        facts["colours"] = [*quarters.tolist(), *(side.tolist() for side in sides)]
    if mask.shape == case.shape and mask.dtype == np.uint8:
        facts["values"] = np.unique(mask).tolist()
        facts["cells"] = np.argwhere(mask).tolist()
    return facts


def judge(evidence: Evidence) -> CheckResult:
    """Looks at one picture after the other: two arrays, then the tensor, then the mask."""
    for case, answer in zip(CASES, evidence["answers"], strict=True):
        for look in _LOOKS:
            if (wrong := look(case, answer)) is not None:
                return wrong
    return passed(
        "Resampling a mask like a photograph can cost the one pixel that matters: here every defect pixel marks its "
        "cell. `darkroom.harmonise_image` does the same, and knows 16 bits and transparency too."
    )


def _judge_kind(case: PictureCase, answer: dict[str, Any]) -> CheckResult | None:
    if "kind" not in answer:
        return None
    return failed(
        "`harmonise` has to return two numpy arrays: the tensor and the mask.",
        expected="ndarray and ndarray",
        actual=answer["kind"],
        next_step="End with `return tensor, small_mask`; `np.asarray` makes an array of a picture.",
        call=case.call,
    )


def _judge_tensor(case: PictureCase, answer: dict[str, Any]) -> CheckResult | None:
    expected = f"{(*case.shape, 3)} uint8"
    if answer["tensor"] != expected:
        return failed(
            "The tensor does not have the shape and type that all tensors of the table share.",
            expected=expected,
            actual=answer["tensor"],
            next_step="Make every picture RGB and square before it becomes an array.",
            call=case.call,
        )
    wanted = case.colours()
    if np.abs(np.array(answer["colours"]) - np.array(wanted)).max() > _COLOUR_TOLERANCE:
        return failed(
            "The tensor does not show the whole picture: its four quarters or its four sides have other colours.",
            expected=wanted,
            actual=[tuple(colour) for colour in answer["colours"]],
            next_step="Let Pillow convert to RGB, and scale the whole picture to the square.",
            call=case.call,
        )
    return None


def _judge_mask(case: PictureCase, answer: dict[str, Any]) -> CheckResult | None:
    expected = f"{case.shape} uint8"
    if answer["mask"] != expected:
        return failed(
            "The mask does not have the shape and type that all masks share.",
            expected=expected,
            actual=answer["mask"],
            next_step="A mask has height and width and no channels; `.astype(np.uint8)` turns True into 1.",
            call=case.call,
        )
    if not set(answer["values"]) <= {0, 1}:
        return failed(
            "The mask has other values than 0 and 1.",
            expected="0 and 1",
            actual=", ".join(map(str, answer["values"][:5])),
            next_step="The file says 255 where the table says 1; `> 0` tells defect from background.",
            call=case.call,
        )
    return None


def _judge_defect(case: PictureCase, answer: dict[str, Any]) -> CheckResult | None:
    cells = {(row, column) for row, column in answer["cells"]}
    reach = {defect: _reach(case, defect) for defect in case.defects}
    for (left, top, right, bottom), near in reach.items():
        if cells.isdisjoint(near):
            message = f"The defect of {right - left} × {bottom - top} pixels is gone: the mask no longer shows it."
            hint = "Which pixels of the original does your way of scaling never look at, or average away?"
            row, column = top * case.size_px // case.height, left * case.size_px // case.width
            place = f"a 1 near row {row}, column {column}"
            return failed(message, expected=place, actual="only 0", next_step=hint, call=case.call)
    if strays := sorted(cells - set().union(*reach.values())):
        hint = "Scale rows by the height and columns by the width, and leave the mask of a good image alone."
        message = "The mask says defect where the image has none."
        return failed(message, expected="0 there", actual=_tell(strays), next_step=hint, call=case.call)
    if holes := sorted(set().union(*(_inner(case, defect) for defect in case.defects)) - cells):
        message = "The defect has holes that the original does not have."
        hint = "Where the square is larger than the picture, several cells share one pixel of the original."
        return failed(message, expected="1 there", actual=_tell(holes), next_step=hint, call=case.call)
    return None


_LOOKS: tuple[Callable[[PictureCase, dict[str, Any]], CheckResult | None], ...] = (
    _judge_kind,
    _judge_tensor,
    _judge_mask,
    _judge_defect,
)


def _reach(case: PictureCase, defect: DefectBox) -> set[Cell]:
    """Returns the cells that a defect touches, and one more on each side: filters differ by that."""
    left, top, right, bottom = defect
    rows = range(top * case.size_px // case.height - 1, -(-bottom * case.size_px // case.height) + 1)
    columns = range(left * case.size_px // case.width - 1, -(-right * case.size_px // case.width) + 1)
    return {(row, column) for row in rows for column in columns}


def _inner(case: PictureCase, defect: DefectBox) -> set[Cell]:
    """Returns the cells that lie in a defect with all of their area."""
    left, top, right, bottom = defect
    rows = range(-(-top * case.size_px // case.height), bottom * case.size_px // case.height)
    columns = range(-(-left * case.size_px // case.width), right * case.size_px // case.width)
    return {(row, column) for row in rows for column in columns}


def _tell(cells: list[Cell]) -> str:
    return f"{len(cells)} cells, the first at row {cells[0][0]}, column {cells[0][1]}"


_TENSOR = 'tensor = np.asarray(image.convert("RGB").resize((size_px, size_px)))\n'
_MASK = "small = mask.resize((size_px, size_px), Image.Resampling.NEAREST)\n"
_CELLS = """
rows, columns = np.nonzero(np.asarray(mask))
cells = np.zeros((size_px, size_px), np.uint8)
cells[rows * size_px // mask.height, columns * size_px // mask.width] = 1
return tensor, cells
"""

_ONE_PIXEL = """
cells = (np.asarray(small) > 0).astype(np.uint8)
if mask.getbbox() and not cells.any():
    row, column = np.argwhere(np.asarray(mask))[0]
    cells[row * size_px // mask.height, column * size_px // mask.width] = 1
return tensor, cells
"""
_BOX = """
cells = np.zeros((size_px, size_px), np.uint8)
if box := mask.getbbox():
    left, top, right, bottom = box
    rows = slice(top * size_px // mask.height, -(-bottom * size_px // mask.height))
    cells[rows, left * size_px // mask.width : -(-right * size_px // mask.width)] = 1
return tensor, cells
"""

STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer(
                "nearest neighbour steps over the defect",
                _TENSOR + _MASK + "return tensor, (np.asarray(small) > 0).astype(np.uint8)",
                "The defect of 2 × 1 pixels is gone",
            ),
            WrongAnswer(
                "bilinear and a threshold average it away",
                _TENSOR
                + _MASK.replace("NEAREST", "BILINEAR")
                + "return tensor, (np.asarray(small) > 127).astype(np.uint8)",
                "The defect of 2 × 1 pixels is gone",
            ),
            WrongAnswer(
                "grey stays grey",
                _TENSOR.replace('.convert("RGB")', "") + _CELLS,
                "The tensor does not have the shape and type",
            ),
            WrongAnswer(
                "the mask keeps 255",
                _TENSOR + _MASK + "return tensor, np.asarray(small)",
                "other values than 0 and 1",
            ),
            WrongAnswer(
                "the middle of the picture, cut to a square",
                "from PIL import ImageOps\n"
                'square = ImageOps.fit(image.convert("RGB"), (size_px, size_px))\n'
                "tensor = np.asarray(square)\n" + _CELLS,
                "does not show the whole picture",
            ),
            WrongAnswer(
                "a wider brush before nearest neighbour",
                _TENSOR
                + "from PIL import ImageFilter\nbrush = max(1, max(mask.size) // size_px) | 1\n"
                + "wide = mask.filter(ImageFilter.MaxFilter(brush)) if brush > 1 else mask\n"
                + _MASK.replace("mask.resize", "wide.resize")
                + "return tensor, (np.asarray(small) > 0).astype(np.uint8)",
                "The defect of 1 × 1 pixels is gone",
            ),
            WrongAnswer("pixels marked, holes left", _TENSOR + _CELLS, "The defect has holes"),
            WrongAnswer(
                "nearest neighbour, and one pixel where nothing is left",
                _TENSOR + _MASK + _ONE_PIXEL,
                "The defect of 2 × 1 pixels is gone",
            ),
            WrongAnswer(
                "the box around all defects",
                _TENSOR + _BOX,
                "The mask says defect where the image has none",
            ),
        ),
        demands=(
            "(size_px, size_px, 3)",
            "uint8, RGB",
            "(size_px, size_px)",
            "0 or 1",
            "however small it is",
            "stays empty",
            "no holes",
        ),
    ),
)
