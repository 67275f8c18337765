"""Who may come in: what each server of the classroom looks at before it answers.

A page that can run code is open only to the person who started it. The start key proves that: it stands in the address
that is printed, and after that in a cookie. A name that is not this server's, as a page would use that lets its own
name point here, is refused; so is what a page from elsewhere sends.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""The names under which this machine reaches itself, as they stand in a `Host` header."""

_HOST_NAME = re.compile(r"[0-9A-Za-z_.-]+|\[[0-9A-Fa-f:.]+\]")
_REQUESTS = ("http", "websocket")


def guard(app: ASGIApp, hosts: Iterable[str] = ()) -> ASGIApp:
    """Returns an app that answers its own names only (others: 400), and its own pages only (others: 403).

    Args:
        app: What is guarded.
        hosts: Its names besides those of loopback.
    """
    return guard_names(OwnPages(app), hosts)


def guard_names(app: ASGIApp, hosts: Iterable[str] = ()) -> ASGIApp:
    """Returns an app that answers its own names only; pages from elsewhere may read what it says.

    Args:
        app: What is guarded.
        hosts: Its names besides those of loopback.
    """
    return OwnNames(app, [*LOOPBACK_NAMES, *hosts], www_redirect=False)


def check_host(name: str) -> str:
    """Returns the name of a host as a `Host` header has it: without a port, IPv6 in brackets.

    Raises:
        ValueError: It is none.
    """
    name = f"[{name}]" if ":" in name and not name.startswith("[") else name
    if not _HOST_NAME.fullmatch(name):
        raise ValueError(f"A host is named like laptop.local or 192.168.0.7, without a port, and not {name!r}.")
    return name


class OwnNames(TrustedHostMiddleware):
    """Refuses requests for another name; the address that was really connected to is always the server's own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or hands it on."""
        if scope["type"] in _REQUESTS and _names_its_address(scope):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class OwnPages:
    """Refuses what a page from elsewhere sends; whoever is no page at all (`curl`, a pipeline) says no origin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or hands it on."""
        if scope["type"] in _REQUESTS and not _is_from_own_page(scope):
            refusal = "This was sent by another page, which may not. Open the page at this address and try again there."
            await PlainTextResponse(refusal, 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class StartKey:
    """The secret that lets a browser in.

    Attributes:
        secret: What has to be shown.
        cookie: Name of the cookie that holds it; browsers keep one jar for all ports of a host.
    """

    secret: str = field(repr=False)
    cookie: str

    @classmethod
    def make(cls, port: int) -> StartKey:
        """Returns a new key for the server on a port."""
        return cls(secrets.token_urlsafe(24), f"classroom_{port}")

    def opens(self, shown: str) -> bool:
        """Returns whether this is the secret."""
        return secrets.compare_digest(shown.encode("utf-8", "replace"), self.secret.encode())

    def is_held_by(self, connection: HTTPConnection) -> bool:
        """Returns whether a request or a WebSocket carries the cookie."""
        return self.opens(connection.cookies.get(self.cookie, ""))

    def hand_over(self, response: Response) -> None:
        """Lets a response set the cookie, which no script reads and no other site's page sends along."""
        response.set_cookie(self.cookie, self.secret, httponly=True, samesite="strict")


class NeedsKey:
    """Lets in who holds the start key; answers all others with `refusal`."""

    def __init__(self, app: ASGIApp, key: StartKey, refusal: ASGIApp) -> None:
        self.app, self.key, self.refusal = app, key, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or hands it on."""
        is_shut = scope["type"] in _REQUESTS and not self.key.is_held_by(HTTPConnection(scope))
        await (self.refusal if is_shut else self.app)(scope, receive, send)


def _names_its_address(scope: Scope) -> bool:
    address = (scope.get("server") or ("", 0))[0].removeprefix("::ffff:")
    host = Headers(scope=scope).get("host", "")
    bare = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    return bool(address) and bare == (f"[{address}]" if ":" in address else address)


def _is_from_own_page(scope: Scope) -> bool:
    """Returns whether a request comes from a page of this server, or from no page at all.

    Besides `Origin`, which a page's plain GET lacks, it reads what browsers say of where a request comes from: a page
    from elsewhere may lead here, and neither load nor frame what is here.

    Source: https://www.w3.org/TR/fetch-metadata/
    """
    headers = Headers(scope=scope)
    scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
    own = f"{scheme}://{headers.get('host')}"
    if headers.get("origin", own).lower() != own.lower():
        return False
    is_elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    is_led_here = headers.get("sec-fetch-dest") == "document" and scope.get("method") == "GET"
    return scope["type"] == "websocket" or is_led_here or not is_elsewhere
