"""marimo's command with the classroom's door in front of its server, run as a program: what follows is marimo's.

marimo 0.25 looks at the token alone: it answers under every `Host`, and takes a WebSocket from a page of any `Origin`.
And its server waits for each kernel at a port of this machine, and takes whoever comes first for the kernel, whose
messages it unpickles: any user of the machine could run code. Here both show each other the key that Python gives to a
process and to those that it starts.

Whoever starts this asks the server afterwards whether the door is really there: marimo may be built otherwise one day.
"""

from __future__ import annotations

import time
from multiprocessing import AuthenticationError, connection, current_process
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.applications import Starlette

_PAUSE_S = 0.01
_connect = connection.Client


class KeyedListener(connection.Listener):
    """A listener that takes nobody who does not show this process's key, and goes on waiting instead."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.setdefault("authkey", bytes(current_process().authkey))
        super().__init__(*arguments, **options)
        self._is_closed = False

    def accept(self) -> connection.Connection[Any, Any]:
        """Returns the next connection of somebody who knows the key."""
        while True:
            try:
                return super().accept()
            except (OSError, EOFError, AuthenticationError):
                if self._is_closed:
                    raise
                time.sleep(_PAUSE_S)

    def close(self) -> None:
        """Ends the waiting."""
        self._is_closed = True
        super().close()


def connect_with_key(*arguments: Any, **options: Any) -> connection.Connection[Any, Any]:
    """Connects a kernel to its server; what the kernel's code connects to later is none of ours."""
    connection.Client = _connect
    options.setdefault("authkey", bytes(current_process().authkey))
    return _connect(*arguments, **options)


def main() -> None:
    """Runs marimo's command with the arguments of this process."""
    # imported here, as every kernel of the editor imports this module too
    import marimo._server.start as server
    from marimo._cli.cli import main as run_marimo
    from marimo._server.main import create_starlette_app

    from classroom.door import guard
    from classroom.serve.keyless import TellsTheWay

    def make_guarded_app(**options: Any) -> Starlette:
        app = create_starlette_app(**options)
        app.add_middleware(TellsTheWay)
        app.add_middleware(guard)
        return app

    server.create_starlette_app = make_guarded_app  # type: ignore[attr-defined] # imported there, not exported
    connection.Listener = KeyedListener  # type: ignore[misc] # the very point
    run_marimo(prog_name="marimo")


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":
    # a process that the editor starts: a kernel
    from classroom.serve.lasting_checkpoints import keep_running

    connection.Client = connect_with_key
    keep_running()
