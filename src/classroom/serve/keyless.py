"""Where to go, for who opens an exercise by an address without the key: a bookmark, or one of an earlier start."""

from __future__ import annotations

import os

from starlette.types import ASGIApp, Receive, Scope, Send

from classroom.course.workspace import HOME_VARIABLE
from classroom.serve.front_page import render_keyless_page
from classroom.serve.own_page import own_page

_LOGIN = "/auth/login"
"""Where marimo leads everybody who shows no key; it would ask for one, which nobody has seen."""


class TellsTheWay:
    """Answers with the way to the front page where marimo would ask for a password."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or hands it on."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == _LOGIN:
            page = own_page(render_keyless_page(os.environ.get(HOME_VARIABLE, "")), 403)
            await page(scope, receive, send)
        else:
            await self.app(scope, receive, send)
