"""Every lesson in a real browser: no failing cell, nothing wider than the screen, two people at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from real_classroom import Classroom
from windows import Visit

from classroom.serve.browser import file_leading_to

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


def test_a_window_without_the_key_is_told_what_to_do(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit(has_key=False).page
    for path in ("/", "/lessons/01_introduction/"):
        page.goto(classroom.address + path)
        assert "Open the address that classroom start printed" in page.locator("body").inner_text()
        assert page.get_by_role("link").count() == 0


def test_own_pages_are_shown_with_their_styles(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    said: list[str] = []
    page: Any = visit().page
    page.on("console", lambda message: said.append(message.text))
    for path in ("/", "/run-of-show"):
        page.goto(classroom.address + path)
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert not [text for text in said if "Content Security Policy" in text]


@pytest.mark.thorough
def test_a_file_and_a_link_on_another_site_lead_in(
    classroom: Classroom, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """The browser keeps a strict cookie back where it was led from elsewhere; the page asks once more."""
    page: Any = visit(has_key=False).page
    with file_leading_to(classroom.opened, tmp_path) as file:
        page.goto(file.as_uri())
        page.get_by_role("link", name="Open").first.wait_for()
        assert page.url == f"{classroom.address}/"
    assert not list(tmp_path.iterdir())
    link = tmp_path / "link.html"
    for path in ("/", "/lessons/01_introduction/"):
        link.write_text(f'<a href="{classroom.address}{path}">lesson</a>', encoding="utf-8")
        page.goto(link.as_uri())
        page.get_by_role("link", name="lesson").click()
        page.wait_for_selector("h1, h2")
        page.get_by_text("printed").wait_for(state="detached")
        assert page.url == classroom.address + path
