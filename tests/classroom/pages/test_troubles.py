"""The ten troubles happen for real, are told in their own words, and are mended; the tips' figures are measured."""

from __future__ import annotations

import inspect
import logging
import re
import sys
import textwrap
import threading
from functools import partial
from html import unescape
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dlt
import duckdb
import pytest

from classroom.course.workspace import Workspace
from classroom.pages.tips import TIPS, Figures
from classroom.pages.troubles import TROUBLES, Demonstrations, tell_versions
from classroom.pages.troubles.attempts import Attempt, Demonstration, Experiment, exclusive_workspace, provoke_and_mend
from classroom.pages.troubles.page import show_tip, show_trouble
from classroom.pages.troubles.scripts import ScriptError, open_elsewhere, run_script
from classroom.pages.troubles.texts import Case, Trouble

LESSON = Path(__file__).parents[3] / "lessons" / "03_advanced_tips.py"
CASES = {case.id: case for trouble in TROUBLES for case in trouble.cases}
LOCKED = "Cannot open file" if sys.platform == "win32" else "Could not set lock on file"

RAISED = {
    "frozen": ("DataValidationError", "Contract on `columns` with `contract_mode=freeze` is violated"),
    "lock_process": ("IOException", LOCKED),
    "lock_connection": ("ConnectionException", "with a different configuration than existing connections"),
    "cursor_path": ("IncrementalCursorPathMissing", "JSON path `modified_at` was not found in extracted data item"),
    "cursor_none": ("IncrementalCursorPathHasValueNone", "`modified_at` has the value `None`"),
    "cursor_type": ("IncrementalCursorInvalidCoercion", "Could not coerce `start_value/initial_value` with value `7`"),
    "mixed": ("ConstraintException", "NOT NULL constraint failed: images._dlt_load_id"),
    "generator_twice": ("SourceExhausted", "is exhausted or has active iterator"),
    "no_yield": ("InvalidResourceDataTypeIsNone", "Resource data missing. Did you forget the return statement"),
    "unlike_batches": ("IncompatibleArrowSchema", "Schema at index 1 was different"),
    "ndarray": ("TypeError", "Type is not JSON serializable: numpy.ndarray"),
    "config": ("python load.py: exit code 1", "ConfigFieldMissingException: Missing 1 field(s)"),
    "shadow": ("python dlt.py: exit code 1", "module 'dlt' has no attribute 'resource'"),
    "no_pyarrow": ("python load.py: exit code 1", "MissingDependencyException"),
}
"""The exception in the chain, or how a script ended; and the words that tell."""

SILENT = {
    "pending": ("2 rows", "godo", "The data you passed to the run function will not be extracted"),
    "duplicates": ("4 rows", "", "no primary or merge keys defined"),
    "no_yield_from": ("1 row ", "", ""),
    "file_url": ("0 files", "file:///", ""),
}
"""What the wrong state looks like, and what dlt's log says to it."""

MENDED = {
    "frozen": ("SELECT id, camera FROM inspection.images", [(1, None), (2, "B")]),
    "lock_process": ("SELECT id FROM inspection.images", [(1,), (2,)]),
    "lock_connection": ("SELECT id FROM inspection.images", [(1,), (2,)]),
    "cursor_path": ("SELECT id, modified_at::TEXT FROM inspection.images", [(1, "2026-11-01")]),
    "cursor_none": ("SELECT id FROM inspection.images", [(1,), (2,)]),
    "cursor_type": ("SELECT id, revision FROM inspection.images", [(1, 7), (2, 8)]),
    "mixed": ("SELECT id, _dlt_id IS NULL FROM inspection.images", [(1, False), (2, False)]),
    "generator_twice": ("SELECT id FROM inspection.images", [(1,), (2,)]),
    "no_yield": ("SELECT id FROM inspection.images", [(1,), (2,)]),
    "unlike_batches": ("SELECT id, defect_px FROM inspection.images", [(1, 12.0), (2, 12.5)]),
    "ndarray": ("SELECT id, pixels, height, width FROM inspection.images", [(1, bytes(6), 2, 3)]),
    "pending": ("SELECT id, label FROM mended.images", [(2, "good")]),
    "duplicates": ("SELECT id, label FROM inspection.images", [(1, "good"), (2, "scratch")]),
    "no_yield_from": ("SELECT id FROM inspection.images", [(0,), (1,), (2,)]),
}
"""What the database holds in the end."""

TOLD = {
    "config": "[{'id': 1, 'has_key': True}]",
    "shadow": "[{'id': 1}, {'id': 2}]",
    "no_pyarrow": "2 rows",
    "file_url": "1 file in a plain path to inspection_images",
}
"""What comes out where there is no table to look into."""


NOTHING = SimpleNamespace(value={})
"""What is ticked in a form before its button is pressed."""


def run_lesson(**chosen: Any) -> tuple[str, dict[str, Any]]:
    """What the lesson's page shows, and the names that its cells define."""
    namespace: dict[str, Any] = {"__name__": "lesson", "__file__": str(LESSON)}
    exec(compile(LESSON.read_text(encoding="utf-8"), str(LESSON), "exec"), namespace)  # noqa: S102 - the course's own
    forms = {name: SimpleNamespace(value=value, element=NOTHING) for name, value in chosen.items()}
    outputs, names = namespace["app"].run(defs=forms)
    return "".join(getattr(output, "text", "") for output in outputs), dict(names)


@pytest.fixture(scope="module")
def taught() -> dict[str, Any]:
    """The functions of the lesson's cells, of which none was run."""
    html, names = run_lesson(chosen_troubles=dict.fromkeys(["frozen"], False), chosen_tips={})
    assert "data-id=" not in html
    return names


def run_case(taught: dict[str, Any], name: str) -> tuple[Demonstration, list[tuple[Any, ...]] | None]:
    with exclusive_workspace() as own:
        provoke, mend = taught[f"provoke_{name}"], taught[f"mend_{name}"]
        result = provoke_and_mend(CASES[name], own, provoke, mend)
        return result, sorted(own.query(MENDED[name][0])) if name in MENDED else None


def test_there_are_ten_and_each_case_is_accounted_for() -> None:
    assert [trouble.id for trouble in TROUBLES] == [
        *("pending", "frozen", "config", "lock", "cursor"),
        *("mixed", "duplicates", "generators", "values", "installation"),
    ]
    assert CASES.keys() == RAISED.keys() | SILENT.keys() | {"versions"}
    assert CASES.keys() == MENDED.keys() | TOLD.keys() | {"versions"}


@pytest.mark.parametrize(
    "name",
    [
        # the three that the lesson opens with; the others take as long each
        pytest.param(name, marks=() if name in ("pending", "frozen", "duplicates") else pytest.mark.thorough)
        for name in CASES
        if name != "versions"
    ],
)
def test_a_trouble_happens_tells_and_is_mended(
    name: str, taught: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("dlt")
    with exclusive_workspace():
        pass  # dlt sets its logger up at its first use
    before = (logger.handlers, logger.level)
    result, rows = run_case(taught, name)
    assert (logger.handlers, logger.level) == before
    assert capfd.readouterr().err == "", "the terminal belongs to the server's own lines"
    assert any(word in result.provoked.message for word in result.case.words), "nothing to mark"
    if name in RAISED:
        error, words = RAISED[name]
        assert error in result.provoked.errors
        assert words in result.provoked.message
        assert words in result.provoked.whole
    else:
        *wrong, log = SILENT[name]
        assert result.provoked.errors == ()
        assert all(words in result.provoked.message for words in wrong)
        assert log in " ".join(result.provoked.log)
    assert result.mended is not None
    assert result.mended.errors == (), result.mended.whole
    if name in MENDED:
        assert rows == MENDED[name][1]
    else:
        assert result.mended.message == TOLD[name]


def test_versions_are_those_installed_here() -> None:
    text = tell_versions()
    assert f"duckdb {metadata.version('duckdb')}: fine" in text
    assert f"sqlglot {metadata.version('sqlglot')}: fine" in text
    assert "BROKEN. From 0.1 on, all is lost." in tell_versions((("duckdb", "0.1", "all is lost"),))


@pytest.mark.parametrize("name", CASES)
def test_the_code_to_read_is_short(name: str, taught: dict[str, Any]) -> None:
    functions = ["look_at_versions"] if name == "versions" else [f"provoke_{name}", f"mend_{name}"]
    for function in functions:
        body = inspect.getsource(taught[function]).splitlines()[1:]
        assert len(body) <= 12, function
        assert max(map(len, body)) <= 100, function


@pytest.mark.thorough
def test_a_page_shows_the_code_that_ran_and_what_came_of_it(taught: dict[str, Any]) -> None:
    trouble = next(trouble for trouble in TROUBLES if trouble.id == "frozen")
    result, _ = run_case(taught, "frozen")
    html = show_trouble(2, trouble, [result]).text
    text = unescape(re.sub("<[^>]+>", "", html))
    for name in ("provoke_frozen", "mend_frozen"):
        assert textwrap.dedent(inspect.getsource(taught[name])).strip() in text
    assert result.provoked.message in text
    assert "<mark>contract_mode=freeze</mark>" in html
    assert re.findall("data-result='(.*?)'", html) == ["raised", "mended"]


def crash(workspace: Workspace) -> str:
    """Fails in two steps."""
    try:
        raise KeyError(workspace.folder.name)
    except KeyError as error:
        raise ValueError("<b>no</b>") from error


def demonstrate(mend: Experiment | None, workspace: Workspace, words: tuple[str, ...] = ()) -> Demonstration:
    return provoke_and_mend(Case("crash", "", words, "Because."), workspace, crash, mend)


def test_a_mend_that_fails_is_shown_as_failed_and_markup_in_a_message_stays_text(tmp_path: Path) -> None:
    shown = demonstrate(crash, Workspace(tmp_path))
    html = show_trouble(1, Trouble("crash", "Crash", "It crashes.", (shown.case,)), [shown]).text
    assert re.findall("data-result='(.*?)'", html) == ["raised", "failed"]
    assert "Not mended on this computer" in html
    assert "ValueError, caused by KeyError" in html
    assert "<b>no" not in html


def test_the_message_is_that_of_the_cause_that_has_the_words(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert demonstrate(None, workspace).provoked.message == f"'{tmp_path.name}'"
    assert demonstrate(None, workspace, ("no",)).provoked.message == "<b>no</b>"


@pytest.mark.thorough
def test_two_pages_at_once_do_not_meet(taught: dict[str, Any]) -> None:
    found: list[Attempt | None] = []
    pages = [threading.Thread(target=lambda: found.append(run_case(taught, "no_yield")[0].mended)) for _ in range(2)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    assert [attempt and attempt.message.splitlines()[0] for attempt in found] == ["2 rows in images"] * 2


def test_a_workspace_is_gone_after_its_block_and_dlts_settings_stay() -> None:
    with exclusive_workspace() as workspace:
        assert dlt.config["normalize.workers"] == 1
    assert not workspace.folder.exists()
    assert dlt.config["normalize.workers"] == 1


def test_a_script_tells_its_last_exception_only(tmp_path: Path) -> None:
    code = "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise OSError('first\\n  second') from error\n"
    with pytest.raises(ScriptError) as caught:
        run_script(tmp_path, "broken.py", code)
    assert str(caught.value) == "OSError: first\n  second"
    assert "ZeroDivisionError" in caught.value.whole
    assert caught.value.title == "python broken.py: exit code 1"


def test_the_other_program_ends_with_its_block_even_if_the_block_fails(tmp_path: Path) -> None:
    database = tmp_path / "other.duckdb"
    with pytest.raises(duckdb.IOException), open_elsewhere(database):
        duckdb.connect(str(database))
    with duckdb.connect(str(database)) as connection:
        assert connection.sql("SELECT 1").fetchone() == (1,)


def measure(tip_id: str, taught: Any) -> Figures:
    tip = next(tip for tip in TIPS if tip.id == tip_id)
    with exclusive_workspace() as workspace:
        return tip.measure(workspace, taught)


@pytest.mark.thorough
def test_contracts_differ_in_what_is_in_the_table(taught: dict[str, Any]) -> None:
    held = {row["columns"]: tuple(row.values())[1:] for row in measure("contracts", taught["load_newcomers"])}
    assert held == {
        "evolve": ("✓ loads", "1, 2, 3", "id, label, camera"),
        "freeze": ("✗ raises", "1", "id, label"),
        "discard_row": ("✓ loads", "1, 2", "id, label"),
        "discard_value": ("✓ loads", "1, 2, 3", "id, label"),
    }


@pytest.mark.thorough
def test_dispositions_differ_in_what_a_second_run_leaves(taught: dict[str, Any]) -> None:
    held = {row["write_disposition"]: tuple(row.values())[1:] for row in measure("dispositions", taught["load_twice"])}
    assert held == {
        "replace": (2, "2 scratch, 3 good"),
        "append": (4, "1 good, 2 good, 2 scratch, 3 good"),
        "merge": (3, "1 good, 2 scratch, 3 good"),
    }


@pytest.mark.thorough
def test_parallelized_resources_read_the_same_pages_in_several_threads(taught: dict[str, Any]) -> None:
    alone, together = measure("parallelized", taught["three_cameras"])
    assert (alone["pages"], alone["threads"], alone["time, compared"]) == (3 * 4, 1, "100%")
    assert together["pages"] == 3 * 4
    assert together["threads"] > 1


@pytest.mark.thorough
def test_state_survives_the_loss_of_the_pipelines_folder(taught: dict[str, Any]) -> None:
    assert [row["counter in the state"] for row in measure("state", taught["visits"])] == [1, 2, 3]


def test_a_tip_shows_the_code_that_ran_and_its_figures(taught: dict[str, Any]) -> None:
    tip = TIPS[3]
    figures = [{"before this run": "<nothing>", "counter": 1}]
    text = unescape(re.sub("<[^>]+>", "", show_tip("D", tip, taught["visits"], figures).text))
    assert "@dlt.resource\ndef visits()" in text
    assert "<nothing>" in text


def opened(**chosen: Any) -> list[str]:
    """Ids of the sections that the lesson opens."""
    return re.findall("data-id='(.*?)'", unescape(run_lesson(**chosen)[0]))


@pytest.mark.thorough
def test_the_lesson_opens_nothing_before_somebody_has_chosen() -> None:
    assert opened() == []


@pytest.mark.thorough
def test_the_lesson_opens_what_is_chosen_and_nothing_else() -> None:
    troubles = {trouble.id: trouble.id == "values" for trouble in TROUBLES}
    assert opened(chosen_troubles=troubles, chosen_tips={"parallelized": True}) == ["values", "values", "parallelized"]
    assert opened(chosen_troubles=dict.fromkeys(troubles, False), chosen_tips=None) == []


@pytest.mark.thorough
def test_the_lesson_opens_every_case_once_in_order_and_mends_all() -> None:
    html, _ = run_lesson(chosen_troubles=dict.fromkeys((trouble.id for trouble in TROUBLES), True), chosen_tips={})
    shown = unescape(html)
    assert re.findall("data-id='(.*?)'", shown) == [trouble.id for trouble in TROUBLES for _ in trouble.cases]
    assert re.findall("class='number'>(.*?)<", shown) == [str(number) for number in range(1, len(TROUBLES) + 1)]
    assert re.findall("data-result='(.*?)'", shown).count("mended") == len(CASES) - 1
    text = re.sub("<[^>]+>", "", shown)
    assert [name for name, case in CASES.items() if re.sub("[`*]", "", case.why)[:30] not in text] == []


def test_what_is_known_is_not_run_again_unless_its_code_changes() -> None:
    ran: list[str] = []
    show_case = partial(Demonstrations().show_case, ["frozen"], "frozen")

    def count_first(_workspace: Workspace) -> str:
        ran.append("first")
        return "fine"

    def count_second(_workspace: Workspace) -> str:
        ran.append("second")
        return "fine"

    for experiment in (count_first, count_first, count_second):
        show_case(experiment)
    assert ran == ["first", "second"]
