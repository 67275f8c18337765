"""Troubles and tips as a page shows them: the code that ran, beside what came of it.

The classes that the HTML bears are styled in `lessons/layouts/troubles.css`; without it, it is plain but readable.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import marimo as mo

from classroom.pages.tips import Tip
from classroom.pages.troubles.attempts import Attempt, Demonstration
from classroom.pages.troubles.texts import Trouble


def make_choices(titles: Mapping[str, str], verb: str, chosen: Iterable[str] = ()) -> mo.ui.form[Any, Any]:
    """Checkboxes in as many columns as there is room for, and a button below them.

    The value is None until the button is pressed, then a dict of ids to bools. Without the button, ticks made while the
    kernel is at work would be lost: marimo keeps only the last of them.

    Args:
        titles: Texts, in Markdown, by id.
        verb: Text of the button.
        chosen: Ids that are ticked at first.
    """
    ticked = set(chosen)
    boxes = {name: mo.ui.checkbox(name in ticked, label=title) for name, title in titles.items()}
    grid = mo.Html(f"<div class='choices'>{''.join(f'{{{name}}}' for name in boxes)}</div>")
    return grid.batch(**boxes).form(submit_button_label=verb)


def show_trouble(number: int, trouble: Trouble, demonstrations: Iterable[Demonstration]) -> mo.Html:
    """A trouble with some of its cases.

    Args:
        number: Its number in the lesson; 0 leaves its title out, where it stands above already.
        trouble: What was demonstrated.
        demonstrations: What came of it.
    """
    head = _head(str(number), trouble.title, trouble.symptom) if number else ""
    kind = "trouble" if number else "trouble more"
    cases = "".join(map(_show_demonstration, demonstrations))
    return mo.Html(f"<section class='{kind}' data-id='{trouble.id}'>{head}{cases}</section>")


def show_tip(letter: str, tip: Tip, taught: Callable[..., Any], rows: Sequence[Mapping[str, Any]]) -> mo.Html:
    """A tip with the figures just measured.

    Args:
        letter: Its letter in the lesson.
        tip: What was measured.
        taught: The code that was measured.
        rows: The figures; all have the same keys.
    """
    head = _head(letter, tip.title, tip.claim)
    body = f"{head}{_code(_source(taught))}{_table(rows)}{_why(tip.why)}"
    return mo.Html(f"<section class='trouble tip' data-id='{tip.id}'>{body}</section>")


def _show_demonstration(shown: Demonstration) -> str:
    case = shown.case
    name = f"<h3>{_inline(case.name)}</h3>" if case.name else ""
    script = f"<p class='file'>The script that is started below</p>{_code(shown.script)}" if shown.script else ""
    provoked = _show_pair(shown.provoke, _show_provoked(shown))
    mended = _show_pair(shown.mend, _show_mended(shown.mended)) if shown.mend and shown.mended else ""
    return f"<div class='case'>{name}{script}{provoked}{mended}{_why(case.why)}</div>"


def _show_provoked(shown: Demonstration) -> str:
    attempt = shown.provoked
    message = _pre(attempt.message, shown.case.words)
    if shown.mended is None:
        return _show_outcome("look", "»", "On this computer", message)
    if not attempt.errors:
        lines = dict.fromkeys(attempt.log)
        log = "".join(f"<p class='log'>dlt's log, a warning: {_inline(line)}</p>" for line in lines)
        return _show_outcome("silent", "⚠", "No error, and wrong", message + log)
    return _show_outcome("raised", "✗", "Raised", _chain(attempt) + message + _whole(attempt))


def _show_mended(attempt: Attempt) -> str:
    if attempt.errors:
        body = _chain(attempt) + _pre(attempt.message) + _whole(attempt)
        return _show_outcome("failed", "✗", "Not mended on this computer", body)
    return _show_outcome("mended", "✓", "Mended", _pre(attempt.message))


def _show_outcome(kind: str, icon: str, word: str, body: str) -> str:
    title = f"<p class='outcome'><span aria-hidden='true'>{icon}</span> {word}</p>"
    return f"<div class='act {kind}' data-act='{kind}'>{title}{body}</div>"


def _show_pair(function: Callable[..., Any], outcome: str) -> str:
    return f"<div class='scene'>{_code(_source(function))}{outcome}</div>"


def _source(function: Callable[..., Any]) -> str:
    """The source that ran, as it stands in its cell."""
    return textwrap.dedent(inspect.getsource(inspect.unwrap(function))).rstrip()


def _code(source: str) -> str:
    fenced = mo.md(f"```python\n{source.rstrip()}\n```")
    return f"<div class='code'>{fenced.text}</div>"


def _pre(text: str, words: tuple[str, ...] = ()) -> str:
    html = escape(text, quote=False)
    for word in words:
        marked = escape(word, quote=False)
        html = html.replace(marked, f"<mark>{marked}</mark>", 1)
    return f"<pre>{html}</pre>"


def _chain(attempt: Attempt) -> str:
    return f"<p class='chain'>{', caused by '.join(map(escape, attempt.errors))}</p>"


def _whole(attempt: Attempt) -> str:
    if attempt.whole == attempt.message:
        return ""
    return f"<details><summary>As the terminal shows it, in full</summary><pre>{escape(attempt.whole)}</pre></details>"


def _head(number: str, title: str, text: str) -> str:
    return f"<h2><span class='number'>{number}</span>{_inline(title)}</h2><p class='symptom'>{_inline(text)}</p>"


def _why(text: str) -> str:
    return f"<div class='why'>{mo.md(f'**Why.** {text}').text}</div>"


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    names = "".join(f"<th>{_inline(name)}</th>" for name in rows[0])
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row.values()) + "</tr>" for row in rows
    )
    return f"<div class='figures'><table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table></div>"


def _inline(text: str) -> str:
    """Text with `code` in backticks as HTML."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
