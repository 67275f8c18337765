"""Is the table the same as another one, which a fingerprint or a second database stands for?

A comparison with a database names each sample that differs, and how. What counts is what is trained on: tensors, masks,
labels and splits. Files may differ and give the same tensors, as those of an image folder that `export` wrote; then
hashes of files, and fingerprints with them, cannot be equal, and that is said apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import duckdb

from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import DatabaseNotFoundError, OptionError
from darkroom.fingerprint import PREFIX
from darkroom.paths import given_path
from darkroom.query.summary import UnfinishedRows, read_unfinished_rows
from darkroom.query.verification.fingerprints import FingerprintCheck, iter_rows, make_total_fingerprint
from darkroom.query.verification.tensor_scan import digest_tensors

FINGERPRINT_DIGITS_MIN = 8
"""Hexadecimal digits that the beginning of a fingerprint must have to be looked up."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A sample that two databases hold differently.

    Attributes:
        sample_id: The key of the sample.
        what: One or more of `image content`, `image tensor` (of the same file), `mask content`, `mask tensor` (of the
            same file), `mask missing here`, `mask missing there`, `label`, `split`, `category`, `tensor size`,
            `number of rows`.
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
        other_files: Samples in both that are the same but for their files, from which the same tensors were made.
        unfinished: What interrupted loads left behind there; not compared.
        resamplers: What scaled the images here and there, where that is not the same: then tensors of one file differ.
    """

    against: str
    fingerprint: str
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    differing: tuple[Difference, ...]
    other_files: tuple[str, ...]
    unfinished: tuple[UnfinishedRows, ...]
    resamplers: tuple[str, str] | None = None

    @property
    def ok(self) -> bool:
        """Whether both hold the same samples, be it from other files."""
        return not (self.only_here or self.only_there or self.differing)


def parse_fingerprint(against: str | Path) -> str | None:
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
            raise OptionError(f"`against` {against}: expected {expected}, found {len(digits)} characters.")
        return digits
    if given_path(against, "against").exists():
        return None
    if not is_fingerprint:
        raise DatabaseNotFoundError(f"`against` {against}: no such file. Expected a DuckDB file, or {expected}.")
    return digits


def match_fingerprint(
    against: str, digits: str, total: str, image_datasets: tuple[FingerprintCheck, ...]
) -> FingerprintMatch:
    """Finds what has a fingerprint: image datasets, or the whole database.

    Args:
        against: The fingerprint as it was given.
        digits: What `parse_fingerprint` made of it.
        total: The fingerprint over all image datasets.
        image_datasets: The fingerprint of each image dataset.

    Raises:
        OptionError: Several fingerprints begin so.
    """
    named = [("total", total), *((entry.name, entry.fingerprint) for entry in image_datasets)]
    matches = [(name, value) for name, value in named if value.startswith(PREFIX + digits)]
    if len({value for _, value in matches}) > 1:
        raise OptionError(
            f"`against` {against}: several fingerprints begin so ({', '.join(name for name, _ in matches)}). "
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
    image_digest: bytes | None = None
    mask_digest: bytes | None = None

    @property
    def files(self) -> tuple[str, str | None]:
        """The hashes of its files."""
        return self.image_sha256, self.mask_sha256

    @property
    def size(self) -> tuple[int, int, int]:
        """The size of its image tensor."""
        return self.tensor_height, self.tensor_width, self.tensor_channels


_FACTS = """
SELECT i.sample_id, i.content_sha256, m.content_sha256, i.label, i.split, i.category,
       i.tensor_height, i.tensor_width, i.tensor_channels
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
ORDER BY ALL
"""


def compare_databases(here: duckdb.DuckDBPyConnection, against: str | Path, dataset: str) -> DatabaseComparison:
    """Compares the samples of two databases, one after the other in the order of `sample_id`; reads all tensors.

    Args:
        here: The one, over a connection of `open_readonly`.
        against: The other, a DuckDB file.
        dataset: The dlt dataset (database schema) that holds the tables, in both.

    Raises:
        DatabaseError: The other one cannot be read.
    """
    only_here: list[str] = []
    only_there: list[str] = []
    differing: list[Difference] = []
    other_files: list[str] = []
    with open_readonly(against, dataset) as there:
        fingerprint = make_total_fingerprint(there)
        unfinished = read_unfinished_rows(there)
        resamplers = (_name_resamplers(here), _name_resamplers(there))
        for sample_id, facts_here, facts_there in _pair(_iter_facts(here), _iter_facts(there)):
            if not facts_there:
                only_here.append(sample_id)
            elif not facts_here:
                only_there.append(sample_id)
            elif what := _find_differences(facts_here, facts_there):
                differing.append(Difference(sample_id, what))
            elif [facts.files for facts in facts_here] != [facts.files for facts in facts_there]:
                other_files.append(sample_id)
    return DatabaseComparison(
        str(against),
        fingerprint,
        tuple(only_here),
        tuple(only_there),
        tuple(differing),
        tuple(other_files),
        unfinished,
        resamplers if resamplers[0] != resamplers[1] else None,
    )


def _name_resamplers(connection: duckdb.DuckDBPyConnection) -> str:
    query = "SELECT DISTINCT coalesce(resampler, 'pillow') FROM image_datasets ORDER BY ALL"
    return " and ".join(name for (name,) in connection.execute(query).fetchall())


_Facts = list[_SampleFacts]


def _iter_facts(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, _Facts]]:
    """Yields each `sample_id`, in order, with its rows: one, unless it is there twice."""
    images, masks = digest_tensors(connection, "images"), digest_tensors(connection, "masks")
    rows = (_SampleFacts._make((*row, images.get(row[0]), masks.get(row[0]))) for row in iter_rows(connection, _FACTS))
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
    # of another size, tensors cannot be compared: then the files have to tell
    is_comparable = here.size == there.size
    if here.image_digest != there.image_digest if is_comparable else here.image_sha256 != there.image_sha256:
        yield "image content" if here.image_sha256 != there.image_sha256 else "image tensor"
    if here.mask_sha256 is None or there.mask_sha256 is None:
        if here.mask_sha256 != there.mask_sha256:
            yield "mask missing here" if here.mask_sha256 is None else "mask missing there"
    elif here.mask_digest != there.mask_digest if is_comparable else here.mask_sha256 != there.mask_sha256:
        yield "mask content" if here.mask_sha256 != there.mask_sha256 else "mask tensor"
    if here.label != there.label:
        yield "label"
    if here.split != there.split:
        yield "split"
    if here.category != there.category:
        yield "category"
    if not is_comparable:
        yield "tensor size"
