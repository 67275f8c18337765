"""Answers to exercises 2 to 5 that are unlike both the solutions and the wrong answers beside the checks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import dlt
import ibis
import numpy as np
import pytest
from PIL import Image

from classroom.checks import Evidence
from classroom.checks import handle_a_bad_file as bad_file
from classroom.checks import harmonise_an_image as harmonising
from classroom.checks import query_class_balance as balance
from classroom.checks import write_the_resource as resource_check
from classroom.checks.checking import EMPTY
from classroom.checks.faulty_database import add_category, make_database
from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.workspace import Workspace, temporary_workspace
from darkroom.errors import OptionError
from darkroom.harmonise.resize import harmonise_image, harmonise_mask


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with temporary_workspace() as made:
        yield made


def assert_fails(result: CheckResult, message: str) -> None:
    assert result.outcome is Outcome.FAIL, result
    assert message in result.message
    assert result.expected and result.actual and result.next_step


def through_json(evidence: Evidence) -> Evidence:
    """Evidence as a grader's judge gets it: from another process."""
    found: Evidence = json.loads(json.dumps(evidence))
    return found


# 02


def check_harmonise(harmonise: Callable[..., Any], workspace: Workspace) -> CheckResult:
    return harmonising.judge(through_json(harmonising.collect({"harmonise": harmonise}, workspace)))


def with_mask(make_mask: Callable[[Image.Image, int], Any]) -> Callable[..., Any]:
    return lambda image, mask, size_px: (harmonise_image(image, size_px), make_mask(mask, size_px))


def with_tensor(make_tensor: Callable[[Image.Image, int], Any]) -> Callable[..., Any]:
    return lambda image, mask, size_px: (make_tensor(image, size_px), harmonise_mask(mask, size_px))


def average_exactly(mask: Image.Image, size_px: int) -> Any:
    return (np.asarray(mask.convert("F").resize((size_px, size_px), Image.Resampling.BOX)) > 0).astype(np.uint8)


def average_in_bytes(mask: Image.Image, size_px: int) -> Any:
    return (np.asarray(mask.resize((size_px, size_px), Image.Resampling.BOX)) > 0).astype(np.uint8)


def nearest_or_the_centre(mask: Image.Image, size_px: int) -> Any:
    small = (np.asarray(mask.resize((size_px, size_px), Image.Resampling.NEAREST)) > 0).astype(np.uint8)
    box = mask.getbbox()
    if box and not small.any():
        row, column = (box[1] + box[3]) // 2 * size_px // mask.height, (box[0] + box[2]) // 2 * size_px // mask.width
        small[min(row, size_px - 1), min(column, size_px - 1)] = 1
    return small


@pytest.mark.parametrize("make_mask", [harmonise_mask, average_exactly])
def test_every_way_that_keeps_the_defect_passes(
    make_mask: Callable[[Image.Image, int], Any], workspace: Workspace
) -> None:
    assert check_harmonise(with_mask(make_mask), workspace).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("harmonise", "message"),
    [
        (with_mask(average_in_bytes), "The defect of 1 × 1 pixels is gone"),
        (with_mask(nearest_or_the_centre), "The defect of 2 × 1 pixels is gone"),
        (
            with_mask(lambda mask, size_px: harmonise_mask(mask, size_px) > 0),
            "The mask does not have the shape and type",
        ),
        (with_mask(lambda mask, size_px: harmonise_mask(mask, size_px)[..., None]), "The mask does not have the shape"),
        (with_mask(lambda mask, size_px: harmonise_mask(mask, size_px).T), "defect where the image has none"),
        (with_mask(lambda _mask, size_px: np.ones((size_px, size_px), np.uint8)), "defect where the image has none"),
        (
            with_tensor(lambda image, size_px: harmonise_image(image, size_px) / 255),
            "The tensor does not have the shape",
        ),
        (
            with_tensor(lambda image, size_px: harmonise_image(image, size_px).transpose(2, 0, 1)),
            "The tensor does not have",
        ),
        (with_tensor(lambda image, size_px: harmonise_image(image, size_px)[..., ::-1]), "other colours"),
        (with_tensor(lambda _image, size_px: np.zeros((size_px, size_px, 3), np.uint8)), "other colours"),
        (with_tensor(lambda image, size_px: image.resize((size_px, size_px))), "two numpy arrays"),
        (lambda image, _mask, size_px: harmonise_image(image, size_px), "two numpy arrays"),
    ],
)
def test_arrays_that_only_look_right(harmonise: Callable[..., Any], message: str, workspace: Workspace) -> None:
    assert_fails(check_harmonise(harmonise, workspace), message)


def test_a_mask_of_nothing_stays_a_mask_of_nothing(workspace: Workspace) -> None:
    def mark_something(mask: Image.Image, size_px: int) -> Any:
        small = harmonise_mask(mask, size_px)
        small[size_px // 2, size_px // 2] |= not small.any()
        return small

    result = check_harmonise(with_mask(mark_something), workspace)
    assert_fails(result, "defect where the image has none")
    assert "200 × 200" in result.call


def test_code_without_return_is_wrong_and_not_empty(workspace: Workspace) -> None:
    def harmonise(image: Image.Image, _mask: Image.Image, size_px: int) -> None:
        image.resize((size_px, size_px))

    assert_fails(check_harmonise(harmonise, workspace), "two numpy arrays")


# 03


def check_resource(images: Any, workspace: Workspace) -> CheckResult:
    return resource_check.judge(through_json(resource_check.collect({"images": images}, workspace)))


@pytest.fixture(scope="module")
def two_days() -> Evidence:
    """Evidence of a right answer that yields pages and upserts."""

    @dlt.resource(
        name="images", primary_key="sample_id", write_disposition={"disposition": "merge", "strategy": "upsert"}
    )
    def in_pages(samples: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        yield samples

    with temporary_workspace() as made:
        return through_json(resource_check.collect({"images": in_pages}, made))


def test_pages_and_upsert_pass(two_days: Evidence) -> None:
    assert resource_check.judge(two_days).outcome is Outcome.PASS


def keep_monday(found: Evidence) -> None:
    monday, tuesday = found["rows"].values()
    old = {row[0]: row for row in monday}
    tuesday[:] = [old.get(row[0], row) for row in tuesday]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (keep_monday, "still in its old state"),
        (lambda found: found.update(primary_key=[]), "does not say what makes a row unique"),
        (lambda found: found.update(primary_key=["category", "filename"]), "does not say what makes a row unique"),
        (lambda found: found.update(loads=1), "One of the two runs loaded nothing"),
        (lambda found: found["rows"]["Monday"].pop(), "Samples of Monday are missing"),
        (lambda found: found["rows"].update(Monday=[]), "A column of the samples is missing"),
        (lambda found: found.update(rewritten=["mvtec_ad/zipper/test/good/000.png"]), "nobody delivered on Tuesday"),
        (lambda found: found["rows"]["Monday"][0].__setitem__(2, "00"), "not the samples"),
        (lambda found: found["rows"]["Tuesday"].pop(), "took rows away"),
    ],
)
def test_tables_that_are_not_as_they_should_be(
    two_days: Evidence, change: Callable[[Evidence], Any], message: str
) -> None:
    found = deepcopy(two_days)
    change(found)
    assert_fails(resource_check.judge(found), message)


def test_another_name_is_another_table(workspace: Workspace) -> None:
    @dlt.resource(primary_key="sample_id", write_disposition="merge")
    def photographs(samples: list[dict[str, Any]]) -> Iterator[Any]:
        yield from samples

    result = check_resource(photographs, workspace)
    assert_fails(result, "not in the table `images`")
    assert result.actual == "photographs"


def test_a_list_in_place_of_a_resource_is_told_by_its_type(workspace: Workspace) -> None:
    result = check_resource([{"sample_id": "a"}], workspace)
    assert_fails(result, "is not a dlt resource")
    assert result.actual == "list"


def test_no_resource_is_an_empty_gap(workspace: Workspace) -> None:
    assert resource_check.collect({"images": None}, workspace) == EMPTY


# 04


@pytest.fixture(scope="module")
def faulty_run() -> Evidence:
    """Evidence of a right answer that returns a list."""

    def read_files(paths: list[Path]) -> list[Any]:
        return [mark(path) for path in paths]

    with temporary_workspace() as made:
        return through_json(bad_file.collect({"read_files": read_files}, made))


def mark(path: Path) -> Any:
    try:
        with Image.open(path) as picture:
            pixels = picture.convert("RGB").resize((bad_file.SIZE_PX, bad_file.SIZE_PX))
    except Exception as error:
        return dlt.mark.with_table_name({"filename": path.name, "reason": repr(error)}, "rejects")
    return {"filename": path.name, "image_tensor": pixels.tobytes()}


def test_a_list_of_rows_passes(faulty_run: Evidence) -> None:
    assert bad_file.judge(faulty_run).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: found["images"].append(["35.png", 3072]), "counted more than once"),
        (lambda found: found["rejects"].append(found["rejects"][0]), "counted more than once"),
        (lambda found: found["images"].append(["made_up.png", 3072]), "counted more than once"),
        (lambda found: found["images"].pop(), "1 of 10 files vanished"),
        (lambda found: found.update(images=[], tables=["photographs", "rejects"]), "5 of 10 files vanished"),
        (lambda found: found["images"].append([found["rejects"].pop()[0], 3072]), "in the wrong table"),
        (lambda found: found["rejects"].append([found["images"].pop()[0], "too dark"]), "in the wrong table"),
        (lambda found: found["rejects"][0].__setitem__(1, " "), "has no reason"),
        (lambda found: [row.__setitem__(1, f"{row[0]} is bad") for row in found["rejects"]], "the same reason"),
        (lambda found: found["images"][0].__setitem__(1, 0), "has no picture in it"),
    ],
)
def test_rows_that_do_not_add_up(faulty_run: Evidence, change: Callable[[Evidence], Any], message: str) -> None:
    found = deepcopy(faulty_run)
    change(found)
    assert_fails(bad_file.judge(found), message)


def test_a_mistake_in_the_code_is_no_bad_file(workspace: Workspace) -> None:
    def read_files(paths: list[Path]) -> Iterator[Any]:
        for path in paths:
            yield {"filename": path.name + 1}  # type: ignore[operator]

    with pytest.raises(TypeError, match="can only concatenate"):
        bad_file.collect({"read_files": read_files}, workspace)


def test_a_loop_that_hands_nothing_on_is_wrong_and_not_empty(workspace: Workspace) -> None:
    def read_files(paths: list[Path]) -> None:
        for path in paths:
            mark(path)

    assert_fails(bad_file.judge(bad_file.collect({"read_files": read_files}, workspace)), "hands nothing on")


def test_one_row_is_told_from_many(workspace: Workspace) -> None:
    found = bad_file.collect({"read_files": lambda paths: {"filename": paths[0].name}}, workspace)
    assert_fails(bad_file.judge(found), "returns one dict")


# 05


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_database(tmp_path_factory.mktemp("balance"))


@pytest.fixture(scope="module")
def grown(database: Path) -> Path:
    """The same database with a category more."""
    copy = database.with_name("grown.duckdb")
    shutil.copy(database, copy)
    add_category(copy)
    return copy


SQL = """
    SELECT defects, good, images, split, category
    FROM (SELECT category, split, count(sample_id) AS images, sum((NOT is_defect)::int) AS good,
          sum(is_defect::int) AS defects FROM images GROUP BY ALL)
    ORDER BY defects DESC
"""


def ask_both(ask: Callable[..., Evidence], database: Path, grown: Path, answer: object) -> Evidence:
    return through_json({"shown": ask(database, answer), "grown": ask(grown, answer)})


def test_order_and_number_types_are_free(database: Path, grown: Path) -> None:
    assert balance.judge_sql(ask_both(balance.ask_sql, database, grown, SQL)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (SQL.replace("FROM images", "FROM images WHERE is_defect IS NOT NULL"), "Images are left out"),
        (SQL.replace("sum(is_defect::int)", "count(*) FILTER (is_defect IS NOT FALSE)"), "counted as defective"),
        (SQL.replace("sum(is_defect::int)", "sum(has_mask::int)"), "not those of the labels"),
        (SQL.replace("count(sample_id)", "count(*) + 1"), "counted more than once"),
        (SQL.replace("good, images", "images"), "other columns"),
        (SQL.replace("category, split, count", "category, label AS split, count"), "not those of category and split"),
        ("FROM images CROSS JOIN masks", "other columns"),
        (SQL.replace("ORDER BY defects DESC", "WHERE false"), "not those of category and split"),
        (SQL.replace("sum(is_defect::int)", "NULL"), "not those of the labels"),
        (None, "has to return the SQL as text"),
    ],
)
def test_sql_that_counts_something_else(database: Path, grown: Path, sql: str | None, message: str) -> None:
    assert_fails(balance.judge_sql(ask_both(balance.ask_sql, database, grown, sql)), message)


def test_sql_that_duckdb_refuses_is_an_error_of_the_learner(database: Path) -> None:
    with pytest.raises(OptionError, match="DuckDB cannot answer"):
        balance.ask_sql(database, "SELECT categroy FROM images")


def count_by_sum(images: ibis.Table) -> ibis.Table:
    groups = images.group_by("split", "category")
    return groups.agg(good=(~images.is_defect).sum(), images=images.count(), defects=images.is_defect.sum())


def test_sums_of_truth_values_pass_in_ibis(database: Path, grown: Path) -> None:
    assert balance.judge_ibis(ask_both(balance.ask_ibis, database, grown, count_by_sum)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda images: images.count(), "has to return an ibis table"),
        (lambda _images: None, "has to return an ibis table"),
        (lambda images: images, "other columns"),
        (lambda images: count_by_sum(images.filter(images.has_mask)), "not those of category and split"),
        (lambda images: count_by_sum(images.filter(images.is_defect.notnull())), "Images are left out"),
    ],
)
def test_ibis_that_counts_something_else(
    database: Path, grown: Path, answer: Callable[[ibis.Table], object], message: str
) -> None:
    assert_fails(balance.judge_ibis(ask_both(balance.ask_ibis, database, grown, answer)), message)


def test_functions_as_handed_out_are_empty_gaps(workspace: Workspace) -> None:
    def handed_out(*_: Any) -> None:
        """What it is for."""

    assert harmonising.collect({"harmonise": handed_out}, workspace) == EMPTY
    assert bad_file.collect({"read_files": handed_out}, workspace) == EMPTY
    assert balance.collect_sql({"class_balance_sql": handed_out}, workspace) == EMPTY
    assert balance.collect_ibis({"class_balance_ibis": handed_out}, workspace) == EMPTY
