"""Image datasets in, rows out: the run itself.

Why it is fast: threads read and decode pictures ahead of dlt (`Loader`), so the cores go on decoding while dlt
extracts, normalises and loads the package before. New samples are appended as Arrow tables: no staging copy, no row of
pixels as Python objects. Files that are as they were when their row was loaded are never opened. All that is in flight
is bounded in bytes (`SampleLimits`), so memory does not grow with the corpus.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace

from darkroom.database.dlt_settings import explain_failures
from darkroom.database.statements import discard_interrupted
from darkroom.errors import OptionError
from darkroom.extract.exported import restore_samples
from darkroom.extract.readers import read_layouts
from darkroom.extract.storage import Roots, open_storage
from darkroom.harmonise.decode import MAX_PIXELS
from darkroom.harmonise.resampler import AUTO, find_resampler
from darkroom.harmonise.resize import DEFAULT_TENSOR_SIZE_PX, Fit, check_options
from darkroom.load.harmonisation import choose_harmonisation
from darkroom.load.limits import SampleLimits, count_workers, rare_garbage_collection
from darkroom.load.loaded import Loaded
from darkroom.load.loader import Loader
from darkroom.load.pipeline import has_sql, open_pipeline, open_tables, read_loaded, write_places
from darkroom.load.plan import Plan, make_plan
from darkroom.load.renames import (
    Rename,
    check_renames,
    describe_doubles,
    describe_new_ids,
    describe_takeovers,
    find_moved_rejects,
    find_moves,
    find_new_ids,
    find_renames,
)
from darkroom.load.report import IngestReport
from darkroom.load.rows import Row
from darkroom.load.small_tables import describe_lost_facts
from darkroom.load.white_levels import WhiteLevels, check_depth, check_recorded, find_unscaled
from darkroom.paths import given_path
from darkroom.progress import ProgressCallback, ProgressCounter
from darkroom.sample import Findings
from darkroom.tables import PRIMARY_KEYS


def ingest(
    roots: Sequence[str | os.PathLike[str]],
    *,
    database: str | os.PathLike[str] = "darkroom.duckdb",
    destination: str = "duckdb",
    layout: str = "auto",
    name: str | None = None,
    normal_label: str | Sequence[str] = (),
    splits: str | None = None,
    size_px: int = DEFAULT_TENSOR_SIZE_PX,
    fit: Fit | str = Fit.STRETCH,
    workers: int | None = None,
    prune: bool = False,
    max_pixels: int = MAX_PIXELS,
    depth: int | str = "auto",
    resampler: str = AUTO,
    progress: ProgressCallback | None = None,
) -> IngestReport:
    """Loads image datasets into the four tables; a second call with nothing new loads nothing.

    Args:
        roots: Folders, archives or URLs.
        database: The DuckDB file, made if it is not there.
        destination: Name of a dlt destination; any but `duckdb` is configured as dlt configures it.
        layout: `auto`, or the layout to read all roots with.
        name: Name of the image dataset, instead of the one that its owner, its publication, its folder or an export
            gives it.
        normal_label: Label folders that mean `good`, one or several, beside those that everybody calls so; give the
            same ones in every run.
        splits: Name of the splits to take, of those that were published with the images (VisA: `1cls`, `2cls_fewshot`,
            `2cls_highshot`; Real-IAD: `realiad_jsons`, `realiad_jsons_sv`, ...); give the same one in every run.
        size_px: Side length of the tensors in pixels.
        fit: How pictures that are not square become square.
        workers: Threads that read and decode; by default one per core, and one more.
        prune: Delete the rows of files that are gone, and those that bear another name of their image dataset.
        max_pixels: Larger pictures are rejected as `too_large`.
        depth: Bits of the images that have more than 8 a channel: 8, 10, 12, 14 or 16; level 2**depth − 1 is white in
            all of an image dataset. `auto` takes what is recorded, or else the fewest that hold the brightest level of
            any image of this run. Floats of 0–1 are taken as they are.
        resampler: What scales images: `cykooz-resizer` or `pillow`. `auto` takes that of the table, or else the fastest
            that is installed.
        progress: Called with samples done and samples to do.

    Raises:
        RootError: A root cannot be read.
        OptionError: Options contradict each other or the table.
        DatabaseError: The database is busy, or full, or none.
        LoadError: dlt or the destination refused a load.
    """
    started_s = time.monotonic()
    check_options(size_px, fit)
    _check_roots(roots)
    _check_count("workers", workers)
    _check_count("max_pixels", max_pixels)
    find_resampler(resampler)
    asked_depth = check_depth(depth)
    limits = SampleLimits.of(size_px)
    path, is_file = given_path(database, "database"), destination == "duckdb"
    target = str(path) if is_file else destination
    with ExitStack() as stack:
        stack.enter_context(rare_garbage_collection())
        opened = Roots([stack.enter_context(open_storage(root)) for root in roots])
        findings = read_layouts(opened, layout=layout, name=name, normal_label=normal_label, splits=splits)
        if name is None:
            findings = restore_samples(findings, opened)
        stack.enter_context(explain_failures(f"Loading into {target}", path.absolute().parent if is_file else target))
        pipeline = stack.enter_context(open_pipeline(destination, path, limits.per_file))
        interrupted_rows, loaded = 0, Loaded()
        if has_sql(pipeline):
            with open_tables(pipeline) as client:
                interrupted_rows, loaded = discard_interrupted(client, PRIMARY_KEYS), read_loaded(client)
        harmonisation = choose_harmonisation(loaded, size_px, Fit(fit), max_pixels, resampler)
        check_recorded(loaded, findings.image_datasets, asked_depth)
        renames = find_renames(findings, loaded)
        moves = find_moves(findings, loaded)
        loaded = moves.apply_to(loaded)
        new_ids = find_new_ids(findings, loaded)
        plan = _plan_run(findings, loaded, opened.names, renames, new_ids, prune=prune)
        counter = ProgressCounter(len(plan.new) + len(plan.revisit), progress)
        workers = workers or count_workers(opened)
        samples = [candidate.sample for candidate in plan.new + plan.revisit]
        unscaled = find_unscaled(loaded, findings.image_datasets, plan)
        white_levels = WhiteLevels(
            samples, loaded.image_datasets, unscaled, asked_depth, opened.read, max_pixels, workers
        )
        loader = Loader(pipeline, opened, findings, loaded, plan, harmonisation, white_levels, limits, counter)
        packages, dataset_rows = loader.load_samples(workers)
        loader.delete_obsolete()
        write_places(pipeline, "images", moves.images)
        write_places(pipeline, "masks", moves.masks)
        loader.ledger.check(findings.files_seen)
        run_s = time.monotonic() - started_s
        told = (*map(str, renames), *describe_new_ids(new_ids))
        return _make_report(loader, dataset_rows, target, interrupted_rows, packages, told, run_s, prune=prune)


def _check_roots(roots: Sequence[str | os.PathLike[str]]) -> None:
    if isinstance(roots, str) or not roots:
        raise OptionError(f"`roots` {roots!r}: expected a list of at least one folder, archive or URL.")


def _check_count(name: str, count: int | None) -> None:
    if count is not None and count < 1:
        raise OptionError(f"`{name}` {count}: expected 1 or more.")


def _plan_run(
    findings: Findings,
    loaded: Loaded,
    roots: frozenset[str],
    renames: Sequence[Rename],
    new_ids: Collection[str],
    *,
    prune: bool,
) -> Plan:
    if not prune:
        check_renames(renames)
    renamed = [*(row for rename in renames for row in rename.rows), *new_ids]
    moved_rejects = find_moved_rejects(renames, findings, loaded)
    return make_plan(findings, loaded, roots, renamed, moved_rejects, prune=prune)


def _make_report(
    loader: Loader,
    dataset_rows: dict[str, Row],
    target: str,
    interrupted_rows: int,
    packages: int,
    told: Sequence[str],
    duration_s: float,
    *,
    prune: bool,
) -> IngestReport:
    return IngestReport(
        database=target,
        notes=(
            *loader.findings.notes,
            *told,
            *describe_takeovers(loader.loaded, loader.changes.images),
            *describe_doubles(loader.changes.images, loader.changes.apply_to(loader.loaded)),
            *describe_lost_facts(loader.loaded, dataset_rows),
            *loader.white_levels.notes,
        ),
        files_seen=loader.findings.files_seen,
        images=replace(loader.ledger.images),
        masks=replace(loader.ledger.masks),
        rejects=loader.ledger.rejected_files(),
        new_rejects=loader.ledger.new_rejects,
        ignored=dict(loader.ledger.ignored),
        gone=loader.plan.gone,
        pruned=len(loader.plan.gone) if prune else 0,
        interrupted_rows=interrupted_rows,
        fingerprints={name: row["fingerprint"] for name, row in dataset_rows.items()},
        packages=packages,
        duration_s=duration_s,
    )
