"""`classroom start`: the front page and the lessons on one port, marimo's editor for the exercises on another."""

from __future__ import annotations

import gc
import itertools
import os
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route

from classroom.course.progress import read_progress
from classroom.course.registry import Course
from classroom.course.workspace import delete_session_workspaces, set_dlt_defaults
from classroom.serve.editor import find_port, run_editor
from classroom.serve.front_page import render_gallery
from classroom.serve.run_of_show import make_run_of_show, render_page

Say = Callable[[str], None]

_GRACE_S = 3
"""How long open pages are waited for at the end."""

_COLLECT_EVERY_S = 1
_FULL_COLLECTION = 60
"""Which of them looks at all objects, and not only at young ones."""


def make_course_app(course: Course, edit: Callable[[str], str]) -> Starlette:
    """Returns the front page, the run of show, and each lesson as an app of its own.

    Args:
        course: The course.
        edit: Gives the address in the editor of a notebook, by its path below the course's folder.
    """

    def gallery(_: Request) -> HTMLResponse:
        return HTMLResponse(render_gallery(course, read_progress(course.root), edit))

    def run_of_show(request: Request) -> HTMLResponse | PlainTextResponse:
        start = request.query_params.get("start", datetime.now().strftime("%H:%M"))
        try:
            return HTMLResponse(render_page(course, make_run_of_show(course, start)))
        except ValueError:
            return PlainTextResponse(f"start={start} is no time of day; expected HH:MM, as in ?start=14:00", 400)

    lessons = marimo.create_asgi_app(quiet=True, include_code=True)
    for lesson in course.lessons:
        lessons = lessons.with_app(path=f"/lessons/{lesson.id}", root=str(course.lesson_file(lesson)))
    return Starlette(
        routes=[
            Route("/", gallery),
            Route("/run-of-show", run_of_show),
            Route("/health", lambda _: PlainTextResponse("ok")),
            Mount("/", app=lessons.build()),
        ]
    )


def start(course: Course, *, port: int, is_headless: bool, say: Say) -> NoReturn:
    """Serves the course until Ctrl-C, and then ends the process.

    Args:
        course: The course.
        port: The port that is tried first; the next free one is taken.
        is_headless: Whether to open no browser.
        say: Called with what a person should read.

    Raises:
        StartError: No port is free, or the editor does not come up.
    """
    set_dlt_defaults()
    own = find_port(port)
    with run_editor(course.root, course.root, find_port(own + 1)) as editor:
        address = f"http://127.0.0.1:{own}"
        say(f"The course is open at {address}  (Ctrl-C ends it)")
        if not is_headless:
            _open_when_ready(address)
        app = make_course_app(course, lambda file: editor.link(course.root / file))
        collect_garbage_apart()
        # to be asked to end is no error
        with suppress(KeyboardInterrupt, SystemExit):
            uvicorn.run(app, host="127.0.0.1", port=own, log_level="warning", timeout_graceful_shutdown=_GRACE_S)
    say("The course is closed.")
    _leave()


def collect_garbage_apart() -> None:
    """Gives the garbage collector a thread of its own, for good, where Python is older than 3.11.8.

    There, a thread that parses Python must not be interrupted by another one that parses, or `ast.parse` fails with a
    SystemError; and the collector, run by the thread that makes objects, lets others in. marimo parses each page's
    notebook and each of its cells, all in threads of this process. A second call would start a second thread.

    Source: https://github.com/python/cpython/issues/106905
    """
    if sys.version_info >= (3, 11, 8):
        return
    gc.disable()
    threading.Thread(target=_collect_garbage, name="garbage", daemon=True).start()


def _collect_garbage() -> None:
    for count in itertools.count(1):
        time.sleep(_COLLECT_EVERY_S)
        gc.collect(1 if count % _FULL_COLLECTION else 2)


def _leave() -> NoReturn:
    """Ends the process at once: marimo's kernels are threads, waited for as long as a page may come back."""
    delete_session_workspaces()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def edit(course: Course, notebook: Path, *, port: int, is_headless: bool, say: Say) -> None:
    """Opens one notebook in the editor and stays until Ctrl-C.

    Raises:
        StartError: No port is free, or the editor does not come up.
    """
    with run_editor(course.root, course.root, find_port(port)) as editor:
        link = editor.link(notebook)
        say(f"Open at {link}  (Ctrl-C ends it)")
        if not is_headless:
            webbrowser.open(link)
        while True:
            time.sleep(1)


def _open_when_ready(address: str) -> None:
    timer = threading.Timer(1.0, webbrowser.open, [address])
    timer.daemon = True
    timer.start()
