"""The museum's web server: in a thread of this process for a lesson, or in the foreground for a room.

Whoever runs a museum for a room may control it, on a port of its own that only this machine reaches, under an address
that only they were told. What comes in on the room's port controls nothing, whoever sent it.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from classroom.door import check_host, guard, guard_names
from classroom.museum.app import make_museum_app
from classroom.museum.bodies import API_PATH, IIIF_PATH
from classroom.museum.control import make_control_app
from classroom.museum.faults import NO_FAULTS, Faults
from classroom.museum.listening import ANY_ADDRESS, LOOPBACK, ServerThread, address_in_room, listen, names_in_room
from classroom.museum.state import Museum


class RunningMuseum:
    """A museum that is open; made by `start_museum`. Closes at the end of a `with` block.

    Attributes:
        host: The address it listens on.
        port: The port it listens on.
        url: Base of its API: `http://127.0.0.1:8123/api/v1`.
        iiif_url: Base of its pictures; clients should rather take `config.iiif_url` from an answer.
        control_url: Base of `/day`, `/faults` and `/counts`; empty where it is not controlled from outside.
    """

    def __init__(
        self, museum: Museum, listener: socket.socket, hosts: Iterable[str], control: socket.socket | None
    ) -> None:
        self._museum = museum
        room = ServerThread(guard_names(make_museum_app(museum), hosts), listener)
        self._servers, self.control_url = [room], ""
        self.host, self.port = room.host, room.port
        root = f"http://{_in_url(_reachable(self.host))}:{self.port}{museum.base_path}"
        self.url, self.iiif_url = f"{root}{API_PATH}", f"{root}{IIIF_PATH}"
        if control is not None:
            path = f"/{secrets.token_urlsafe(12)}"
            self._servers.append(ServerThread(guard(make_control_app(museum, path)), control))
            self.control_url = f"http://{LOOPBACK}:{self._servers[-1].port}{path}"

    @property
    def room_url(self) -> str:
        """Base of its API for other machines of the room, if it listens to them; else the same as `url`."""
        if self.host not in ANY_ADDRESS:
            return self.url
        return f"http://{address_in_room()}:{self.port}{self._museum.base_path}{API_PATH}"

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
        """Requests so far: `pages`, `artworks`, `images`, `image_infos`, and `statuses` by status.

        `impatient` are those that came before the time was over that a 429 had told their client to wait.
        """
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
        """Closes at once and hangs up on everybody; a second call does nothing.

        The port is free afterwards, and `start_museum(port=...)` may open there again.
        """
        for server in self._servers:
            server.stop()

    def wait(self) -> None:
        """Waits until it is closed; Ctrl-C gets through, on Windows too."""
        for server in self._servers:
            server.wait()

    def start(self) -> None:
        """Opens the museum; called by `start_museum`.

        Raises:
            StartError: The server did not come up.
        """
        try:
            for server in self._servers:
                server.start()
        except BaseException:
            self.stop()
            raise

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
    allowed_hosts: Iterable[str] = (),
    control_port: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> RunningMuseum:
    """Opens a museum in a thread of this process.

    Args:
        port: Where to listen; 0 for any port that is free.
        host: Address to listen on: this machine alone unless told otherwise, `0.0.0.0` for the whole room.
        day: Where the clock stands, 1 to 3.
        faults: What goes wrong.
        base_path: Path in front of `/api` and `/iiif`.
        allowed_hosts: Names by which it is reached besides this machine's own; any other is answered 400.
        control_port: Where this machine may control it; 0 for any port that is free, None for nowhere.
        clock: Returns seconds that only ever grow; the minutes of clients are counted by it.

    Raises:
        StartError: A port is taken, or the address is not of this machine.
        ValueError: There is no such day, the path cannot be one, or a name is none of a host.
    """
    museum = Museum(day, faults, base_path, clock)
    hosts = [check_host(name) for name in allowed_hosts]
    with contextlib.ExitStack() as unless_opened:
        listener = unless_opened.enter_context(listen(host, port))
        control = control_port if control_port is None else listen(LOOPBACK, control_port, "control_port")
        unless_opened.enter_context(control or contextlib.nullcontext())
        running = RunningMuseum(museum, listener, [*hosts, *_own_names(listener, host)], control)
        running.start()
        unless_opened.pop_all()
    return running


def serve(
    host: str = LOOPBACK,
    port: int = 0,
    day: int = 1,
    faults: Faults = NO_FAULTS,
    base_path: str = "",
    allowed_hosts: Iterable[str] = (),
    control_port: int = 0,
    on_start: Callable[[RunningMuseum], None] | None = None,
) -> None:
    """Keeps a museum open until Ctrl-C, or until `stop` is called on what `on_start` was given.

    Args:
        host: As for `start_museum`.
        port: As for `start_museum`.
        day: As for `start_museum`.
        faults: As for `start_museum`.
        base_path: As for `start_museum`.
        allowed_hosts: As for `start_museum`.
        control_port: As for `start_museum`.
        on_start: Called once when it is open; the place to print its addresses.

    Raises:
        StartError: A port is taken, or the address is not of this machine.
        ValueError: There is no such day, the path cannot be one, or a name is none of a host.
    """
    with start_museum(port, host, day, faults, base_path, allowed_hosts, control_port) as running:
        if on_start is not None:
            on_start(running)
        with contextlib.suppress(KeyboardInterrupt):
            running.wait()


def _own_names(listener: socket.socket, host: str) -> tuple[str, ...]:
    """Returns this machine's names besides those of loopback, if others can reach it."""
    address = listener.getsockname()[0]
    if address in (LOOPBACK, "::1"):
        return ()
    return tuple(_in_url(name) for name in (*names_in_room(), host) if name not in ANY_ADDRESS)


def _reachable(host: str) -> str:
    return LOOPBACK if host in ("0.0.0.0", "") else "::1" if host == "::" else host  # noqa: S104 - compared with


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
