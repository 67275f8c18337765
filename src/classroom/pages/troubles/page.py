"""Troubles and tips as a page shows them: the code that ran, beside what came of it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import marimo as mo

from classroom.pages.tips import Tip
from classroom.pages.troubles.attempts import Attempt, Demonstration
from classroom.pages.troubles.texts import Trouble
from darkroom.html import render

_PACKAGE = "classroom.pages"

_LOOK = {
    "look": ("»", "On this computer"),
    "silent": ("⚠", "No error, and wrong"),
    "raised": ("✗", "Raised"),
    "failed": ("✗", "Not mended on this computer"),
    "mended": ("✓", "Mended"),
}
"""Icon and word of what came of some code: never a colour alone."""


@dataclass(frozen=True, slots=True)
class _Half:
    """Some code of a case, and what came of it.

    Attributes:
        kind: Key in `_LOOK`.
        code: The code as highlighted HTML.
        message: What was said, in pieces, each with whether it is to be marked.
        errors: The names of the exceptions; empty where they are not shown.
        whole: The message in full; empty where it says no more.
        log: The lines of dlt's log that are shown.
    """

    kind: str
    code: str
    message: tuple[tuple[str, bool], ...]
    errors: tuple[str, ...] = ()
    whole: str = ""
    log: tuple[str, ...] = ()

    @property
    def icon(self) -> str:
        return _LOOK[self.kind][0]

    @property
    def word(self) -> str:
        return _LOOK[self.kind][1]


def make_choices(titles: Mapping[str, str], verb: str) -> mo.ui.form[Any, Any]:
    """Makes checkboxes in as many columns as there is room for, and a button below them.

    The value is None until the button is pressed, then a dict of ids to bools. Without the button, ticks made while the
    kernel is at work would be lost: marimo keeps only the last of them.

    Args:
        titles: Texts, in Markdown, by id.
        verb: Text of the button.
    """
    boxes = {name: mo.ui.checkbox(label=title) for name, title in titles.items()}
    grid = mo.Html(render(_PACKAGE, "choices.html", names=list(boxes)))
    return grid.batch(**boxes).form(submit_button_label=verb)


def read_choices(choices: mo.ui.form[Any, Any]) -> Mapping[str, bool]:
    """Returns what was ticked when the button was pressed; nothing before.

    Args:
        choices: From `make_choices`.
    """
    return dict(choices.value or {})


def show_trouble(number: int, trouble: Trouble, demonstrations: Iterable[Demonstration]) -> mo.Html:
    """Shows a trouble with some of its cases.

    Args:
        number: Its number in the lesson; 0 leaves its title out, where it stands above already.
        trouble: What was demonstrated.
        demonstrations: What came of it.
    """
    cases = [
        {
            "name": shown.case.name,
            "script": _highlight(shown.script) if shown.script else "",
            "halves": list(_iter_halves(shown)),
            "why": _explain(shown.case.why),
        }
        for shown in demonstrations
    ]
    return mo.Html(render(_PACKAGE, "trouble.html", number=number, trouble=trouble, cases=cases))


def show_tip(letter: str, tip: Tip, taught: Callable[..., Any], rows: Sequence[Mapping[str, Any]]) -> mo.Html:
    """Shows a tip with the figures just measured.

    Args:
        letter: Its letter in the lesson.
        tip: What was measured.
        taught: The code that was measured.
        rows: The figures; all have the same keys.
    """
    code = _highlight(_source(taught))
    return mo.Html(render(_PACKAGE, "tip.html", letter=letter, tip=tip, code=code, rows=rows, why=_explain(tip.why)))


def _iter_halves(shown: Demonstration) -> Iterator[_Half]:
    """Yields what was provoked, and what was mended where anything was."""
    attempt, code = shown.provoked, _highlight(_source(shown.provoke))
    message = tuple(_mark(attempt.message, shown.case.words))
    if shown.mended is None:
        yield _Half("look", code, message)
    elif attempt.errors:
        yield _Half("raised", code, message, attempt.errors, _rest(attempt))
    else:
        yield _Half("silent", code, message, log=tuple(dict.fromkeys(attempt.log)))
    if shown.mend and shown.mended:
        attempt, code = shown.mended, _highlight(_source(shown.mend))
        kind = "failed" if attempt.errors else "mended"
        yield _Half(kind, code, ((attempt.message, False),), attempt.errors, _rest(attempt) if attempt.errors else "")


def _source(function: Callable[..., Any]) -> str:
    """Returns the source that ran, as it stands in its cell."""
    return textwrap.dedent(inspect.getsource(inspect.unwrap(function))).rstrip()


def _highlight(source: str) -> str:
    return mo.md(f"```python\n{source.rstrip()}\n```").text


def _explain(why: str) -> str:
    return mo.md(f"**Why.** {why}").text


def _mark(text: str, words: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Yields a text in pieces, each with whether it is the first place of one of the words."""
    found = [(text.find(word), word) for word in words if word in text]
    if not found:
        yield text, False
        return
    place, word = min(found)
    yield text[:place], False
    yield word, True
    yield from _mark(text[place + len(word) :], tuple(other for other in words if other != word))


def _rest(attempt: Attempt) -> str:
    """Returns an error's message in full where it says more than the message shown."""
    return "" if attempt.whole == attempt.message else attempt.whole
