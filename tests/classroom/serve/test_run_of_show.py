"""The hour on paper: what is typed fits its minutes, what is cut is summed, and nothing is wider than the terminal."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from classroom.authoring.sync import add_speaker_notes
from classroom.commands.views import render_cues
from classroom.course.registry import Course
from classroom.serve.run_of_show import Cue, list_cuts, make_run_of_show, render_page

SHARE_FOR_TYPING = 0.6
"""Of a stretch; the rest is for talking, running and looking."""


@pytest.fixture(scope="module")
def cues(real_course: Course) -> tuple[Cue, ...]:
    return make_run_of_show(real_course, "14:00")


def in_terminal(course: Course, cues: tuple[Cue, ...], width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(render_cues(course.before, cues, list_cuts(cues)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_what_is_typed_fits_into_its_minutes(cues: tuple[Cue, ...]) -> None:
    typed = {cue.beat.title: sum(cell.seconds for cell in cue.typed) for cue in cues if cue.typed}
    assert len(typed) >= 5
    for cue in cues:
        assert typed.get(cue.beat.title, 0) <= SHARE_FOR_TYPING * 60 * cue.beat.minutes, cue.beat.title


def test_cuts_are_summed_in_the_order_in_which_they_go(cues: tuple[Cue, ...]) -> None:
    cuts = list_cuts(cues)
    assert [cut.rank for cut in cuts] == list(range(1, len(cuts) + 1))
    assert cuts[-1].saved == sum(cut.minutes for cut in cuts)
    assert cuts[1].saved == cuts[0].minutes + cuts[1].minutes


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_the_terminal_and_says_all(real_course: Course, cues: tuple[Cue, ...], width: int) -> None:
    lines = in_terminal(real_course, cues, width)
    assert max(map(len, lines)) <= width
    told = re.sub(r"\s+", " ", " ".join(lines))
    for cue in cues:
        assert cue.clock in told
        assert cue.beat.title in told
    assert "Before" in told
    assert "in all" in told


def test_it_names_the_live_copy_and_the_way_without_a_network(real_course: Course, cues: tuple[Cue, ...]) -> None:
    page = render_page(real_course, cues)
    assert "uv run classroom live 02" in page
    assert "No network" in page
    assert "about " in page


def test_every_stretch_says_something_and_what_appears(cues: tuple[Cue, ...]) -> None:
    assert all(cue.says for cue in cues)
    assert [cue.beat.title for cue in cues if cue.beat.do and not cue.beat.see] == ["dlt in one picture, and the hour"]


def test_slides_have_the_notes_of_the_registry_and_no_others() -> None:
    notebook = "with app.setup:\n    pass\n\ndef one():\n    pass\n\ndef two():\n    pass\n"
    cells = [{"type": "skip"}, {"type": "slide", "speakerNotes": "old"}, {"type": "slide", "speakerNotes": "gone"}]
    made = json.loads(add_speaker_notes(json.dumps({"data": {"cells": cells}}), notebook, {"one": "new"}))
    assert made["data"]["cells"] == [{"type": "skip"}, {"type": "slide", "speakerNotes": "new"}, {"type": "slide"}]
