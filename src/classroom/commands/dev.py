"""`classroom dev`: for those who write the course."""

from __future__ import annotations

import click

from classroom.course.registry import find_course


@click.group()
def dev() -> None:
    """For authors: exercises from their masters, and a proof that the course holds together."""


@dev.command()
@click.option("--check", "is_check", is_flag=True, help="Write nothing; exit 1 if something differs.")
def sync(is_check: bool) -> None:
    """Write `exercises/`, and what lessons show of them, anew from `solutions/`."""
    from classroom.authoring.sync import out_of_sync
    from classroom.authoring.sync import sync as write

    course = find_course()
    changed = out_of_sync(course) if is_check else write(course)
    for path in changed:
        click.echo(f"{'differs' if is_check else 'written'}: {path.relative_to(course.root).as_posix()}")
    if is_check and changed:
        click.echo("Change the master in solutions/, then run `classroom dev sync`.", err=True)
        raise click.exceptions.Exit(1)
    if not changed:
        click.echo("Exercises, lessons and masters agree.")


@dev.command("check")
@click.argument("name", required=False, metavar="[ID]")
def check_course(name: str | None) -> None:
    """Prove the course: empty gaps, solutions, every named wrong answer, minutes, hints, no orphan file."""
    from classroom.authoring.proof import prove

    course = find_course()
    only = course.find_exercise(name).id if name else ""
    problems = prove(course, only=only, say=lambda exercise: click.echo(exercise, err=True))
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("The course holds together.")


@dev.command()
@click.argument("exercise_id", metavar="ID")
def new(exercise_id: str) -> None:
    """Begin an exercise: its master, its check and its place in course.toml, to be filled in."""
    from classroom.authoring.scaffold import begin_exercise

    for path in begin_exercise(find_course(), exercise_id):
        click.echo(f"written: {path}")
    click.echo(f"Fill them in, then run `classroom dev sync` and `classroom dev check {exercise_id}`.")
