"""Step 5: pictures of works of art, in the same table as those of washers."""

from __future__ import annotations

import hashlib
from typing import Any

import dlt

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks.follow_along.loaded import requests_of
from classroom.checks.follow_along.waiting import skipped_waits
from classroom.course.answers import describe_exception
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace
from classroom.museum import Faults, start_museum
from classroom.museum.catalogue import make_catalogue
from classroom.museum.loading import (
    LESSON_SIZE_PX,
    darkroom_pipeline,
    first_artworks,
    harmonise_picture,
    prepare_database,
    run,
)
from classroom.museum.pictures import encode_picture

_CALL = "pipeline.run(newest_artworks | pictures(iiif_url=...))"
_ARTWORKS = 24
_WIDTH_PX = 400


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Loads the same 24 artworks twice, one of whose pictures has expired, beside the sample data.

    Now and then the museum is unavailable for a moment.
    """
    prepare_database(workspace)
    expired = frozenset({_expected_ids()[1]})
    faults = Faults(expired_image_ids=expired, share_unavailable=0.2, seed=5)
    with skipped_waits() as clock, start_museum(faults=faults, clock=clock) as museum:
        artworks, iiif_url = first_artworks(museum.url, _ARTWORKS)
        problem = _load(workspace, artworks, names["pictures"](iiif_url=iiif_url))
        first, unavailable = _rows(workspace), requests_of(museum).get("status_503", 0)
        if not problem and not first and not museum.request_counts["images"]:
            return EMPTY
        problem = problem or _load(workspace, artworks, names["pictures"](iiif_url=iiif_url))
    sources = dict(workspace.query("SELECT source_dataset, count(*) FROM inspection.images GROUP BY 1"))
    second = _rows(workspace)
    return {"problem": problem, "first": first, "unavailable": unavailable, "second": second, "sources": sources}


def judge(evidence: Evidence) -> CheckResult:
    """Wants one row for each picture there is, uniform, beside both image datasets, and none twice."""
    if evidence["problem"]:
        return _judge_problem(evidence["problem"])
    wanted = {image_id: _tensor_hash(image_id) for image_id in _expected_ids() if image_id != _expected_ids()[1]}
    first = {row["image_id"]: row["sha256"] for row in evidence["first"]}
    missing = len(wanted.keys() - first.keys())
    if 0 < missing <= evidence["unavailable"]:
        return failed(
            "Pictures that the museum has were left out without a word: it had said 503, for a moment.",
            expected=f"{len(wanted)} pictures",
            actual=f"{len(first)} pictures after {evidence['unavailable']} times 503",
            next_step="404 means gone: go on. 503 means later: let dlt's `Client` ask again, as in step 3.",
            call=_CALL,
        )
    if first.keys() != wanted.keys():
        return failed(
            "The table does not hold a row for each picture.",
            expected=f"{len(wanted)} pictures of {_ARTWORKS} artworks",
            actual=f"{len(first)} pictures",
            next_step="Yield a table with the rows of the whole page; leave out only what has no picture.",
            call=_CALL,
        )
    if first != wanted:
        return failed(
            "A tensor is not the harmonised picture.",
            expected=f"{LESSON_SIZE_PX} × {LESSON_SIZE_PX} × 3 bytes, from the picture 400 px wide",
            actual="other bytes",
            next_step="Hand what `harmonise_picture` returns to `picture_row`.",
            call=_CALL,
        )
    if len(evidence["second"]) != len(wanted):
        return failed(
            "The second run loaded pictures again that were there.",
            expected=f"{len(wanted)} rows",
            actual=f"{len(evidence['second'])} rows",
            next_step="Leave the transformer's primary key and its merge as they were handed out.",
            call=f"{_CALL}, twice",
        )
    sources = ", ".join(f"{name} {rows}" for name, rows in sorted(evidence["sources"].items()))
    return passed(f"One table, three sources: {sources}. Whoever trains on it needs not know where a row came from.")


def _judge_problem(problem: str) -> CheckResult:
    """Tells what the museum does from what is wrong in the code."""
    is_of_museum = any(sign in problem for sign in ("HTTPError", "404", "UnidentifiedImageError"))
    return failed(
        "One artwork stopped all the others." if is_of_museum else "Your transformer raised.",
        expected="a load that completes",
        actual=problem,
        next_step="Some artworks have no `image_id`, and an expired picture answers 404: go on with the next."
        if is_of_museum
        else "Read what was raised. `picture_row(artwork, iiif_url, content, picture, tensor)` makes a row, and a "
        'page of artworks one table: `yield make_table("images", rows)`.',
        call=_CALL,
    )


def _load(workspace: Workspace, artworks: list[dict[str, Any]], pictures: Any) -> str:
    newest = dlt.resource([artworks], name="newest", selected=False)
    try:
        run(darkroom_pipeline(workspace), newest | pictures)
    except Exception as error:
        return describe_exception(error)
    return ""


def _rows(workspace: Workspace) -> list[dict[str, str]]:
    found = workspace.query(
        "SELECT replace(filename, '.jpg', ''), image_tensor FROM inspection.images "
        "WHERE source_dataset = 'art' ORDER BY 1"
    )
    return [{"image_id": name, "sha256": hashlib.sha256(tensor).hexdigest()} for name, tensor in found]


def _expected_ids() -> list[str]:
    works = make_catalogue(1).works[:_ARTWORKS]
    return [work["image_id"] for work in works if work["image_id"] is not None]


def _tensor_hash(image_id: str) -> str:
    _, tensor = harmonise_picture(encode_picture(image_id, _WIDTH_PX))
    return hashlib.sha256(tensor).hexdigest()


_PICTURES = """
rows = []
client = Client(raise_for_status={raises}, request_max_attempts=10)
for artwork in artworks:
    {skip}
    response = client.get(f"{{iiif_url}}/{{artwork['image_id']}}/full/400,/0/default.jpg", headers=AGENT_HEADER)
    if response.status_code == 404:
        continue
    picture, tensor = harmonise_picture(response.content)
    rows.append(picture_row(artwork, iiif_url, response.content, picture, {tensor}))
    {each}
yield make_table("images", rows)
"""
_SKIP = 'if artwork["image_id"] is None: continue'

CHECK = StepCheck(
    collect,
    judge,
    wrong_answers=(
        WrongAnswer(
            "an expired picture stops the load",
            _PICTURES.format(raises=True, skip=_SKIP, tensor="tensor", each=""),
            "One artwork stopped all the others",
        ),
        WrongAnswer(
            "whatever is refused left out",
            _PICTURES.format(raises=False, skip=_SKIP, tensor="tensor", each="")
            .replace("client.get(", "requests.get(")
            .replace("response.status_code == 404", "not response.ok"),
            "left out without a word",
        ),
        WrongAnswer(
            "the first picture only",
            _PICTURES.format(raises=False, skip=_SKIP, tensor="tensor", each="break"),
            "does not hold a row for each picture",
        ),
        WrongAnswer(
            "the file in place of the tensor",
            _PICTURES.format(raises=False, skip=_SKIP, tensor="response.content", each=""),
            "A tensor is not the harmonised picture",
        ),
    ),
    demands=(
        "`image_id`",
        '`make_table("images", rows)`',
        "answers `404`",
        "no picture that it has may be lost",
        "`picture_row(artwork, iiif_url, content, picture, tensor)`",
    ),
)
