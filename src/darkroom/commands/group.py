"""The group that the commands of a program stand in: it turns an error into one sentence about options."""

from __future__ import annotations

import re
from typing import Any

import click

EXIT_ERROR = 2
"""What was asked for could not be done."""
_EXIT_INTERRUPTED = 130

_COMMAND = "darkroom.commands.group.command"


class CommandGroup(click.Group):
    """Prints an error that is expected as one sentence, and exits 2; any other shows with its traceback.

    A function names its parameters, in backticks. Whoever typed a command has to read of its options instead:
    `size_px` becomes `--size`, if that is the option of the command that ran.

    Args:
        program: What the sentence begins with.
        errors: The errors that are expected.
        on_interrupt: What is said after Ctrl-C.
        *arguments: Of `click.Group`.
        **settings: Of `click.Group`.
    """

    def __init__(
        self,
        *arguments: Any,
        program: str,
        errors: tuple[type[Exception], ...],
        on_interrupt: str,
        **settings: Any,
    ) -> None:
        super().__init__(*arguments, **settings)
        self.program = program
        self.errors = errors
        self.on_interrupt = on_interrupt

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command as click does, and remembers it for `invoke`."""
        name, command, rest = super().resolve_command(ctx, args)
        ctx.meta[_COMMAND] = _find_innermost(command, rest)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; says what went wrong."""
        try:
            return super().invoke(ctx)
        except self.errors as error:
            click.echo(f"{self.program}: {name_options(str(error), ctx.meta.get(_COMMAND))}", err=True)
            ctx.exit(EXIT_ERROR)
        except KeyboardInterrupt:
            click.echo(f"{self.program}: {self.on_interrupt}", err=True)
            ctx.exit(_EXIT_INTERRUPTED)


def _find_innermost(command: click.Command | None, args: list[str]) -> click.Command | None:
    """Follows the names of commands into groups within groups, as `dev` in `classroom dev sync`."""
    while isinstance(command, click.Group) and args and args[0] in command.commands:
        command, args = command.commands[args[0]], args[1:]
    return command


def name_options(message: str, command: click.Command | None) -> str:
    """Puts a command's options in the place of its parameters' names.

    Args:
        message: In it, a parameter's name stands in backticks: `size_px`. Any other word in backticks stays.
        command: The one that ran; None leaves the message as it is.
    """
    shown = {parameter.name: _show_parameter(parameter) for parameter in command.params} if command else {}
    return re.sub(r"(?<=`)\w+(?=`)", lambda word: shown.get(word[0], word[0]), message)


def _show_parameter(parameter: click.Parameter) -> str:
    """Returns `--size` for an option, `--defect/--good` for one of two names, OUT for an argument."""
    if isinstance(parameter, click.Argument):
        return parameter.human_readable_name
    longest = (max(names, key=len) for names in (parameter.opts, parameter.secondary_opts) if names)
    return "/".join(longest)
