"""The front page and the run of show: how far one is, what is said when, and nothing that a text can break."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from classroom.commands.views import render_cues
from classroom.course.progress import Progress, StepProgress
from classroom.course.registry import Course, read_course
from classroom.serve.front_page import render_gallery, render_shut_page
from classroom.serve.run_of_show import make_run_of_show, render_page

EVIL = "<script>\"'&"
TAGS = {"begun": StepProgress(attempts=1), "passed": StepProgress(attempts=1, has_passed=True)}


@pytest.fixture(scope="module")
def whole() -> Course:
    return read_course(Path(__file__).parents[3])


def test_every_lesson_and_exercise_has_a_card_with_its_links(whole: Course) -> None:
    page = render_gallery(whole, Progress(), lambda path: f"http://edit/?file={path}&x")
    assert page.count("<article>") == len(whole.lessons) + len(whole.exercises)
    assert page.count("✎ to do") == len(whole.exercises)
    for lesson in whole.lessons:
        assert f'href="/lessons/{lesson.id}/"' in page
        assert f'href="http://edit/?file=lessons/{lesson.id}.py&amp;x"' in page
    for exercise in whole.exercises:
        assert f'href="http://edit/?file=exercises/{exercise.id}.py&amp;x"' in page
    assert not re.search(r"(src|href)=\"(?!data:,|/|http://edit)", page)


def test_progress_is_told_in_words_and_signs(whole: Course) -> None:
    first = whole.exercises[0].steps[0].id
    parts = [step.id for step in next(exercise for exercise in whole.exercises if len(exercise.steps) > 1).steps]
    progress = Progress({first: TAGS["passed"], parts[0]: TAGS["passed"], parts[1]: TAGS["begun"]}, "A <note>.")
    page = render_gallery(whole, progress, str)
    assert page.count("✓ passed") == 1
    assert f"✎ begun, 1 of {len(parts)}" in page
    assert f"2 of {len(whole.steps)} steps passed" in page
    assert "A &lt;note&gt;." in page


def test_what_the_registry_says_stays_text(whole: Course) -> None:
    evil = replace(
        whole,
        title=EVIL,
        lessons=tuple(replace(lesson, title=EVIL, objectives=(EVIL,)) for lesson in whole.lessons),
        exercises=tuple(replace(entry, title=EVIL, objectives=(EVIL,)) for entry in whole.exercises),
    )
    cues = tuple(
        replace(cue, says=(EVIL,), beat=replace(cue.beat, title=EVIL, poll=EVIL, do=EVIL))
        for cue in make_run_of_show(evil, "14:00")
    )
    assert "<script" not in render_shut_page(evil)
    for page in (render_gallery(evil, Progress(note=EVIL), lambda _: EVIL), render_page(evil, cues)):
        assert "<script" not in page
        assert page.count("&lt;script&gt;") > len(evil.lessons)


def test_the_run_of_show_shows_what_is_typed_as_code_and_breaks_no_minutes(whole: Course) -> None:
    cues = make_run_of_show(whole, "14:00")
    said = [code for cue in cues for code in re.findall("`(.*?)`", " ".join((*cue.says, cue.beat.poll)))]
    page = render_page(whole, cues)
    body = page[page.index("<body>") :]
    assert said
    assert "`" not in body
    assert all(f"<code>{code}</code>" in body for code in said)
    assert body.count('<td class="clock">') == len(cues)
    assert ".clock, .minutes, .cut { white-space: nowrap; }" in page
    assert "15:00 · end" in body


def test_polls_stand_out_in_the_run_of_show(whole: Course) -> None:
    cues = make_run_of_show(whole, "14:00")
    polls = [cue.beat.poll for cue in cues if cue.beat.poll]
    assert len(polls) >= 4
    page = render_page(whole, cues)
    assert page.count('<p class="poll"><b>Poll</b>') == len(polls)
    assert ".poll { " in page
    console = Console(file=io.StringIO(), width=200, force_terminal=True)
    console.print(render_cues((), cues, ()))
    assert isinstance(console.file, io.StringIO)
    assert all(f"[1;36m{poll[:12]}" in console.file.getvalue() for poll in polls)
    assert not any("poll" in cue.beat.say.lower() for cue in cues)
