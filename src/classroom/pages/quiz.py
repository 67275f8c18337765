"""Polls and quizzes in a page: predict first, then see whether it holds, and why.

In a notebook, with `Question`, `ask` and `answer` imported in `app.setup`:

    @app.cell(hide_code=True)
    def predict_second_run():
        second_run = Question(
            text="The pipeline runs again and nothing changed on disk. How many rows are added?",
            options=("all of them once more", "none", "it fails: the keys exist already"),
            answer=1,
            why="`merge` with a primary key writes a row once, however often it is sent.",
        )
        second_run_guess = ask(second_run)
        mo.vstack([second_run_guess])
        return second_run, second_run_guess


    @app.cell(hide_code=True)
    def check_second_run(second_run, second_run_guess):
        answer(second_run, second_run_guess.value)

`ask` and `answer` stand in two cells: marimo reads a widget's value only in a cell after the one that makes it.
`text` and `why` are Markdown, options plain text. Nothing is sent anywhere. A question that has `poll="Poll 1"` is put
to a room: a choice gives a line to paste into the chat of the meeting, and the answer is revealed by a second act.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase

import marimo as mo

from classroom.course.outcomes import Outcome
from darkroom.html import render


@dataclass(frozen=True, slots=True)
class Question:
    """A question with one right answer.

    Attributes:
        text: The question, as Markdown.
        options: What can be chosen, as plain text; at least two, all different. The page letters them A, B, C.
        answer: Index of the right one, from 0.
        why: Why it is right, as Markdown; shown after any choice.
        poll: Name under which a choice is pasted into the chat; empty where nothing is to be pasted.

    Raises:
        ValueError: There are fewer than two options, two are alike, or `answer` is none of them.
    """

    text: str
    options: tuple[str, ...]
    answer: int
    why: str
    poll: str = ""

    def __post_init__(self) -> None:
        """Refuses a question that nobody could answer."""
        if len(self.options) < 2 or len(set(self.options)) < len(self.options):
            raise ValueError(f"options {self.options!r} of {self.text!r}: expected at least two, all different")
        if not 0 <= self.answer < len(self.options):
            raise ValueError(
                f"answer {self.answer} of {self.text!r}: expected an index from 0 to {len(self.options) - 1}"
            )

    @property
    def lettered(self) -> tuple[str, ...]:
        """The options as the page shows them: `A · …`."""
        return tuple(f"{letter} · {option}" for letter, option in zip(ascii_uppercase, self.options, strict=False))


def ask(question: Question) -> mo.ui.radio:
    """Returns the widget to choose with; its value is the index of the choice, None before one.

    Args:
        question: What to ask.
    """
    options = {text: index for index, text in enumerate(question.lettered)}
    return mo.ui.radio(options, label=f"**{question.text}**")


def answer(question: Question, choice: int | None) -> mo.Html:
    """Returns what to say to a choice: whether it is right, and why; of a poll, first the line for the chat.

    Args:
        question: What was asked. The answer of a poll opens by a click, when the room has voted.
        choice: Value of the widget that `ask` returned. Before a choice, nothing is given away.
    """
    if choice is None:
        return _status(Outcome.TODO, mo.callout(mo.md("Guess first: choose one.")).text)
    if not question.poll:
        return _status(_outcome(question, choice), _verdict(question, choice))
    values = {"vote": _line_to_paste(question, choice), "verdict": _verdict(question, choice)}
    return _status(_outcome(question, choice), render("classroom.pages", "poll.html", **values))


def answer_on_slide(question: Question, choice: int | None) -> mo.Html:
    """Returns the same for a fragment of a slide: the line for the chat at once, the answer when the fragment is shown.

    Args:
        question: A poll.
        choice: Value of the widget that `ask` returned; None before a choice.
    """
    vote = "" if choice is None else _line_to_paste(question, choice)
    values = {"vote": vote, "verdict": _verdict(question, choice)}
    return _status(_outcome(question, choice), render("classroom.pages", "poll_on_slide.html", **values))


def _line_to_paste(question: Question, choice: int) -> str:
    return mo.md(f"```text\n{question.poll}: {ascii_uppercase[choice]}\n```").text


def _verdict(question: Question, choice: int | None) -> str:
    outcome = _outcome(question, choice)
    titles = {Outcome.PASS: "Right", Outcome.FAIL: f"Not {ascii_uppercase[choice or 0]}, but", Outcome.TODO: "It is"}
    body = mo.md(f"**{_literal(question.lettered[question.answer])}**\n\n{question.why}")
    kind = {Outcome.PASS: "success", Outcome.FAIL: "warn", Outcome.TODO: "info"}
    return mo.callout(body, kind=kind[outcome], title=titles[outcome]).text  # type: ignore[arg-type] # all are kinds


def _outcome(question: Question, choice: int | None) -> Outcome:
    if choice is None:
        return Outcome.TODO
    return Outcome.PASS if choice == question.answer else Outcome.FAIL


def _status(outcome: Outcome, html: str) -> mo.Html:
    return mo.Html(render("classroom.pages", "quiz_status.html", outcome=outcome, callout=html))


def _literal(text: str) -> str:
    """Returns text that Markdown shows as it is: whatever could be markup becomes an entity."""
    return "".join(
        character if character.isalnum() or character.isspace() else f"&#{ord(character)};" for character in text
    )
