"""A classroom as `classroom start` serves it, and a real Chromium before it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from real_classroom import PROJECT, Classroom, copy_course, open_classroom
from windows import Visit

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
TIMEOUT_MS = 60_000

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (`uv sync` does it)")


@pytest.fixture(scope="session")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """`classroom start --headless` on a copy of the course; at the end its logs must hold no traceback."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (on Debian: `apt-get install chromium`)")
    root = copy_course(tmp_path_factory.mktemp("course"), "lessons", "exercises", "solutions", "sample_data")
    shutil.copy(PROJECT / "pyproject.toml", root)
    with open_classroom(root) as running:
        yield running
    said = running.log.read_text(encoding="utf-8") + running.editor_log.read_text(encoding="utf-8")
    assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, classroom: Classroom) -> Iterator[Callable[..., Visit]]:
    """Returns a function that opens a window of its own, which has the start key unless told otherwise.

    Each must have asked nobody off this machine.
    """
    visits: list[Visit] = []

    def open_window(width: int = 1280, height: int = 800, *, has_key: bool = True) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        new = Visit(page)
        page.on("request", lambda request: new.requests.append(request.url))
        page.on("pageerror", lambda error: new.failures.append(str(error)))
        visits.append(new)
        if has_key:
            page.goto(classroom.opened)
        return new

    yield open_window
    for new in visits:
        new.page.context.close()
    assert not set().union(*(new.strangers() for new in visits))
    assert not [failure for new in visits for failure in new.failures]
