"""Where to go after the workshop: deep dives, pages to read, and a feedback that the page itself sends nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import marimo as mo

from classroom.course.contents import Exercise, Kind, Lesson
from classroom.course.registry import Course
from darkroom.html import render


def show_topics(course: Course) -> mo.Html:
    """Returns the topics of a course as cards: what one asks, what is here of it, and what to read elsewhere."""
    cards = [
        {
            "topic": topic,
            "here": [mo.md(entry).text for entry in topic.here],
            "read": [mo.md(entry).text for entry in topic.read],
        }
        for topic in course.topics
    ]
    return mo.Html(render("classroom.pages", "topics.html", cards=cards, dives=[_dive(it) for it in _dives(course)]))


def list_pages(entries: Iterable[Lesson | Exercise]) -> str:
    """Returns the pages to read next after lessons or exercises, as a list in Markdown."""
    return "\n".join(f"- {entry.title}: {', '.join(entry.docs)}" for entry in entries if entry.docs)


def make_feedback_form() -> mo.ui.form[Any, Any]:
    """Returns a form whose value is a dict of answers by name, None until its button is pressed."""
    return (
        mo.md("{pace}\n\n{recommend}\n\n{keep}\n\n{change}\n\n{question}")
        .batch(
            pace=mo.ui.radio(["too slow", "just right", "too fast"], label="The pace was", inline=True),
            recommend=mo.ui.dropdown([str(score) for score in range(11)], label="I would recommend it, 0 to 10"),
            keep=mo.ui.text_area(label="Keep: what helped", rows=2, full_width=True),
            change=mo.ui.text_area(label="Change: what did not", rows=2, full_width=True),
            question=mo.ui.text_area(label="A question that is left", rows=2, full_width=True),
        )
        .form(submit_button_label="Make the text")
    )


def show_feedback(course: Course, answers: Mapping[str, object]) -> mo.Html:
    """Answers of the form as a text to copy; questions without an answer are left out."""
    given = [f"{name}: {answer}" for name, answer in answers.items() if answer not in (None, "")]
    return mo.ui.text_area(
        "\n".join([f"Feedback: {course.title}", *given]),
        label="Click into the text, select all (Ctrl+A, or ⌘A), copy, and paste it into the chat",
        rows=len(given) + 2,
        full_width=True,
    )


def _dives(course: Course) -> list[Lesson]:
    return [lesson for lesson in course.lessons if lesson.kind is Kind.DEEP_DIVE]


def _dive(lesson: Lesson) -> tuple[str, str]:
    return lesson.title, f"/lessons/{lesson.id}/"
