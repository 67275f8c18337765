"""The answers have the shape, the order and the pagination of the museum's."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from conftest import Get

from classroom.museum import RunningMuseum

# from the field notes: what an artwork has, and of which type
CONTRACT: dict[str, tuple[type, ...]] = {
    "id": (int,),
    "title": (str,),
    "api_model": (str,),
    "api_link": (str,),
    "artist_title": (str, type(None)),
    "artist_display": (str,),
    "date_start": (int, type(None)),
    "date_end": (int, type(None)),
    "place_of_origin": (str, type(None)),
    "medium_display": (str,),
    "department_title": (str,),
    "artwork_type_title": (str,),
    "is_public_domain": (bool,),
    "colorfulness": (float, type(None)),
    "color": (dict, type(None)),
    "thumbnail": (dict, type(None)),
    "term_titles": (list,),
    "style_titles": (list,),
    "alt_image_ids": (list,),
    "sound_ids": (list,),
    "image_id": (str, type(None)),
    "source_updated_at": (str,),
    "updated_at": (str,),
    "timestamp": (str,),
}


def walk(get: Get, http: requests.Session, **parameters: Any) -> list[dict[str, Any]]:
    page = get(**parameters).json()
    works = page["data"]
    while "next_url" in page["pagination"]:
        page = http.get(page["pagination"]["next_url"], timeout=20).json()
        works += page["data"]
    return works


@pytest.fixture
def works(get: Get, http: requests.Session) -> list[dict[str, Any]]:
    return walk(get, http, limit=100)


def test_records_have_the_fields_and_types_of_the_contract(works: list[dict[str, Any]]) -> None:
    for work in works:
        for name, types in CONTRACT.items():
            assert isinstance(work[name], types), (work["id"], name)
        assert "" not in work.values()


def test_nested_objects_have_the_keys_of_the_contract(works: list[dict[str, Any]]) -> None:
    assert {tuple(work["color"]) for work in works if work["color"]} == {("h", "s", "l", "percentage", "population")}
    assert {tuple(work["thumbnail"]) for work in works if work["thumbnail"]} == {
        ("lqip", "width", "height", "alt_text")
    }


@pytest.mark.parametrize("name", ["color", "thumbnail", "date_start", "artist_title", "place_of_origin", "image_id"])
def test_nullable_fields_are_null_sometimes_and_mostly_not(works: list[dict[str, Any]], name: str) -> None:
    missing = sum(work[name] is None for work in works)
    assert 0 < missing < len(works) / 4


@pytest.mark.parametrize("name", ["style_titles", "alt_image_ids", "subject_titles"])
def test_arrays_are_empty_sometimes_and_sometimes_not(works: list[dict[str, Any]], name: str) -> None:
    assert 0 < sum(work[name] == [] for work in works) < len(works)


def test_one_in_twelve_has_no_picture(works: list[dict[str, Any]]) -> None:
    assert sum(work["image_id"] is None for work in works) == pytest.approx(len(works) / 12, abs=1)


def test_a_page_has_the_envelope_of_the_contract(museum: RunningMuseum, get: Get) -> None:
    page = get().json()
    assert set(page) == {"pagination", "data", "info", "config"}
    assert set(page["info"]) == {"license_text", "license_links", "version"}
    assert page["config"]["iiif_url"] == museum.iiif_url
    assert set(page["config"]) == {"iiif_url", "website_url"}


def test_the_first_page_has_twelve_works_and_no_page_before_it(get: Get) -> None:
    page = get().json()
    total = page["pagination"]["total"]
    assert len(page["data"]) == 12
    next_url = page["pagination"].pop("next_url")
    assert page["pagination"] == {
        "total": total,
        "limit": 12,
        "offset": 0,
        "total_pages": -(-total // 12),
        "current_page": 1,
    }
    assert parse_qs(urlsplit(next_url).query) == {"page": ["2"], "limit": ["12"]}


def test_walking_the_pages_meets_every_work_once(get: Get, works: list[dict[str, Any]]) -> None:
    total = get().json()["pagination"]["total"]
    assert total >= 520
    assert len(works) == len({work["id"] for work in works}) == total


def test_works_come_newest_first_as_moments_and_as_texts(works: list[dict[str, Any]]) -> None:
    texts = [work["updated_at"] for work in works]
    moments = [datetime.fromisoformat(text) for text in texts]
    assert all(newer > older for newer, older in pairwise(moments))
    assert texts == sorted(texts, reverse=True)


def test_both_offsets_of_the_year_occur(works: list[dict[str, Any]]) -> None:
    assert {work["updated_at"][-6:] for work in works} == {"-05:00", "-06:00"}


def test_moments_of_a_record_are_in_order(works: list[dict[str, Any]]) -> None:
    for work in works:
        moments = [datetime.fromisoformat(work[name]) for name in ("source_updated_at", "updated_at", "timestamp")]
        assert moments == sorted(moments)


def test_next_url_carries_the_other_parameters_on(get: Get, http: requests.Session) -> None:
    first = get(limit=100, fields="id,title", mood="good").json()
    query = parse_qs(urlsplit(first["pagination"]["next_url"]).query)
    assert query == {"page": ["2"], "fields": ["id,title"], "mood": ["good"], "limit": ["100"]}
    second = http.get(first["pagination"]["next_url"], timeout=20).json()
    assert set(second["data"][0]) == {"id", "title"}


def test_the_last_page_has_no_next_url(get: Get) -> None:
    pages = get(limit=100).json()["pagination"]["total_pages"]
    last = get(limit=100, page=pages).json()
    assert last["data"]
    assert "next_url" not in last["pagination"]
    assert f"page={pages - 1}&" in last["pagination"]["prev_url"]


def test_a_page_beyond_the_last_is_empty(get: Get) -> None:
    answer = get(page=9999)
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert "next_url" not in answer.json()["pagination"]


def test_one_artwork_is_what_the_page_said(get: Get, http: requests.Session) -> None:
    listed = get(limit=3).json()["data"][2]
    single = http.get(listed["api_link"], timeout=20).json()
    assert single["data"] == listed
    assert set(single) == {"data", "info", "config"}


def test_fields_are_exactly_those_asked_for(get: Get) -> None:
    listed = get(fields="title,image_id,no_such_field").json()["data"]
    assert {tuple(work) for work in listed} == {("title", "image_id")}
    single = get("/artworks/" + str(get().json()["data"][0]["id"]), fields="api_link").json()["data"]
    assert set(single) == {"api_link"}


def test_ids_choose_works_and_leave_out_what_is_not_there(get: Get) -> None:
    ids = [work["id"] for work in get(limit=5).json()["data"]]
    answer = get(ids=",".join(map(str, [*ids, 1]))).json()
    assert sorted(work["id"] for work in answer["data"]) == sorted(ids)
    assert "pagination" not in answer


def test_empty_parameters_count_as_not_given(get: Get) -> None:
    assert get(limit="", page="", ids="", fields="").json()["data"] == get().json()["data"]


@pytest.mark.parametrize(
    ("path", "parameters", "status", "error"),
    [
        ("/artworks", {"limit": 101}, 403, "Invalid limit"),
        ("/artworks", {"limit": "9" * 5000}, 403, "Invalid limit"),
        ("/artworks", {"limit": "-1"}, 400, "Invalid syntax"),
        ("/artworks", {"limit": "ten"}, 400, "Invalid syntax"),
        ("/artworks", {"limit": "1.5"}, 400, "Invalid syntax"),
        ("/artworks", {"limit": "١٢"}, 400, "Invalid syntax"),
        ("/artworks", {"page": 0}, 400, "Invalid syntax"),
        ("/artworks", {"page": "two"}, 400, "Invalid syntax"),
        ("/artworks", {"page": "9" * 5000}, 400, "Invalid syntax"),
        ("/artworks", {"ids": "1,two"}, 400, "Invalid syntax"),
        ("/artworks", {"ids": "1,,2"}, 400, "Invalid syntax"),
        ("/artworks", {"ids": ",".join(["7"] * 101)}, 403, "Invalid number of ids"),
        ("/artworks/abc", {}, 400, "Invalid syntax"),
        ("/artworks/999999999", {}, 404, "Not found"),
        ("/artists", {}, 404, "Not found"),
    ],
)
def test_bad_requests_are_refused_in_the_museums_words(
    get: Get, path: str, parameters: dict[str, Any], status: int, error: str
) -> None:
    answer = get(path, **parameters)
    body = answer.json()
    assert (answer.status_code, body["status"], body["error"]) == (status, status, error)
    assert set(body) == {"status", "error", "detail"}
    assert body["detail"]


def test_other_methods_are_refused(museum: RunningMuseum) -> None:
    answer = requests.post(f"{museum.url}/artworks", json={}, timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (405, "Method not allowed")


def test_a_known_answer_is_not_sent_again(get: Get, museum: RunningMuseum) -> None:
    first = get(limit=5)
    again = get(limit=5, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    weak = get(limit=5, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    assert weak.status_code == 304
    assert get(limit=6, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    museum.move_to(2)
    assert get(limit=5, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
