"""Catching up, setting back, and looking at the solution: what somebody wrote is never lost."""

from __future__ import annotations

import pytest

from classroom.authoring.sync import out_of_sync, sync
from classroom.checks.catch_up import catch_up, steps_before
from classroom.checks.checking import check_file, check_notebook
from classroom.course.exercise_files import reset, show_solution
from classroom.course.outcomes import Outcome
from classroom.course.progress import read_progress, record_result
from classroom.course.registry import Course
from classroom.errors import LockedError, UnknownError

NAME = "01_read_a_layout"
MINE = "# mine\n"


def edit(course: Course) -> str:
    path = course.exercise_file(NAME)
    text = path.read_text(encoding="utf-8") + MINE
    path.write_text(text, encoding="utf-8")
    return text


def test_sync_writes_what_differs_and_nothing_else(course: Course) -> None:
    assert sync(course) == []
    edit(course)
    assert out_of_sync(course) == [course.exercise_file(NAME)] == sync(course)
    assert out_of_sync(course) == []


def test_reset_keeps_what_was_written(course: Course) -> None:
    mine = edit(course)
    change = reset(course, "01")
    assert change.backup is not None
    assert change.backup.read_text(encoding="utf-8") == mine
    assert out_of_sync(course) == []
    assert reset(course, "01").backup is None


def test_two_backups_in_one_second_are_two_files(course: Course) -> None:
    backups = set()
    for _ in range(3):
        edit(course)
        backups.add(reset(course, "01").backup)
    assert len(backups) == 3
    assert all(backup is not None and backup.exists() for backup in backups)


def test_reset_forgets_the_progress(course: Course) -> None:
    record_result(course.root, check_notebook(course.exercises[0], course.solution_file(NAME))[0])
    assert read_progress(course.root).of(NAME).has_passed
    reset(course, "01")
    assert not read_progress(course.root).of(NAME).has_passed


def test_the_solution_opens_after_an_attempt(course: Course) -> None:
    with pytest.raises(LockedError, match="opens after one attempt"):
        show_solution(course, "01")
    assert "PurePosixPath(path).parts" in show_solution(course, "01", is_forced=True)
    path = course.exercise_file(NAME)
    path.write_text(path.read_text(encoding="utf-8").replace("pass  # write here", "return 1"), encoding="utf-8")
    record_result(course.root, check_notebook(course.exercises[0], path)[0])
    assert "PurePosixPath(path).parts" in show_solution(course, "01")


def test_nothing_comes_before_the_first(course: Course) -> None:
    assert catch_up(course, "01", check_file) == []
    with pytest.raises(UnknownError):
        catch_up(course, "02", check_file)


def test_catching_up_solves_by_running_and_keeps_what_was_written(course: Course) -> None:
    second = course.root / "solutions" / "02_again.py"
    second.write_text(course.solution_file(NAME).read_text(encoding="utf-8"), encoding="utf-8")
    registry = course.root / "lessons" / "course.toml"
    text = registry.read_text(encoding="utf-8")
    entry = text[text.index("[[exercise]]") :].replace(NAME, "02_again")
    registry.write_text(text + "\n" + entry, encoding="utf-8")
    from classroom.course.registry import read_course

    longer = read_course(course.root)
    mine = edit(course)
    ((change, result),) = catch_up(longer, "02", check_file)
    assert (result.id, result.outcome) == (NAME, Outcome.PASS)
    assert change.backup is not None
    assert change.backup.read_text(encoding="utf-8") == mine
    assert read_progress(course.root).of(NAME).has_passed
    assert check_notebook(course.exercises[0], course.exercise_file(NAME))[0].outcome is Outcome.PASS
    assert catch_up(longer, "02", check_file) == []


def test_what_comes_before(real_course: Course) -> None:
    def before(name: str) -> list[str]:
        return [step.id for step in steps_before(real_course, name)]

    assert before("01") == before("follow_along") == before(":1") == before("05:1") == []
    assert before(":3") == before("follow_along:3") == ["follow_along:1", "follow_along:2"]
    assert before("3") == before("03") == ["01_read_a_layout", "02_harmonise_an_image"]
    assert before("05") == [
        "01_read_a_layout",
        "02_harmonise_an_image",
        "03_write_the_resource",
        "04_handle_a_bad_file",
    ]
    assert before("05:2") == ["05_query_class_balance:1"]
    assert before("06")[-1] == "05_query_class_balance:2"
