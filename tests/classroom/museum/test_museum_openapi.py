"""The published document lists what there is, and the answers are what it says."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from conftest import Get
from museum_schemas import mismatches
from starlette.routing import Route

from classroom.museum import Faults, RunningMuseum
from classroom.museum.app import make_app
from classroom.museum.catalogue import NEW_FIELD, make_catalogue
from classroom.museum.shape import ARTWORK_FIELDS
from classroom.museum.state import Museum


@pytest.fixture
def document(museum: RunningMuseum) -> dict[str, Any]:
    answer = requests.get(museum.url.replace("/api/v1", "/openapi.json"), timeout=20)
    found: dict[str, Any] = answer.json()
    return found


def problems(document: dict[str, Any], name: str, value: Any) -> list[str]:
    return list(mismatches(value, document["components"]["schemas"][name], document))


def test_the_document_lists_every_route_and_no_other(document: dict[str, Any]) -> None:
    routes = {route.path: route.methods or set() for route in make_app(Museum()).routes if isinstance(route, Route)}
    assert set(document["paths"]) == set(routes)
    for path, methods in routes.items():
        assert {method.upper() for method in document["paths"][path]} == methods - {"HEAD"}


def test_the_document_names_the_parameters_of_its_paths(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        listed = {p["name"] for p in operations["get"].get("parameters", []) if p["in"] == "path"}
        assert named == listed


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    reference = content.get("schema", {}).get("$ref", "#/components/schemas/Artwork")
                    assert reference.rsplit("/", 1)[1] in document["components"]["schemas"]


@pytest.mark.parametrize("day", [1, 2, 3])
def test_pages_are_what_the_document_says(museum: RunningMuseum, get: Get, document: dict[str, Any], day: int) -> None:
    museum.move_to(day)
    for page in range(1, 7):
        answer = get(limit=100, page=page).json()
        assert problems(document, "Page", answer) == []
        assert [problem for work in answer["data"] for problem in problems(document, "Artwork", work)] == []


def test_other_answers_are_what_the_document_says(museum: RunningMuseum, get: Get, document: dict[str, Any]) -> None:
    work = get(limit=1).json()["data"][0]
    controls = museum.url.replace("/api/v1", "/control")
    assert problems(document, "Single", get(f"/artworks/{work['id']}").json()) == []
    assert problems(document, "Page", get(ids=str(work["id"])).json()) == []
    assert problems(document, "Error", get(limit=101).json()) == []
    info = requests.get(f"{museum.iiif_url}/{work['image_id']}/info.json", timeout=20).json()
    assert problems(document, "ImageInfo", info) == []
    for name, schema in {"day": "Day", "faults": "Faults", "counts": "Counts"}.items():
        assert problems(document, schema, requests.get(f"{controls}/{name}", timeout=20).json()) == []


def test_the_document_would_notice_a_wrong_type(museum: RunningMuseum, get: Get, document: dict[str, Any]) -> None:
    work = get(limit=1).json()["data"][0]
    museum.set_faults(Faults(wrong_type_ids=frozenset({work["id"]})))
    wrong = get(limit=1).json()["data"][0]
    assert [problem.split(":")[0] for problem in problems(document, "Artwork", wrong)] == ["$.date_start"]
    del work["title"]
    assert problems(document, "Artwork", {**work, "extra": 1}) == ["$.title is missing", "$.extra is not in the schema"]


def test_the_fields_of_the_document_are_those_of_the_records() -> None:
    assert list(make_catalogue(2).works[0]) == list(ARTWORK_FIELDS)
    assert set(ARTWORK_FIELDS) - set(make_catalogue(1).works[0]) == {NEW_FIELD}
