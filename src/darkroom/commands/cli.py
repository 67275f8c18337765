"""The command `darkroom`: options in, reports out. Everything it does is also a function of the package."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from darkroom.commands.export import export_command
from darkroom.commands.group import CommandGroup
from darkroom.commands.output import (
    database_option,
    json_option,
    only_python_on_stderr,
    print_report,
    progress_bar,
)
from darkroom.commands.query import query_command
from darkroom.commands.train import train_command
from darkroom.errors import DarkroomError
from darkroom.extract.readers import LAYOUTS
from darkroom.harmonise.deep import DEPTHS
from darkroom.harmonise.resampler import AUTO, RESAMPLERS
from darkroom.harmonise.resize import Fit

EXIT_REJECTED = 1
"""What was asked for is done, and its answer is no: files rejected, or concerns found, with --strict, or a
verification failed."""

_layout = click.option(
    "--layout",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", *LAYOUTS]),
    help="How the folders are to be read; auto looks at them.",
)

_splits = click.option("--splits", help="Which published splits to take, such as 2cls_fewshot of VisA.")


@click.group(
    cls=CommandGroup,
    program="darkroom",
    errors=(DarkroomError,),
    on_interrupt="interrupted; nothing is lost, run the same command again.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="darkroom-classroom", prog_name="darkroom")
def main() -> None:
    """Scattered inspection images in, one DuckDB table out.

    \b
      darkroom ingest ~/mvtec_ad ~/Downloads/dagm.zip   all images, one size, one table, masks paired
      darkroom summary                                  what is in the table
      darkroom audit                                    what to know of the images before training
      darkroom verify                                   is it whole; do two people have the same data
    """  # noqa: D301 - to click, a backspace means: do not wrap this
    # a damaged file is told about by its reject, not by the decoder's chatter
    warnings.filterwarnings("ignore", module="PIL")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    # dlt would tell a failure once more, with its traceback
    os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")


@main.command("ingest", short_help="Load image datasets into one table, incrementally.")
@click.argument("roots", nargs=-1, required=True, metavar="ROOT...")
@_layout
@_splits
@click.option("--name", help="Name of the image dataset; by default its publication's, or its folder's.")
@click.option("--normal-label", multiple=True, help="A label folder that means good, such as 0; may be given again.")
@database_option
@click.option(
    "--destination",
    default="duckdb",
    show_default=True,
    help="A dlt destination. Any but duckdb is configured as dlt configures it (environment, .dlt/).",
)
@click.option(
    "--size",
    "size_px",
    default=256,
    show_default=True,
    type=click.IntRange(1, 8192),
    help="Side length of the images in pixels.",
)
@click.option(
    "--fit",
    default=Fit.STRETCH.value,
    show_default=True,
    type=click.Choice([fit.value for fit in Fit]),
    help="How an image that is not square becomes square.",
)
@click.option(
    "--depth",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", *map(str, DEPTHS)]),
    help="Bits of images with more than 8 a channel; auto finds out, once for each image dataset.",
)
@click.option(
    "--resampler",
    default=AUTO,
    show_default=True,
    type=click.Choice([AUTO, *RESAMPLERS]),
    help="What scales images; auto takes that of the table, or the fastest there is.",
)
@click.option("--workers", type=click.IntRange(1), help="Threads that read and decode.  [default: cores + 1]")
@click.option("--max-pixels", type=click.IntRange(1), help="Reject larger images.  [default: 67108864]")
@click.option("--prune", is_flag=True, help="Delete the rows of files that are gone from disk, or named anew.")
@click.option("--strict", is_flag=True, help="Exit 1 if any file was rejected.")
@json_option
def ingest_command(roots: tuple[str, ...], strict: bool, as_json: bool, **options: Any) -> None:
    """Load image datasets into one table; again, and only what changed is loaded.

    ROOT is a folder, a .zip or .tar.gz as it was downloaded, or a URL (s3://, gs://, az://, https://….zip).
    Several roots may be given, of different layouts.
    """
    from darkroom.commands.views.ingest import render_ingest
    from darkroom.load.run import ingest

    options = {key: value for key, value in options.items() if value is not None}
    with only_python_on_stderr(), progress_bar("Loading images", as_json=as_json) as progress:
        report = ingest(roots, progress=progress, **options)
    print_report(report, render_ingest, as_json=as_json)
    if strict and report.rejects:
        sys.exit(EXIT_REJECTED)


@main.command("summary", short_help="Say what is in the table.")
@database_option
@json_option
def summary_command(database: Path, as_json: bool) -> None:
    """Say what is in the table: per source, category, split and label."""
    from darkroom.commands.views.summary import render_summary
    from darkroom.query.summary import summary

    print_report(summary(database), render_summary, as_json=as_json)


@main.command("excerpt", short_help="Copy a small part of an image dataset, masks along.")
@click.argument("root")
@click.argument("out", type=click.Path(path_type=Path))
@_layout
@_splits
@click.option("--category", "categories", multiple=True, help="Only this category; may be given again.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1), help="Images per category and split.")
@click.option("--seed", default=0, show_default=True, type=int, help="The same seed takes the same images.")
@json_option
def excerpt_command(root: str, out: Path, as_json: bool, **options: Any) -> None:
    """Copy a small part of an image dataset, masks along, in the layout it has.

    ROOT is a folder or an archive; OUT is a new folder, or a new .zip.
    """
    from darkroom.commands.views.excerpt import render_excerpt
    from darkroom.extract.excerpt import write_excerpt

    print_report(write_excerpt(root, out, **options), render_excerpt, as_json=as_json)


@main.command("contact-sheet", short_help="Draw what is in the table.")
@click.argument("out", type=click.Path(path_type=Path))
@database_option
@click.option("--where", help="SQL over the table images, for example: category = 'bottle' AND is_defect")
@json_option
def contact_sheet_command(out: Path, database: Path, where: str | None, as_json: bool) -> None:
    """Draw what is in the table, images with the outline of their masks, as one PNG."""
    from darkroom.commands.views.contact_sheet import render_contact_sheet
    from darkroom.query.contact_sheet.write import write_contact_sheet

    print_report(write_contact_sheet(out, database, where), render_contact_sheet, as_json=as_json)


@main.command("verify", short_help="Prove that the table is whole, or the same as another.")
@database_option
@click.option("--against", help="A fingerprint, or another DuckDB file, to compare with.")
@json_option
def verify_command(database: Path, against: str | None, as_json: bool) -> None:
    """Prove that the table is whole, and say whether two people have the same data.

    Exits 1 if it is not.
    """
    from darkroom.commands.views.verification import render_verification
    from darkroom.query.verification.verify import verify

    verification = verify(database, against)
    print_report(verification, render_verification, as_json=as_json)
    if not verification.ok:
        sys.exit(EXIT_REJECTED)


@main.command("audit", short_help="Say what to know of the images before training.")
@database_option
@click.option("--sheet", type=click.Path(path_type=Path), help="Draw the identical and near-identical pairs as a PNG.")
@click.option("--strict", is_flag=True, help="Exit 1 if anything was found.")
@json_option
def audit_command(database: Path, sheet: Path | None, strict: bool, as_json: bool) -> None:
    """Say what to know of the images before training: leakage, contradictions, masks, sizes, drift, rejects."""
    from darkroom.commands.views.audit import render_audit
    from darkroom.query.audit.audit import audit

    with progress_bar("Looking at images", as_json=as_json) as progress:
        report = audit(database, sheet, progress=progress)
    print_report(report, render_audit, as_json=as_json)
    if strict and not report.ok:
        sys.exit(EXIT_REJECTED)


@main.command("sample-data", short_help="Write the generated sample images.")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="The same seed draws the same.")
@json_option
def sample_data_command(out: Path, seed: int, as_json: bool) -> None:
    """Write the generated sample images, in four layouts, with one of each fault."""
    from darkroom.commands.views.sample_data import render_sample_data
    from darkroom.sample_data import write_sample_data

    print_report(write_sample_data(out, seed), render_sample_data, as_json=as_json)


for command in (query_command, export_command, train_command):
    main.add_command(command)
