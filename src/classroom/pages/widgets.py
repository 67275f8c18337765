"""Buttons that start something, and tables to look at: what the cells of several lessons have in common.

A load stands behind a button, as a page runs its cells again whenever something above them changes. marimo reads a
button in a cell after the one that makes it, so a button takes two cells:

    @app.cell(hide_code=True)
    def press_load():
        load_button = make_button("Load all images")
        load_button
        return (load_button,)


    @app.cell(hide_code=True)
    def run_load(load, load_button):
        loaded = run_if_pressed(load_button, load, "Extract, normalize, load …")
        show_or_wait(loaded, render_load, "Load all images")
        return (loaded,)
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any, TypeVar

import marimo as mo

from classroom.museum.loading import attempt
from classroom.pages.demo_pictures import render_waiting
from darkroom.html import render

T = TypeVar("T")


def make_button(label: str, missing: str = "") -> mo.ui.run_button:
    """Returns a button that starts something.

    Args:
        label: Text of the button.
        missing: What has to be done first; as long as it is not empty, the button cannot be pressed, and says it.
    """
    return mo.ui.run_button(label=label, kind="neutral", disabled=bool(missing), tooltip=missing or None)


def is_pressed(button: mo.ui.run_button) -> bool:
    """Says whether a button was pressed just now; in a script nobody presses one, and all of it runs."""
    return bool(button.value) or mo.app_meta().mode not in ("edit", "run")


def run_if_pressed(button: mo.ui.run_button, call: Callable[[], T], doing: str) -> T | None:
    """Returns what a call returns once its button was pressed; None before.

    Args:
        button: The button.
        call: What it starts.
        doing: What the page says meanwhile.
    """
    if not is_pressed(button):
        return None
    with mo.status.spinner(doing):
        return call()


def run_or_stop(button: mo.ui.run_button, call: Callable[[], T]) -> T:
    """Returns what a call to a museum returns; ends the cell where its button was not pressed, or the call failed.

    Args:
        button: The button.
        call: What it starts. Why a museum did not answer is shown where the result would be.
    """
    mo.stop(not is_pressed(button))
    return call_or_stop(call)


def call_or_stop(call: Callable[[], T]) -> T:
    """Returns what a call to a museum returns; where it failed, ends the cell and shows why."""
    with mo.status.spinner("Asking the museum, and loading …"):
        result, problem = attempt(call)
    mo.stop(bool(problem), mo.callout(mo.md(problem), kind="warn"))
    return result  # type: ignore[return-value]  # there is one where there is no problem


def show_or_wait(result: T | None, render: Callable[[T], str], button: str) -> mo.Html:
    """Returns a result as HTML; as long as there is none, which button to press.

    Args:
        result: What `run_if_pressed` returned.
        render: Makes HTML of it.
        button: Text of the button.
    """
    return mo.Html(render_waiting(button) if result is None else render(result))


def rows_or_wait(given: object, call: Callable[[], Any], button: str) -> mo.Html:
    """Returns a table of what a call returns; as long as something is not given, which button to press.

    Args:
        given: What has to be there first; None where it is not.
        call: Returns a table or rows.
        button: Text of the button.
    """
    return mo.Html(render_waiting(button)) if given is None else show_rows(call())


def show_rows(rows: Any) -> mo.Html:
    """Returns a table to look at, as wide as what stands in it.

    Args:
        rows: A data frame, an Arrow table, or a list of dicts.
    """
    dicts = rows if isinstance(rows, list) else _to_dicts(rows)
    names = list(dict.fromkeys(name for row in dicts for name in row))
    numbers = [name for name in names if all(_is_number(row.get(name)) for row in dicts)]
    return mo.Html(render("classroom.pages", "rows.html", rows=dicts, names=names, numbers=numbers))


def _to_dicts(rows: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.to_pylist() if hasattr(rows, "to_pylist") else rows.to_dict("records")
    return found


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, Number) and not isinstance(value, bool))
