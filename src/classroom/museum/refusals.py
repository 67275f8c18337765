"""How the museum says no.

The words and the codes are those of the museum's own server where it has any (`Invalid limit`, `Invalid syntax`,
`Invalid number of ids`, `Not found`, `Method not allowed`). Two things differ: it takes a page that is no number
for page 1, and words a 429 as an unknown error; here both say what is wrong.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response


class Refusal(Exception):  # noqa: N818 - an answer like any other, and nobody's fault
    """An answer that is not what was asked for.

    Attributes:
        status: The HTTP status of the answer.
        error: What is wrong, in two words.
        detail: What is wrong, and what would be right.
        headers: HTTP headers that the answer has besides the usual ones.
    """

    def __init__(self, status: int, error: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.error, self.detail, self.headers = status, error, detail, headers or {}

    def to_response(self, is_text: bool = False) -> Response:
        """Returns the response: an object in JSON, or plain text as image servers have it."""
        if is_text:
            return PlainTextResponse(f"{self.error}: {self.detail}\n", self.status, self.headers)
        body = {"status": self.status, "error": self.error, "detail": self.detail}
        return JSONResponse(body, self.status, self.headers)


def big_limit() -> Refusal:
    """Returns the refusal of more works a page than the museum hands out."""
    return Refusal(403, "Invalid limit", "You have requested too many resources per page. Please set a smaller limit.")


def too_many_ids() -> Refusal:
    """Returns the refusal of more ids than the museum looks up at once."""
    return Refusal(403, "Invalid number of ids", "You have requested too many resources. Please set a smaller limit.")


def bad_identifier() -> Refusal:
    """Returns the refusal of an id that is no number."""
    return Refusal(400, "Invalid syntax", "The identifier syntax is invalid.")


def bad_number(name: str, low: int) -> Refusal:
    """Returns the refusal of a page or a limit that is no number."""
    return Refusal(400, "Invalid syntax", f"The parameter `{name}` takes a whole number from {low} on.")


def not_found() -> Refusal:
    """Returns the refusal of what is not there."""
    return Refusal(404, "Not found", "The item you requested cannot be found.")


def too_many_requests(wait_s: int) -> Refusal:
    """Returns the refusal of a client that has used up its minute."""
    return Refusal(429, "Too many requests", f"Wait {wait_s} s before you ask again.", {"Retry-After": str(wait_s)})


def unavailable() -> Refusal:
    """Returns the refusal that a fault asks for."""
    return Refusal(503, "Service unavailable", "The museum cannot answer just now. Ask again.")


async def answer_http_error(_: Request, error: Exception) -> Response:
    """Words what the routing refuses the way the museum does."""
    status = getattr(error, "status_code", 500)
    if status == 404:
        return not_found().to_response()
    if status == 405:
        headers = getattr(error, "headers", None)
        return Refusal(405, "Method not allowed", "This HTTP method is not allowed.", headers).to_response()
    return Refusal(status, "Sorry, something went wrong.", "The museum does not understand.").to_response()
