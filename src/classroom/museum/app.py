"""The museum as a web application: its routes, and what every answer goes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom.museum.bodies import API_PATH, IIIF_PATH, Body, make_artworks_page, make_image_info, make_single
from classroom.museum.parameters import read_artwork_id, read_artworks_request, read_fields, read_root
from classroom.museum.picture_cache import PictureCache
from classroom.museum.pictures import WIDTHS_PX
from classroom.museum.refusals import Refusal, answer_http_error, not_found, too_many_requests, unavailable
from classroom.museum.state import Museum

MakeBody = Callable[[Request], Awaitable[Body]]
Endpoint = Callable[[Request], Awaitable[Response]]

_SIZES = {f"{width},": width for width in WIDTHS_PX}
# the museum lets web pages of other hosts read its answers
_HEADERS = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}


def make_museum_app(museum: Museum) -> Starlette:
    """Returns the application of a museum; it may be mounted under a path of another one."""
    endpoints = _Endpoints(museum)
    base = museum.base_path
    image = f"{base}{IIIF_PATH}/{{image_id}}"
    routes = [
        Route(f"{base}{API_PATH}/artworks", endpoints.counted("pages", endpoints.page)),
        Route(f"{base}{API_PATH}/artworks/{{id}}", endpoints.counted("artworks", endpoints.single)),
        Route(f"{image}/info.json", endpoints.counted("image_infos", endpoints.image_info)),
        Route(f"{image}/{{region}}/{{size}}/{{rotation}}/{{file}}", endpoints.counted("images", endpoints.picture)),
    ]
    handlers = {HTTPException: answer_http_error, Exception: answer_http_error}
    return Starlette(routes=routes, exception_handlers=handlers)


class _Endpoints:
    """What one museum answers to each kind of request."""

    def __init__(self, museum: Museum) -> None:
        self.museum, self.pictures = museum, PictureCache()

    def counted(self, kind: str, make_body: MakeBody) -> Endpoint:
        """Returns an endpoint that counts its requests, refuses those that a fault says, and answers the rest."""

        async def endpoint(request: Request) -> Response:
            museum = self.museum
            museum.asked[kind] += 1
            try:
                _refuse_by_fault(museum, request)
                response = _respond(request, await make_body(request))
            except Refusal as refusal:
                response = refusal.to_response(is_text=kind.startswith("image"))
            museum.statuses[response.status_code] += 1
            return response

        return endpoint

    async def page(self, request: Request) -> Body:
        wanted = read_artworks_request(request.query_params)
        return make_artworks_page(self.museum.day, self._root(request), wanted)

    async def single(self, request: Request) -> Body:
        artwork_id, fields = read_artwork_id(request.path_params["id"]), read_fields(request.query_params)
        return make_single(self.museum.day, self._root(request), artwork_id, fields)

    async def image_info(self, request: Request) -> Body:
        return make_image_info(self._root(request), self._image_id(request))

    async def picture(self, request: Request) -> Body:
        asked = request.path_params
        image_id, width_px = self._image_id(request), _SIZES.get(asked["size"])
        if width_px is None or (asked["region"], asked["rotation"], asked["file"]) != ("full", "0", "default.jpg"):
            sizes = ", ".join(_SIZES)
            detail = f"Pictures are to be had as full/{{size}}/0/default.jpg, with one of the sizes {sizes}"
            raise Refusal(400, "Invalid syntax", detail)
        found = self.pictures.find(image_id, width_px)
        if found is not None:
            return found
        return await run_in_threadpool(self.pictures.find_or_draw, image_id, width_px)

    def _root(self, request: Request) -> str:
        return read_root(request, self.museum.base_path)

    def _image_id(self, request: Request) -> str:
        image_id = str(request.path_params["image_id"])
        expired = self.museum.injector.faults.expired_image_ids
        if image_id not in self.museum.catalogue.image_ids or image_id in expired:
            raise not_found()
        return image_id


def _refuse_by_fault(museum: Museum, request: Request) -> None:
    """Raises a refusal if a fault says so."""
    injector = museum.injector
    client = request.client.host if request.client else ""
    if injector.faults.is_counted_by_agent:
        client = request.headers.get("aic-user-agent", client)[:200]
    wait_s = injector.seconds_to_wait(client)
    if wait_s:
        raise too_many_requests(wait_s)
    if injector.is_unavailable():
        raise unavailable()


def _respond(request: Request, body: Body) -> Response:
    headers = {**_HEADERS, "ETag": body.etag}
    if _is_known(request.headers.get("if-none-match", ""), body.etag):
        return Response(status_code=304, headers=headers)
    return Response(body.content, 200, headers, body.media_type)


def _is_known(if_none_match: str, etag: str) -> bool:
    """Returns whether the client has this body already.

    Source: RFC 9110, section 13.1.2, which asks for the weak comparison here.
    """
    known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in known or etag in known
