"""Commands that open something and stay until Ctrl-C: the course, a lesson to type live, the museum."""

from __future__ import annotations

from typing import Any

import click

from classroom.commands.options import headless_option, port_option
from classroom.course.registry import Course, find_course
from darkroom.commands.advice import as_called


@click.command()
@headless_option
@port_option
def start(headless: bool, port: int) -> None:
    """Load the sample data, and open lessons and exercises in the browser."""
    from classroom.serve.server import start as serve

    course = find_course()
    serve(course, port=port, is_headless=headless, say=click.echo, meanwhile=lambda: _load_samples(course))


def _load_samples(course: Course) -> str:
    """Loads the sample images, and says so in one line; a second call loads nothing."""
    from darkroom import ingest
    from darkroom.errors import DarkroomError

    database = course.root / "darkroom.duckdb"
    try:
        report = ingest([course.root / "sample_data"], database=database)
    except DarkroomError as error:
        return f"The sample images were not loaded, which only `darkroom` commands miss: {error}"
    loaded = f"{report.images.total} images and {report.masks.total} masks are in {database.name}"
    return as_called(
        f"Sample images: {loaded}; {len(report.rejects)} files are rejected, on purpose "
        "(`darkroom ingest sample_data` shows why)."
    )


@click.command()
@click.argument("name", metavar="NN")
@headless_option
@port_option
def live(name: str, headless: bool, port: int) -> None:
    """Open a copy of a lesson whose demo cells are emptied, to type them live."""
    from classroom.serve.live import open_live
    from classroom.serve.server import edit

    course = find_course()
    notebook = open_live(course, course.find_lesson(name))
    edit(course, notebook, port=port, is_headless=headless, say=click.echo)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for a whole room.")
@click.option("--port", default=8123, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 for any.")
@click.option("--day", default=1, show_default=True, type=click.IntRange(1, 3), help="Where its clock stands.")
@click.option("--requests-per-minute", type=click.IntRange(1), help="Answer 429 beyond this.  [default: no limit]")
@click.option("--by-agent", is_flag=True, help="Count requests by the header AIC-User-Agent, not by address.")
@click.option("--base-path", default="", help="Path in front of /api, as in /museum.")
@click.option(
    "--allowed-host", "allowed_hosts", multiple=True, help="One more name by which it is reached, as behind a proxy."
)
@click.option(
    "--control-port", default=0, show_default=True, type=click.IntRange(0, 65535), help="Port to control it; 0 for any."
)
def museum(host: str, requests_per_minute: int | None, by_agent: bool, **options: Any) -> None:
    """Open the local stand-in of the museum's API, for this machine or a whole room."""
    from classroom.museum import Faults, RunningMuseum, serve

    def tell(running: RunningMuseum) -> None:
        click.echo(f"The museum is open at {running.room_url}  (Ctrl-C ends it)")
        click.echo(f"Attendees put this address into the lesson, or set CLASSROOM_MUSEUM={running.room_url}")
        click.echo(f"You control it from this machine at {running.control_url}/day, /faults and /counts")

    try:
        faults = Faults(requests_per_minute=requests_per_minute, is_counted_by_agent=by_agent)
        serve(host, faults=faults, on_start=tell, **options)
        click.echo("The museum is closed.")
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


COMMANDS = (start, live, museum)
