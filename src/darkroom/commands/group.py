"""The group that the commands of a program stand in: it turns an error into one sentence about options."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import click

from darkroom.commands.advice import as_called

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
        innermost, own = _find_innermost(command, rest)
        ctx.meta[_COMMAND] = innermost
        if innermost is not None and (empty := _find_empty(ctx, innermost, own)) is not None:
            self._fail(
                ctx,
                f"`{_show_parameter(empty)}` is empty, as from an unset variable in quotes. Give a value, or leave it "
                "out; `.` is the current folder.",
            )
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; says what went wrong."""
        try:
            return super().invoke(ctx)
        except self.errors as error:
            self._fail(ctx, name_options(str(error), ctx.meta.get(_COMMAND)))
        except KeyboardInterrupt:
            click.echo(f"{self.program}: {self.on_interrupt}", err=True)
            ctx.exit(_EXIT_INTERRUPTED)

    def _fail(self, ctx: click.Context, message: str) -> NoReturn:
        click.echo(as_called(f"{self.program}: {message}"), err=True)
        ctx.exit(EXIT_ERROR)


def _find_innermost(command: click.Command | None, args: list[str]) -> tuple[click.Command | None, list[str]]:
    """Follows the names of commands into groups within groups, as `dev` in `classroom dev sync`."""
    while isinstance(command, click.Group) and args and args[0] in command.commands:
        command, args = command.commands[args[0]], args[1:]
    return command, args


def _find_empty(ctx: click.Context, command: click.Command, args: list[str]) -> click.Parameter | None:
    """Returns the parameter that was given an empty text; as a path, click would take it for the current folder."""
    if isinstance(command, click.Group):
        return None
    values, _, _ = command.make_parser(click.Context(command, parent=ctx)).parse_args(list(args))
    for parameter in command.params:
        given = values.get(parameter.name or "")
        texts = given if isinstance(given, list | tuple) else [given]
        if parameter.default != "" and any(isinstance(text, str) and not text.strip() for text in texts):
            return parameter
    return None


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
        return parameter.human_readable_name.removesuffix("...")
    longest = (max(names, key=len) for names in (parameter.opts, parameter.secondary_opts) if names)
    return "/".join(longest)


def name_own_options(message: str) -> str:
    """Puts the options of the command that is running in the place of parameters in backticks; see `name_options`."""
    context = click.get_current_context(silent=True)
    return name_options(message, context.command if context else None)
