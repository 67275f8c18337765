"""The command `classroom`. What each command does is a function of the package; here options become its arguments."""

from __future__ import annotations

import click

from classroom.commands import instructors, learners, servers
from classroom.commands.dev import dev
from classroom.errors import ClassroomError
from darkroom.commands.group import CommandGroup
from darkroom.errors import DarkroomError


@click.group(
    cls=CommandGroup,
    program="classroom",
    errors=(ClassroomError, DarkroomError),
    on_interrupt="closed.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
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
