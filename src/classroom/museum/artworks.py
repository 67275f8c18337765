"""One generated artwork: the record as the museum's API writes it, less what only the server knows.

Everything follows from a work's number, the same on every machine; `revision` 1 is the record after a change.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from classroom.museum.brush import pick, whole
from classroom.museum.palettes import Colour, to_hsl
from classroom.museum.pictures import PictureFacts, picture_facts
from classroom.museum.words import (
    CLOTHS,
    DONORS,
    FIGURES,
    FORENAMES,
    GLAZES,
    HOURS,
    LANDS,
    PLACES,
    PLANTS,
    SUBJECTS,
    SURNAMES,
    TRADES,
    VESSELS,
    Trade,
)
from darkroom.sample_data.canvas import Dice

Artwork = dict[str, Any]

_SEED = 1879
_ARTISTS = 60
_SUMMER_TIME = (date(2026, 3, 8), date(2026, 11, 1))
_OLDEST_NIGHT = 300


def make_artwork(number: int, night: date | None, revision: int = 0) -> Artwork:
    """Returns the record of a work.

    Args:
        number: From 0; the id follows from it.
        night: The night in which the museum's import wrote the record; None for one of the 300 before day 1.
        revision: 0 as first published, 1 after a change.
    """
    dice = Dice(_SEED, f"artwork {number}")
    facts = picture_facts(make_image_id(number))
    trade = TRADES[facts.kind]
    artwork_id = make_artwork_id(number)
    return {
        "id": artwork_id,
        "api_model": "artworks",
        "api_link": f"/artworks/{artwork_id}",
        "is_boosted": dice.uniform(0, 1) < 0.05,
        "title": _make_title(dice, facts) + (", after Cleaning" if revision else ""),
        **_picture_fields(number, facts, trade),
        "sound_ids": [],  # as nearly always
        "main_reference_number": f"{whole(dice, 1902, 2024)}.{whole(dice, 1, 990)}",
        **_origin_fields(dice, trade, revision),
        **_material_fields(dice, trade, revision),
        **_term_fields(dice, trade, revision),
        **_written_at(number, night),
    }


def make_artwork_id(number: int) -> int:
    """Returns the id of a work; ids look as scattered as those of a collection that grew for a century."""
    return 4000 + number * 3571 % 9973


def make_image_id(number: int, extra: int = 0) -> str:
    """Returns the image id of a work; `extra` counts its further views from 1."""
    digest = hashlib.blake2b(f"image {number} {extra}".encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest))


def _has_image(number: int) -> bool:
    return number % 12 != 7


def _make_title(dice: Dice, facts: PictureFacts) -> str:
    place, colours = pick(dice, PLACES), facts.palette.name
    titles = {
        "landscape": f"{pick(dice, HOURS)} over {pick(dice, LANDS)}, {place}",
        "colour_field": pick(dice, (f"Untitled ({colours})", f"Field No. {whole(dice, 2, 80)}", f"{colours}, Resting")),
        "tiles": f"Design for a Wall in {pick(dice, (colours, place))}",
        "weaving": f"{pick(dice, CLOTHS)} with {pick(dice, FIGURES)}",
        "vessel": f"{pick(dice, VESSELS)} with {pick(dice, GLAZES)}",
        "plant": f"Study of {pick(dice, ('a', 'a Flowering', 'a Young'))} {pick(dice, PLANTS)}",
    }
    return titles[facts.kind]


def _picture_fields(number: int, facts: PictureFacts, trade: Trade) -> Artwork:
    """Returns what the museum knows of the picture: all of it null or empty for a work without one."""
    if not _has_image(number):
        return {"thumbnail": None, "colorfulness": None, "color": None, "image_id": None, "alt_image_ids": []}
    dice = Dice(_SEED, f"picture {number}")
    hue, saturation, lightness = to_hsl(facts.palette.accent)
    width, height = facts.original_size_px
    thumbnail = {
        "lqip": _dot(facts.palette.accent) if dice.uniform(0, 1) > 0.06 else None,
        "width": width,
        "height": height,
        "alt_text": f"A work made of {pick(dice, trade.mediums).lower()}." if dice.uniform(0, 1) > 0.15 else None,
    }
    color = {
        "h": hue,
        "s": saturation,
        "l": lightness,
        "percentage": round(dice.uniform(2, 48), 4),
        "population": whole(dice, 40, 4000),
    }
    views = whole(dice, 1, 3) if dice.uniform(0, 1) < 0.2 else 0
    return {
        "thumbnail": thumbnail,
        "colorfulness": round(dice.uniform(4, 90), 4),
        "color": color if dice.uniform(0, 1) > 0.08 else None,
        "image_id": make_image_id(number),
        "alt_image_ids": [make_image_id(number, extra) for extra in range(1, views + 1)],
    }


def _dot(colour: Colour) -> str:
    """Returns a data URL of one GIF pixel, which a page shows until the picture has come.

    Source: CompuServe, GIF89a specification; the last line is the LZW code of a single pixel of colour 0.
    """
    header = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(colour) + b"\x00\x00\x00"
    pixel = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    return "data:image/gif;base64," + base64.b64encode(header + pixel).decode()


def _origin_fields(dice: Dice, trade: Trade, revision: int) -> Artwork:
    """Returns who made the work, when and where; each of the three may be unknown."""
    start = whole(dice, *trade.years)
    end = start + pick(dice, (0, 0, 0, 1, 3, 10, 25))
    is_dated = dice.uniform(0, 1) > 0.05
    somewhere = pick(dice, PLACES)
    place = somewhere if dice.uniform(0, 1) > 0.07 or revision else None
    number = whole(dice, 1, _ARTISTS) if dice.uniform(0, 1) > 0.12 else None
    name = None if number is None else _artist_name(number)
    lived = f"{start - 38}–{start + 24}" if start > 1600 else "active there"
    return {
        "date_start": start if is_dated else None,
        "date_end": end if is_dated else None,
        "date_display": _say_years(start, end) if is_dated else "Date unknown",
        "artist_display": f"{name or 'Maker unknown'}\n{place or 'Place unknown'}, {lived}",
        "artist_id": None if number is None else 34000 + number,
        "artist_title": name,
        "artist_ids": [] if number is None else [34000 + number],
        "artist_titles": [] if name is None else [name],
        "place_of_origin": place,
        "is_public_domain": is_dated and end < 1930,
    }


def _artist_name(number: int) -> str:
    dice = Dice(_SEED, f"artist {number}")
    return f"{pick(dice, FORENAMES)} {pick(dice, SURNAMES)}"


def _say_years(start: int, end: int) -> str:
    years = f"{abs(start)}" if start == end else f"{abs(start)}–{abs(end)}"
    return f"{years} BCE" if end < 0 else years


def _material_fields(dice: Dice, trade: Trade, revision: int) -> Artwork:
    medium = pick(dice, trade.mediums)
    width, height = round(dice.uniform(8, 210), 1), round(dice.uniform(8, 210), 1)
    depth = width if trade.type_title == "Vessel" else None
    parts: list[Artwork] = [{"depth_cm": depth, "width_cm": width, "height_cm": height, "clarification": None}]
    if dice.uniform(0, 1) < 0.3 and depth is None:
        framed = {"width_cm": round(width + 6, 1), "height_cm": round(height + 6, 1)}
        parts.append({**parts[0], **framed, "clarification": "With frame"})
    description = f"<p>{medium}. Nobody remembers who asked for it.</p>" if dice.uniform(0, 1) < 0.15 else None
    return {
        "description": "<p>Cleaned and studied anew.</p>" if revision else description,
        "dimensions": f"{height} × {width} cm",
        "dimensions_detail": parts,
        "medium_display": medium,
        "credit_line": pick(dice, DONORS),
        "artwork_type_title": trade.type_title,
        "department_title": pick(dice, trade.departments),
    }


def _term_fields(dice: Dice, trade: Trade, revision: int) -> Artwork:
    styles = [pick(dice, trade.styles)] if dice.uniform(0, 1) < 0.6 else []
    subjects = sorted({pick(dice, SUBJECTS) for _ in range(whole(dice, 0, 4))})
    terms = [trade.type_title.lower(), *styles, *subjects]
    return {
        "style_titles": styles,
        "subject_titles": subjects,
        "term_titles": [*terms, "conservation"] if revision else terms,
    }


def _written_at(number: int, night: date | None) -> Artwork:
    """Returns when the record was changed at its source, taken over, and written.

    The import runs in the evening, so the texts sort as the moments do even where the clocks are put back.
    """
    dice = Dice(_SEED, f"written {number} {night}")
    night = night or date(2026, 11, 15) - timedelta(days=whole(dice, 0, _OLDEST_NIGHT))
    updated = timedelta(seconds=whole(dice, 18 * 3600, 23 * 3600 + 40 * 60))
    return {
        "source_updated_at": _moment(night, updated - timedelta(days=whole(dice, 1, 40))),
        "updated_at": _moment(night, updated),
        "timestamp": _moment(night, updated + timedelta(seconds=whole(dice, 60, 900))),
    }


def _moment(night: date, after: timedelta) -> str:
    """Returns ISO 8601 with the offset of the museum's clocks, without a time zone database: Windows has none."""
    moment = datetime.combine(night, time()) + after
    hours = -5 if _SUMMER_TIME[0] <= moment.date() < _SUMMER_TIME[1] else -6
    return moment.replace(tzinfo=timezone(timedelta(hours=hours))).isoformat()
