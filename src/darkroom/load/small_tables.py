"""The rows of a run that are about no single sample: rejects that the readers found, and the image datasets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from darkroom.fingerprint import FingerprintRow, make_fingerprint
from darkroom.load.harmonisation import Harmonisation
from darkroom.load.loaded import Loaded
from darkroom.load.resources import Tables, make_table
from darkroom.load.rows import Row, make_reject_row
from darkroom.load.white_levels import WhiteLevels
from darkroom.sample import Findings

_FACTS = ("licence", "citation", "homepage")


def make_small_tables(findings: Findings, loaded: Loaded, dataset_rows: dict[str, Row]) -> Tables:
    """Makes the small tables, as far as they differ from what was loaded before.

    Args:
        findings: Has the rejects that the readers found.
        loaded: The facts of the tables before the run.
        dataset_rows: The rows of `image_datasets` as they are to be, by name.
    """
    rows = {
        "rejects": [make_reject_row(reject) for reject in findings.rejects if not loaded.states_reject(reject)],
        "image_datasets": [row for name, row in dataset_rows.items() if loaded.image_datasets.get(name) != row],
    }
    return {name: make_table(name, table_rows) for name, table_rows in rows.items() if table_rows}


def make_dataset_rows(
    contents: Loaded,
    findings: Findings,
    harmonisation: Harmonisation,
    white_levels: WhiteLevels,
    scaled: Collection[str],
) -> dict[str, Row]:
    """Makes the rows of `image_datasets`, by name: of those found now, and of those in the table.

    Works out their fingerprints, from the hashes of all files: call it once where the tables hold much.

    Args:
        contents: What the tables hold when the rows are to be right.
        findings: Has what is known of the image datasets found.
        harmonisation: How their pictures became uniform.
        white_levels: Which level became white in deep ones.
        scaled: The names of those of which this run has scaled images.
    """
    sample_ids: dict[str, list[str]] = defaultdict(list)
    for sample_id, image in contents.images.items():
        sample_ids[image.source_dataset].append(sample_id)
    found_samples = {sample.sample_id for sample in findings.samples}
    roots = {sample.image.root for sample in findings.samples}
    elsewhere = {
        image.source_dataset
        for sample_id, image in contents.images.items()
        # the row of a file that did not change names the root that it was loaded from
        if image.file.root not in roots and sample_id not in found_samples
    }
    rows = {}
    for name in dict.fromkeys((*contents.image_datasets, *findings.image_datasets)):
        found = findings.image_datasets.get(name)
        stored = contents.image_datasets.get(name)
        known = (stored or {}) if found is None else asdict(found)
        if found is not None and stored is not None and name in elsewhere and _facts(stored) != _facts(known):
            known |= dict.fromkeys(_FACTS)  # what holds for one part is not to be told of the other
        rows[name] = {
            **known,
            "name": name,
            **_describe_samples(contents, sorted(sample_ids[name])),
            "size_px": harmonisation.size_px,
            "fit": str(harmonisation.fit),
            **white_levels.row_of(name),
            **_describe_resampler(harmonisation if stored is None or name in scaled else None, stored or {}),
        }
    return rows


def describe_lost_facts(loaded: Loaded, dataset_rows: Mapping[str, Row]) -> list[str]:
    """Returns one line for each image dataset whose licence was known before a run, and is not any more."""
    return [
        f"{name}: its images come from roots with different facts, so licence, citation and homepage are empty now; if "
        "these are two image datasets, give one of them a `name` of its own"
        for name, row in dataset_rows.items()
        if any(_facts(loaded.image_datasets.get(name, {}))) and not any(_facts(row))
    ]


def _describe_resampler(harmonisation: Harmonisation | None, stored: Mapping[str, Any]) -> Row:
    """Says what scaled the images last: this run, or what is stored says."""
    if harmonisation is None:
        return {column: stored.get(column) for column in ("resampler", "resampler_version")}
    return {"resampler": harmonisation.resampler.name, "resampler_version": harmonisation.resampler.version}


def _facts(row: Mapping[str, Any]) -> list[Any]:
    return [row.get(column) for column in _FACTS]


def _describe_samples(contents: Loaded, sample_ids: list[str]) -> Row:
    """Says where samples, given by sorted `sample_id`, came from, how many files they are, and their fingerprint."""
    images = {key: contents.images[key] for key in sample_ids}
    masks = {key: contents.masks[key].content_sha256 for key in sample_ids if key in contents.masks}
    return {
        "root": "\n".join(sorted({image.file.root for image in images.values()})),
        "file_count": len(images) + len(masks),
        "fingerprint": make_fingerprint(
            FingerprintRow(key, image.file.content_sha256, masks.get(key), image.split, image.label)
            for key, image in images.items()
        ),
    }
