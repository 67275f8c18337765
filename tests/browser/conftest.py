"""A classroom as `classroom start` serves it, and a real Chromium before it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from windows import PROJECT, Classroom, Visit, free_port, wait_for_address

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
    root = tmp_path_factory.mktemp("course")
    for folder in ("lessons", "exercises", "solutions", "sample_data"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__marimo__", "__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", root)
    port, log = free_port(), root / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "classroom", "start", "--headless", "--port", str(port)],
            cwd=root,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={key: value for key, value in os.environ.items() if key != "CLASSROOM_ROOT"},
        )
        try:
            yield Classroom(wait_for_address(log, process), root, log)
        finally:
            process.terminate()
            process.wait(timeout=30)
    said = log.read_text(encoding="utf-8") + (root / ".classroom" / "editor.log").read_text(encoding="utf-8")
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
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    """Returns a function that opens a window of its own; each must have asked nobody off this machine."""
    visits: list[Visit] = []

    def open_window(width: int = 1280, height: int = 800) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        new = Visit(page)
        page.on("request", lambda request: new.requests.append(request.url))
        page.on("pageerror", lambda error: new.failures.append(str(error)))
        visits.append(new)
        return new

    yield open_window
    for new in visits:
        new.page.context.close()
    assert not set().union(*(new.strangers() for new in visits))
    assert not [failure for new in visits for failure in new.failures]
