"""A learner with a browser: from the front page to red, to a hint, to green."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_classroom import Classroom, ask, copy_course, open_classroom
from windows import Visit

GAP = "[data-cell-name=exercise_1] .cm-content"
CHECKPOINT = "[data-cell-name=checkpoint_1]"
WRONG = """def read_sample(path: str) -> dict | None:
    category, split, label, filename = PurePosixPath(path).parts
    return {"sample_id": "mvtec_ad/" + path, "category": category, "split": split, "label": label,
        "is_defect": label != "good"}"""
RIGHT = WRONG.replace("    return {", '    if split == "ground_truth":\n        return None\n    return {', 1)


def write(page: Any, code: str) -> None:
    """Replaces what is in the gap's cell and runs it, with the keyboard."""
    page.locator(GAP).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")


def open_exercise(page: Any, classroom: Classroom) -> None:
    page.goto(classroom.address)
    card = page.locator("article", has=page.get_by_role("heading", name="Read a layout"))
    page.goto(card.get_by_role("link", name="Open").get_attribute("href"))
    page.wait_for_selector(f"{CHECKPOINT} [data-outcome]")


@pytest.mark.thorough
def test_wrong_is_red_and_right_is_green(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit().page
    open_exercise(page, classroom)
    assert page.locator(f"{CHECKPOINT} [data-outcome=todo]").count() == 1
    write(page, WRONG)
    page.wait_for_selector(f"{CHECKPOINT} [data-outcome=fail]")
    told = page.locator(CHECKPOINT).inner_text()
    assert "A mask was taken for an image" in told
    assert "read_sample('bottle/ground_truth/broken_small/003_mask.png')" in told
    assert "Traceback" not in told

    page.get_by_text("Hint 1", exact=True).click()
    assert page.get_by_text("Hint 2", exact=True).is_visible()
    assert not page.get_by_text("Hint 3", exact=True).is_visible()
    assert page.get_by_text("Show the solution").is_visible()

    write(page, RIGHT)
    page.wait_for_selector(f"{CHECKPOINT} [data-outcome=pass]")
    page.get_by_role("link", name="Harmonise an image").last.click()
    page.wait_for_selector(f"{CHECKPOINT} [data-outcome=todo]")
    assert "02_harmonise_an_image" in page.url
    page.get_by_role("link", name="← Course").click()
    page.wait_for_selector("article")
    page.goto(classroom.address)
    assert "passed" in page.locator("article", has=page.get_by_role("heading", name="Read a layout")).inner_text()


@pytest.mark.thorough
def test_the_checkpoint_says_what_is_wrong_with_each_broken_cell_and_the_others_stay_quiet(
    classroom: Classroom, visit: Callable[..., Visit]
) -> None:
    page: Any = visit().page
    open_exercise(page, classroom)
    for code, told in (
        ("@no_such_decorator\n" + RIGHT, "NameError: name 'no_such_decorator' is not defined in your cell, line 1"),
        ("def read_sample(path):\n    return {", "cannot read your cell, line 2: return {"),
        ("def read_sample(path):\n    x = 1\n      return x", "cannot read your cell, line 3: return x"),
        ("raise RuntimeError('here')", "RuntimeError: here in your cell, line 1"),
        ("x = 1", "No cell defines read_sample"),
    ):
        write(page, code)
        page.locator(CHECKPOINT).get_by_text(told).first.wait_for()
        assert page.locator(f"{CHECKPOINT} [data-outcome=error]").count() == 1
        page.locator("[data-cell-name=look]").get_by_text("the checkpoint above says why").wait_for()
    write(page, RIGHT)
    page.wait_for_selector(f"{CHECKPOINT} [data-outcome=pass]")


@pytest.mark.thorough
def test_an_exercise_without_its_key_says_where_to_go(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit().page
    open_exercise(page, classroom)
    address = page.url.split("&access_token")[0]
    stranger: Any = visit(has_key=False).page
    answer = stranger.goto(address)
    assert answer.status == 403
    assert stranger.get_by_role("link", name=classroom.address).get_attribute("href").startswith(classroom.address)


@pytest.mark.thorough
def test_an_exception_is_told_in_a_sentence(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit().page
    open_exercise(page, classroom)
    write(page, "def read_sample(path: str) -> dict | None:\n    return {}[path]")
    page.wait_for_selector(f"{CHECKPOINT} [data-outcome=error]")
    told = page.locator(CHECKPOINT).inner_text()
    assert "KeyError" in told
    assert "line 2: return {}[path]" in told
    assert "Traceback" not in told


@pytest.mark.thorough
def test_a_cell_that_cannot_be_read_breaks_no_other(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit().page
    open_exercise(page, classroom)
    write(page, "def read_sample(path: str) -> dict | None:\n    return (path,")
    page.locator(CHECKPOINT).get_by_text("Python cannot read your cell").wait_for()
    told = page.locator(CHECKPOINT).inner_text()
    assert "line 2: return (path,. SyntaxError: '(' was never closed" in told
    assert page.get_by_text("Hint 1", exact=True).is_visible()
    everything = page.locator("body").inner_text()
    assert "NameError" not in everything
    assert "Traceback" not in everything


@pytest.mark.thorough
def test_the_editor_shows_what_an_exercise_needs_and_no_more(classroom: Classroom, visit: Callable[..., Visit]) -> None:
    page: Any = visit(1280, 800).page
    open_exercise(page, classroom)
    for name in ("chrome-sidebar", "chrome-footer", "hide-code-button"):
        assert page.get_by_test_id(name).count() == 1, f"marimo calls it otherwise: {name}, see editor.css"
        assert not page.get_by_test_id(name).is_visible()
    assert "GENERATE WITH AI" not in page.locator("body").inner_text().upper()
    assert not page.get_by_text("checkpoint(", exact=False).first.is_visible()
    gap, callout = page.locator(GAP).bounding_box(), page.locator(f"{CHECKPOINT} [data-outcome]").bounding_box()
    assert gap["y"] < 800
    assert callout["y"] + callout["height"] - gap["y"] < 800


@pytest.mark.thorough
@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_the_editor_ends_with_the_classroom(tmp_path: Path) -> None:
    with open_classroom(copy_course(tmp_path, "lessons", "sample_data/dagm_like")) as classroom:
        page = ask(f"{classroom.address}/", Cookie=ask(classroom.opened).cookie).text
        match = re.search(r"http://127\.0\.0\.1:(\d+)/\?file=", page)
        assert match is not None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(match[1]))) != 0
