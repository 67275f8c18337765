"""Importing the classroom changes nothing; where it opens a pipeline, dlt is quiet and sends nothing home."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

IMPORT_ALL = """
import importlib, os, pkgutil
import dlt
from darkroom.database.dlt_settings import DLT_DEFAULTS

before = dict(os.environ)
import classroom

for module in pkgutil.walk_packages(classroom.__path__, "classroom."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert dict(os.environ) == before
names = [*DLT_DEFAULTS, "runtime.dlthub_telemetry", "runtime.log_level"]
print({name: dlt.config.get(name) for name in names if dlt.config.get(name) is not None})
"""

LOAD = """
import dlt
from dlt.common import logger
from classroom.course.workspace import session_workspace

workspace = session_workspace()
own = dlt.pipeline("own", destination="duckdb", pipelines_dir=str(workspace.folder))
for pipeline in (own, workspace.pipeline()):
    pipeline.run([{"a": 1}], table_name="t")
logger.warning("dlt warns")
"""


def run_python(code: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNTIME__")} | variables
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=True
    )


@pytest.fixture
def reports() -> Iterator[list[str]]:
    """Opens a server where dlt's makers would be; yields its address, followed by the paths asked for."""
    asked: list[str] = []

    class Tracker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Tracker) as server:
        asked.append(f"http://127.0.0.1:{server.server_port}/track")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield asked
        server.shutdown()


def test_importing_the_classroom_changes_nothing_in_the_process(tmp_path: Path) -> None:
    assert run_python(IMPORT_ALL, tmp_path).stdout.strip() == "{}"


@pytest.mark.thorough
def test_a_lesson_s_pipelines_send_nothing_home_and_say_nothing(tmp_path: Path, reports: list[str]) -> None:
    run = run_python(LOAD, tmp_path, RUNTIME__DLTHUB_TELEMETRY_ENDPOINT=reports[0])
    assert reports[1:] == []
    assert "dlt warns" not in run.stdout + run.stderr


@pytest.mark.thorough
def test_whoever_asks_for_telemetry_and_logs_gets_them(tmp_path: Path, reports: list[str]) -> None:
    wanted = {"RUNTIME__DLTHUB_TELEMETRY": "true", "RUNTIME__LOG_LEVEL": "WARNING"}
    run = run_python(LOAD, tmp_path, RUNTIME__DLTHUB_TELEMETRY_ENDPOINT=reports[0], **wanted)
    assert reports[1:]
    assert "dlt warns" in run.stdout + run.stderr
