"""A room full of clients, and clients that send nonsense."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classroom.museum import RunningMuseum

CLIENTS = 60
LAPS = 3


@pytest.mark.thorough
def test_sixty_clients_at_once_meet_no_error_that_was_not_asked_for(museum: RunningMuseum) -> None:
    """Each walks three laps, and fetches a work and a picture in each: some thousand requests in all."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        results = list(pool.map(attend, [museum.url] * CLIENTS, range(CLIENTS)))
    statuses = sum(results, Counter())
    assert set(statuses) == {200}
    assert statuses[200] == museum.request_counts["statuses"][200] > 1000
    assert museum.request_counts["pages"] == CLIENTS * LAPS * 3


def attend(url: str, seat: int) -> Counter[int]:
    """Return the statuses one client met.

    Reads with the standard library, which leaves more of the machine to the server.
    """
    statuses: Counter[int] = Counter()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def get(address: str) -> bytes:
        parts = urlsplit(address)
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"AIC-User-Agent": f"seat {seat}"})
        answer = connection.getresponse()
        content = answer.read()
        assert len(content) == int(answer.headers["Content-Length"])
        statuses[answer.status] += 1
        return content

    for lap in range(LAPS):
        page = json.loads(get(f"{url}/artworks?limit=100&page={lap + 1}"))
        get(f"{url}/artworks?limit=10&page={lap + 1 + seat}&fields=id,title")
        get(f"{url}/artworks?ids={page['data'][0]['id']}")
        work = next(work for work in page["data"] if work["image_id"])
        get(f"{url}/artworks/{work['id']}")
        get(f"{page['config']['iiif_url']}/{work['image_id']}/full/200,/0/default.jpg")
        get(f"{page['config']['iiif_url']}/{work['image_id']}/info.json")
    connection.close()
    return statuses


nonsense = st.one_of(st.text(max_size=40), st.integers().map(str), st.sampled_from(["", "0", "%00", "-0", "1e3", "²"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parameters=st.dictionaries(
        st.sampled_from(["page", "limit", "fields", "ids", "q", "fields[]"]) | st.text(max_size=10), nonsense
    ),
    tail=st.sampled_from(["", "/"]) | nonsense.map(lambda text: "/" + quote(text, safe="")),
)
def test_no_parameters_and_no_path_make_the_api_fail(
    museum: RunningMuseum, http: requests.Session, parameters: dict[str, str], tail: str
) -> None:
    answer = http.get(f"{museum.url}/artworks{tail}", params=parameters, timeout=20)
    assert answer.status_code in (200, 400, 403, 404)
    assert ("data" in answer.json()) == (answer.status_code == 200)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(nonsense.map(lambda text: quote(text, safe="")), min_size=1, max_size=6))
def test_no_path_makes_the_image_server_fail(museum: RunningMuseum, http: requests.Session, parts: list[str]) -> None:
    answer = http.get(f"{museum.iiif_url}/{'/'.join(parts)}", timeout=20)
    assert 400 <= answer.status_code < 500


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["Host", "If-None-Match", "AIC-User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "Range"]),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60),
)
def test_no_header_makes_it_fail(museum: RunningMuseum, http: requests.Session, name: str, value: str) -> None:
    headers = {name: value.strip().encode("latin-1")}
    answer = http.get(f"{museum.url}/artworks", headers=headers, params={"limit": 1}, timeout=20)
    assert answer.status_code in (200, 304, 400)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    control=st.sampled_from(["day", "faults"]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["day", "minute_s", "share_unavailable", "expired_image_ids", "seed"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=6,
    ),
)
def test_no_setting_makes_the_controls_fail(
    museum: RunningMuseum, http: requests.Session, control: str, value: object
) -> None:
    url = f"{museum.control_url}/{control}"
    answer = http.post(url, data=json.dumps(value), headers={"Content-Type": "application/json"}, timeout=20)
    museum.set_faults()
    assert answer.status_code in (200, 400, 422)
