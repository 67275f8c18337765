"""The fingerprints of the table, made again from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from darkroom.fingerprint import FingerprintRow, make_fingerprint
from darkroom.query.summary import ImageDataset, read_image_datasets

FETCH_ROWS = 10_000
"""Rows without tensors fetched in one go."""


@dataclass(frozen=True, slots=True)
class FingerprintCheck:
    """The fingerprint of one image dataset, made again.

    Attributes:
        name: The name of the image dataset.
        fingerprint: Made from the rows that are there now.
        stored: The fingerprint kept at the last complete run; None if there is none.
        image_count: How many rows it has in `images`.
        mask_count: How many of them have a row in `masks`.
        deep_white_level: The level that became white in images of more than 8 bits a channel, as it is recorded.
        float_white_level: The level that became white in images of floats, as it is recorded.
        resampler: What scaled its images, as it is recorded; None in the databases of an older darkroom: Pillow.
        resampler_version: The version of that which did so last.
    """

    name: str
    fingerprint: str
    stored: str | None
    image_count: int
    mask_count: int
    deep_white_level: int | None = None
    float_white_level: float | None = None
    resampler: str | None = None
    resampler_version: str | None = None


_HASHES = """
SELECT i.sample_id, i.content_sha256, m.content_sha256, i.split, i.label
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
ORDER BY ALL
"""

_HASHES_BY_IMAGE_DATASET = """
SELECT i.source_dataset, i.sample_id, i.content_sha256, m.content_sha256, i.split, i.label
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
ORDER BY ALL
"""


def iter_rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of a query without tensors, `FETCH_ROWS` at a time."""
    result = connection.execute(query)
    while rows := result.fetchmany(FETCH_ROWS):
        yield from rows


def make_total_fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Makes the fingerprint over all image datasets."""
    return make_fingerprint(FingerprintRow(*row) for row in iter_rows(connection, _HASHES))


def check_fingerprints(connection: duckdb.DuckDBPyConnection) -> tuple[FingerprintCheck, ...]:
    """Makes the fingerprint of each image dataset, by name, also of those that have no row any more."""
    stored = {entry.name: entry for entry in read_image_datasets(connection)}
    rows = iter_rows(connection, _HASHES_BY_IMAGE_DATASET)
    found = {
        name: _check_fingerprint(name, (FingerprintRow(*row[1:]) for row in own_rows), stored.get(name))
        for name, own_rows in groupby(rows, key=itemgetter(0))
    }
    for name in stored.keys() - found.keys():
        found[name] = _check_fingerprint(name, (), stored[name])
    return tuple(found[name] for name in sorted(found))


def _check_fingerprint(name: str, rows: Iterable[FingerprintRow], stored: ImageDataset | None) -> FingerprintCheck:
    image_count = mask_count = 0

    def counted() -> Iterator[FingerprintRow]:
        nonlocal image_count, mask_count
        for row in rows:
            image_count += 1
            mask_count += row.mask_sha256 is not None
            yield row

    fingerprint = make_fingerprint(counted())
    if stored is None:
        return FingerprintCheck(name, fingerprint, None, image_count, mask_count)
    return FingerprintCheck(
        name,
        fingerprint,
        stored.fingerprint,
        image_count,
        mask_count,
        stored.deep_white_level,
        stored.float_white_level,
        stored.resampler,
        stored.resampler_version,
    )
