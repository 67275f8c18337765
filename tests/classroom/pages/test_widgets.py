"""Buttons: nothing runs before they are pressed, and a script presses all of them."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from marimo import MarimoStopError

from classroom.errors import MuseumError
from classroom.pages import widgets


@pytest.fixture
def in_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widgets.mo, "app_meta", lambda: SimpleNamespace(mode="run"))


def button(is_pressed: bool) -> Any:
    return SimpleNamespace(value=is_pressed)


@pytest.mark.usefixtures("in_page")
def test_a_page_runs_what_was_pressed_and_nothing_else() -> None:
    ran: list[int] = []
    assert widgets.run_if_pressed(button(False), lambda: ran.append(1), "…") is None
    assert ran == []
    assert widgets.run_if_pressed(button(True), lambda: 7, "…") == 7


def test_a_script_runs_what_nobody_pressed() -> None:
    assert widgets.run_if_pressed(button(False), lambda: 7, "…") == 7
    assert widgets.run_or_stop(button(False), lambda: 7) == 7


@pytest.mark.usefixtures("in_page")
def test_a_cell_ends_where_its_button_was_not_pressed_or_the_museum_is_gone() -> None:
    with pytest.raises(MarimoStopError) as silent:
        widgets.run_or_stop(button(False), lambda: 7)
    assert silent.value.output is None

    def fail() -> int:
        raise MuseumError("The museum stopped answering.")

    with pytest.raises(MarimoStopError) as told:
        widgets.run_or_stop(button(True), fail)
    assert "stopped answering" in told.value.output.text


def test_before_a_result_the_page_says_which_button_to_press() -> None:
    assert "Press <b>Load</b>" in widgets.show_or_wait(None, str, "Load").text
    assert widgets.show_or_wait(0, str, "Load").text == "0"
    assert "Press <b>Load</b>" in widgets.rows_or_wait(None, lambda: pytest.fail("asked too early"), "Load").text


def test_a_button_that_misses_something_cannot_be_pressed() -> None:
    assert "data-disabled='true'" in widgets.make_button("Run", "Load first").text
    assert "data-disabled='false'" in widgets.make_button("Run").text


def test_rows_are_a_table_as_wide_as_their_text() -> None:
    html = widgets.show_rows([{"name": "<b>", "count": 3, "is_defect": None}, {"name": "x", "count": None}]).text
    assert re.findall(r"<th .*?>(.*?)</th>", html) == ["name", "count", "is_defect"]
    assert re.findall(r"<td( .*?)?>(.*?)</td>", html)[:3] == [
        ("", "&lt;b&gt;"),
        (' class="number"', "3"),
        (' class="number"', "<i>None</i>"),
    ]
    assert "<td" not in widgets.show_rows([]).text


def test_rows_of_any_kind_of_table_are_shown() -> None:
    frame = pd.DataFrame({"label": ["good"], "count": [2]})
    expected = widgets.show_rows([{"label": "good", "count": 2}]).text
    assert widgets.show_rows(frame).text == expected
    assert widgets.show_rows(pa.Table.from_pandas(frame)).text == expected
