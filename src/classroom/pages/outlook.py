"""Where to go after the workshop: deep dives, pages to read, and a feedback that the page itself sends nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import marimo as mo

from classroom.course.contents import Exercise, Kind, Lesson
from classroom.course.registry import Course
from classroom.pages.pictures import render_topic_map

PLANNED = {
    "Schemas and contracts": ("inferred, hinted, frozen", "when a source changes"),
    "Hardware limits": ("memory, threads, disk", "what to measure first"),
    "Incremental loading and state": ("cursors, keys, late files", "what dlt remembers"),
    "The dlt ecosystem": ("sources and destinations", "SQL, ibis, dashboards"),
    "Scaling out": ("many workers, one table", "buckets and warehouses"),
}
"""Topics of deep dives that nobody has written yet."""


def show_deep_dives(course: Course) -> mo.Html:
    """Returns the deep dives of a course as a map; where it has none, those that are planned."""
    dives = {
        lesson.title: tuple(goal.rstrip(".") for goal in lesson.objectives)
        for lesson in course.lessons
        if lesson.kind is Kind.DEEP_DIVE
    }
    note = "Each is a notebook in `lessons/`, at your own pace." if dives else "These are planned, not yet written."
    return mo.vstack([mo.md(note), mo.mermaid(render_topic_map("one table", dives or PLANNED))])


def list_pages(entries: Iterable[Lesson | Exercise]) -> str:
    """Returns the pages to read next after lessons or exercises, as a list in Markdown."""
    return "\n".join(f"- {entry.title}: {', '.join(map(_link, entry.docs))}" for entry in entries if entry.docs)


def make_feedback_form() -> mo.ui.form[Any, Any]:
    """Returns a form whose value is a dict of answers by name, None until its button is pressed."""
    return (
        mo.md("{pace}\n\n{recommend}\n\n{keep}\n\n{change}\n\n{question}")
        .batch(
            pace=mo.ui.radio(["too slow", "just right", "too fast"], label="The pace was", inline=True),
            recommend=mo.ui.slider(0, 10, value=5, show_value=True, label="I would recommend it, 0 to 10"),
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


def _link(url: str) -> str:
    site, _, page = url.partition("//")[2].partition("/")
    return f"[{site} · {page.rstrip('/').rpartition('/')[2].partition('#')[0]}]({url})"
