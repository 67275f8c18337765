"""One run's way from its plan to the tables, in packages of a bounded size.

Threads read and decode pictures ahead of dlt, while dlt extracts, normalises and loads the package before. All that is
in flight is bounded (`SampleLimits`), so memory does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice

import dlt

from darkroom.extract.storage import Roots
from darkroom.load.changes import Changes
from darkroom.load.harmonisation import Harmonisation
from darkroom.load.ledger import Ledger
from darkroom.load.limits import SampleLimits
from darkroom.load.loaded import Loaded
from darkroom.load.pipeline import (
    delete_image_datasets,
    delete_rejects,
    delete_samples,
    has_sql,
    make_missing_tables,
    takes_empty_files,
)
from darkroom.load.plan import Candidate, Plan, find_obsolete_rejects
from darkroom.load.resources import Disposition, Tables, inspection, make_empty_tables, make_tables
from darkroom.load.rows import Row
from darkroom.load.sample_reader import SampleRows, read_sample
from darkroom.load.small_tables import make_dataset_rows, make_small_tables
from darkroom.load.white_levels import WhiteLevels
from darkroom.progress import ProgressCounter
from darkroom.read_ahead import read_ahead
from darkroom.sample import Findings


@dataclass(slots=True)
class Loader:
    """Loads what one run has found; its samples first, then it deletes what they leave behind.

    Attributes:
        pipeline: The pipeline to load with.
        roots: The storages to read from.
        findings: What the readers found.
        loaded: The facts of the tables before the run.
        plan: What there is to do.
        harmonisation: How pictures become uniform.
        white_levels: Finds the level that is white in deep images.
        limits: How many samples are in flight.
        progress: Counts the samples read.
        ledger: Counts the files of the run.
        changes: What the run changes in `images` and `masks`.
    """

    pipeline: dlt.Pipeline
    roots: Roots
    findings: Findings
    loaded: Loaded
    plan: Plan
    harmonisation: Harmonisation
    white_levels: WhiteLevels
    limits: SampleLimits
    progress: ProgressCounter
    ledger: Ledger = field(init=False)
    changes: Changes = field(init=False)
    _dataset_rows: dict[str, Row] = field(init=False, default_factory=dict)
    _settled: dict[str, Row] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.findings, self.plan, self.loaded)
        self.changes = Changes(list(self.plan.obsolete_images))
        if self.loaded.image_datasets:
            self._settled = self._describe_scales()

    def load_samples(self, workers: int) -> tuple[int, dict[str, Row]]:
        """Appends what is new, merges what is revisited, then loads the small tables; call it once.

        Args:
            workers: Threads that read and decode.

        Returns:
            How many packages it took, and the rows of `image_datasets` as they are now, by name.
        """
        plan = self.plan
        self.roots.prepare(file for candidate in plan.new + plan.revisit for file in candidate.sample.files)
        last = self._settle_dataset_rows()
        with self._read_ahead(plan.new, workers) as new:
            tables = chain(self._make_first_tables(), new)
            packages = self._load_packages(tables if plan.revisit else chain(tables, last), "append")
        if plan.revisit:
            with self._read_ahead(plan.revisit, workers) as revisited:
                packages += self._load_packages(chain(revisited, last), "merge")
        if packages and not takes_empty_files(self.pipeline):
            make_missing_tables(self.pipeline)
        return packages, self._dataset_rows

    def delete_obsolete(self) -> None:
        """Deletes the rows that no file stands behind any more; a second call deletes nothing."""
        images, masks = self.changes.obsolete_images, self.changes.obsolete_masks
        delete_samples(self.pipeline, "images", images)
        delete_samples(self.pipeline, "masks", images + masks)
        rejects = find_obsolete_rejects(self.loaded, self.roots.names, self.ledger.rejects)
        delete_rejects(self.pipeline, [*rejects, *self.plan.obsolete_rejects])
        delete_image_datasets(self.pipeline, self.loaded.image_datasets.keys() - self._dataset_rows.keys())

    def _load_packages(self, tables: Iterator[Tables], disposition: Disposition) -> int:
        packages = 0
        for first in tables:
            package = chain([first], islice(tables, self._count_further_tables()), self._make_interim_tables())
            self.pipeline.run(inspection(package, disposition), loader_file_format="parquet")
            packages += 1
        return packages

    def _count_further_tables(self) -> int | None:
        """Counts most of what is left; None for all of it, as nothing is decoded while the last package is loaded."""
        left = self.progress.left
        if left <= self.limits.per_file:
            return None
        return min(self.limits.per_package, left * 3 // 4) // self.limits.per_tables

    def _make_first_tables(self) -> Iterator[Tables]:
        """On a first run, makes all four tables exist, where files without a row do that."""
        if not self.loaded.image_datasets and takes_empty_files(self.pipeline):
            yield make_empty_tables()

    def _make_interim_tables(self) -> Iterator[Tables]:
        """Says at the end of a package how big its pictures are and how they were scaled, unless that is settled.

        So a run that stops in between has settled it. The last package says it anyway. Plain files are left without:
        what is in them cannot be replaced when the rows are complete.
        """
        scales = self._describe_scales()
        if self._dataset_rows or scales == self._settled or not has_sql(self.pipeline):
            return
        self._settled = scales
        tables = make_small_tables(self.findings, self.loaded, self._make_dataset_rows())
        yield {"image_datasets": tables["image_datasets"]}

    def _describe_scales(self) -> dict[str, Row]:
        return {name: dict(self.white_levels.row_of(name)) for name in self.findings.image_datasets}

    def _settle_dataset_rows(self) -> Iterator[Tables]:
        """Works the rows of `image_datasets` out, once all samples are read, and yields what they change."""
        self.white_levels.is_last = True
        self._dataset_rows = self._make_dataset_rows()
        if tables := make_small_tables(self.findings, self.loaded, self._dataset_rows):
            yield tables

    def _make_dataset_rows(self) -> dict[str, Row]:
        contents = self.changes.apply_to(self.loaded)
        obsolete = {row.file.key for row in self.plan.obsolete_rejects}
        elsewhere = (
            row
            for key, row in self.loaded.rejects.items()
            if row.file.root not in self.roots.names and key not in obsolete
        )
        in_use = {
            *(image.source_dataset for image in contents.images.values()),
            *(reject.source_dataset for reject in chain(elsewhere, self.ledger.rejects.values())),
        }
        datasets = {name: row for name, row in contents.image_datasets.items() if name in in_use}
        contents = replace(contents, image_datasets=datasets)
        scaled = {image.source_dataset for image in self.changes.images.values()}
        return make_dataset_rows(contents, self.findings, self.harmonisation, self.white_levels, scaled)

    @contextmanager
    def _read_ahead(self, candidates: Sequence[Candidate], workers: int) -> Iterator[Iterator[Tables]]:
        read = partial(
            read_sample,
            read=self.roots.read,
            harmonisation=self.harmonisation,
            find_white_level=self.white_levels.find,
        )
        with read_ahead(candidates, read, workers=workers, ahead=self.limits.ahead) as samples:
            try:
                yield self._make_tables(samples)
            except BaseException:
                self.white_levels.stop()
                raise

    def _make_tables(self, samples: Iterator[SampleRows]) -> Iterator[Tables]:
        while some := list(islice(samples, self.limits.per_tables)):
            for rows in some:
                self.ledger.enter(rows)
                self.changes.add(rows)
            self.progress.advance(len(some))
            if tables := make_tables(some, self.loaded):
                yield tables
