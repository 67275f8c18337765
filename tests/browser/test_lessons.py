"""Every lesson in a real browser: no failing cell, nothing wider than the screen, two people at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from windows import Classroom, Visit

LESSONS = Path(__file__).parents[2] / "lessons"
NAMES = sorted(path.relative_to(LESSONS).with_suffix("").as_posix() for path in LESSONS.rglob("*.py"))
SCREENS = {"desk": (1280, 800), "phone": (390, 844)}
FIRST = ("02_live_demo", "desk")
"""The one that is always looked at; the others take long."""
ON_EACH = [
    pytest.param(name, screen, marks=() if (name, screen) == FIRST else pytest.mark.thorough)
    for name, screen in product(NAMES, SCREENS)
]


def open_lesson(page: Any, classroom: Classroom, name: str) -> None:
    """Opens a lesson and waits until no cell runs any more."""
    page.goto(f"{classroom.address}/lessons/{name}/")
    page.wait_for_selector("h1, h2")
    page.wait_for_function("() => !document.querySelector('[data-status=running], [data-status=queued]')")
    page.wait_for_timeout(500)


@pytest.mark.parametrize(("name", "screen"), ON_EACH)
def test_a_lesson_has_no_failing_cell(
    classroom: Classroom, visit: Callable[..., Visit], name: str, screen: str
) -> None:
    page: Any = visit(*SCREENS[screen]).page
    open_lesson(page, classroom, name)
    text = page.locator("body").inner_text()
    assert "internal error" not in text.lower()
    assert "An ancestor raised" not in text
    assert page.locator(".marimo-error, [data-testid=cell-error]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("path", ["/", "/run-of-show?start=14:00"])
def test_the_front_page_fits_the_screen(
    classroom: Classroom, visit: Callable[..., Visit], path: str, screen: str
) -> None:
    page: Any = visit(*SCREENS[screen]).page
    page.goto(classroom.address + path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert page.get_by_role("heading").count() >= 1


@pytest.mark.thorough
def test_two_people_at_once_do_not_collide(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    pages: list[Any] = [visit().page, visit().page]
    for page in pages:
        open_lesson(page, classroom, "04_follow_along")
    for label in ("Load on day 1 and on day 2", "Load 24 pictures beside both image datasets"):
        for page in pages:
            page.get_by_role("button", name=label).click()
    for page in pages:
        page.wait_for_selector("img[alt^='Contact sheet']", timeout=120_000)
        assert page.get_by_text("542", exact=True).count() == 2
        assert "internal error" not in page.locator("body").inner_text().lower()
