"""The commands `darkroom query` and `darkroom export`, which `darkroom.commands.cli` registers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from darkroom.commands.output import database_option, json_option, show
from darkroom.errors import OptionError

ANALYSIS_NAMES = ("class_balance", "size_harmony", "defect_area", "loads_over_time", "rejects_by_reason")
"""Those of `analyses.ANALYSES`, which takes ibis a second to import."""


@click.command(short_help="Ask the table a question: a named one, or your own.")
@click.argument("name", required=False, metavar="NAME", type=click.Choice(ANALYSIS_NAMES))
@click.option("--sql", help="Ask this instead, in DuckDB's SQL.")
@click.option("--show-sql", is_flag=True, help="Print the SQL that NAME stands for.")
@database_option
@json_option
def query(name: str | None, sql: str | None, show_sql: bool, database: Path, as_json: bool) -> None:
    """Ask the table a question: a named one, or your own.

    \b
      class_balance       good and defective images of each image dataset
      size_harmony        sizes on disk, and sizes in the table
      defect_area         share of defect pixels by label
      loads_over_time     what each load brought
      rejects_by_reason   files that could not be used

    The SQL may name images, masks, rejects, image_datasets and loads.
    """  # noqa: D301 - to click, a backspace means: do not wrap this
    from darkroom.commands.views import answers as views_reading
    from darkroom.query import analyses

    if (name is None) == (sql is None):
        raise OptionError(f"query: expected either a name ({', '.join(ANALYSIS_NAMES)}) or --sql.")
    if show_sql and name is not None:
        click.echo(analyses.explain_analysis(database, name))
        return
    answer = analyses.ask(database, sql) if sql is not None else analyses.analyse(database, str(name))
    if as_json:
        click.echo(json.dumps(views_reading.answer_as_json(answer), ensure_ascii=False, indent=2))
    else:
        Console().print(views_reading.render_answer(answer))


@click.command(short_help="Write images, labels and masks for other programs.")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--format", type=click.Choice(["npz", "parquet", "mvtec"]), required=True, help="What to write.")
@click.option("--source", multiple=True, help="Only this image dataset; may be repeated, as the next three.")
@click.option("--category", multiple=True, help="Only this category.")
@click.option("--split", multiple=True, help="Only this split: train, test or val.")
@click.option("--label", multiple=True, help="Only this label.")
@click.option("--defect/--good", "is_defect", default=None, help="Only defective images, or only good ones.")
@click.option("--fold", type=click.Choice(["train", "validation"]), help="Only this fold, dealt by sample_id.")
@click.option("--validation-fraction", type=click.FloatRange(0, 1), help="For --fold.  [default: 0.2]")
@click.option("--fold-seed", type=int, help="For --fold.  [default: 0]")
@click.option("--all-labelled", is_flag=True, help="mvtec: also what anomalib refuses, such as defects in train.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier file or export.")
@database_option
@json_option
def export(out: Path, database: Path, as_json: bool, **options: Any) -> None:
    """Write images, labels and masks for other programs: OUT is a file, or a folder for mvtec.

    npz: arrays for numpy. parquet: all columns, with the masks. mvtec: PNGs in folders as MVTec AD has them,
    one root for each image dataset, which anomalib reads and `darkroom ingest` reads back.
    """
    from darkroom.commands.views.answers import render_export
    from darkroom.export.files import write_export

    given = {key: value for key, value in options.items() if value not in (None, ())}
    show(write_export(database, out, **given), render_export, as_json=as_json)
