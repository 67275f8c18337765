"""The ten troubles happen for real, are told in their own words, and are mended; the tips' figures are measured."""

from __future__ import annotations

import inspect
import logging
import re
import sys
import threading
from html import unescape
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dlt
import duckdb
import pytest

from classroom.course.workspace import Workspace
from classroom.pages.tips import PAGES, TIPS, Row
from classroom.pages.troubles import (
    TROUBLES,
    Act,
    Case,
    Play,
    Trouble,
    backstage,
    environment,
    part_of,
    play,
    play_case,
)
from classroom.pages.troubles.page import show_tip, show_trouble
from classroom.pages.troubles.scripts import ScriptError, open_elsewhere, run_script

LESSON = Path(__file__).parents[3] / "lessons" / "03_advanced_tips.py"
CASES = {case.provoke.__name__.removeprefix("provoke_"): case for trouble in TROUBLES for case in trouble.cases}
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


def run_case(name: str) -> tuple[Play, list[tuple[Any, ...]] | None]:
    with backstage() as workspace:
        own = part_of(workspace, CASES[name])
        result = play_case(CASES[name], own)
        return result, sorted(own.query(MENDED[name][0])) if name in MENDED else None


def test_there_are_ten_and_each_case_is_accounted_for() -> None:
    assert [trouble.id for trouble in TROUBLES] == [
        *("pending", "frozen", "config", "lock", "cursor"),
        *("mixed", "duplicates", "generators", "values", "installation"),
    ]
    assert CASES.keys() == RAISED.keys() | SILENT.keys() | {"look_at_versions"}
    assert CASES.keys() == MENDED.keys() | TOLD.keys() | {"look_at_versions"}


@pytest.mark.parametrize("name", [name for name in CASES if name != "look_at_versions"])
def test_a_trouble_happens_tells_and_is_mended(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("dlt")
    with backstage():
        pass  # dlt sets its logger up at its first use
    before = (logger.handlers, logger.level)
    result, rows = run_case(name)
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


def test_versions_are_those_installed_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = environment.look_at_versions(Workspace(tmp_path))
    assert f"duckdb {metadata.version('duckdb')}: fine" in text
    assert f"sqlglot {metadata.version('sqlglot')}: fine" in text
    monkeypatch.setattr(environment, "BREAKS", (("duckdb", "0.1", "all is lost"),))
    assert "BROKEN. From 0.1 on, all is lost." in environment.look_at_versions(Workspace(tmp_path))


@pytest.mark.parametrize("name", CASES)
def test_the_code_to_read_is_short(name: str) -> None:
    for scene in filter(None, (CASES[name].provoke, CASES[name].mend)):
        body = inspect.getsource(scene).splitlines()[1:]
        assert len(body) <= 12, scene
        assert max(map(len, body)) <= 100, scene


def test_a_page_shows_the_code_that_ran_and_what_came_of_it() -> None:
    trouble = next(trouble for trouble in TROUBLES if trouble.id == "frozen")
    plays = play(trouble)
    html = show_trouble(2, trouble, plays).text
    text = unescape(re.sub("<[^>]+>", "", html))
    assert inspect.getsource(trouble.cases[0].provoke).strip() in text
    assert inspect.getsource(trouble.cases[0].mend).strip() in text  # type: ignore[arg-type]
    assert plays[0].provoked.message in text
    assert "<mark>contract_mode=freeze</mark>" in html
    assert re.findall("data-act='(.*?)'", html) == ["raised", "mended"]


def crash(workspace: Workspace) -> str:
    """Fails in two steps."""
    try:
        raise KeyError(workspace.folder.name)
    except KeyError as error:
        raise ValueError("<b>no</b>") from error


def test_a_mend_that_fails_is_shown_as_failed_and_markup_in_a_message_stays_text(tmp_path: Path) -> None:
    case = Case("", crash, crash, (), "Because.")
    html = show_trouble(
        1, Trouble("crash", "Crash", "It crashes.", (case,)), [play_case(case, Workspace(tmp_path))]
    ).text
    assert re.findall("data-act='(.*?)'", html) == ["raised", "failed"]
    assert "Not mended on this computer" in html
    assert "ValueError, caused by KeyError" in html
    assert "<b>no" not in html


def test_the_message_is_that_of_the_cause_that_has_the_words(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert play_case(Case("", crash, None, (), ""), workspace).provoked.message == f"'{tmp_path.name}'"
    assert play_case(Case("", crash, None, ("no",), ""), workspace).provoked.message == "<b>no</b>"


def test_two_pages_at_once_do_not_meet() -> None:
    trouble = Trouble("one", "One", "It is one.", (CASES["no_yield"],))
    found: list[Act | None] = []
    pages = [threading.Thread(target=lambda: found.extend(item.mended for item in play(trouble))) for _ in range(2)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    assert [act and act.message.splitlines()[0] for act in found] == ["2 rows in images"] * 2


def test_a_workspace_is_gone_after_a_play_and_dlts_settings_stay() -> None:
    with backstage() as workspace:
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


def measure(tip_id: str) -> list[Row]:
    tip = next(tip for tip in TIPS if tip.id == tip_id)
    with backstage() as workspace:
        return tip.measure(workspace)


def test_contracts_differ_in_what_is_in_the_table() -> None:
    held = {row["columns"]: tuple(row.values())[1:] for row in measure("contracts")}
    assert held == {
        "evolve": ("✓ loads", "1, 2, 3", "id, label, camera"),
        "freeze": ("✗ raises", "1", "id, label"),
        "discard_row": ("✓ loads", "1, 2", "id, label"),
        "discard_value": ("✓ loads", "1, 2, 3", "id, label"),
    }


def test_dispositions_differ_in_what_a_second_run_leaves() -> None:
    held = {row["write_disposition"]: tuple(row.values())[1:] for row in measure("dispositions")}
    assert held == {
        "replace": (2, "2 scratch, 3 good"),
        "append": (4, "1 good, 2 good, 2 scratch, 3 good"),
        "merge": (3, "1 good, 2 scratch, 3 good"),
    }


def test_parallelized_resources_read_the_same_pages_in_several_threads() -> None:
    alone, together = measure("parallelized")
    assert (alone["pages"], alone["threads"], alone["time, compared"]) == (3 * PAGES, 1, "100%")
    assert together["pages"] == 3 * PAGES
    assert together["threads"] > 1


def test_state_survives_the_loss_of_the_pipelines_folder() -> None:
    assert [row["counter in the state"] for row in measure("state")] == [1, 2, 3]


def test_a_tip_shows_the_code_that_ran_and_its_figures() -> None:
    tip = TIPS[3]
    text = unescape(re.sub("<[^>]+>", "", show_tip("D", tip, [{"before this run": "<nothing>", "counter": 1}]).text))
    assert "@dlt.resource\ndef visits()" in text
    assert "<nothing>" in text


def opened(**chosen: Any) -> list[str]:
    """Ids of the sections that the lesson opens."""
    namespace: dict[str, Any] = {"__name__": "lesson", "__file__": str(LESSON)}
    exec(compile(LESSON.read_text(encoding="utf-8"), str(LESSON), "exec"), namespace)  # noqa: S102 - the course's own
    outputs, _ = namespace["app"].run(defs={name: SimpleNamespace(value=value) for name, value in chosen.items()})
    return re.findall("data-id='(.*?)'", unescape("".join(getattr(output, "text", "") for output in outputs)))


def test_the_lesson_opens_the_three_most_frequent_and_no_tip() -> None:
    assert opened() == ["pending", "frozen", "duplicates"]


def test_the_lesson_opens_what_is_chosen_and_nothing_else() -> None:
    troubles = {trouble.id: trouble.id == "values" for trouble in TROUBLES}
    assert opened(chosen_troubles=troubles, chosen_tips={"parallelized": True}) == ["values", "parallelized"]
    assert opened(chosen_troubles=dict.fromkeys(troubles, False), chosen_tips=None) == []
