"""Ways out of a page: to the front page and to what comes next, where a course is served."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from classroom.course.registry import Course
from classroom.course.workspace import HOME_VARIABLE
from classroom.pages import navigation

LINK = re.compile(r'href="(.*?)"')


@pytest.fixture(autouse=True)
def in_course(real_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation.mo, "notebook_dir", lambda: real_course.root / "exercises")


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "http://127.0.0.1:8700/")


@pytest.mark.usefixtures("at_home")
def test_an_exercise_leads_home_and_to_the_next() -> None:
    html = navigation.exercise_banner("01_read_a_layout").text
    assert LINK.findall(html) == ["http://127.0.0.1:8700/", "/?file=exercises%2F02_harmonise_an_image.py"]
    assert "Exercise 1 of 11" in html
    assert "Ctrl" in html


@pytest.mark.usefixtures("at_home")
def test_after_the_last_exercise_there_is_only_home(real_course: Course) -> None:
    assert LINK.findall(navigation.exercise_banner(real_course.exercises[-1].id).text) == ["http://127.0.0.1:8700/"]


def test_a_notebook_that_marimo_alone_opened_has_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    html = navigation.exercise_banner("01_read_a_layout").text
    assert LINK.findall(html) == []
    assert "Harmonise an image" in html


def test_a_lesson_leads_home_and_to_the_next(real_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation.mo, "app_meta", lambda: SimpleNamespace(mode="run"))
    first, last = real_course.lessons[0].id, real_course.lessons[-1].id
    assert LINK.findall(navigation.lesson_links(first).text) == ["/", f"/lessons/{real_course.lessons[1].id}/"]
    assert LINK.findall(navigation.lesson_links(last).text) == ["/"]
