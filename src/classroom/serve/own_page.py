"""Pages that the classroom makes itself, with the headers that keep a browser from more than showing them."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from starlette.responses import HTMLResponse, PlainTextResponse

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""They are kept nowhere, as they may hold the editor's token, and no link tells where it was."""

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def own_page(html: str, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """Returns a page that has its styles in it, and for the rest loads nothing, runs nothing and is framed by nobody.

    Args:
        html: The page.
        status: The HTTP status.
        headers: HTTP headers besides those of all own pages.
    """
    digests = [b64encode(sha256(style.encode()).digest()).decode() for style in _STYLE.findall(html)]
    styles = "".join(f" 'sha256-{digest}'" for digest in digests) or " 'none'"
    policy = f"{_NOTHING}; img-src data:; style-src{styles}"
    return HTMLResponse(html, status, {**HEADERS, "Content-Security-Policy": policy, **(headers or {})})


def own_text(text: str, status: int) -> PlainTextResponse:
    """Returns a line of text with the same headers."""
    return PlainTextResponse(text, status, {**HEADERS, "Content-Security-Policy": _NOTHING})
