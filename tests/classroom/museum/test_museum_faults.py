"""Faults come when they are asked for, and only then."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from conftest import Get

from classroom.museum import Faults, RunningMuseum
from classroom.museum.faults import FaultInjector, faults_from_json


def test_a_client_that_asks_too_often_is_told_how_long_to_wait(museum: RunningMuseum, get: Get) -> None:
    museum.set_faults(Faults(requests_per_minute=3, minute_s=1))
    assert [get(limit=1).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = get(limit=1)
    assert refused.json()["status"] == 429
    time.sleep(int(refused.headers["Retry-After"]))
    assert get(limit=1).status_code == 200


def test_a_whole_minute_has_sixty_seconds(museum: RunningMuseum, get: Get) -> None:
    museum.set_faults(Faults(requests_per_minute=1))
    get(limit=1)
    assert 58 <= int(get(limit=1).headers["Retry-After"]) <= 60


def test_pictures_count_towards_the_minute(museum: RunningMuseum, get: Get) -> None:
    image_id = get(fields="image_id").json()["data"][0]["image_id"]
    museum.set_faults(Faults(requests_per_minute=1))
    assert get().status_code == 200
    assert requests.get(f"{museum.iiif_url}/{image_id}/info.json", timeout=20).status_code == 429


def test_clients_at_one_address_may_be_told_apart_by_their_agent(museum: RunningMuseum, get: Get) -> None:
    museum.set_faults(Faults(requests_per_minute=1, is_counted_by_agent=True))
    ada, bob = {"AIC-User-Agent": "ada (a@x)"}, {"AIC-User-Agent": "bob (b@x)"}
    statuses = [get(limit=1, headers=headers).status_code for headers in (ada, bob, ada, bob)]
    assert statuses == [200, 200, 429, 429]
    museum.set_faults(Faults(requests_per_minute=1))
    assert [get(limit=1, headers=headers).status_code for headers in (ada, bob)] == [200, 429]


def test_the_memory_for_clients_is_bounded() -> None:
    seconds = 0.0
    injector = FaultInjector(Faults(requests_per_minute=1), clock=lambda: seconds)
    for number in range(5000):
        seconds += 1
        injector.seconds_to_wait(f"client {number}")
    assert len(injector._windows) <= 1100


def test_a_share_of_the_requests_is_unavailable_the_same_ones_each_time(museum: RunningMuseum, get: Get) -> None:
    runs = []
    for _ in range(2):
        museum.set_faults(Faults(share_unavailable=0.3, seed=5))
        runs.append([get(limit=1).status_code for _ in range(50)])
    assert runs[0] == runs[1]
    assert 5 <= runs[0].count(503) <= 25
    assert set(runs[0]) == {200, 503}


def test_an_unavailable_answer_has_the_shape_of_an_error(museum: RunningMuseum, get: Get) -> None:
    museum.set_faults(Faults(share_unavailable=1))
    answer = get()
    assert (answer.status_code, answer.json()["status"]) == (503, 503)


def test_an_expired_picture_is_gone_while_its_artwork_still_names_it(museum: RunningMuseum, get: Get) -> None:
    expired, sound = [work["image_id"] for work in get().json()["data"] if work["image_id"]][:2]
    museum.set_faults(Faults(expired_image_ids=frozenset({expired})))
    assert expired in [work["image_id"] for work in get().json()["data"]]
    pictures = [f"{museum.iiif_url}/{image_id}/full/200,/0/default.jpg" for image_id in (expired, sound)]
    assert [requests.get(picture, timeout=20).status_code for picture in pictures] == [404, 200]


def test_settings_survive_json() -> None:
    faults = Faults(60, 2.5, True, 0.1, frozenset({"b", "a"}), 9)
    assert faults_from_json(faults.to_json()) == faults


@pytest.mark.parametrize(
    "settings",
    [
        {"requests_per_minute": 0},
        {"requests_per_minute": 1.5},
        {"requests_per_minute": True},
        {"share_unavailable": 1.1},
        {"share_unavailable": float("nan")},
        {"share_unavailable": "half"},
        {"minute_s": -1},
        {"minute_s": 10**400},
        {"minute_s": 0},
        {"is_counted_by_agent": 1},
        {"expired_image_ids": "abc"},
        {"expired_image_ids": ["\ud800"]},
        {"expired_image_ids": [True]},
        {"expired_image_ids": [[]]},
        {"share_truncated": 0.5},
        {"no_such_fault": 1},
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        faults_from_json(settings)


def test_requests_are_counted_by_kind_and_status(museum: RunningMuseum, get: Get) -> None:
    work = get(limit=1).json()["data"][0]
    get(limit=101)
    get(f"/artworks/{work['id']}")
    requests.get(f"{museum.iiif_url}/{work['image_id']}/info.json", timeout=20)
    counts = museum.request_counts
    assert counts["statuses"] == {200: 3, 403: 1}
    assert (counts["pages"], counts["artworks"], counts["images"], counts["image_infos"]) == (2, 1, 0, 1)
    museum.reset_counts()
    assert museum.request_counts["statuses"] == {}


def test_who_does_not_wait_as_long_as_told_is_counted() -> None:
    seconds = 0.0
    injector = FaultInjector(Faults(requests_per_minute=1), clock=lambda: seconds)
    assert [injector.seconds_to_wait("ada") for _ in range(4)] == [0, 60, 60, 60]
    assert injector.impatient == 2
    assert [injector.seconds_to_wait("bob") for _ in range(2)] == [0, 60]
    seconds = 60.0
    assert [injector.seconds_to_wait(client) for client in ("ada", "bob", "ada")] == [0, 0, 60]
    assert injector.impatient == 2
