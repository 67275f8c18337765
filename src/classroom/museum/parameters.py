"""What a request asks for: its parameters, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import QueryParams
from starlette.requests import Request

from classroom.museum.refusals import Refusal, bad_identifier, bad_number, big_limit, too_many_ids

LIMIT_DEFAULT = 12
LIMIT_MAX = 100

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PAGE_MAX = 10**9
_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class ArtworksRequest:
    """A request for artworks, read from its parameters.

    Attributes:
        page: Number of the page wanted, from 1.
        limit: How many works a page has.
        fields: Names of the fields wanted; None for all.
        ids: The works wanted; None for a page of all.
        others: Every parameter but `page` and `limit`, for the links to other pages.
    """

    page: int = 1
    limit: int = LIMIT_DEFAULT
    fields: frozenset[str] | None = None
    ids: tuple[int, ...] | None = None
    others: tuple[tuple[str, str], ...] = ()


def read_artworks_request(query: QueryParams) -> ArtworksRequest:
    """Reads what the parameters ask for. Empty ones, and unknown ones, count as not given.

    Raises:
        Refusal: A parameter is out of range or no number.
    """
    others = tuple((name, value) for name, value in query.multi_items() if name not in ("page", "limit"))
    ids = _read_ids(query["ids"]) if query.get("ids") else None
    page, limit = _read_page(query.get("page")), _read_limit(query.get("limit"))
    return ArtworksRequest(page, limit, read_fields(query), ids, others)


def read_fields(query: QueryParams) -> frozenset[str] | None:
    """Returns the names of the fields wanted; None for all."""
    return frozenset(query["fields"].split(",")) if query.get("fields") else None


def read_artwork_id(text: str) -> int:
    """Returns the id in a path.

    Raises:
        Refusal: It is no number.
    """
    number = _read_number(text)
    if number is None:
        raise bad_identifier()
    return number


def read_root(request: Request, base_path: str) -> str:
    """Returns the URL in front of `/api` and `/iiif`, as the client knows it.

    Raises:
        Refusal: The request's `Host` is no host.
    """
    host = request.headers.get("host") or "{}:{}".format(*request.scope.get("server") or ("localhost", 80))
    if not _HOST.fullmatch(host):
        raise Refusal(400, "Invalid syntax", "The header `Host` is not the name of a host.")
    return f"{request.url.scheme}://{host}{request.scope.get('root_path', '')}{base_path}"


def _read_page(text: str | None) -> int:
    number = _read_number(text) if text else 1
    if number is None or not 1 <= number <= _PAGE_MAX:
        raise bad_number("page", 1)
    return number


def _read_limit(text: str | None) -> int:
    number = _read_number(text) if text else LIMIT_DEFAULT
    if number is None:
        raise bad_number("limit", 1)
    if number > LIMIT_MAX:
        raise big_limit()
    # the museum takes 0 for "not given"
    return number or LIMIT_DEFAULT


def _read_ids(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) > LIMIT_MAX:
        raise too_many_ids()
    return tuple(read_artwork_id(part) for part in parts)


def _read_number(text: str) -> int | None:
    """Returns the number that plain digits stand for, cut off far beyond every number in use; None for other text."""
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text.lstrip("0")[:_DIGITS_MAX] or "0")
