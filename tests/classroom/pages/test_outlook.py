"""Where to go next, and the feedback's text."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

from classroom.course.registry import Course, Kind
from classroom.pages.outlook import PLANNED, list_pages, show_deep_dives, show_feedback


def test_planned_dives_give_way_to_those_that_are_there(real_course: Course) -> None:
    workshop = replace(real_course, lessons=tuple(lesson for lesson in real_course.lessons if lesson.is_workshop))
    assert "planned, not yet written" in show_deep_dives(workshop).text
    dive = replace(workshop.lessons[0], title="Deep down", kind=Kind.DEEP_DIVE, objectives=("See the ground.",))
    shown = unescape(show_deep_dives(replace(workshop, lessons=(*workshop.lessons, dive))).text)
    assert "Deep down" in shown
    assert "See the ground" in shown
    assert not [topic for topic in PLANNED if topic in shown]


def test_pages_are_named_after_their_site_and_what_has_none_is_left_out(real_course: Course) -> None:
    lesson = replace(
        real_course.lessons[0], title="One", docs=("https://a.example/way/to-it#there", "https://b.example/")
    )
    told = list_pages([lesson, replace(lesson, docs=())])
    assert told == "- One: [a.example · to-it](https://a.example/way/to-it#there), [b.example · ](https://b.example/)"


def test_only_what_was_answered_is_in_the_text(real_course: Course) -> None:
    shown = unescape(show_feedback(real_course, {"pace": None, "recommend": 0, "keep": "the gaps", "change": ""}).text)
    assert "recommend: 0" in shown
    assert "keep: the gaps" in shown
    assert "pace" not in shown
    assert "change" not in shown
