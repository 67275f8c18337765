"""Answers to exercises 6 to 10 that are unlike both the solutions and the wrong answers beside the checks."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import dlt
import numpy as np
import pyarrow as pa
import pytest

from classroom.checks import Evidence, StepCheck, _loaded, bug_between_readers, bug_on_tuesday, find_check, module_name
from classroom.checks import bug_from_a_usb_stick as old_file
from classroom.checks import bug_in_a_listing as masks
from classroom.checks import bug_in_a_tiny_picture as pixels
from classroom.checks.checking import EMPTY
from classroom.course.answers import read_notebook, run_names
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import Course
from classroom.course.workspace import Workspace, temporary_workspace

BROKEN = {
    "06_bug_in_a_listing": ("broken_images", "images", "3 of 3 masks are rows"),
    "07_bug_on_tuesday": ("broken_load", "load", "is in the table twice"),
    "08_bug_from_a_usb_stick": ("broken_load", "load", "in the table: c.png"),
    "09_bug_between_readers": ("broken_images", "images", "All rows of Class1 and fabric are missing"),
    "10_bug_in_a_tiny_picture": ("broken_images", "images", "3 more tables"),
}
"""The broken function that an exercise shows, the name of the mended one, and what the check says of the former."""


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with temporary_workspace() as made:
        yield made


def assert_fails(result: CheckResult, message: str) -> None:
    assert result.outcome is Outcome.FAIL, result
    assert message in result.message
    assert result.expected and result.actual and result.next_step and result.call


def check(step: StepCheck | Any, name: str, answer: Callable[..., Any], workspace: Workspace) -> CheckResult:
    """The result as a grader gets it: judged from evidence that went through JSON."""
    return step.judge(json.loads(json.dumps(step.collect({name: answer}, workspace))))


def changed(evidence: Evidence, change: Callable[[Evidence], object]) -> Evidence:
    copy = deepcopy(evidence)
    change(copy)
    return copy


@pytest.mark.thorough
@pytest.mark.parametrize("exercise_id", BROKEN)
def test_the_broken_pipeline_that_is_shown_has_the_bug(
    exercise_id: str, real_course: Course, workspace: Workspace
) -> None:
    broken, mended, message = BROKEN[exercise_id]
    notebook = read_notebook(real_course.solution_file(exercise_id))
    step = find_check(real_course.find_exercise(exercise_id).steps[0])
    assert_fails(check(step, mended, run_names(notebook, [broken])[broken], workspace), message)


# what the checks share


def blank_with_docstring(rows: object) -> object:
    """Does nothing."""


def blank_with_pass(rows): ...


def reads_and_drops(rows):
    list(rows)


def yields_nothing(_):
    return
    yield


def test_a_gap_is_empty_only_where_nothing_was_written() -> None:
    assert _loaded.is_blank(blank_with_docstring)
    assert _loaded.is_blank(blank_with_pass)
    for written in (reads_and_drops, yields_nothing, lambda _: 5, lambda rows: rows, print, object()):
        assert not _loaded.is_blank(written)


def test_nothing_loaded_is_no_tables_and_no_rows(workspace: Workspace) -> None:
    assert workspace.tables() == []
    assert _loaded.read_columns(workspace) == {}
    assert _loaded.read_images(workspace) == []


@pytest.mark.parametrize("step", [masks, bug_between_readers, pixels])
@pytest.mark.parametrize(("returned", "message"), [(None, "hands nothing on"), ({"a": 1}, "one dict"), (5, "one int")])
def test_what_is_no_rows_is_told_without_a_load(
    step: Any, returned: object, message: str, workspace: Workspace
) -> None:
    assert_fails(check(step, "images", lambda given: str(given) and returned, workspace), message)
    assert not workspace.database.exists()


# 06


def test_masks_are_told_before_lost_images() -> None:
    lost = masks.judge({"rows": [["bottle/test/good/000.png", "test"]]})
    assert_fails(lost, "12 of 13 images went missing")
    both = masks.judge(
        {"rows": [["bottle/test/good/000.png", "test"], ["bottle/ground_truth/broken/000_mask.png", "test"]]}
    )
    assert_fails(both, "1 of 3 masks")


def test_rows_that_are_no_images_are_told() -> None:
    right = [[path, split] for path, split in masks._IMAGES.items()]
    assert masks.judge({"rows": right[::-1]}).outcome is Outcome.PASS
    assert_fails(masks.judge({"rows": [*right, right[0]]}), "or one twice")
    assert_fails(masks.judge({"rows": [*right, ["bottle/overview.png", "test"]]}), "no image of the folder")
    assert_fails(masks.judge({"rows": [*right[:-1], [right[-1][0], "ground_truth"]]}), "in the wrong split")
    assert_fails(masks.judge({"rows": [["None", "test"]]}), "Not one image")


# 07

MONDAY = [
    ["bottle/test/000.png", "good", "1"],
    ["bottle/test/001.png", "good", "1"],
    ["cable/test/000.png", "bent", "1"],
]
TUESDAY = [
    MONDAY[0],
    *(["bottle/test/001.png", "scratch", "2"], ["bottle/test/002.png", "good", "2"]),
    ["zipper/test/000.png", "good", "2"],
    MONDAY[2],
]


def judge_tables(*tables: list[list[str]]) -> CheckResult:
    return bug_on_tuesday.judge({"tables": list(tables)})


def test_rows_in_any_order_pass() -> None:
    assert judge_tables(MONDAY, MONDAY[::-1], TUESDAY[::-1]).outcome is Outcome.PASS


def test_each_way_to_spoil_a_delivery_is_told_as_itself() -> None:
    assert_fails(judge_tables([], [], []), "is empty after the load")
    assert_fails(judge_tables(MONDAY, [], TUESDAY), "is empty after the load")
    assert_fails(judge_tables(MONDAY[1:], MONDAY, TUESDAY), "1 of 3 rows of the very first delivery")
    assert_fails(judge_tables(MONDAY, MONDAY, TUESDAY[:-1]), "1 rows of an earlier delivery are gone")
    assert_fails(judge_tables(MONDAY, [*MONDAY, MONDAY[0]], TUESDAY), "delivered twice is in the table twice")
    assert_fails(judge_tables(MONDAY, MONDAY, [*TUESDAY, MONDAY[1]]), "beside its old self")
    assert_fails(judge_tables(MONDAY, MONDAY, [*MONDAY, *TUESDAY[2:4]]), "kept its old values")
    rewritten = [[*row[:2], "2"] for row in TUESDAY]
    assert_fails(judge_tables(MONDAY, MONDAY, rewritten), "Rows that were not delivered were written once more")


def test_a_load_that_empties_its_rows_spoils_no_later_check(workspace: Workspace) -> None:
    result = check(bug_on_tuesday, "load", lambda _, rows: rows.clear(), workspace)
    assert_fails(result, "is empty after the load")
    assert len(bug_on_tuesday._FIRST) == 3


# 08


@pytest.mark.thorough
def test_what_is_loaded_may_be_remembered_in_the_state_of_the_resource(workspace: Workspace) -> None:
    def load(pipeline: dlt.Pipeline, folder: Path) -> None:
        @dlt.resource(name="images", primary_key="sample_id", write_disposition="merge")
        def new_files() -> Iterator[dict[str, str]]:
            known = dlt.current.resource_state().setdefault("known", {})
            for path in folder.iterdir():
                content = sha256(path.read_bytes()).hexdigest()
                if known.get(path.name) != content:
                    known[path.name] = content
                    yield {"sample_id": path.name, "content_sha256": content}

        pipeline.run(new_files())

    assert check(old_file, "load", load, workspace).outcome is Outcome.PASS


def content(text: str) -> str:
    return sha256(text.encode()).hexdigest()


FIRST = {
    f"{name}.png": [[content(text), "1"]]
    for name, text in (("a", "first a"), ("b", "first b"), ("e", "only e"), ("f", "first f"))
}
SECOND = FIRST | {"c.png": [[content("old c"), "2"]]}
THIRD = SECOND | {
    f"{name}.png": [[content(text), "3"]]
    for name, text in (("a", "second a"), ("d", "first d"), ("f", "other f"), ("g", "first b"))
}


def judge_files(*tables: dict[str, list[list[str]]], other: dict[str, list[list[str]]] = THIRD) -> CheckResult:
    return old_file.judge({"tables": list(tables), "other": other})


def test_each_way_to_miss_a_file_is_told_as_itself() -> None:
    good = {"tables": [FIRST, SECOND, THIRD], "other": THIRD}
    assert old_file.judge(good).outcome is Outcome.PASS
    old = old_file.judge(changed(good, lambda it: it["tables"][1].pop("c.png")))
    assert_fails(old, "not in the table: c.png")
    assert "dated before" in old.next_step
    all_of_them = judge_files({}, {}, {})
    assert_fails(all_of_them, "not in the table: a.png, b.png")
    assert "dated before" not in all_of_them.next_step
    doubled = changed(good, lambda it: it["tables"][2]["a.png"].append(FIRST["a.png"][0]))
    assert_fails(old_file.judge(doubled), "in the table twice: a.png")
    assert_fails(judge_files(FIRST, SECOND, THIRD | {"a.png": FIRST["a.png"]}), "other content")
    same_content = {name: rows for name, rows in THIRD.items() if name != "g.png"}
    assert "its name *and*" in judge_files(FIRST, SECOND, same_content).next_step
    assert_fails(judge_files(FIRST, SECOND, THIRD, other={}), "Another database was empty")


def test_a_single_row_that_was_loaded_again_is_seen() -> None:
    reloaded = SECOND | {"b.png": [[content("first b"), "2"]]}
    assert_fails(judge_files(FIRST, reloaded, THIRD), "loaded again all the same: b.png")


# 09


def test_generators_and_lists_of_rows_arrive_as_rows(workspace: Workspace) -> None:
    def rows_of(folder: Path) -> Iterator[dict[str, str]]:
        for split in ("train/good", "test/*", "Train", "Test"):
            for path in folder.glob(f"{split}/*.*"):
                yield {"category": folder.name, "sample_id": path.relative_to(folder.parent).as_posix()}

    def images(folders: list[Path]) -> Iterator[Any]:
        for folder in folders:
            yield rows_of(folder) if folder.name.startswith("Class") else list(rows_of(folder))

    assert check(bug_between_readers, "images", images, workspace).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((0, 0, 0, 0, 0), "Not one row arrived"),
        ((3, 0, 0, 0, 0), "After bottle nothing more"),
        ((3, 3, 0, 2, 0), "After zipper nothing more"),
        ((3, 0, 0, 2, 2), "All rows of Class1 are missing"),
        ((0, 0, 0, 0, 2), "All rows of bottle and Class1 and zipper are missing"),
        ((3, 3, 0, 1, 2), "Some rows of a category are missing"),
        ((3, 6, 0, 2, 2), "there more than once"),
    ],
)
def test_where_rows_are_missing_tells_why(counts: tuple[int, ...], message: str) -> None:
    names = ("bottle", "Class1", "Class3", "zipper", "fabric")
    evidence = {"counts": dict(zip(names, counts, strict=True)), "strangers": []}
    assert_fails(bug_between_readers.judge(evidence), message)


# 10


def row_of(sample_id: str, picture: Any) -> dict[str, Any]:
    shape = dict(zip(("tensor_height", "tensor_width", "tensor_channels"), picture.shape, strict=True))
    return {"sample_id": sample_id, "image_tensor": picture.tobytes(), **shape, "tensor_dtype": picture.dtype.str}


@pytest.fixture(scope="module")
def arrow_evidence() -> Evidence:
    """Evidence of an answer that is a dlt resource of Arrow tables, with NumPy's short names of dtypes."""

    def images(pictures: pixels.Pictures) -> Any:
        tables = [pa.Table.from_pylist([row_of(*picture)]) for picture in pictures.items()]
        return dlt.resource(tables, name="images", primary_key="sample_id")

    with temporary_workspace() as workspace:
        evidence: Evidence = json.loads(json.dumps(pixels.collect({"images": images}, workspace)))
    return evidence


def test_arrow_with_binary_pixels_passes(arrow_evidence: Evidence) -> None:
    assert pixels.judge(arrow_evidence).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("image_tensor", None, "does not hold the picture's bytes"),
        ("image_tensor", "", "does not hold the picture's bytes"),
        ("tensor_height", None, "another shape"),
        ("tensor_height", "4", "another shape"),
        ("tensor_dtype", None, "is not that of the picture"),
        ("tensor_dtype", "u1,,", "is not that of the picture"),
        ("tensor_dtype", "9" * 20 + "u1", "is not that of the picture"),
        ("sample_id", "000.png", "not one row for each picture"),
    ],
)
def test_a_picture_that_cannot_be_made_again_is_told(
    arrow_evidence: Evidence, column: str, value: object, message: str
) -> None:
    assert_fails(pixels.judge(changed(arrow_evidence, lambda it: it["rows"][0].update({column: value}))), message)


def test_the_schema_is_told_before_the_rows(arrow_evidence: Evidence) -> None:
    without_rows = changed(arrow_evidence, lambda it: it["rows"].clear())
    assert_fails(pixels.judge(without_rows), "not one row for each picture")
    child = changed(without_rows, lambda it: it["tables"].append("images__image_tensor"))
    assert_fails(pixels.judge(child), "1 more table for")
    text = changed(without_rows, lambda it: it["columns"].update(image_tensor="JSON"))
    assert_fails(pixels.judge(text), "The pixels are text")
    assert_fails(pixels.judge(changed(without_rows, lambda it: it["tables"].clear())), "Nothing was loaded")
    twice = changed(arrow_evidence, lambda it: it["rows"].append(it["rows"][0]))
    assert_fails(pixels.judge(twice), "not one row for each picture")


def test_the_pictures_have_their_traps() -> None:
    pictures = pixels.make_pictures()
    assert all(picture.shape[0] != picture.shape[1] for picture in pictures.values())
    assert not pictures["bottle/001.png"].flags.c_contiguous
    kinds = {np.dtype("uint8"), np.dtype("uint16"), np.dtype(">u2")}
    assert {picture.dtype for picture in pictures.values()} == kinds


def test_an_empty_gap_is_to_do(workspace: Workspace) -> None:
    for step, name in ((masks, "images"), (bug_on_tuesday, "load"), (old_file, "load"), (pixels, "images")):
        assert step.collect({name: blank_with_docstring}, workspace) == EMPTY


@pytest.mark.parametrize("exercise_id", BROKEN)
def test_the_bug_is_named_after_the_pass_and_not_before(exercise_id: str, real_course: Course) -> None:
    exercise = real_course.find_exercise(exercise_id)
    source = Path(str(importlib.import_module(f"classroom.checks.{module_name(exercise.id)}").__file__))
    named = re.findall(r'"The bug: (.*?)\. "', source.read_text(encoding="utf-8"))
    assert len(named) == 1
    telling = {word for word in re.findall(r"\w+", named[0].lower()) if len(word) > 3}
    shown = " ".join((exercise.id, exercise.title, exercise.steps[0].title, *exercise.objectives, *exercise.docs))
    assert not telling & set(re.findall(r"[^\W_]+", shown.lower()))
