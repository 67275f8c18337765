"""Image datasets in, rows out: the run itself.

Why it is fast: threads read and decode pictures ahead of dlt (`read_ahead`), so the cores go on decoding while
dlt extracts, normalises and loads the package before. New samples are appended as Arrow batches: no staging
copy, no row of pixels as Python objects. Files that are as they were when their row was loaded are never
opened. All that is in flight is bounded in bytes (`Portions`), so memory does not grow with the corpus.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import dlt

from darkroom.database.dlt_settings import explain_failures
from darkroom.errors import OptionError
from darkroom.extract.dataset_facts import find_facts
from darkroom.extract.readers import read_layouts
from darkroom.extract.storage import Storage, open_storage
from darkroom.harmonise.decode import MAX_PIXELS
from darkroom.harmonise.resize import Fit
from darkroom.load.ledger import Ledger
from darkroom.load.pipeline import delete_rejects, delete_rows, has_sql, open_pipeline, take_stock
from darkroom.load.plan import Candidate, Loaded, Plan, make_plan
from darkroom.load.report import IngestReport
from darkroom.load.resources import Batch, Disposition, inspection, make_batch, make_empty_batch
from darkroom.load.rows import Harmonisation, Outcome, read_sample
from darkroom.read_ahead import read_ahead
from darkroom.sample import FileEntry, Findings

_MIB = 1 << 20
_RARE_COLLECTIONS = (100_000, 50, 1000)
REMOTE_WORKERS = 16
"""Threads where files come over a network: they wait more than they work."""
Progress = Callable[[int, int], None]
"""Called with samples done and samples to do."""


@dataclass(frozen=True, slots=True)
class Portions:
    """How many samples go together, from bounds in bytes of their tensors.

    Attributes:
        ahead: Samples read ahead of dlt: enough to keep the cores busy while a package is loaded.
        batch: Samples in one Arrow batch.
        file: Samples in one parquet file, loaded in one transaction.
        package: Samples in one dlt load package, whose files lie on disk until it is loaded.
    """

    ahead: int
    batch: int
    file: int
    package: int

    @classmethod
    def of(cls, size_px: int) -> Portions:
        """Portions for tensors of `size_px` × `size_px` RGB."""
        tensor_bytes = 3 * size_px * size_px
        batch = max(1, 6 * _MIB // tensor_bytes)
        return cls(ahead=10 * batch, batch=batch, file=4 * batch, package=32 * batch)


def ingest(
    roots: Sequence[str | os.PathLike[str]],
    *,
    database: str | os.PathLike[str] = "darkroom.duckdb",
    destination: str = "duckdb",
    layout: str = "auto",
    name: str | None = None,
    size_px: int = 256,
    fit: Fit | str = Fit.STRETCH,
    workers: int | None = None,
    prune: bool = False,
    max_pixels: int = MAX_PIXELS,
    progress: Progress | None = None,
) -> IngestReport:
    """Loads image datasets into the four tables; a second call with nothing new loads nothing.

    Args:
        roots: Folders, archives or URLs.
        database: The DuckDB file, made if it is not there.
        destination: Name of a dlt destination; any but `duckdb` is configured as dlt configures it.
        layout: `auto`, or the layout to read all roots with.
        name: Name of the image dataset, instead of its layout's or its folder's.
        size_px: Side length of the tensors in pixels.
        fit: How pictures that are not square become square.
        workers: Threads that read and decode; by default one per core, and one more.
        prune: Delete the rows of files that are gone.
        max_pixels: Larger pictures are rejected as `too_large`.
        progress: Called with samples done and samples to do.

    Raises:
        RootError: A root cannot be read.
        OptionError: Options contradict each other or the table.
        DatabaseError: The database is busy, or full, or none.
        LoadError: dlt or the destination refused a load.
    """
    started_s = time.monotonic()
    harmonisation = Harmonisation(size_px, Fit(fit), max_pixels)
    portions, path = Portions.of(size_px), Path(database)
    with ExitStack() as stack:
        stack.enter_context(_rare_garbage_collection())
        opened = [stack.enter_context(open_storage(root)) for root in roots]
        storages = {storage.root: storage for storage in opened}
        findings = read_layouts(list(storages.values()), layout=layout, name=name)
        is_file = destination == "duckdb"
        where = path.absolute().parent if is_file else destination
        stack.enter_context(explain_failures(f"Loading into {path if is_file else destination}", where))
        pipeline = stack.enter_context(open_pipeline(destination, path, portions.file))
        interrupted_rows, loaded = take_stock(pipeline)
        _check_harmonisation(loaded, harmonisation)
        plan = make_plan(findings, loaded, storages, prune=prune)

        def read_file(file: FileEntry) -> bytes:
            return storages[file.root].read(file.path)

        def read(candidate: Candidate) -> Outcome:
            return read_sample(candidate, read_file, harmonisation)

        ledger = Ledger(findings, plan, loaded, find_facts(findings, read_file), harmonisation)
        run = _Run(pipeline, ledger, portions, read, workers or _default_workers(opened), progress)
        _prepare(storages, plan)
        gone = [sample_id for sample_id, _ in plan.gone_images] if prune else []
        ledger.forget(gone)
        packages = run.load(plan, is_first=not loaded.image_datasets, announces=has_sql(pipeline))
        run.delete(gone, storages)
        ledger.check(findings.files_seen)
        return replace(
            _describe(findings, plan, ledger, prune=prune),
            database=str(path) if is_file else destination,
            interrupted_rows=interrupted_rows,
            packages=packages,
            duration_s=time.monotonic() - started_s,
        )


def _describe(findings: Findings, plan: Plan, ledger: Ledger, *, prune: bool) -> IngestReport:
    """What the ledger knows of a run; the rest of the report is the run's own."""
    gone = tuple(path for _, path in plan.gone_images + plan.gone_masks)
    return IngestReport(
        database="",
        notes=findings.notes,
        files_seen=findings.files_seen,
        images=ledger.images,
        masks=ledger.masks,
        rejects=ledger.rejected_files(),
        new_rejects=ledger.new_rejects,
        ignored=dict(ledger.ignored),
        gone=gone,
        pruned=len(gone) if prune else 0,
        interrupted_rows=0,
        fingerprints=ledger.fingerprints(),
        packages=0,
        duration_s=0.0,
    )


@dataclass(slots=True)
class _Run:
    """One run's way from candidates to rows."""

    pipeline: dlt.Pipeline
    ledger: Ledger
    portions: Portions
    read: Callable[[Candidate], Outcome]
    workers: int
    progress: Progress | None
    done: int = 0
    total: int = 0

    def load(self, plan: Plan, *, is_first: bool, announces: bool) -> int:
        """Appends what is new, merges what is revisited, then the small tables; returns the packages used."""
        self.total = len(plan.new) + len(plan.revisit)
        head = self._opening_batches(announces=announces) if is_first else []
        with self._batches(plan.new) as new:
            if not plan.revisit:
                return self._load_packages(chain(head, new, self._closing_batches()), "append")
            packages = self._load_packages(chain(head, new), "append")
        with self._batches(plan.revisit) as revisited:
            return packages + self._load_packages(chain(revisited, self._closing_batches()), "merge")

    def delete(self, gone: list[str], roots: Iterable[str]) -> None:
        """Deletes the rows that no file stands behind any more."""
        images = self.ledger.displaced_images + gone
        delete_rows(self.pipeline, "images", images)
        delete_rows(self.pipeline, "masks", images + self.ledger.displaced_masks)
        delete_rejects(self.pipeline, self.ledger.outdated_rejects(roots))

    def _load_packages(self, batches: Iterator[Batch], disposition: Disposition) -> int:
        packages = 0
        for first in batches:
            package = chain([first], islice(batches, self._count_further_batches()))
            self.pipeline.run(inspection(package, disposition))
            packages += 1
        return packages

    def _count_further_batches(self) -> int | None:
        """Most of what is left, and a file's worth as a whole (None): while the last is loaded, nothing is decoded."""
        left = self.total - self.done
        if left <= self.portions.file:
            return None
        return min(self.portions.package, left * 3 // 4) // self.portions.batch

    def _opening_batches(self, *, announces: bool) -> list[Batch]:
        """Makes the tables exist; where several packages follow, tells what they are before they are complete."""
        opening = make_empty_batch()
        if announces and self._count_further_batches() is not None:
            opening.update(self.ledger.final_batch())
        return [opening]

    def _closing_batches(self) -> Iterator[Batch]:
        if closing_batch := self.ledger.final_batch():
            yield closing_batch

    @contextmanager
    def _batches(self, candidates: Sequence[Candidate]) -> Iterator[Iterator[Batch]]:
        with read_ahead(candidates, self.read, workers=self.workers, ahead=self.portions.ahead) as outcomes:
            yield self._make_batches(outcomes)

    def _make_batches(self, outcomes: Iterator[Outcome]) -> Iterator[Batch]:
        while some := list(islice(outcomes, self.portions.batch)):
            for outcome in some:
                self.ledger.enter(outcome)
            self._report_progress(len(some))
            if batch := make_batch(some):
                yield batch

    def _report_progress(self, count: int) -> None:
        self.done += count
        if self.progress is not None:
            self.progress(self.done, self.total)


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Spares the garbage collector what is imported, and calls it less often: dlt makes very many objects."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_RARE_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _default_workers(storages: Sequence[Storage]) -> int:
    workers = (os.cpu_count() or 1) + 1  # one more, so that no core is idle while a thread waits for the interpreter
    return workers if all(storage.is_local for storage in storages) else max(workers, REMOTE_WORKERS)


def _prepare(storages: dict[str, Storage], plan: Plan) -> None:
    paths: dict[str, list[str]] = {root: [] for root in storages}
    for candidate in plan.new + plan.revisit:
        sample = candidate.sample
        for file in (sample.image, sample.mask, *sample.copies, *sample.mask_copies):
            if file is not None:
                paths[file.root].append(file.path)
    for root, storage in storages.items():
        storage.prepare(paths[root])


def _check_harmonisation(loaded: Loaded, harmonisation: Harmonisation) -> None:
    for name, row in loaded.image_datasets.items():
        if (row["size_px"], row["fit"]) != (harmonisation.size_px, harmonisation.fit):
            raise OptionError(
                f"The table holds {name} at {row['size_px']} px, fit {row['fit']}; this run asks for "
                f"{harmonisation.size_px} px, fit {harmonisation.fit}. One table holds one size: give the same "
                "--size and --fit, or another --database."
            )
