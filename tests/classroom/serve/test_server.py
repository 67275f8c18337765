"""What the process behind `classroom start` does beside serving pages, which tests/browser looks at."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from real_classroom import copy_course, open_classroom

from classroom.course.progress import FOLDER
from classroom.errors import StartError
from classroom.serve.editor import Editor, check_door
from classroom.serve.running import find_running, remembered

PARSE_IN_THREADS = """
import ast, gc, inspect, sys, threading, time, typing, weakref
from classroom.serve import server

class Cycle:
    def __init__(self):
        self.own = self

source = inspect.getsource(typing)
end = time.monotonic() + 1
failures = []

def parse():
    while time.monotonic() < end and not failures:
        try:
            ast.parse(source)
        except SystemError as error:
            failures.append(error)

server._COLLECT_EVERY_S = 0.02
if "apart" in sys.argv:
    server.collect_garbage_apart()
gc.callbacks.append(lambda *_: sum(range(2000)))
sys.setswitchinterval(1e-5)
garbage = weakref.ref(Cycle())
threads = [threading.Thread(target=parse) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(*failures, "garbage is left" if garbage() else "no garbage")
"""


@pytest.mark.thorough
@pytest.mark.skipif(sys.version_info >= (3, 11, 8), reason="a fault of Python 3.11.0 to 3.11.7")
def test_threads_that_parse_pages_do_not_make_each_other_fail() -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", PARSE_IN_THREADS, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert run("apart") == "no garbage\n"
    assert "AST constructor recursion depth mismatch" in run(), "the fault does not show, so the above proves nothing"


class AnswersAll(BaseHTTPRequestHandler):
    """Answers under every name, as an editor does that could not be guarded."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_an_editor_without_the_door_is_not_opened(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), AnswersAll) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        open_to_all = Editor(f"http://127.0.0.1:{server.server_port}", "token", tmp_path, tmp_path / "log")
        with pytest.raises(StartError, match="expected 400"):
            check_door(open_to_all)
        server.shutdown()


def test_the_address_of_an_open_course_is_its_owner_s_alone_and_gone_with_it(tmp_path: Path) -> None:
    with remembered(tmp_path, "http://127.0.0.1:1/?key=secret"):
        file = tmp_path / FOLDER / "open_at"
        assert "secret" in file.read_text(encoding="utf-8")
        if os.name == "posix":
            assert file.stat().st_mode & 0o077 == 0
        assert find_running(tmp_path) == "", "nobody answers there"
    assert not file.exists()
    assert find_running(tmp_path) == ""


@pytest.mark.parametrize("address", ["", "nonsense", "http://[", "http://127.0.0.1:99999/"])
def test_a_damaged_address_is_no_course(tmp_path: Path, address: str) -> None:
    with remembered(tmp_path, address):
        assert find_running(tmp_path) == ""


@pytest.mark.thorough
def test_a_course_that_is_open_is_offered_and_not_opened_twice(tmp_path: Path) -> None:
    with open_classroom(copy_course(tmp_path, "lessons", "sample_data/dagm_like")) as classroom:
        command = [sys.executable, "-m", "classroom", "start", "--headless"]
        again = subprocess.run(command, cwd=classroom.root, capture_output=True, text=True, timeout=60, check=True)
        assert again.stdout == f"The course is open already at {classroom.opened}\n"
        said = classroom.log.read_text(encoding="utf-8").splitlines()
        assert said[0].startswith("The course is open at http://127.0.0.1:")
