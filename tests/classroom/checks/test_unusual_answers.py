"""Answers to the follow-along that are right, and unlike the solutions."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom.checks.checking import check_file
from classroom.course.gaps import fill, find_gaps
from classroom.course.outcomes import Outcome
from classroom.course.registry import Course

_BY_HAND = """
import time
url = f"{base_url}/artworks?limit=100"
while url:
    response = requests.get(url, headers=AGENT_HEADER, timeout=30)
    if response.status_code in (429, 503):
        time.sleep(int(response.headers.get("Retry-After", 1)))
        continue
    page = response.json()
    yield page["data"]
    url = page["pagination"].get("next_url")
"""
_UPSERT = """
return rest_api_source({
    "client": {"base_url": base_url, "paginator": {"type": "json_link", "next_url_path": "pagination.next_url"}},
    "resource_defaults": {
        "primary_key": "id",
        "write_disposition": {"disposition": "merge", "strategy": "upsert"},
        "endpoint": {"params": {"limit": 100}},
    },
    "resources": ["artworks"],
})
"""
_WITHOUT_BEGINNING = """
@dlt.resource(name="artworks", primary_key="id", write_disposition="merge")
def artworks(updated=dlt.sources.incremental("updated_at", row_order="desc")):
    client = RESTClient(base_url, headers=AGENT_HEADER, paginator=JSONLinkPaginator("pagination.next_url"),
        data_selector="data")
    for page in client.paginate("artworks", params={"limit": 100}):
        yield list(page)
return artworks
"""
_ONE_BY_ONE = """
client = Client(raise_for_status=False, request_max_attempts=12)
for artwork in artworks:
    if not artwork["image_id"]:
        continue
    response = client.get(f"{iiif_url}/{artwork['image_id']}/full/400,/0/default.jpg", headers=AGENT_HEADER)
    if response.status_code != 404:
        picture, tensor = harmonise_picture(response.content)
        yield make_table("images", [picture_row(artwork, iiif_url, response.content, picture, tensor)])
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("number", "answer"), [(2, _UPSERT), (3, _BY_HAND), (4, _WITHOUT_BEGINNING), (5, _ONE_BY_ONE)])
def test_a_right_answer_passes(number: int, answer: str, real_course: Course, tmp_path: Path) -> None:
    exercise = real_course.find_exercise("follow_along")
    master = real_course.solution_file(exercise.id).read_text(encoding="utf-8")
    solution = {gap.step: gap.code for gap in reversed(find_gaps(master))}
    path = tmp_path / "follow_along.py"
    path.write_text(fill(master, solution | {number: answer}), encoding="utf-8")
    result = check_file(exercise.steps[number - 1], path)
    assert result.outcome is Outcome.PASS, result
