"""An image folder that `export` wrote, read back: its samples are again who they were.

There, every image is a PNG in the layout that was asked for, whatever it was before. A table beside the category
folders (`EXPORTED_SAMPLES_FILE`), or the one that describes the images of an export to CSV (`EXPORTED_TABLE_FILE`),
says of each file which sample it is; a file that the table does not name is a new sample. The latter is made to be
edited, and its labels and splits have been read already: of it, nothing but the identity is taken.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from darkroom.extract.readers.table_rows import parse_table
from darkroom.extract.storage import Roots
from darkroom.sample import (
    EXPORTED_SAMPLES_COLUMNS,
    EXPORTED_SAMPLES_FILE,
    EXPORTED_TABLE_COLUMNS,
    EXPORTED_TABLE_FILE,
    DatasetFacts,
    FileEntry,
    FileKey,
    Findings,
    Reject,
    Sample,
    Split,
)

_Facts = dict[str, Any]
"""What a table restores of a sample, by the name of the attribute."""

_TABLES = (EXPORTED_SAMPLES_FILE, EXPORTED_TABLE_FILE)


def restore_samples(findings: Findings, roots: Roots) -> Findings:
    """Gives samples of exported folders the identity that they had; all other ones stay as they are.

    Where that would make two samples one, as when an export and what it was made from are read together, all keep
    what their paths say.

    Args:
        findings: What the readers have found.
        roots: The storages to read the tables from.
    """
    tables = [entry.file for entry in findings.ignored if entry.file.path.rpartition("/")[2] in _TABLES]
    if not tables:
        return findings
    roots.prepare(tables)
    known, notes = _read_tables(tables, roots)
    samples = tuple(_restore(sample, known.get(sample.image.key)) for sample in findings.samples)
    if len({sample.sample_id for sample in samples}) < len(samples):
        names = ", ".join(sorted({table.path.rpartition("/")[2] for table in tables}))
        notes.append(f"{names}: not used, as the samples it names are here besides. Ingest an export by itself.")
        return replace(findings, notes=(*findings.notes, *notes))
    rejects = tuple(_rename_rejects(findings, samples))
    return replace(
        findings,
        samples=samples,
        rejects=rejects,
        image_datasets=_rename_datasets(findings, samples, rejects),
        notes=(*findings.notes, *notes),
    )


def _read_tables(tables: list[FileEntry], roots: Roots) -> tuple[dict[FileKey, _Facts], list[str]]:
    known: dict[FileKey, _Facts] = {}
    notes = []
    for file in tables:
        read_rows = _read_samples if file.path.endswith(EXPORTED_SAMPLES_FILE) else _read_table
        try:
            own = {
                (file.root, file.path[: file.path.rfind("/") + 1] + path): facts
                for path, facts in read_rows(roots.read(file))
            }
        except (OSError, ValueError, csv.Error) as error:
            notes.append(f"{file.path}: not used, as no export wrote it so ({error}); names are made from paths.")
            continue
        known |= own
        if own:
            notes.append(f"{file.path}: an export; its {len(own):,} samples keep their sample_id.")
    return known, notes


def _read_samples(content: bytes) -> Iterator[tuple[str, _Facts]]:
    """Yields the path of each file in `darkroom_samples.csv`, relative to its folder, with all facts of its sample."""
    for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
        if tuple(row) != EXPORTED_SAMPLES_COLUMNS or not all(row.values()):
            raise ValueError(f"expected the columns {', '.join(EXPORTED_SAMPLES_COLUMNS)}")
        _check_id(row["sample_id"], row["source_dataset"])
        yield row.pop("path"), {**row, "split": Split(row["split"])}


def _read_table(content: bytes) -> Iterator[tuple[str, _Facts]]:
    """Yields the path of each image in `samples.csv`, relative to its folder, with what tells which sample it is.

    A table of somebody else that is called so has none; a row that was added to an export has none either.
    """
    table = parse_table(content, ".csv")
    for row in table.rows if table is not None and set(EXPORTED_TABLE_COLUMNS) <= set(table.header) else ():
        if row.sample_id and not row.fault:
            _check_id(row.sample_id, row.source_dataset)
            facts = {"sample_id": row.sample_id, "source_dataset": row.source_dataset, "category": row.category}
            yield row.image.replace("\\", "/"), facts


def _check_id(sample_id: str, source_dataset: str) -> None:
    if not source_dataset or not sample_id.startswith(f"{source_dataset}/"):
        raise ValueError(f"{sample_id} is no sample_id of {source_dataset or 'an image dataset without a name'}")


def _restore(sample: Sample, facts: _Facts | None) -> Sample:
    return sample if facts is None else replace(sample, **facts)


def _rename_rejects(findings: Findings, samples: tuple[Sample, ...]) -> Iterator[Reject]:
    """Yields the rejects, by the name that all samples of their image dataset have now, if it is one."""
    names: dict[str, set[str]] = defaultdict(set)
    for before, after in zip(findings.samples, samples, strict=True):
        names[before.source_dataset].add(after.source_dataset)
    for reject in findings.rejects:
        now = names[reject.source_dataset]
        yield replace(reject, source_dataset=next(iter(now))) if len(now) == 1 else reject


def _rename_datasets(
    findings: Findings, samples: tuple[Sample, ...], rejects: tuple[Reject, ...]
) -> dict[str, DatasetFacts]:
    """Returns what is known of each image dataset that has a sample or a reject, by its name now."""
    known = findings.image_datasets
    renamed = {
        after.source_dataset: before.source_dataset for before, after in zip(findings.samples, samples, strict=True)
    }
    for before, after in zip(findings.rejects, rejects, strict=True):
        renamed.setdefault(after.source_dataset, before.source_dataset)
    return {after: known[before] for after, before in renamed.items() if before in known}
