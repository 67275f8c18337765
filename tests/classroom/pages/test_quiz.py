"""Questions in a page: what is said to each choice."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from classroom.pages.quiz import Question, answer, answer_on_slide, ask

SECOND_RUN = Question(
    text="How many rows are added?",
    options=("all_of_them once <more>", "none"),
    answer=1,
    why="A key is written once.",
    poll="Poll 1",
)


def shown(choice: int | None) -> str:
    """The page's text for a choice; widgets carry theirs as JSON in an attribute, escaped twice."""
    return unescape(unescape(answer(SECOND_RUN, choice).text))


def test_options_are_lettered_and_none_is_chosen() -> None:
    widget = ask(SECOND_RUN)
    assert list(widget.options) == ["A · all_of_them once <more>", "B · none"]
    assert widget.value is None


def test_the_value_of_the_widget_is_what_answer_takes() -> None:
    assert list(ask(SECOND_RUN).options.values()) == [0, 1]


def test_before_a_choice_nothing_is_given_away() -> None:
    assert "data-outcome='todo'" in shown(None)
    assert SECOND_RUN.why not in shown(None)
    assert "B · none" not in shown(None)


def test_a_room_votes_before_the_answer_opens() -> None:
    page = shown(1)
    assert "Poll 1: B" in page
    assert page.index("Poll 1: B") < page.index("<summary>Reveal") < page.index(SECOND_RUN.why)
    assert "<details open" not in page


def test_a_question_for_oneself_is_answered_at_once() -> None:
    alone = replace(SECOND_RUN, poll="")
    page = unescape(unescape(answer(alone, 0).text))
    assert SECOND_RUN.why in page
    assert "data-outcome='fail'" in page
    assert "Reveal" not in page


def test_a_choice_is_right_or_wrong() -> None:
    assert "data-outcome='pass'" in shown(1)
    assert "data-outcome='fail'" in shown(0)
    assert "Poll 1: A" in shown(0)


@pytest.mark.parametrize(("choice", "title"), [(None, "It is"), (0, "Not A, but"), (1, "Right")])
def test_a_slide_reveals_whether_somebody_chose_or_not(choice: int | None, title: str) -> None:
    page = unescape(unescape(answer_on_slide(SECOND_RUN, choice).text))
    assert page.index('class="verdict"') < page.index(SECOND_RUN.why)
    assert title in page
    assert ("Poll 1:" in page) == (choice is not None)


def test_an_option_is_never_taken_for_markup() -> None:
    page = answer(Question("?", ("a *b* <script>", "c"), 0, "d"), 0).text
    assert "<script>" not in unescape(page)
    assert "<em>" not in unescape(page)


@pytest.mark.parametrize(
    ("options", "right"), [((), 0), (("one",), 0), (("same", "same"), 0), (("a", "b"), 2), (("a", "b"), -1)]
)
def test_a_question_that_nobody_can_answer_is_refused(options: tuple[str, ...], right: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        Question("?", options, right, "because")
