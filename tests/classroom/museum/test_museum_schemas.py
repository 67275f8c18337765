"""The answers have the fields and types that their schemas say, and no others."""

from __future__ import annotations

from typing import Any

import museum_shape as shape
import pytest
import requests
from conftest import Get
from museum_schemas import mismatches

from classroom.museum import RunningMuseum
from classroom.museum.catalogue import NEW_FIELD, make_catalogue


def problems(schema: shape.Schema, value: Any) -> list[str]:
    return list(mismatches(value, schema))


@pytest.mark.parametrize("day", [1, 2, 3])
def test_pages_are_what_their_schema_says(museum: RunningMuseum, get: Get, day: int) -> None:
    museum.move_to(day)
    for page in range(1, 7):
        answer = get(limit=100, page=page).json()
        assert problems(shape.PAGE, answer) == []
        assert [problem for work in answer["data"] for problem in problems(shape.ARTWORK, work)] == []


def test_other_answers_are_what_their_schemas_say(museum: RunningMuseum, get: Get) -> None:
    work = get(limit=1).json()["data"][0]
    assert problems(shape.SINGLE, get(f"/artworks/{work['id']}").json()) == []
    assert problems(shape.PAGE, get(ids=str(work["id"])).json()) == []
    assert problems(shape.ERROR, get(limit=101).json()) == []
    info = requests.get(f"{museum.iiif_url}/{work['image_id']}/info.json", timeout=20).json()
    assert problems(shape.IMAGE_INFO, info) == []
    for name, schema in {"day": shape.DAY, "faults": shape.FAULTS, "counts": shape.COUNTS}.items():
        assert problems(schema, requests.get(f"{museum.control_url}/{name}", timeout=20).json()) == []


def test_a_schema_notices_a_wrong_type_a_missing_field_and_one_too_many(get: Get) -> None:
    work = get(limit=1).json()["data"][0]
    wrong = {**work, "date_start": "about 1900"}
    assert [problem.split(":")[0] for problem in problems(shape.ARTWORK, wrong)] == ["$.date_start"]
    del work["title"]
    assert problems(shape.ARTWORK, {**work, "extra": 1}) == ["$.title is missing", "$.extra is not in the schema"]


def test_the_fields_of_the_schema_are_those_of_the_records() -> None:
    assert list(make_catalogue(2).works[0]) == list(shape.ARTWORK_FIELDS)
    assert set(shape.ARTWORK_FIELDS) - set(make_catalogue(1).works[0]) == {NEW_FIELD}
