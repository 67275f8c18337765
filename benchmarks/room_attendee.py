"""One attendee of the room: a process that runs the follow-along's own pipelines, step by step, when it is told to.

`room.py` starts these. The functions are those of `solutions/follow_along.py`, read from that file.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import dlt
import psutil
import requests

from classroom.course.answers import read_notebook, run_names
from classroom.course.registry import find_course
from classroom.course.workspace import Workspace
from classroom.museum.loading import AGENT_HEADER, darkroom_pipeline, first_artworks, run

PICTURES = 24
"""Artworks that step 5 is given, as in the lesson."""
PROJECT = Path(__file__).parent.parent
_NAMES = ("make_source", "polite_artworks", "make_incremental", "pictures")
_TIMEOUT_S = 120.0
_ASKED = "asked.json"

Rows = Sequence[Sequence[Any]]
"""What a step left behind: the key of each row, and something that tells whether the rest is right."""
Result = dict[str, Any]


class Request(NamedTuple):
    """One request as the attendee met it; times are those of `time.perf_counter`, which processes share.

    Attributes:
        began_s: When it was sent.
        ended_s: When the answer had been read to its end.
        status: Of the answer; 0 where there was none.
        size_bytes: Of the answer's body.
    """

    began_s: float
    ended_s: float
    status: int
    size_bytes: int


class Attendee:
    """Somebody with a laptop: a name for the museum, a folder, and the solutions of the follow-along."""

    def __init__(self, seat: int, url: str, folder: Path) -> None:
        AGENT_HEADER["AIC-User-Agent"] = f"attendee {seat} (load test of the room)"
        notebook = read_notebook(find_course(PROJECT).root / "solutions" / "follow_along.py")
        self.names, self.url, self._folder = run_names(notebook, _NAMES), url, folder

    def take(self, step: str, place: str) -> Result:
        """Runs a step in the workspace called `place`; says how long it took, and what is there then.

        A step that fails is a result with `error`: the room goes on.
        """
        workspace = Workspace(self._folder / place)
        workspace.folder.mkdir(parents=True, exist_ok=True)
        take, read_rows = STEPS[step]
        result: Result = {}
        with _watch_requests() as result["requests"]:
            result["began_s"], cpu_s = time.perf_counter(), time.process_time()
            try:
                take(self, workspace)
            except Exception as error:
                result["error"] = f"{type(error).__name__}: {error}"
            result["ended_s"], result["cpu_s"] = time.perf_counter(), time.process_time() - cpu_s
        if "error" in result:
            return result
        return result | describe_rows(read_rows(workspace)) | {"own_memory_bytes": _own_memory_bytes()}


def take_all_pages(attendee: Attendee, workspace: Workspace) -> None:
    """Step 2: the declared source."""
    run(workspace.pipeline("museum", "museum"), attendee.names["make_source"](attendee.url))


def take_polite(attendee: Attendee, workspace: Workspace) -> None:
    """Step 3: the resource that waits as long as it is told to."""
    run(workspace.pipeline("museum", "museum"), attendee.names["polite_artworks"](attendee.url))


def take_incremental(attendee: Attendee, workspace: Workspace) -> None:
    """Step 4: all of day 1, or what has changed since the last run in this workspace."""
    run(workspace.pipeline("museum", "museum"), attendee.names["make_incremental"](attendee.url))


def take_pictures(attendee: Attendee, workspace: Workspace) -> None:
    """Step 5: the pictures of the newest artworks; without the sample data, which asks nothing of the museum."""
    artworks, iiif_url = first_artworks(attendee.url, PICTURES)
    newest = dlt.resource([artworks], name="newest", selected=False)
    run(darkroom_pipeline(workspace), newest | attendee.names["pictures"](iiif_url=iiif_url))


def ask_only(attendee: Attendee, workspace: Workspace) -> None:
    """All pages and the pictures of step 5, asked for and written down: what the museum can do for cheap clients."""
    artworks: list[dict[str, Any]] = []
    with requests.Session() as session:
        url: str | None = f"{attendee.url}/artworks?limit=100"
        while url:
            page = session.get(url, headers=AGENT_HEADER, timeout=_TIMEOUT_S).json()
            artworks += page["data"]
            url = page["pagination"].get("next_url")
        for artwork in artworks[:PICTURES]:
            if artwork["image_id"]:
                picture_url = f"{page['config']['iiif_url']}/{artwork['image_id']}/full/400,/0/default.jpg"
                session.get(picture_url, headers=AGENT_HEADER, timeout=_TIMEOUT_S).raise_for_status()
    rows = [fingerprint_artwork(artwork) for artwork in artworks]
    (workspace.folder / _ASKED).write_text(json.dumps(rows), encoding="utf-8")


def fingerprint_artwork(artwork: dict[str, Any]) -> tuple[int, int]:
    """The key of an artwork and its last update in seconds since 1970, as `read_artworks` finds it in a database."""
    return artwork["id"], int(datetime.fromisoformat(artwork["updated_at"]).timestamp())


def read_artworks(workspace: Workspace) -> Rows:
    """Artworks in the database of steps 2 to 4."""
    return workspace.query("SELECT id, epoch(updated_at)::BIGINT FROM museum.artworks")


def read_pictures(workspace: Workspace) -> Rows:
    """Pictures in the database of step 5."""
    return workspace.query("SELECT sample_id, sha256(image_tensor) FROM inspection.images")


def read_asked(workspace: Workspace) -> Rows:
    """What `ask_only` wrote down."""
    rows: Rows = json.loads((workspace.folder / _ASKED).read_text(encoding="utf-8"))
    return rows


STEPS: dict[str, tuple[Callable[[Attendee, Workspace], None], Callable[[Workspace], Rows]]] = {
    "all_pages": (take_all_pages, read_artworks),
    "polite": (take_polite, read_artworks),
    "incremental": (take_incremental, read_artworks),
    "pictures": (take_pictures, read_pictures),
    "ask_only": (ask_only, read_asked),
}


def attend(seat: int, url: str, folder: Path, orders: Connection) -> None:
    """Takes `(step, place)` after `(step, place)` and answers each with its result; `None` is the end."""
    attendee = Attendee(seat, url, folder)
    orders.send("ready")
    for step, place in iter(orders.recv, None):
        orders.send(attendee.take(step, place))


def describe_rows(rows: Iterable[Sequence[Any]]) -> Result:
    """How many rows, how many different keys, and a hash of them all whatever their order."""
    ordered = sorted(map(list, rows))
    digest = hashlib.sha256(json.dumps(ordered).encode()).hexdigest()
    return {"rows": len(ordered), "keys": len({row[0] for row in ordered}), "sha256": digest}


def _own_memory_bytes() -> int:
    """Memory that would be free again without this process: what it shares with the others does not count."""
    return int(psutil.Process().memory_full_info().uss)


@contextmanager
def _watch_requests() -> Iterator[list[Request]]:
    """Yields a list that every request of this process is put into, dlt's own included."""
    asked: list[Request] = []
    send = requests.Session.send

    def watched(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        began_s = time.perf_counter()
        answer: requests.Response | None = None
        try:
            answer = send(session, request, **options)
        except requests.RequestException as error:
            # dlt looks at the status while the answer is still being handed over, and raises
            answer = error.response
            raise
        finally:
            met = (0, 0) if answer is None else (answer.status_code, len(answer.content))
            asked.append(Request(began_s, time.perf_counter(), *met))
        return answer

    requests.Session.send = watched  # type: ignore[method-assign, assignment]
    try:
        yield asked
    finally:
        requests.Session.send = send  # type: ignore[method-assign]
