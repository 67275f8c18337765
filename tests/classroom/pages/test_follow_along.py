"""The follow-along's functions against museums that stop, stand elsewhere, or cannot be reached."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import dlt
import pytest
import requests

from classroom.course.answers import read_notebook, run_names
from classroom.course.contents import Names
from classroom.course.registry import Course
from classroom.course.workspace import Workspace, temporary_workspace
from classroom.errors import MuseumError
from classroom.museum import Faults, start_museum
from classroom.museum.loading import attempt, first_artworks, run
from classroom.pages import follow_along as kit
from classroom.pages.follow_along_loads import load_all_twice, load_day_by_day, load_in_bad_mood
from darkroom.query.summary import summary


@pytest.fixture(scope="module")
def names() -> Names:
    """The functions of the finished follow-along."""
    from classroom.course.registry import find_course

    course = find_course()
    notebook = read_notebook(course.solution_file("follow_along"))
    steps = course.find_exercise("follow_along").steps
    return run_names(notebook, [name for step in steps for name in step.defines])


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with temporary_workspace() as new:
        yield new


def count(workspace: Workspace, table: str) -> int:
    return int(workspace.query(f"SELECT count(*) FROM {table}")[0][0])


@pytest.mark.thorough
def test_a_museum_that_stops_is_told_and_the_next_run_completes(
    names: Names, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")
    pipeline = workspace.pipeline("museum", "museum")
    with start_museum() as museum:
        port = museum.port
        source = names["make_source"](museum.url)
        pages = 0

        def stop_after_two(artwork: dict[str, Any]) -> dict[str, Any]:
            nonlocal pages
            pages += 1
            if pages == 200:
                museum.stop()
            return artwork

        source.artworks.add_map(stop_after_two)
        with pytest.raises(MuseumError, match="stopped answering in the middle of the load"):
            run(pipeline, source)
        assert pages >= 200
    with start_museum(port=port) as museum:
        run(pipeline, names["make_source"](museum.url))
    assert count(workspace, "museum.artworks") == 528


def test_a_refusal_is_not_told_as_a_museum_that_stopped(workspace: Workspace) -> None:
    @dlt.resource(name="artworks")
    def impatient(base_url: str) -> Any:
        for _ in range(3):
            response = requests.get(f"{base_url}/artworks", timeout=10)
            response.raise_for_status()
            yield response.json()["data"]

    with start_museum(faults=Faults(requests_per_minute=1)) as museum:
        loaded, problem = attempt(lambda: run(workspace.pipeline("museum", "museum"), impatient(museum.url)))
    assert loaded is None
    assert "429" in problem
    assert "stopped answering" not in problem


@pytest.mark.thorough
def test_the_finished_code_runs_under_another_host_name_and_path(names: Names, workspace: Workspace) -> None:
    with start_museum(base_path="/museum") as museum:
        url = f"http://localhost:{museum.port}/museum/api/v1"
        artworks, nested = names["read_first_page"](url)
        assert len(artworks) == 100
        assert "thumbnail" in nested
        run(workspace.pipeline("museum", "museum"), names["make_source"](url))
        assert count(workspace, "museum.artworks") == 528
        _, iiif_url = first_artworks(url, 1)
        assert iiif_url == f"http://localhost:{museum.port}/museum/iiif/2"
        balance, sheet = kit.load_pictures(workspace, url, names["pictures"])
    assert [row["source_dataset"] for row in balance] == ["art", "dagm_like", "mvtec_like"]
    assert sheet is not None
    assert sheet.stat().st_size > 10_000
    assert {row.source_dataset for row in summary(workspace.database).groups} == {"art", "dagm_like", "mvtec_like"}


@pytest.mark.thorough
def test_the_lesson_s_runs_say_what_happened(names: Names, workspace: Workspace) -> None:
    with start_museum() as museum, dlt.config.values({"runtime.log_level": "CRITICAL"}):
        tables, diagram = load_all_twice(workspace, museum.url, names["make_source"])
        assert {row["after one run"] == row["after two"] for row in tables} == {True}
        assert "artworks__term_titles" in diagram
        answers = load_in_bad_mood(workspace, museum, names["polite_artworks"])
        assert {row["status"] for row in answers} == {200, 429, 503}
        assert museum.faults == Faults()
        figures = load_day_by_day(workspace, museum, names["make_incremental"])
    assert [(row["requests"], row["rows there are"]) for row in figures] == [(6, 528), (1, 542), (1, 542)]
    assert figures[0]["rows that travelled"] == 528
    assert 0 < figures[1]["rows that travelled"] < 50


@pytest.mark.thorough
def test_a_frozen_contract_refuses_day_2(names: Names) -> None:
    told = kit.run_under_contract(names["make_incremental"])
    assert "gallery_title" in told
    assert "frozen" in told


def test_a_museum_that_cannot_be_reached_leaves_the_attendee_where_they_are() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    with start_museum() as museum:
        assert kit.choose_museum(kit.STAND_IN, museum).url == museum.url
        for wanted, words in ((closed, "no connection"), ("10.0.0.7", "begins with http"), (f"{museum.url}/x", "404")):
            choice = kit.choose_museum(kit.ROOM, museum, wanted)
            assert choice.url == museum.url
            assert not choice.is_live
            assert words in choice.note
            assert "you stay on the stand-in" in choice.note
        nothing_typed_yet = kit.choose_museum(kit.ROOM, museum, " ")
        assert nothing_typed_yet.url == museum.url
        assert nothing_typed_yet.note.startswith("Type the address that your instructor shows")
        with start_museum(base_path="/room") as room:
            assert kit.choose_museum(kit.ROOM, museum, f"{room.url}/").url == room.url


@pytest.mark.thorough
def test_many_pages_do_not_keep_many_museums_open() -> None:
    first = kit.open_museum()
    for _ in range(kit._OPEN_AT_ONCE):
        kit.open_museum()
    with pytest.raises(requests.ConnectionError):
        requests.get(first.url, timeout=5)
    assert len(kit._open) == kit._OPEN_AT_ONCE
    kit._close_all()


@pytest.mark.thorough
def test_catching_up_to_the_last_step_leaves_one_gap(real_course: Course, tmp_path: Any) -> None:
    import shutil

    from classroom.authoring.sync import sync
    from classroom.checks.catch_up import catch_up
    from classroom.checks.checking import check_file, collect_from_notebook, judge_evidence
    from classroom.course.registry import read_course

    for folder in ("lessons", "solutions"):
        shutil.copytree(real_course.root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__*"))
    shutil.copytree(real_course.root / "sample_data", tmp_path / "sample_data")
    course = read_course(tmp_path)
    sync(course)
    done = catch_up(course, "follow_along:4", check_file)
    assert [result.id for _, result in done] == ["follow_along:1", "follow_along:2", "follow_along:3"]
    step = course.find_steps("follow_along:4")[0]
    assert judge_evidence(step, collect_from_notebook(step, course.exercise_file("follow_along"))).outcome == "todo"
    assert catch_up(course, "follow_along:4", check_file) == []
