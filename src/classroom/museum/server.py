"""The museum's web server: in a thread of this process for a lesson, or in the foreground for a room."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import uvicorn

from classroom.errors import StartError
from classroom.museum.app import make_museum_app
from classroom.museum.bodies import API_PATH, IIIF_PATH
from classroom.museum.faults import NO_FAULTS, Faults
from classroom.museum.state import Museum

LOOPBACK = "127.0.0.1"
_ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to
_BACKLOG = 1024
_KEEP_ALIVE_S = 75
_START_S = 15.0


class RunningMuseum:
    """A museum that is open; made by `start_museum`. Closes at the end of a `with` block.

    Attributes:
        host: The address it listens on.
        port: The port it listens on.
        url: Base of its API: `http://127.0.0.1:8123/api/v1`.
        iiif_url: Base of its pictures; clients should rather take `config.iiif_url` from an answer.
    """

    def __init__(self, museum: Museum, listener: socket.socket) -> None:
        self._museum = museum
        self.host, self.port = listener.getsockname()[:2]
        self._server = uvicorn.Server(_make_config(museum))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, args=(listener,), name="museum", daemon=True)
        root = f"http://{_in_url(_reachable(self.host))}:{self.port}{museum.base_path}"
        self.url, self.iiif_url = f"{root}{API_PATH}", f"{root}{IIIF_PATH}"

    @property
    def room_url(self) -> str:
        """Base of its API for other machines of the room, if it listens to them; else the same as `url`."""
        if self.host not in _ANY_ADDRESS:
            return self.url
        return f"http://{_address_in_room()}:{self.port}{self._museum.base_path}{API_PATH}"

    @property
    def day(self) -> int:
        """Where its clock stands."""
        return self._museum.day

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self._museum.injector.faults

    @property
    def request_counts(self) -> dict[str, Any]:
        """Requests so far: `pages`, `artworks`, `images`, `image_infos`, and `statuses` by status."""
        return self._museum.counts()

    def reset_counts(self) -> None:
        """Forgets the requests so far."""
        self._museum.reset_counts()

    def move_to(self, day: int) -> None:
        """Moves the clock to day 1, 2 or 3, forwards or back.

        Raises:
            ValueError: There is no such day.
        """
        self._museum.move_to(day)

    def set_faults(self, faults: Faults = NO_FAULTS) -> None:
        """Lets other things go wrong from now on; without an argument, nothing."""
        self._museum.set_faults(faults)

    def stop(self) -> None:
        """Closes at once and hang up on everybody; a second call does nothing.

        The port is free afterwards, and `start_museum(port=...)` may open there again.
        """
        self._server.should_exit = True
        while self._thread.is_alive():
            if self._loop is not None:
                # the loop may have come to its end in this very moment
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._hang_up)
            self._thread.join(0.05)

    def wait(self) -> None:
        """Waits until it is closed; Ctrl-C gets through, on Windows too."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def start(self) -> None:
        """Opens the museum; called by `start_museum`.

        Raises:
            StartError: The server did not come up.
        """
        self._thread.start()
        limit = time.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > limit:
                self.stop()
                raise StartError(f"The museum did not open on {self.host}:{self.port} within {_START_S:.0f} s.")
            time.sleep(0.005)

    def _run(self, listener: socket.socket) -> None:
        with listener, asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._server.serve(sockets=[listener]))

    def _hang_up(self) -> None:
        self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()

    def __enter__(self) -> RunningMuseum:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_museum(
    port: int = 0,
    host: str = LOOPBACK,
    day: int = 1,
    faults: Faults = NO_FAULTS,
    base_path: str = "",
) -> RunningMuseum:
    """Opens a museum in a thread of this process.

    Args:
        port: Where to listen; 0 for any port that is free.
        host: Address to listen on: this machine alone unless told otherwise, `0.0.0.0` for the whole room.
        day: Where the clock stands, 1 to 3.
        faults: What goes wrong.
        base_path: Path in front of `/api` and `/iiif`.

    Raises:
        StartError: The port is taken, or the address is not of this machine.
        ValueError: There is no such day, or the path cannot be one.
    """
    museum = Museum(day, faults, base_path)
    running = RunningMuseum(museum, _listen(host, port))
    running.start()
    return running


def serve(
    host: str = LOOPBACK,
    port: int = 0,
    day: int = 1,
    faults: Faults = NO_FAULTS,
    base_path: str = "",
    on_start: Callable[[RunningMuseum], None] | None = None,
) -> None:
    """Keeps a museum open until Ctrl-C, or until `stop` is called on what `on_start` was given.

    Args:
        host: As for `start_museum`.
        port: As for `start_museum`.
        day: As for `start_museum`.
        faults: As for `start_museum`.
        base_path: As for `start_museum`.
        on_start: Called once when it is open; the place to print its address.

    Raises:
        StartError: The port is taken, or the address is not of this machine.
        ValueError: There is no such day, or the path cannot be one.
    """
    with start_museum(port, host, day, faults, base_path) as running:
        if on_start is not None:
            on_start(running)
        with contextlib.suppress(KeyboardInterrupt):
            running.wait()


class _QuietConfig(uvicorn.Config):
    """A configuration that leaves logging alone: in a lesson it belongs to the notebook's own server."""

    def configure_logging(self) -> None:
        """Changes nothing."""


def _make_config(museum: Museum) -> uvicorn.Config:
    return _QuietConfig(
        make_museum_app(museum),
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0][0]
        return _bind(family, host, port)
    except (OSError, OverflowError, UnicodeError) as error:
        raise StartError(
            f"The museum cannot open on {host}:{port}: {error}. Choose another `port`, or 0 for any that is free."
        ) from error


def _bind(family: int, host: str, port: int) -> socket.socket:
    # asyncio sends small answers at once only on sockets that say they are TCP; others wait 40 ms for company
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # on Windows this would let two servers share one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _reachable(host: str) -> str:
    return LOOPBACK if host in ("0.0.0.0", "") else "::1" if host == "::" else host  # noqa: S104 - compared with


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _address_in_room() -> str:
    """Returns the address of this machine that a route to elsewhere would use; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return LOOPBACK
        return str(probe.getsockname()[0])
