"""The command `darkroom train`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from darkroom.commands.output import database_option, json_option, print_report, progress_bar


@click.command("train", short_help="Learn what is usual from good images, and find what is not.")
@database_option
@click.option("--category", help="Only this category, in whatever image dataset it is.")
@click.option("--source", help="Only this image dataset.")
@click.option("--size", "size_px", default=128, show_default=True, type=int, help="Side length to measure images at.")
@click.option(
    "--holdout",
    default=0,
    show_default=True,
    type=int,
    help="Good training images per category to hold out and test on, where the test set has none.",
)
@click.option(
    "--false-alarm-rate",
    default=0.05,
    show_default=True,
    type=float,
    help="Share of good images that may be called anomalous.",
)
@click.option("--seed", default=0, show_default=True, type=int, help="The same seed gives the same result.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a .html page with heat maps.")
@click.option("--weights", type=click.Path(path_type=Path), help="Keep the models, as .npz files in this folder.")
@click.option("--no-save", is_flag=True, help="Do not append to the tables runs and scores.")
@json_option
def train_command(database: Path, no_save: bool, as_json: bool, **options: Any) -> None:
    """Learn from good training images what is usual, and find what is not.

    One model for each category, tested on the test images; the results are appended to the tables runs and
    scores.
    """
    from darkroom.commands.views.train import render_train
    from darkroom.training.train import train

    with progress_bar("Training", as_json=as_json) as progress:
        report = train(database, save=not no_save, progress=progress, **options)
    print_report(report, render_train, as_json=as_json)
