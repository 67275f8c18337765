"""marimo's command with the classroom's door in front of its server, run as a program: what follows is marimo's.

marimo 0.25 looks at the token alone: it answers under every `Host`, and takes a WebSocket from a page of any `Origin`.
Whoever starts this asks the server afterwards whether the door is really there: marimo may be built otherwise one day.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette


def main() -> None:
    """Runs marimo's command with the arguments of this process."""
    # imported here, as every kernel of the editor imports this module too
    import marimo._server.start as server
    from marimo._cli.cli import main as run_marimo
    from marimo._server.main import create_starlette_app

    from classroom.door import guard

    def make_guarded_app(**options: Any) -> Starlette:
        app = create_starlette_app(**options)
        app.add_middleware(guard)
        return app

    server.create_starlette_app = make_guarded_app  # type: ignore[attr-defined] # imported there, not exported
    run_marimo(prog_name="marimo")


if __name__ == "__main__":
    main()
