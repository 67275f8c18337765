"""The command `darkroom export`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from darkroom.commands.output import database_option, json_option, print_report


@click.command("export", short_help="Write images, labels and masks for other programs.")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format", type=click.Choice(["npz", "parquet", "mvtec", "visa", "csv"]), required=True, help="What to write."
)
@click.option("--source", multiple=True, help="Only this image dataset; may be repeated, as the next three.")
@click.option("--category", multiple=True, help="Only this category.")
@click.option("--split", multiple=True, help="Only this split: train, test or val.")
@click.option("--label", multiple=True, help="Only this label.")
@click.option("--defect/--good", "is_defect", default=None, help="Only defective images, or only good ones.")
@click.option("--fold", type=click.Choice(["train", "validation"]), help="Only this fold, dealt by sample_id.")
@click.option("--validation-fraction", type=click.FloatRange(0, 1), help="For --fold.  [default: 0.2]")
@click.option("--fold-seed", type=int, help="For --fold.  [default: 0]")
@click.option("--all-labelled", is_flag=True, help="mvtec, visa: also what anomalib refuses, such as defects in train.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier file or export.")
@database_option
@json_option
def export_command(out: Path, database: Path, as_json: bool, **options: Any) -> None:
    """Write images, labels and masks for other programs: OUT is a file, or a folder for the last three formats.

    npz: arrays for numpy. parquet: all columns, with the masks. mvtec, visa: PNGs in folders as MVTec AD or VisA
    has them, one root for each image dataset. csv: PNGs beside a table, samples.csv. `darkroom ingest` reads all
    three folders back, and anomalib the first.
    """
    from darkroom.commands.views.export import render_export
    from darkroom.export.files import write_export

    given = {key: value for key, value in options.items() if value not in (None, ())}
    print_report(write_export(database, out, **given), render_export, as_json=as_json)
