"""The callout of a checkpoint: what it says, in words and not in colour alone, whatever a learner's code is called."""

from __future__ import annotations

import re

import pytest

from classroom.course.outcomes import CheckResult, Outcome
from classroom.pages.checkpoint import show

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


def test_each_hint_opens_inside_the_one_before_and_the_solution_inside_the_last() -> None:
    html = show(result(Outcome.FAIL), HINTS, "return 1").text
    opened = re.findall(r"<(/?)details>(?:<summary>(.*?)</summary>)?", html)
    assert opened == [("", "Hint 1"), ("", "Hint 2"), ("", "Hint 3"), ("", "Show the solution"), *[("/", "")] * 4]
    assert "Look at <code>parts</code>." in html
    assert "Show the solution" not in show(result(Outcome.FAIL), HINTS).text


def test_after_a_pass_there_are_no_hints_but_the_solution_to_compare_with() -> None:
    html = show(result(Outcome.PASS), HINTS, "return 1").text
    assert re.findall("<summary>(.*?)</summary>", html) == ["Compare with the solution"]
    assert "<pre><code>return 1</code></pre>" in html


def test_whatever_a_learner_writes_stays_text() -> None:
    values = dict.fromkeys(("title", "message", "next_step", "call", "expected", "actual"), EVIL)
    html = show(result(Outcome.FAIL, **values), HINTS, EVIL).text
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 8
