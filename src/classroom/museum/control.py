"""An app for whoever runs the museum: the clock, the faults, the counts. It is served on a port of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom.museum.faults import faults_from_json
from classroom.museum.refusals import Refusal
from classroom.museum.state import Museum

_BODY_MAX_BYTES = 512 * 1024
Control = Callable[[Request], Awaitable[Response]]


def make_control_app(museum: Museum, path: str) -> Starlette:
    """Returns the app with `/day`, `/faults` and `/counts`: GET says how things stand, POST changes them and says so.

    Args:
        museum: What is controlled.
        path: What stands in front of those; who does not know it controls nothing.
    """

    async def move_clock(request: Request) -> Response:
        if request.method == "POST":
            museum.move_to(_read_day(await _read_object(request)))
        return JSONResponse({"day": museum.day})

    async def change_faults(request: Request) -> Response:
        if request.method == "POST":
            museum.set_faults(faults_from_json(await _read_object(request)))
        return JSONResponse(museum.injector.faults.to_json())

    async def count(request: Request) -> Response:
        if request.method == "POST":
            await _read_object(request)
            museum.reset_counts()
        return JSONResponse(museum.counts())

    controls = {"day": move_clock, "faults": change_faults, "counts": count}
    return Starlette(
        routes=[
            Route(f"{path}/{name}", _with_refusals(control), methods=["GET", "POST"])
            for name, control in controls.items()
        ]
    )


def _with_refusals(control: Control) -> Control:
    async def answer(request: Request) -> Response:
        try:
            return await control(request)
        except Refusal as refusal:
            return refusal.to_response()
        except ValueError as error:
            return Refusal(422, "Invalid setting", str(error)).to_response()

    return answer


async def _read_object(request: Request) -> dict[str, Any]:
    """Returns the JSON object in a request's body.

    The content type has to be said, because a browser then asks before it lets a foreign page send one.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "Unsupported media type", "Send `Content-Type: application/json`.")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _BODY_MAX_BYTES:
            raise Refusal(413, "Too large", f"At most {_BODY_MAX_BYTES} bytes.")
    try:
        value = json.loads(bytes(content))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refusal(400, "Invalid syntax", "The body has to be an object in JSON.")
    return value


def _read_day(values: dict[str, Any]) -> int:
    day = values.get("day")
    if set(values) != {"day"} or not isinstance(day, int) or isinstance(day, bool):
        raise ValueError('The clock is moved with {"day": 2}, and nothing else in it.')
    return day
