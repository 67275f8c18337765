"""The museum as a web application: its routes, and what every answer goes through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from classroom.museum.answers import API_PATH, IIIF_PATH, Body, make_image_info, make_json_body, make_page, make_single
from classroom.museum.control import make_control_routes
from classroom.museum.openapi import make_openapi
from classroom.museum.pictures import WIDTHS_PX
from classroom.museum.questions import read_artwork_id, read_fields, read_question, read_root
from classroom.museum.refusals import Refusal, answer_http_error, not_found, too_many_requests, unavailable
from classroom.museum.shelf import Shelf
from classroom.museum.state import Museum

Answer = Callable[[Request], Awaitable[Body]]

_SIZES = {f"{width},": width for width in WIDTHS_PX}
# the museum lets web pages of other hosts read its answers
_HEADERS = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}


def make_app(museum: Museum) -> Starlette:
    """Return the application of a museum; it may be mounted under a path of another one."""
    desk = _Desk(museum)
    base = museum.base_path
    image = f"{base}{IIIF_PATH}/{{image_id}}"
    routes = [
        Route(f"{base}{API_PATH}/artworks", desk.serving("pages", desk.page)),
        Route(f"{base}{API_PATH}/artworks/{{id}}", desk.serving("artworks", desk.single)),
        Route(f"{image}/info.json", desk.serving("image_infos", desk.image_info)),
        Route(f"{image}/{{region}}/{{size}}/{{rotation}}/{{file}}", desk.serving("images", desk.picture)),
        Route(f"{base}/openapi.json", desk.describe),
        *make_control_routes(museum),
    ]
    handlers = {HTTPException: answer_http_error, Exception: answer_http_error}
    return Starlette(routes=routes, exception_handlers=handlers)


class _Desk:
    """Answers the requests of one museum."""

    def __init__(self, museum: Museum) -> None:
        self.museum, self.shelf = museum, Shelf()

    def serving(self, kind: str, answer: Answer) -> Callable[[Request], Awaitable[ASGIApp]]:
        """Return an endpoint that counts, lets go wrong what is to go wrong, and answers the rest."""

        async def endpoint(request: Request) -> ASGIApp:
            museum = self.museum
            museum.asked[kind] += 1
            try:
                await _let_go_wrong(museum, request)
                response = _respond(request, await answer(request))
            except Refusal as refusal:
                response = refusal.to_response(is_text=kind.startswith("image"))
            museum.statuses[response.status_code] += 1
            if response.status_code == 200 and request.method == "GET" and museum.course.is_truncated():
                museum.asked["truncated"] += 1
                return _HalfAnswer(response)
            return response

        return endpoint

    async def page(self, request: Request) -> Body:
        question = read_question(request.query_params)
        return make_page(self.museum.day, self._wrong_type_ids(), self._root(request), question)

    async def single(self, request: Request) -> Body:
        artwork_id, fields = read_artwork_id(request.path_params["id"]), read_fields(request.query_params)
        return make_single(self.museum.day, self._wrong_type_ids(), self._root(request), artwork_id, fields)

    async def image_info(self, request: Request) -> Body:
        return make_image_info(self._root(request), self._image_id(request))

    async def picture(self, request: Request) -> Body:
        asked = request.path_params
        image_id, width_px = self._image_id(request), _SIZES.get(asked["size"])
        if width_px is None or (asked["region"], asked["rotation"], asked["file"]) != ("full", "0", "default.jpg"):
            sizes = ", ".join(_SIZES)
            detail = f"Pictures are to be had as full/{{size}}/0/default.jpg, with one of the sizes {sizes}"
            raise Refusal(400, "Invalid syntax", detail)
        found = self.shelf.find(image_id, width_px)
        if found is not None:
            return found
        return await run_in_threadpool(self.shelf.find_or_draw, image_id, width_px)

    async def describe(self, request: Request) -> Response:
        try:
            return _respond(request, make_json_body(make_openapi(self._root(request))))
        except Refusal as refusal:
            return refusal.to_response()

    def _root(self, request: Request) -> str:
        return read_root(request, self.museum.base_path, self.museum.public_url)

    def _wrong_type_ids(self) -> frozenset[int]:
        return self.museum.course.faults.wrong_type_ids

    def _image_id(self, request: Request) -> str:
        image_id = str(request.path_params["image_id"])
        expired = self.museum.course.faults.expired_image_ids
        if image_id not in self.museum.catalogue.image_ids or image_id in expired:
            raise not_found()
        return image_id


async def _let_go_wrong(museum: Museum, request: Request) -> None:
    """Wait, or refuse, if a fault says so."""
    course = museum.course
    client = request.client.host if request.client else ""
    if course.faults.is_counted_by_agent:
        client = request.headers.get("aic-user-agent", client)[:200]
    wait_s = course.seconds_to_wait(client)
    if wait_s:
        raise too_many_requests(wait_s)
    await asyncio.sleep(course.faults.delay_s)
    if course.is_unavailable():
        raise unavailable()


def _respond(request: Request, body: Body) -> Response:
    headers = {**_HEADERS, "ETag": body.etag}
    if _is_known(request.headers.get("if-none-match", ""), body.etag):
        return Response(status_code=304, headers=headers)
    return Response(body.content, 200, headers, body.media_type)


def _is_known(if_none_match: str, etag: str) -> bool:
    """Whether the client has this body already.

    Source: RFC 9110, section 13.1.2, which asks for the weak comparison here.
    """
    known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in known or etag in known


class _HalfAnswer:
    """A response that promises all of its bytes and breaks off after half of them."""

    def __init__(self, whole: Response) -> None:
        self._whole = whole

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        content, headers = bytes(self._whole.body), self._whole.raw_headers
        await send({"type": "http.response.start", "status": self._whole.status_code, "headers": headers})
        # the server closes the connection when an application returns with more of the body to come
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
