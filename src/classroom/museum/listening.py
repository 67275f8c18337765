"""A web server in a thread of this process, on a socket that is open already."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from classroom.errors import StartError

LOOPBACK = "127.0.0.1"
ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to
_BACKLOG = 1024
_KEEP_ALIVE_S = 75
_START_S = 15.0


class ServerThread:
    """A server that runs until it is stopped.

    Args:
        app: What it serves.
        listener: Where it listens; closed at the end.

    Attributes:
        host: The address it listens on.
        port: The port it listens on.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self.host, self.port = listener.getsockname()[:2]
        self._server = uvicorn.Server(_make_config(app))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, args=(listener,), name="museum", daemon=True)

    def start(self) -> None:
        """Starts the thread, and waits until the server answers.

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

    def stop(self) -> None:
        """Closes at once and hangs up on everybody; a second call does nothing."""
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

    def _run(self, listener: socket.socket) -> None:
        with listener, asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._server.serve(sockets=[listener]))

    def _hang_up(self) -> None:
        self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()


def listen(host: str, port: int, parameter: str = "port") -> socket.socket:
    """Returns a socket that listens.

    Args:
        host: An address or a name of this machine.
        port: The port; 0 for any that is free.
        parameter: What an error calls the port.

    Raises:
        StartError: The port is taken, or the address is not of this machine.
    """
    try:
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0][0]
        return _bind(family, host, port)
    except (OSError, OverflowError, UnicodeError) as error:
        raise StartError(
            f"The museum cannot open on {host}:{port}: {error}. Choose another `{parameter}`; 0 is any that is free."
        ) from error


def address_in_room() -> str:
    """Returns the address of this machine that a route to elsewhere would use; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return LOOPBACK
        return str(probe.getsockname()[0])


def names_in_room() -> tuple[str, ...]:
    """Returns the names by which others may know this machine; they are looked up nowhere."""
    name = socket.gethostname()
    short = name.split(".")[0]
    return tuple(dict.fromkeys((name, short, f"{short}.local", address_in_room())))


class _QuietConfig(uvicorn.Config):
    """A configuration that leaves logging alone: in a lesson it belongs to the notebook's own server."""

    def configure_logging(self) -> None:
        """Changes nothing."""


def _make_config(app: ASGIApp) -> uvicorn.Config:
    return _QuietConfig(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )


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
