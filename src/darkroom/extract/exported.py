"""An image folder that `export` wrote, read back: its samples are again who they were.

There, every image is a PNG in MVTec AD's layout, whatever it was before. A table beside the category folders
(`EXPORTED_SAMPLES_FILE`) says of each file which sample it is; a file that the table does not name is a new sample.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from darkroom.extract.storage import Roots
from darkroom.sample import (
    EXPORTED_SAMPLES_COLUMNS,
    EXPORTED_SAMPLES_FILE,
    DatasetFacts,
    FileEntry,
    FileKey,
    Findings,
    Reject,
    Sample,
    Split,
)

_Facts = dict[str, str]


def restore_samples(findings: Findings, roots: Roots) -> Findings:
    """Gives samples of exported folders the identity that they had; all other ones stay as they are.

    Where that would make two samples one, as when an export and what it was made from are read together, all keep
    what their paths say.

    Args:
        findings: What the readers have found.
        roots: The storages to read the tables from.
    """
    tables = [entry.file for entry in findings.ignored if entry.file.path.split("/")[-1] == EXPORTED_SAMPLES_FILE]
    if not tables:
        return findings
    roots.prepare(tables)
    known, notes = _read_tables(tables, roots)
    samples = tuple(_restore(sample, known.get(sample.image.key)) for sample in findings.samples)
    if len({sample.sample_id for sample in samples}) < len(samples):
        notes.append(
            f"{EXPORTED_SAMPLES_FILE}: not used, as the samples it names are here besides. Ingest an export by itself."
        )
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
        try:
            own = dict(_read_table(file, roots.read(file)))
        except (OSError, ValueError, csv.Error) as error:
            notes.append(f"{file.path}: not used, as no export wrote it so ({error}); names are made from paths.")
        else:
            known |= own
            notes.append(f"{file.path}: an export; its {len(own):,} samples keep their sample_id.")
    return known, notes


def _read_table(file: FileEntry, content: bytes) -> Iterator[tuple[FileKey, _Facts]]:
    folder = file.path.removesuffix(EXPORTED_SAMPLES_FILE)
    for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
        if tuple(row) != EXPORTED_SAMPLES_COLUMNS or not all(row.values()):
            raise ValueError(f"expected the columns {', '.join(EXPORTED_SAMPLES_COLUMNS)}")
        if not row["sample_id"].startswith(f"{row['source_dataset']}/"):
            raise ValueError(f"{row['sample_id']} is no sample_id of {row['source_dataset']}")
        Split(row["split"])
        yield (file.root, folder + row["path"]), row


def _restore(sample: Sample, facts: _Facts | None) -> Sample:
    if facts is None:
        return sample
    return replace(
        sample,
        sample_id=facts["sample_id"],
        source_dataset=facts["source_dataset"],
        category=facts["category"],
        split=Split(facts["split"]),
        label=facts["label"],
    )


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
