"""`classroom start`: the front page and the lessons on one port, marimo's editor for the exercises on another.

Both run code, so they are open only to the person who started them: see `classroom.door`.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from classroom.course.progress import FOLDER, read_progress
from classroom.course.registry import Course
from classroom.course.workspace import delete_session_workspaces, set_dlt_defaults
from classroom.door import NeedsKey, StartKey, guard
from classroom.serve.browser import opened_in_browser
from classroom.serve.editor import find_port, run_editor
from classroom.serve.front_page import Link, render_gallery, render_shut_page
from classroom.serve.own_page import HEADERS, own_page, own_text
from classroom.serve.run_of_show import make_run_of_show, render_page
from classroom.serve.running import find_running, remembered

Say = Callable[[str], None]

_GRACE_S = 3
"""How long open pages are waited for at the end."""

_OPENING_S = 2
"""How long a browser may take to read the page that leads to the course."""

_COLLECT_EVERY_S = 1
_FULL_COLLECTION = 60
"""Which of them looks at all objects, and not only at young ones."""


def make_course_app(course: Course, edit: Link, key: StartKey) -> ASGIApp:
    """Returns the front page, the run of show, and each lesson as an app of its own.

    The front page and the lessons are for whoever holds the key; the run of show is for all.

    Args:
        course: The course.
        edit: Gives the address in the editor of a notebook, by its path below the course's folder.
        key: What lets a browser in.
    """

    def front_page(request: Request) -> Response:
        if key.opens(request.query_params.get("key", "")):
            entered = RedirectResponse("/", 303, HEADERS)
            key.hand_over(entered)
            return entered
        if key.is_held_by(request):
            return own_page(render_gallery(course, read_progress(course.root), edit))
        return _shut_page(course, request, 200)

    def run_of_show(request: Request) -> Response:
        start = request.query_params.get("start", datetime.now().strftime("%H:%M"))
        try:
            return own_page(render_page(course, make_run_of_show(course, start)))
        except ValueError:
            return own_text(f"start={start} is no time of day; expected HH:MM, as in ?start=14:00", 400)

    async def shut(scope: Scope, receive: Receive, send: Send) -> None:
        await _shut_page(course, HTTPConnection(scope), 403)(scope, receive, send)

    lessons = marimo.create_asgi_app(quiet=True, include_code=True)
    for lesson in course.lessons:
        lessons = lessons.with_app(path=f"/lessons/{lesson.id}", root=str(course.lesson_file(lesson)))
    routes = [
        Route("/", front_page),
        Route("/run-of-show", run_of_show),
        Route("/health", lambda _: own_text("ok", 200)),
        Mount("/", app=NeedsKey(lessons.build(), key, refusal=shut)),
    ]
    return guard(Starlette(routes=routes))


def _shut_page(course: Course, connection: HTTPConnection, status: int) -> Response:
    """Returns the page for who holds no key.

    A browser keeps the cookie back where a link on another site, or in a mail, led here. So the page asks once more
    from here.
    """
    is_led_here = connection.headers.get("sec-fetch-site") == "cross-site"
    return own_page(render_shut_page(course), status, {"Refresh": "0"} if is_led_here else None)


def start(course: Course, *, port: int, is_headless: bool, say: Say, meanwhile: Callable[[], str]) -> None:
    """Serves the course until Ctrl-C, and then ends the process; one that is open already is shown instead.

    Args:
        course: The course.
        port: The port that is tried first; the next free one is taken.
        is_headless: Whether to open no browser.
        say: Called with what a person should read.
        meanwhile: Called once the course is open, in a thread of its own; says what came of it.

    Raises:
        StartError: No port is free, or the editor does not come up.
    """
    if address := find_running(course.root):
        say(f"The course is open already at {address}")
        if not is_headless:
            with opened_in_browser(address, course.root / FOLDER):
                time.sleep(_OPENING_S)
        return
    set_dlt_defaults()
    own = find_port(port)
    if own != port:
        say(f"Port {port} is taken by another program; this is {own}.")
    key = StartKey.make(own)
    home = f"http://127.0.0.1:{own}/"
    address = f"{home}?{urlencode({'key': key.secret})}"
    with run_editor(course.root, course.root, find_port(own + 1), home) as editor, ExitStack() as stack:
        say(f"The course is open at {address}  (Ctrl-C ends it)")
        stack.enter_context(remembered(course.root, address))
        threading.Thread(target=lambda: say(meanwhile()), name="meanwhile", daemon=True).start()
        if not is_headless:
            stack.enter_context(opened_in_browser(address, editor.log.parent))
        app = make_course_app(course, lambda file: editor.link(course.root / file), key)
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
    with run_editor(course.root, course.root, find_port(port)) as editor, ExitStack() as stack:
        link = editor.link(notebook)
        say(f"The editor is open at {link}  (Ctrl-C ends it)")
        if not is_headless:
            stack.enter_context(opened_in_browser(link, editor.log.parent))
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(1)
    say("The editor is closed.")
