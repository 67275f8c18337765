"""Troubles and tips as a page shows them: the code that ran, beside what came of it.

The classes that the HTML bears are styled in `lessons/layouts/troubles.css`; without it, it is plain but readable.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import marimo as mo

from classroom.pages.tips import Row, Tip
from classroom.pages.troubles.play import Act, Play, Trouble


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


def show_trouble(number: int, trouble: Trouble, plays: Iterable[Play]) -> mo.Html:
    """A trouble with all its cases.

    Args:
        number: Its number in the lesson.
        trouble: What was played.
        plays: What came of it.
    """
    head = _head(str(number), trouble.title, trouble.symptom)
    return mo.Html(f"<section class='trouble' data-id='{trouble.id}'>{head}{''.join(map(_show_play, plays))}</section>")


def show_tip(letter: str, tip: Tip, rows: Sequence[Row]) -> mo.Html:
    """A tip with the figures just measured.

    Args:
        letter: Its letter in the lesson.
        tip: What was measured.
        rows: The figures; all have the same keys.
    """
    code = "\n\n".join(map(_source, tip.taught))
    head = _head(letter, tip.title, tip.claim)
    return mo.Html(
        f"<section class='trouble tip' data-id='{tip.id}'>{head}{_code(code)}{_table(rows)}{_why(tip.why)}</section>"
    )


def _show_play(play: Play) -> str:
    case = play.case
    name = f"<h3>{_inline(case.name)}</h3>" if case.name else ""
    script = f"<p class='file'>The script that is started below</p>{_code(case.script)}" if case.script else ""
    provoked = _scene(case.provoke, _show_provoked(play))
    mended = _scene(case.mend, _show_mended(play.mended)) if case.mend and play.mended else ""
    return f"<div class='case'>{name}{script}{provoked}{mended}{_why(case.why)}</div>"


def _show_provoked(play: Play) -> str:
    act = play.provoked
    message = _pre(act.message, play.case.words)
    if play.mended is None:
        return _act("look", "»", "On this computer", message)
    if not act.errors:
        log = "".join(f"<p class='log'>dlt's log, a warning: {_inline(line)}</p>" for line in dict.fromkeys(act.log))
        return _act("silent", "⚠", "No error, and wrong", message + log)
    return _act("raised", "✗", "Raised", _chain(act) + message + _whole(act))


def _show_mended(act: Act) -> str:
    if act.errors:
        return _act("failed", "✗", "Not mended on this computer", _chain(act) + _pre(act.message) + _whole(act))
    return _act("mended", "✓", "Mended", _pre(act.message))


def _act(kind: str, icon: str, word: str, body: str) -> str:
    title = f"<p class='outcome'><span aria-hidden='true'>{icon}</span> {word}</p>"
    return f"<div class='act {kind}' data-act='{kind}'>{title}{body}</div>"


def _scene(scene: Callable[..., Any], act: str) -> str:
    return f"<div class='scene'>{_code(_source(scene))}{act}</div>"


def _source(scene: Callable[..., Any]) -> str:
    """The source that ran, as it stands in its file."""
    return inspect.getsource(inspect.unwrap(scene)).rstrip()


def _code(source: str) -> str:
    fenced = mo.md(f"```python\n{source.rstrip()}\n```")
    return f"<div class='code'>{fenced.text}</div>"


def _pre(text: str, words: tuple[str, ...] = ()) -> str:
    html = escape(text, quote=False)
    for word in words:
        marked = escape(word, quote=False)
        html = html.replace(marked, f"<mark>{marked}</mark>", 1)
    return f"<pre>{html}</pre>"


def _chain(act: Act) -> str:
    return f"<p class='chain'>{', caused by '.join(map(escape, act.errors))}</p>"


def _whole(act: Act) -> str:
    if act.whole == act.message:
        return ""
    return f"<details><summary>As the terminal shows it, in full</summary><pre>{escape(act.whole)}</pre></details>"


def _head(number: str, title: str, text: str) -> str:
    return f"<h2><span class='number'>{number}</span>{_inline(title)}</h2><p class='symptom'>{_inline(text)}</p>"


def _why(text: str) -> str:
    return f"<div class='why'>{mo.md(f'**Why.** {text}').text}</div>"


def _table(rows: Sequence[Row]) -> str:
    names = "".join(f"<th>{_inline(name)}</th>" for name in rows[0])
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row.values()) + "</tr>" for row in rows
    )
    return f"<div class='figures'><table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table></div>"


def _inline(text: str) -> str:
    """Text with `code` in backticks as HTML."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
