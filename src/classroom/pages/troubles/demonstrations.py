"""Troubles provoked and mended by the code of a page's cells, and tips measured by it, each once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Hashable
from typing import Any, TypeVar

import marimo as mo

from classroom.pages.tips import TIPS
from classroom.pages.troubles.attempts import Demonstration, Experiment, exclusive_workspace, provoke_and_mend
from classroom.pages.troubles.page import show_tip, show_trouble
from classroom.pages.troubles.texts import TROUBLES

T = TypeVar("T")


class Demonstrations:
    """What one page has provoked and measured: the same code is not run twice, whatever else is chosen meanwhile."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def show_case(
        self,
        chosen: Collection[str],
        case_id: str,
        provoke: Experiment,
        mend: Experiment | None = None,
        script: str = "",
    ) -> mo.Html | None:
        """Provokes and mends a case, and shows its code beside what came of it; None where its trouble is not chosen.

        Args:
            chosen: Ids of troubles.
            case_id: Of the case.
            provoke: The code that raises the error, or says what is silently wrong.
            mend: The code that mends it; None where one can only look.
            script: The file that both start in a Python of its own; empty where they do not.
        """
        places = enumerate(TROUBLES, start=1)
        number, trouble, case = next(
            (number, trouble, case) for number, trouble in places for case in trouble.cases if case.id == case_id
        )
        if trouble.id not in chosen:
            return None

        def demonstrate() -> Demonstration:
            with exclusive_workspace() as workspace:
                return provoke_and_mend(case, workspace, provoke, mend, script)

        shown = self._remember((case_id, script, *map(_code_of, (provoke, mend))), demonstrate)
        return show_trouble(number if case is trouble.cases[0] else 0, trouble, [shown])

    def show_tip(self, chosen: Collection[str], tip_id: str, taught: Callable[..., Any]) -> mo.Html | None:
        """Measures what a tip claims, and shows the figures below its code; None where the tip is not chosen.

        Args:
            chosen: Ids of tips.
            tip_id: Of the tip.
            taught: The code that is measured.
        """
        letter, tip = next((letter, tip) for letter, tip in zip("ABCD", TIPS, strict=True) if tip.id == tip_id)
        if tip.id not in chosen:
            return None

        def measure() -> list[dict[str, Any]]:
            with exclusive_workspace() as workspace:
                return tip.measure(workspace, taught)

        return show_tip(letter, tip, taught, self._remember((tip_id, _code_of(taught)), measure))

    def _remember(self, key: Hashable, call: Callable[[], T]) -> T:
        if key not in self._known:
            with mo.status.spinner("Running what you chose …"):
                self._known[key] = call()
        found: T = self._known[key]
        return found


def _code_of(function: Callable[..., Any] | None) -> str:
    """Returns what changes when somebody edits a function, and stays when its cell only runs again."""
    return inspect.getsource(inspect.unwrap(function)) if function else ""
