"""The command `classroom`. What each command does is a function of the package; here options become its arguments."""

from __future__ import annotations

from typing import Any

import click

from classroom.commands import instructors, learners, servers
from classroom.commands.dev import dev
from classroom.errors import ClassroomError
from darkroom.errors import DarkroomError

EXIT_ERROR = 2
"""What was asked for could not be done."""


class _Group(click.Group):
    """Prints an error as one sentence, and exits 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ClassroomError, DarkroomError) as error:
            click.echo(f"classroom: {error}", err=True)
            ctx.exit(EXIT_ERROR)
        except KeyboardInterrupt:
            click.echo("classroom: ended.", err=True)
            ctx.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="darkroom-classroom", prog_name="classroom")
def main() -> None:
    """The workshop and its exercises.

    \b
      classroom doctor             is this machine ready
      classroom start              lessons and exercises in the browser
      classroom check 01           how does an exercise stand
      classroom hint 01            one hint more
      classroom catch-up 05        everything before 05 solved, what you wrote is kept
    """  # noqa: D301 - to click, a backspace means: do not wrap this


for _command in (*learners.COMMANDS, *instructors.COMMANDS, *servers.COMMANDS, dev):
    main.add_command(_command)
