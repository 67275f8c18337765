"""The clock: what day 2 and day 3 bring."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import requests
from conftest import Get
from test_museum_contract import walk

from classroom.museum import RunningMuseum
from classroom.museum.artworks import make_artwork_id
from classroom.museum.catalogue import NEW_FIELD, make_catalogue

Works = dict[int, dict[str, Any]]

CHANGED_IDS = {make_artwork_id(number) for number in range(5, 528, 22)}
NEW_IDS = {make_artwork_id(number) for number in range(528, 542)}
WITHDRAWN_ID = make_artwork_id(100)


@pytest.fixture
def days(museum: RunningMuseum, get: Get, http: requests.Session) -> dict[int, Works]:
    """Returns all works of each day by id."""
    found = {}
    for day in (1, 2, 3):
        museum.move_to(day)
        found[day] = {work["id"]: work for work in walk(get, http, limit=100)}
    return found


def test_day_2_brings_new_works(days: dict[int, Works]) -> None:
    assert set(days[2]) - set(days[1]) == NEW_IDS
    assert not set(days[1]) - set(days[2])
    assert len(NEW_IDS) >= 10


def test_day_2_changes_works_and_says_so_in_updated_at(days: dict[int, Works]) -> None:
    fields = days[1][WITHDRAWN_ID].keys()
    changed = {i for i, work in days[1].items() if any(work[name] != days[2][i][name] for name in fields)}
    assert changed == CHANGED_IDS
    latest = max(work["updated_at"] for work in days[1].values())
    newer = {i for i, work in days[2].items() if work["updated_at"] > latest}
    assert newer == CHANGED_IDS | NEW_IDS
    assert any(days[1][i]["term_titles"] != days[2][i]["term_titles"] for i in changed)


def test_day_2_has_a_new_field_in_every_record(days: dict[int, Works]) -> None:
    assert not any(NEW_FIELD in work for work in days[1].values())
    galleries = [work[NEW_FIELD] for work in days[2].values()]
    assert None in galleries
    assert any(isinstance(gallery, str) for gallery in galleries)


def test_day_3_withdraws_one_work_and_changes_nothing_else(days: dict[int, Works]) -> None:
    assert {i: work for i, work in days[2].items() if i != WITHDRAWN_ID} == days[3]
    assert WITHDRAWN_ID in days[2]


def test_a_withdrawn_work_is_gone_with_its_picture(museum: RunningMuseum, get: Get) -> None:
    image_id = get(f"/artworks/{WITHDRAWN_ID}").json()["data"]["image_id"]
    picture = f"{museum.iiif_url}/{image_id}/full/200,/0/default.jpg"
    assert requests.get(picture, timeout=20).status_code == 200
    museum.move_to(3)
    assert get(f"/artworks/{WITHDRAWN_ID}").status_code == 404
    assert get(ids=str(WITHDRAWN_ID)).json()["data"] == []
    assert requests.get(picture, timeout=20).status_code == 404


def test_the_clock_goes_back_too(museum: RunningMuseum, get: Get) -> None:
    before = get(limit=100).content
    museum.move_to(3)
    assert get(limit=100).content != before
    museum.move_to(1)
    assert get(limit=100).content == before


@pytest.mark.parametrize("day", [0, 4, -1])
def test_there_are_no_other_days(museum: RunningMuseum, day: int) -> None:
    with pytest.raises(ValueError, match="day 1 to 3"):
        museum.move_to(day)
    assert museum.day == 1


def test_the_catalogue_is_the_same_on_every_machine() -> None:
    content = json.dumps([make_catalogue(day).works for day in (1, 2, 3)]).encode()
    assert hashlib.sha256(content).hexdigest()[:16] == "564a73ebb546a036"
    works = make_catalogue(1).works
    first = {name: works[0][name] for name in ("id", "title", "image_id", "updated_at", "artist_title")}
    assert first == {
        "id": 13009,
        "title": "Lemon and Graphite, Resting",
        "image_id": "4f71ef4c-93f7-31b6-3743-e532bd80a282",
        "updated_at": "2026-11-15T19:31:19-06:00",
        "artist_title": "Runa Zandmeer",
    }
