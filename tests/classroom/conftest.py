"""A small course of one's own: the real first exercise, and a second with two steps, in a folder that may be spoilt."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classroom.authoring.sync import sync
from classroom.course.registry import Course, find_course, read_course

PROJECT = Path(__file__).parents[2]

REGISTRY = """
title = "A small course"
minutes = 10

[[lesson]]
id = "01_only"
title = "The only lesson"
kind = "slides"
minutes = 10
objectives = ["See it"]
exercises = ["01_read_a_layout"]
page = "The only page"

[[lesson.beat]]
title = "Begin"
minutes = 4
say = "Welcome."

[[lesson.beat]]
title = "Go on"
minutes = 6
say = "More <of> it."
cut = 1
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the project's course with its first exercise only."""
    root = tmp_path / "course"
    (root / "lessons").mkdir(parents=True)
    (root / "solutions").mkdir()
    text = (PROJECT / "lessons" / "course.toml").read_text(encoding="utf-8")
    exercise = next(part for part in text.split("[[exercise]]\n") if part.startswith('id = "01_read_a_layout"'))
    (root / "lessons" / "course.toml").write_text(REGISTRY + "\n[[exercise]]\n" + exercise, encoding="utf-8")
    (root / "lessons" / "01_only.py").write_text("import marimo\n\napp = marimo.App()\n", encoding="utf-8")
    shutil.copy(PROJECT / "solutions" / "01_read_a_layout.py", root / "solutions")
    copied = read_course(root)
    sync(copied)
    return copied


@pytest.fixture(scope="session")
def real_course() -> Course:
    """The project's own course."""
    return find_course(PROJECT)
