"""Endpoints for whoever runs the museum: the clock, the faults, the counts. Only this machine may use them."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom.museum.faults import faults_from_json
from classroom.museum.refusals import Refusal
from classroom.museum.state import Museum

_BODY_MAX_BYTES = 512 * 1024
Control = Callable[[Request], Awaitable[Response]]


def make_control_routes(museum: Museum) -> list[Route]:
    """Returns the routes under `/control`: GET says how things stand, POST changes them and says the same."""

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
    path = f"{museum.base_path}/control"
    return [
        Route(f"{path}/{name}", _for_this_machine(control), methods=["GET", "POST"])
        for name, control in controls.items()
    ]


def _for_this_machine(control: Control) -> Control:
    async def guarded(request: Request) -> Response:
        try:
            if not _is_this_machine(request):
                raise Refusal(403, "Forbidden", "Only the machine that the museum runs on may do this.")
            return await control(request)
        except Refusal as refusal:
            return refusal.to_response()
        except ValueError as error:
            return Refusal(422, "Invalid setting", str(error)).to_response()

    return guarded


def _is_this_machine(request: Request) -> bool:
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


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
