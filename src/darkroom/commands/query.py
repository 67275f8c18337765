"""The command `darkroom query`."""

from __future__ import annotations

from pathlib import Path

import click

from darkroom.commands.output import database_option, json_option, print_report
from darkroom.errors import OptionError

ANALYSIS_NAMES = ("class_balance", "size_harmony", "defect_area", "loads_over_time", "rejects_by_reason")
"""Those of `analyses.ANALYSES`, which takes ibis a second to import."""


@click.command("query", short_help="Ask the table a question: a named one, or your own.")
@click.argument("analysis", required=False, metavar="NAME", type=click.Choice(ANALYSIS_NAMES))
@click.option("--sql", help="Ask this instead, in DuckDB's SQL.")
@click.option("--show-sql", is_flag=True, help="Print the SQL that NAME stands for.")
@database_option
@json_option
def query_command(analysis: str | None, sql: str | None, show_sql: bool, database: Path, as_json: bool) -> None:
    """Ask the table a question: a named one, or your own.

    \b
      class_balance       good and defective images of each image dataset
      size_harmony        sizes on disk, and sizes in the table
      defect_area         share of defect pixels by label
      loads_over_time     what each load brought
      rejects_by_reason   files that could not be used

    The SQL may name images, masks, rejects, image_datasets and loads.
    """  # noqa: D301 - to click, a backspace means: do not wrap this
    from darkroom.commands.views.answer import render_answer
    from darkroom.query import analyses

    if (analysis is None) == (sql is None):
        raise OptionError(f"query: expected either a name ({', '.join(ANALYSIS_NAMES)}) or --sql.")
    if show_sql and analysis is not None:
        click.echo(analyses.explain_analysis(database, analysis))
        return
    answer = analyses.ask(database, sql) if sql is not None else analyses.analyse(database, str(analysis))
    print_report(answer, render_answer, as_json=as_json)
