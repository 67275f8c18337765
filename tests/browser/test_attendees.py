"""Three attendees of the follow-along: one writes all of it, one joins late, one runs it against another museum."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from real_classroom import Classroom
from windows import Visit

from classroom.course.contents import Step
from classroom.course.exercise_files import reset
from classroom.course.gaps import cell_code, make_solution
from classroom.course.registry import Course, read_course
from classroom.museum import start_museum

STEP_MS = 120_000
"""Patience for one step: its checkpoint runs several loads, and waits where the museum says so."""


@pytest.fixture
def course(classroom: Classroom) -> Iterator[Course]:
    served = read_course(classroom.root)
    reset(served, "follow_along")
    yield served
    reset(served, "follow_along")


def open_exercise(page: Any, classroom: Classroom) -> None:
    page.goto(classroom.address)
    card = page.locator("article", has=page.get_by_role("heading", name="Follow along: a museum's API")).last
    page.goto(card.get_by_role("link", name="Open", exact=True).get_attribute("href"))
    wait_for(page, 5, "todo|pass|fail|error|blocked")


def wait_for(page: Any, number: int, outcomes: str) -> None:
    page.wait_for_selector(
        ", ".join(f"[data-cell-name=checkpoint_{number}] [data-outcome={outcome}]" for outcome in outcomes.split("|")),
        timeout=STEP_MS,
    )


def write(page: Any, course: Course, step: Step) -> None:
    """Types the solution of a step into its cell and runs it."""
    master = course.solution_file(step.exercise_id).read_text(encoding="utf-8")
    page.locator(f"[data-cell-name={step.exercise_cell}] .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(cell_code(make_solution(master), step.exercise_cell))
    page.keyboard.press("Control+Enter")


@pytest.mark.thorough
def test_one_writes_all_of_it(classroom: Classroom, course: Course, visit: Callable[..., Visit]) -> None:
    page: Any = visit().page
    open_exercise(page, classroom)
    for step in course.find_exercise("follow_along").steps:
        wait_for(page, step.number, "todo")
        write(page, course, step)
        wait_for(page, step.number, "pass")
    page.get_by_role("button", name="Load 24 pictures beside both image datasets").click()
    page.wait_for_selector("[data-cell-name=look_5] img", timeout=STEP_MS)
    page.goto(classroom.address)
    assert "passed" in page.locator("article", has=page.get_by_role("heading", name="Follow along")).last.inner_text()


@pytest.mark.thorough
def test_one_joins_at_step_4(classroom: Classroom, course: Course, visit: Callable[..., Visit]) -> None:
    caught_up = subprocess.run(
        [sys.executable, "-m", "classroom", "catch-up", ":4"],
        cwd=classroom.root,
        env={key: value for key, value in os.environ.items() if key != "CLASSROOM_ROOT"},
        check=True,
        timeout=120,
        capture_output=True,
        encoding="utf-8",
    )
    assert "Go on with follow_along:4" in caught_up.stdout
    page: Any = visit().page
    open_exercise(page, classroom)
    for number in (1, 2, 3):
        wait_for(page, number, "pass")
    wait_for(page, 4, "todo")
    write(page, course, course.find_steps("follow_along:4")[0])
    wait_for(page, 4, "pass")
    assert page.locator("[data-cell-name=checkpoint_5] [data-outcome=todo]").count() == 1


@pytest.mark.thorough
def test_one_runs_it_against_another_museum(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit().page
    with start_museum(base_path="/museum") as museum:
        page.goto(f"{classroom.address}/lessons/04_follow_along/")
        page.get_by_label("Museum", exact=True).select_option("the room's museum")
        page.get_by_label("Address of the room's museum").fill(f"http://localhost:{museum.port}/museum/api/v1")
        page.keyboard.press("Tab")
        page.get_by_text("You ask the room's museum").wait_for()
        page.get_by_role("button", name="Load 24 pictures beside both image datasets").click()
        page.wait_for_selector("img[alt^='Contact sheet']", timeout=STEP_MS)
        assert museum.request_counts["images"] >= 20
        assert set(museum.request_counts["statuses"]) == {200}


@pytest.mark.thorough
def test_without_a_network_the_switch_says_so(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit().page
    page.goto(f"{classroom.address}/lessons/04_follow_along/")
    page.get_by_label("Museum", exact=True).select_option("the room's museum")
    page.get_by_label("Address of the room's museum").fill("http://127.0.0.1:9/api/v1")
    page.keyboard.press("Tab")
    note = "http://127.0.0.1:9/api/v1 cannot be used (no connection); you stay on the stand-in on this machine."
    page.get_by_text(note, exact=True).wait_for()
    assert page.get_by_text("You ask the room's museum").count() == 0
