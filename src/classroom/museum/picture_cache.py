"""Pictures that were drawn already, so that a room that asks for the same ones waits once."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict

from classroom.museum.bodies import Body, make_body
from classroom.museum.pictures import encode_picture

_LOCKS = 8


class PictureCache:
    """JPEGs by image id and width, the ones asked for last; safe to use from several threads.

    Args:
        capacity_bytes: How much to keep.
    """

    def __init__(self, capacity_bytes: int = 64 * 2**20) -> None:
        self._capacity, self._taken = capacity_bytes, 0
        self._kept: OrderedDict[tuple[str, int], Body] = OrderedDict()
        self._lock = threading.Lock()
        self._drawing = [threading.Lock() for _ in range(_LOCKS)]

    def find(self, image_id: str, width_px: int) -> Body | None:
        """Returns a picture if it was drawn already."""
        with self._lock:
            body = self._kept.get((image_id, width_px))
            if body is not None:
                self._kept.move_to_end((image_id, width_px))
            return body

    def find_or_draw(self, image_id: str, width_px: int) -> Body:
        """Returns a picture; whoever asks for it while it is being drawn waits for that and draws no other."""
        with self._drawing[zlib.crc32(image_id.encode()) % _LOCKS]:
            body = self.find(image_id, width_px)
            if body is None:
                body = make_body(encode_picture(image_id, width_px), "image/jpeg")
                self._keep((image_id, width_px), body)
            return body

    def _keep(self, key: tuple[str, int], body: Body) -> None:
        with self._lock:
            self._kept[key] = body
            self._taken += len(body.content)
            while self._taken > self._capacity:
                _, oldest = self._kept.popitem(last=False)
                self._taken -= len(oldest.content)
