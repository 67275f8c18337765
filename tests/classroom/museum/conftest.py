"""One museum for all these tests, put back to day 1 and without faults before each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from classroom.museum import RunningMuseum, start_museum

Get = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def open_museum() -> Iterator[RunningMuseum]:
    with start_museum(allowed_hosts=["museum.example"], control_port=0) as running:
        yield running


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def museum(open_museum: RunningMuseum) -> RunningMuseum:
    open_museum.move_to(1)
    open_museum.set_faults()
    open_museum.reset_counts()
    return open_museum


@pytest.fixture
def get(museum: RunningMuseum, http: requests.Session) -> Get:
    """Returns a function that asks the museum for what lies under `/api/v1`."""

    def ask(path: str = "/artworks", headers: dict[str, str] | None = None, **parameters: Any) -> requests.Response:
        return http.get(f"{museum.url}{path}", params=parameters, headers=headers, timeout=20)

    return ask
