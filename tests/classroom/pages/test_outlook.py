"""Where to go next, and the feedback's text."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from classroom.course.registry import Course, Kind
from classroom.pages.outlook import list_pages, show_feedback, show_topics


def test_every_topic_says_what_is_here_and_what_to_read(real_course: Course) -> None:
    shown = unescape(show_topics(real_course).text)
    assert len(real_course.topics) >= 5
    for topic in real_course.topics:
        assert topic.title in shown
        assert topic.asks in shown
        assert topic.here
        assert all(re.fullmatch(r"\[.+\]\(https://\S+\)", page) for page in topic.read)
    assert shown.count("<a href=") == sum(len(topic.read) for topic in real_course.topics)


def test_what_a_topic_names_is_there(real_course: Course) -> None:
    here = " ".join(entry for topic in real_course.topics for entry in topic.here)
    for number in re.findall(r"Exercise (\d+)", here):
        assert real_course.find_exercise(number)
    for number in re.findall(r"Lesson (\d+)", here):
        assert real_course.find_lesson(number)
    for page in re.findall(r"`(docs/\S+)`", here):
        assert (real_course.root / page).is_file()


def test_a_deep_dive_is_offered_once_it_is_there(real_course: Course) -> None:
    workshop = replace(real_course, lessons=tuple(lesson for lesson in real_course.lessons if lesson.is_workshop))
    assert "Deep dives" not in show_topics(workshop).text
    dive = replace(workshop.lessons[0], id="deep_dives/down", title="Deep down", kind=Kind.DEEP_DIVE)
    shown = show_topics(replace(workshop, lessons=(*workshop.lessons, dive))).text
    assert 'href="/lessons/deep_dives/down/" target="_self">Deep down' in shown


def test_pages_to_read_have_names_and_what_has_none_is_left_out(real_course: Course) -> None:
    lesson = replace(
        real_course.lessons[0], title="One", docs=("[A way](https://a.example/way)", "[B](https://b.example/)")
    )
    told = list_pages([lesson, replace(lesson, docs=())])
    assert told == "- One: [A way](https://a.example/way), [B](https://b.example/)"
    entries = (*real_course.lessons, *real_course.exercises)
    assert all(re.fullmatch(r"\[.+\]\(https://\S+\)", page) for entry in entries for page in entry.docs)


def test_only_what_was_answered_is_in_the_text(real_course: Course) -> None:
    shown = unescape(show_feedback(real_course, {"pace": None, "recommend": 0, "keep": "the gaps", "change": ""}).text)
    assert "recommend: 0" in shown
    assert "keep: the gaps" in shown
    assert "pace" not in shown
    assert "change" not in shown
