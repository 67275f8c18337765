"""What the attendees of a room met → the numbers that are shown; and what should have been there."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from room_attendee import PICTURES, Request, Result, describe_rows, fingerprint_artwork

from classroom.museum.catalogue import make_catalogue
from classroom.museum.loading import harmonise_picture
from classroom.museum.pictures import encode_picture

_WIDTH_PX = 400
_SERVED, _TOO_MANY = 200, 429


@dataclass(frozen=True, slots=True)
class Phase:
    """A step that everybody takes at the same time, and the museum's mood.

    Attributes:
        name: Of the phase.
        step: One of `room_attendee.STEPS`.
        place: Workspace of each attendee; one of its own where it is empty.
        day: Where the museum's clock stands.
        is_limited: Whether the museum refuses too many requests.
        is_counted_by_agent: Whether it tells clients apart by their header, and not by the address they all share.
    """

    name: str
    step: str
    place: str = ""
    day: int = 1
    is_limited: bool = False
    is_counted_by_agent: bool = False


def list_faults(phase: Phase, requests_per_minute: int, minute_s: float) -> dict[str, Any]:
    """What the museum is told to do wrong, as `/faults` of its control takes it."""
    if not phase.is_limited:
        return {}
    return {
        "requests_per_minute": requests_per_minute,
        "minute_s": minute_s,
        "is_counted_by_agent": phase.is_counted_by_agent,
    }


def summarise_phase(
    phase: Phase, results: Sequence[Result], counts: Mapping[str, Any], *, seconds: float, museum_cpu_s: float
) -> Result:
    """Loads, rows, requests, and how long everybody took.

    Args:
        phase: What was done.
        results: What each attendee reports.
        counts: What the museum has counted.
        seconds: From the order to the last report.
        museum_cpu_s: Processor time of the museum.
    """
    asked = [Request(*request) for result in results for request in result["requests"]]
    statuses = {str(status): number for status, number in counts["statuses"].items()}
    met = Counter(str(request.status) for request in asked)
    wanted = expect_rows(phase.step, phase.day)
    return {
        "attendees": len(results),
        "completed": sum("error" not in result for result in results),
        "right": sum(wanted.items() <= result.items() for result in results),
        "rows": wanted["rows"],
        "errors": [result["error"] for result in results if "error" in result],
        "statuses": statuses,
        "met": dict(met),
        "not_asked_for": sum(number for status, number in statuses.items() if status not in _expect_statuses(phase)),
        "requests": len(asked),
        "mean_bytes": sum(request.size_bytes for request in asked) / len(results),
        "seconds": seconds,
        "requests_per_s": len(asked) / _span_s(asked),
        "served_s": _span_s(asked),
        "refusals_in_a_row": max(_count_refusals(result["requests"]) for result in results),
        "attendees_at_once": count_at_once((result["began_s"], result["ended_s"]) for result in results),
        "requests_at_once": count_at_once((request.began_s, request.ended_s) for request in asked),
        "step_s": _spread([result["ended_s"] - result["began_s"] for result in results]),
        "answer_s": _spread([request.ended_s - request.began_s for request in asked if request.status == _SERVED]),
        "attendee_cpu_s": sum(result["cpu_s"] for result in results) / len(results),
        "museum_cpu_s": museum_cpu_s,
        "own_memory_bytes": max((result.get("own_memory_bytes", 0) for result in results), default=0),
    }


@lru_cache
def expect_rows(step: str, day: int) -> Result:
    """What every attendee has to have after a step, from the catalogue that the museum publishes on a day."""
    works = make_catalogue(day).works
    if step != "pictures":
        return describe_rows(map(fingerprint_artwork, works))
    pictures = [(work["id"], work["image_id"]) for work in works[:PICTURES] if work["image_id"]]
    return describe_rows((f"art/{number}", _hash_tensor(image_id)) for number, image_id in pictures)


def _hash_tensor(image_id: str) -> str:
    return hashlib.sha256(harmonise_picture(encode_picture(image_id, _WIDTH_PX))[1]).hexdigest()


def count_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """The most spans, from their beginning to their end, that cover one moment."""
    turns = sorted((moment, change) for span in spans for moment, change in zip(span, (1, -1), strict=True))
    most = now = 0
    for _, change in turns:
        now += change
        most = max(most, now)
    return most


def _expect_statuses(phase: Phase) -> set[str]:
    return {str(_SERVED), str(_TOO_MANY)} if phase.is_limited else {str(_SERVED)}


def _span_s(asked: Sequence[Request]) -> float:
    """From the first request to the end of the last answer."""
    return max(request.ended_s for request in asked) - min(request.began_s for request in asked)


def _count_refusals(asked: Iterable[Sequence[float]]) -> int:
    """The most times in a row that one attendee was told to wait."""
    statuses = (request[2] for request in asked)
    return max((len(list(run)) for status, run in groupby(statuses) if status == _TOO_MANY), default=0)


def _spread(values: Sequence[float]) -> dict[str, float]:
    """Half of the values are up to `p50`, 95 of 100 up to `p95`."""
    ordered = sorted(values)
    ranks = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    return {name: ordered[math.ceil(share * len(ordered)) - 1] for name, share in ranks.items()}
