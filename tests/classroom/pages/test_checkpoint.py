"""The callout of a checkpoint: what it says, in words and not in colour alone, whatever a learner's code is called."""

from __future__ import annotations

import re

import pytest
from marimo import MarimoStopError

from classroom.course.outcomes import CheckResult, Outcome
from classroom.course.registry import Course
from classroom.pages.broken_cells import describe_cell_error, find_problem
from classroom.pages.checkpoint import show, show_hints, try_out

EVIL = '<script>alert("\'")</script>'
HINTS = ("Look at `parts`.", "Closer.", f"Nearly: {EVIL}")


def result(outcome: Outcome, **values: str) -> CheckResult:
    told = {"id": "01_read_a_layout", "title": "A title", "message": "A message.", "next_step": "", **values}
    return CheckResult(outcome=outcome, **told)


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Outcome.TODO, "✎</span> To do"),
        (Outcome.PASS, "✓</span> Passed"),
        (Outcome.FAIL, "✗</span> Not yet"),
        (Outcome.ERROR, "⚠</span> Your code raised"),
        (Outcome.BLOCKED, "⏸</span> Waiting"),
    ],
)
def test_an_outcome_is_told_by_icon_and_word(outcome: Outcome, word: str) -> None:
    html = show(result(outcome)).text
    assert f'role="status" data-outcome="{outcome}"' in html
    assert f"{word} · A title" in html


def test_only_facts_that_there_are_get_a_line() -> None:
    html = show(result(Outcome.FAIL, expected="1", actual="2")).text
    assert re.findall("<dt>(.*?)</dt><dd><code>(.*?)</code>", html) == [("expected", "1"), ("actual", "2")]
    assert "<dl>" not in show(result(Outcome.FAIL)).text


def test_each_hint_opens_inside_the_one_before() -> None:
    html = show_hints(HINTS).text
    opened = re.findall(r"<(/?)details>(?:<summary>(.*?)</summary>)?", html)
    assert opened == [("", "Hint 1"), ("", "Hint 2"), ("", "Hint 3"), *[("/", "")] * 3]
    assert "Look at <code>parts</code>." in html


def test_the_solution_is_there_once_it_is_unlocked() -> None:
    assert "<summary>Show the solution</summary>" in show(result(Outcome.FAIL), "return 1").text
    assert "Show the solution" not in show(result(Outcome.FAIL)).text


def test_after_a_pass_the_next_exercise_is_one_click_away() -> None:
    told = {outcome: show(result(outcome), next_up=("Harmonise", "/?file=02.py")).text for outcome in Outcome}
    assert {outcome for outcome, html in told.items() if 'href="/?file=02.py"' in html} == {Outcome.PASS}
    assert "<a " not in show(result(Outcome.PASS), next_up=("Harmonise", "")).text


def test_after_a_pass_there_is_the_solution_to_compare_with() -> None:
    html = show(result(Outcome.PASS), "return 1").text
    assert re.findall("<summary>(.*?)</summary>", html) == ["Compare with the solution"]
    assert "<pre><code>return 1</code></pre>" in html


def test_whatever_a_learner_writes_stays_text() -> None:
    values = dict.fromkeys(("title", "message", "next_step", "call", "expected", "actual"), EVIL)
    html = show(result(Outcome.FAIL, **values), EVIL).text + show_hints(HINTS).text
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 8


class CellError:
    """As marimo's errors are: the end of Python's traceback, and the line of the cell."""

    def __init__(self, message: str, lineno: int | None = None) -> None:
        self.message, self.lineno = message, lineno

    def describe(self) -> str:
        return self.message


def test_a_cell_that_cannot_be_read_is_told_with_line_and_sign() -> None:
    error = CellError("line 2\n    return (1,\n           ^\nSyntaxError: '(' was never closed\n", 2)
    told = describe_cell_error(error)
    assert told == "Python cannot read your cell, line 2: `return (1,`. SyntaxError: '(' was never closed."


def test_a_cell_that_marimo_refuses_is_told_in_its_words() -> None:
    assert describe_cell_error(CellError("The variable 'x' was defined by another cell\nmore")).endswith(
        "by another cell"
    )


def test_a_name_that_is_gone_is_told_with_the_way_back(real_course: Course) -> None:
    assert "`classroom reset follow_along:2`" in find_problem(real_course.find_steps("follow_along:2")[0])


def test_what_raises_below_a_checkpoint_ends_its_cell_quietly() -> None:
    assert try_out(lambda: 7) == 7
    with pytest.raises(MarimoStopError) as stopped:
        try_out(lambda: 1 / 0)
    assert "the checkpoint above says why" in stopped.value.output.text
