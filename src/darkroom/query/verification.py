"""Is the table what it says it is, and is it the same as another one?

The fingerprints are made again from the rows, every integrity rule of the data contract is one `Check`, and a
comparison names each sample that differs from another database, and how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

from darkroom.database.duckdb_file import fetch_tensors, open_readonly
from darkroom.errors import DatabaseNotFoundError, OptionError
from darkroom.fingerprint import PREFIX, make_fingerprint
from darkroom.query.summary import ImageDataset, UnfinishedRows, read_image_datasets, read_unfinished_rows
from darkroom.tables import DATASET_NAME

FINGERPRINT_DIGITS_MIN = 8
"""Hexadecimal digits that the beginning of a fingerprint must have to be looked up."""

SCAN_BYTES = 32 << 20
"""Tensor bytes looked at in one go: blobs are long, and DuckDB takes 2048 rows at a time if it is let."""

FETCH_ROWS = 10_000
"""Rows without tensors fetched in one go."""


@dataclass(frozen=True, slots=True)
class FingerprintCheck:
    """The fingerprint of one image dataset, made again.

    Attributes:
        name: The image dataset.
        fingerprint: Made from the rows that are there now.
        stored: The one kept at the last complete run; None if there is none.
        image_count: Its rows in `images`.
        mask_count: Those with a row in `masks`.
    """

    name: str
    fingerprint: str
    stored: str | None
    image_count: int
    mask_count: int


@dataclass(frozen=True, slots=True)
class Check:
    """One integrity rule.

    Attributes:
        name: A short stable code.
        rule: What must be true, in words.
        breaches: What breaks it, all of it: a `sample_id`, or an image dataset with what was found.
    """

    name: str
    rule: str
    breaches: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing breaks the rule."""
        return not self.breaches


@dataclass(frozen=True, slots=True)
class Difference:
    """A sample that two databases hold differently.

    Attributes:
        sample_id: Its key.
        what: One or more of `image content`, `mask content`, `mask missing here`, `mask missing there`,
            `label`, `split`, `category`, `tensor size`, `number of rows`.
    """

    sample_id: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FingerprintMatch:
    """The outcome of a comparison with a fingerprint.

    Attributes:
        against: The fingerprint asked for, as given.
        matches: What has it: names of image datasets, and `total` for the whole database.
    """

    against: str
    matches: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether anything here has that fingerprint."""
        return bool(self.matches)


@dataclass(frozen=True, slots=True)
class DatabaseComparison:
    """The outcome of a comparison with another database.

    Attributes:
        against: The other file.
        fingerprint: The total fingerprint of the other one.
        only_here: `sample_id`s that the other one lacks.
        only_there: `sample_id`s that this one lacks.
        differing: Samples in both that are not the same.
        unfinished: What interrupted loads left behind there; not compared.
    """

    against: str
    fingerprint: str
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    differing: tuple[Difference, ...]
    unfinished: tuple[UnfinishedRows, ...]

    @property
    def ok(self) -> bool:
        """Whether both hold the same samples."""
        return not (self.only_here or self.only_there or self.differing)


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of `verify`.

    Attributes:
        database: The file it was read from.
        fingerprint: Over all image datasets.
        image_datasets: The fingerprint of each.
        checks: The integrity rules.
        comparison: With what `against` named, or None.
        unfinished: What interrupted loads left behind; nothing here counts those rows.
    """

    database: str
    fingerprint: str
    image_datasets: tuple[FingerprintCheck, ...]
    checks: tuple[Check, ...]
    comparison: FingerprintMatch | DatabaseComparison | None
    unfinished: tuple[UnfinishedRows, ...]

    @property
    def ok(self) -> bool:
        """Whether every rule holds, and the comparison, if any, found the same."""
        return all(check.ok for check in self.checks) and (self.comparison is None or self.comparison.ok)


def verify(
    database: str | Path,
    against: str | Path | None = None,
    *,
    deep: bool = False,
    dataset: str = DATASET_NAME,
) -> Verification:
    """Makes the fingerprints again and checks the tables; changes nothing.

    Takes about as long as reading the database file once: DuckDB learns the length of a tensor by reading it.

    Args:
        database: The DuckDB file.
        against: A fingerprint (`sha256:` and 64 hexadecimal digits, without the prefix, or an unambiguous
            beginning of at least `FINGERPRINT_DIGITS_MIN` digits) or another DuckDB file.
        deep: Also look at every mask pixel.
        dataset: The dlt dataset (database schema) that holds the tables, in both databases.

    Raises:
        DatabaseNotFoundError: A database is not there, or empty.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
        OptionError: `against` is too short, or the beginning of several fingerprints.
    """
    wanted = _parse_fingerprint(against) if against is not None else None
    with open_readonly(database, dataset) as connection:
        fingerprint = _make_total_fingerprint(connection)
        image_datasets = _check_fingerprints(connection)
        checks = _run_checks(connection, image_datasets, deep=deep)
        comparison: FingerprintMatch | DatabaseComparison | None = None
        if wanted is not None:
            comparison = _match_fingerprint(str(against), wanted, fingerprint, image_datasets)
        elif against is not None:
            comparison = _compare(connection, against, dataset)
        unfinished = read_unfinished_rows(connection)
    return Verification(str(database), fingerprint, image_datasets, checks, comparison, unfinished)


def _parse_fingerprint(against: str | Path) -> str | None:
    """Returns the hexadecimal digits if `against` is a fingerprint or its beginning, None if it is a file.

    Raises:
        OptionError: It has the prefix of a fingerprint, and not the digits.
        DatabaseNotFoundError: It is neither.
    """
    text = str(against).strip().lower()
    digits = text.removeprefix(PREFIX)
    is_fingerprint = re.fullmatch(f"[0-9a-f]{{{FINGERPRINT_DIGITS_MIN},64}}", digits) is not None
    expected = f"a fingerprint (`{PREFIX}` and {FINGERPRINT_DIGITS_MIN} to 64 hexadecimal digits)"
    if text.startswith(PREFIX):
        if not is_fingerprint:
            raise OptionError(f"--against {against}: expected {expected}, found {len(digits)} characters.")
        return digits
    if Path(against).exists():
        return None
    if not is_fingerprint:
        raise DatabaseNotFoundError(f"--against {against}: no such file. Expected a DuckDB file, or {expected}.")
    return digits


_HASHES = """
SELECT i.sample_id, i.content_sha256, m.content_sha256
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
ORDER BY ALL
"""

_HASHES_BY_IMAGE_DATASET = """
SELECT i.source_dataset, i.sample_id, i.content_sha256, m.content_sha256
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
ORDER BY ALL
"""


def _iter_rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    result = connection.execute(query)
    while rows := result.fetchmany(FETCH_ROWS):
        yield from rows


def _make_total_fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    return make_fingerprint((key, image, mask) for key, image, mask in _iter_rows(connection, _HASHES))


def _check_fingerprints(connection: duckdb.DuckDBPyConnection) -> tuple[FingerprintCheck, ...]:
    stored = {entry.name: entry.fingerprint for entry in read_image_datasets(connection)}
    rows = _iter_rows(connection, _HASHES_BY_IMAGE_DATASET)
    found = {
        name: _check_fingerprint(name, (row[1:] for row in own_rows), stored.get(name))
        for name, own_rows in groupby(rows, key=itemgetter(0))
    }
    for name in stored.keys() - found.keys():
        found[name] = _check_fingerprint(name, (), stored[name])
    return tuple(found[name] for name in sorted(found))


def _check_fingerprint(name: str, rows: Iterable[tuple[str, str, str | None]], stored: str | None) -> FingerprintCheck:
    image_count = mask_count = 0

    def counted() -> Iterator[tuple[str, str, str | None]]:
        nonlocal image_count, mask_count
        for row in rows:
            image_count += 1
            mask_count += row[2] is not None
            yield row

    fingerprint = make_fingerprint(counted())
    return FingerprintCheck(name, fingerprint, stored, image_count, mask_count)


_RULES = (
    (
        "sample_id_unique",
        "no sample_id is there twice",
        "SELECT sample_id FROM images GROUP BY ALL HAVING count(*) > 1 "
        "UNION SELECT sample_id FROM masks GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL",
    ),
    (
        "mask_has_image",
        "every mask has its image",
        "SELECT sample_id FROM masks ANTI JOIN images USING (sample_id) ORDER BY ALL",
    ),
    (
        "has_mask_true",
        "has_mask is true exactly where there is a mask",
        "SELECT i.sample_id FROM images AS i LEFT JOIN masks AS m USING (sample_id) "
        "WHERE i.has_mask <> (m.sample_id IS NOT NULL) ORDER BY ALL",
    ),
    (
        "mask_shape",
        "every mask has the height and width of its image tensor",
        "SELECT sample_id FROM masks JOIN images USING (sample_id) "
        "WHERE mask_height <> tensor_height OR mask_width <> tensor_width ORDER BY ALL",
    ),
)


def _run_checks(
    connection: duckdb.DuckDBPyConnection, image_datasets: tuple[FingerprintCheck, ...], *, deep: bool
) -> tuple[Check, ...]:
    checks = [
        _check_stored_fingerprints(image_datasets),
        _check_file_counts(image_datasets, read_image_datasets(connection)),
    ]
    for name, rule, query in _RULES:
        breaches = connection.execute(query).fetchall()
        checks.append(Check(name, rule, tuple(sample_id for (sample_id,) in breaches)))
    checks.append(_check_image_bytes(connection))
    checks.append(_check_mask_bytes(connection))
    if deep:
        checks.append(_check_mask_values(connection))
    return tuple(checks)


def _check_stored_fingerprints(image_datasets: tuple[FingerprintCheck, ...]) -> Check:
    breaches = tuple(
        f"{entry.name}: {entry.fingerprint} now, {entry.stored or 'none'} stored"
        for entry in image_datasets
        if entry.stored != entry.fingerprint
    )
    return Check("fingerprint_stored", "the stored fingerprint is that of the rows", breaches)


def _check_file_counts(found: tuple[FingerprintCheck, ...], stored: tuple[ImageDataset, ...]) -> Check:
    file_counts = {entry.name: entry.image_count + entry.mask_count for entry in found}
    breaches = tuple(
        f"{entry.name}: {file_counts[entry.name]} images and masks, file_count says {entry.file_count}"
        for entry in stored
        if file_counts[entry.name] != entry.file_count
    )
    return Check("file_count", "file_count is the number of images and masks", breaches)


_IMAGE_EXTENT = "SELECT max(row_id), max(tensor_height * tensor_width * tensor_channels) FROM images"
_MASK_EXTENT = "SELECT max(row_id), max(mask_height * mask_width) FROM masks"

_IMAGE_BYTES = """
SELECT sample_id FROM images
WHERE row_id BETWEEN {first} AND {last}
  AND octet_length(image_tensor) <> tensor_height * tensor_width * tensor_channels
"""

_MASK_BYTES = """
SELECT sample_id FROM masks
WHERE row_id BETWEEN {first} AND {last} AND octet_length(mask_tensor) <> mask_height * mask_width
"""

_MASK_TENSORS = "SELECT sample_id, mask_tensor FROM masks WHERE row_id BETWEEN {first} AND {last}"


def _check_image_bytes(connection: duckdb.DuckDBPyConnection) -> Check:
    found = _scan(connection, _IMAGE_EXTENT, _IMAGE_BYTES)
    rule = "every image tensor has height * width * channels bytes"
    return Check("image_bytes", rule, tuple(sorted(sample_id for (sample_id,) in found)))


def _check_mask_bytes(connection: duckdb.DuckDBPyConnection) -> Check:
    found = _scan(connection, _MASK_EXTENT, _MASK_BYTES)
    rule = "every mask tensor has height * width bytes"
    return Check("mask_bytes", rule, tuple(sorted(sample_id for (sample_id,) in found)))


def _check_mask_values(connection: duckdb.DuckDBPyConnection) -> Check:
    found = _scan(connection, _MASK_EXTENT, _MASK_TENSORS)
    breaches = (sample_id for sample_id, tensor in found if np.frombuffer(tensor, dtype=np.uint8).max(initial=0) > 1)
    return Check("mask_values", "every mask pixel is 0 or 1", tuple(sorted(breaches)))


def _scan(connection: duckdb.DuckDBPyConnection, extent: str, query: str) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of a query over tensors, looking at no more than `SCAN_BYTES` of them in one go.

    Args:
        connection: Of `open_readonly`.
        extent: A query for the greatest `row_id` and the greatest length of a tensor in bytes.
        query: The query, with `{first}` and `{last}` for the range of `row_id`, both included.
    """
    [(last_row, tensor_bytes)] = connection.execute(extent).fetchall()
    if last_row is None:
        return
    step = max(1, SCAN_BYTES // max(1, tensor_bytes))
    for first in range(0, last_row + 1, step):
        found = fetch_tensors(connection, query.format(first=first, last=first + step - 1))
        yield from (tuple(row.values()) for row in found.to_pylist())


def _match_fingerprint(
    against: str, digits: str, total: str, image_datasets: tuple[FingerprintCheck, ...]
) -> FingerprintMatch:
    named = [("total", total), *((entry.name, entry.fingerprint) for entry in image_datasets)]
    matches = [(name, value) for name, value in named if value.startswith(PREFIX + digits)]
    if len({value for _, value in matches}) > 1:
        raise OptionError(
            f"--against {against}: several fingerprints begin so ({', '.join(name for name, _ in matches)}). "
            "Give more digits."
        )
    return FingerprintMatch(against, tuple(name for name, _ in matches))


class _SampleFacts(NamedTuple):
    """What a comparison looks at, of one sample."""

    sample_id: str
    image_sha256: str
    mask_sha256: str | None
    label: str | None
    split: str
    category: str
    tensor_height: int
    tensor_width: int
    tensor_channels: int


_FACTS = """
SELECT i.sample_id, i.content_sha256, m.content_sha256, i.label, i.split, i.category,
       i.tensor_height, i.tensor_width, i.tensor_channels
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
ORDER BY ALL
"""


def _compare(here: duckdb.DuckDBPyConnection, against: str | Path, dataset: str) -> DatabaseComparison:
    only_here: list[str] = []
    only_there: list[str] = []
    differing: list[Difference] = []
    with open_readonly(against, dataset) as there:
        fingerprint = _make_total_fingerprint(there)
        unfinished = read_unfinished_rows(there)
        for sample_id, facts_here, facts_there in _pair(_iter_facts(here), _iter_facts(there)):
            if not facts_there:
                only_here.append(sample_id)
            elif not facts_here:
                only_there.append(sample_id)
            elif what := _find_differences(facts_here, facts_there):
                differing.append(Difference(sample_id, what))
    return DatabaseComparison(
        str(against), fingerprint, tuple(only_here), tuple(only_there), tuple(differing), unfinished
    )


_Facts = list[_SampleFacts]


def _iter_facts(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, _Facts]]:
    """Yields each `sample_id`, in order, with its rows: one, unless it is there twice."""
    rows = map(_SampleFacts._make, _iter_rows(connection, _FACTS))
    for sample_id, own_rows in groupby(rows, key=attrgetter("sample_id")):
        yield sample_id, list(own_rows)


def _pair(
    here: Iterator[tuple[str, _Facts]], there: Iterator[tuple[str, _Facts]]
) -> Iterator[tuple[str, _Facts, _Facts]]:
    """Pairs two sorted streams by `sample_id`; what one of them lacks is an empty list."""
    left, right = next(here, None), next(there, None)
    while left or right:
        sample_id = min(entry[0] for entry in (left, right) if entry)
        facts_here: _Facts = []
        facts_there: _Facts = []
        if left and left[0] == sample_id:
            facts_here, left = left[1], next(here, None)
        if right and right[0] == sample_id:
            facts_there, right = right[1], next(there, None)
        yield sample_id, facts_here, facts_there


def _find_differences(rows_here: _Facts, rows_there: _Facts) -> tuple[str, ...]:
    if len(rows_here) != len(rows_there):
        return ("number of rows",)
    found: dict[str, None] = {}
    for here, there in zip(rows_here, rows_there, strict=True):
        found.update(dict.fromkeys(_name_differences(here, there)))
    return tuple(found)


def _name_differences(here: _SampleFacts, there: _SampleFacts) -> Iterator[str]:
    if here.image_sha256 != there.image_sha256:
        yield "image content"
    if here.mask_sha256 != there.mask_sha256:
        yield (
            "mask missing here"
            if here.mask_sha256 is None
            else "mask missing there"
            if there.mask_sha256 is None
            else "mask content"
        )
    if here.label != there.label:
        yield "label"
    if here.split != there.split:
        yield "split"
    if here.category != there.category:
        yield "category"
    if here[-3:] != there[-3:]:
        yield "tensor size"
