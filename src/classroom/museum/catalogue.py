"""What the museum publishes on each day of the lesson.

Day 1 is a collection. On day 2 some records have changed, some are new, and all have one more field. On day 3
one work is withdrawn, and nothing else moves: a load that only asks for what is newer never hears of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from classroom.museum.artworks import Artwork, make_artwork, make_artwork_id
from darkroom.sample_data.canvas import Dice

_DAYS = (1, 2, 3)
NEW_FIELD = "gallery_title"
"""The field that every record has from day 2 on."""

_FIRST_WORKS = 528
_NEW_WORKS = 14
_NIGHT_BEFORE_DAY_2 = date(2026, 11, 16)
_CHANGED_NUMBERS = range(5, _FIRST_WORKS, 22)
_NEW_NUMBERS = range(_FIRST_WORKS, _FIRST_WORKS + _NEW_WORKS)
_WITHDRAWN_ID = make_artwork_id(100)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is published on one day.

    Attributes:
        works: The records, the one updated last first.
        by_id: The same records by their id.
        image_ids: Ids of all pictures that are to be had, further views included.
    """

    works: tuple[Artwork, ...]
    by_id: dict[int, Artwork]
    image_ids: frozenset[str]


@lru_cache(maxsize=len(_DAYS))
def make_catalogue(day: int) -> Catalogue:
    """Returns what is published on a day; the records are shared and must not be changed.

    Raises:
        ValueError: There is no such day.
    """
    if day not in _DAYS:
        raise ValueError(f"The clock stands at day {_DAYS[0]} to {_DAYS[-1]}, and cannot be moved to {day!r}.")
    works = [make_artwork(number, None) for number in range(_FIRST_WORKS)]
    if day >= 2:
        works = _as_on_day_2(works)
    if day >= 3:
        works = [work for work in works if work["id"] != _WITHDRAWN_ID]
    works.sort(key=lambda work: (work["updated_at"], work["id"]), reverse=True)
    images = {work["image_id"] for work in works if work["image_id"]}
    views = {image_id for work in works for image_id in work["alt_image_ids"]}
    return Catalogue(tuple(works), {work["id"]: work for work in works}, frozenset(images | views))


def _as_on_day_2(works: list[Artwork]) -> list[Artwork]:
    changed = {number: make_artwork(number, _NIGHT_BEFORE_DAY_2, revision=1) for number in _CHANGED_NUMBERS}
    kept = [changed.get(number, work) for number, work in enumerate(works)]
    new = [make_artwork(number, _NIGHT_BEFORE_DAY_2) for number in _NEW_NUMBERS]
    return [{**work, NEW_FIELD: _choose_gallery(work["id"])} for work in kept + new]


def _choose_gallery(artwork_id: int) -> str | None:
    dice = Dice(2, f"gallery {artwork_id}")
    return f"Gallery {int(dice.uniform(1, 40))}" if dice.uniform(0, 1) < 0.4 else None
