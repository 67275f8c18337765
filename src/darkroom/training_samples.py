"""Which rows a model may learn from and which it is tested on, and their tensors, one at a time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from darkroom.errors import DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.fingerprint import make_fingerprint


@dataclass(frozen=True, slots=True)
class StoredSample:
    """One row of `images` with its mask, before a pixel is read.

    Attributes:
        sample_id: Its key.
        split: `train` or `test`.
        label: The text from disk; None where nobody knows.
        is_defect: None where nobody knows.
        image_sha256: Of the image file.
        mask_sha256: Of the mask file, or None.
        row_id: Number of its row in `images`.
        mask_row_id: Number of its row in `masks`, or None.
    """

    sample_id: str
    split: str
    label: str | None
    is_defect: bool | None
    image_sha256: str
    mask_sha256: str | None
    row_id: int
    mask_row_id: int | None


@dataclass(frozen=True, slots=True)
class CategorySamples:
    """The samples of one category of one image dataset, by their part in training; each by `sample_id`.

    Attributes:
        source_dataset: Name of the image dataset.
        category: The object photographed.
        train: Good images of the split `train`: all that a model learns from.
        holdout: Good images of the split `train` that are put aside, to be tested on.
        test: All images of the split `test`.
    """

    source_dataset: str
    category: str
    train: tuple[StoredSample, ...]
    holdout: tuple[StoredSample, ...]
    test: tuple[StoredSample, ...]

    @property
    def name(self) -> str:
        """Image dataset and category, as people write it."""
        return f"{self.source_dataset}/{self.category}"

    @property
    def fingerprint(self) -> str:
        """Over every sample that has a part in the result."""
        return fingerprint_samples(self.train + self.holdout + self.test)


def fingerprint_samples(samples: Iterable[StoredSample]) -> str:
    """Makes the fingerprint of some samples, as `darkroom.fingerprint` defines it."""
    ordered = sorted(samples, key=lambda sample: sample.sample_id)
    return make_fingerprint((sample.sample_id, sample.image_sha256, sample.mask_sha256) for sample in ordered)


_CATEGORIES = "SELECT DISTINCT source_dataset, category FROM images ORDER BY ALL"

_SAMPLES = """
SELECT i.sample_id, i.split, i.label, i.is_defect, i.content_sha256, m.content_sha256, i.row_id, m.row_id
FROM images AS i LEFT JOIN masks AS m USING (sample_id)
WHERE i.source_dataset = $source AND i.category = $category
  AND (i.split = 'test' OR (i.split = 'train' AND i.is_defect = FALSE))
ORDER BY i.sample_id
"""


def choose_categories(
    connection: duckdb.DuckDBPyConnection, database: str, category: str | None, source: str | None
) -> list[tuple[str, str]]:
    """Lists the categories to train, as pairs of image dataset and category.

    Args:
        connection: Of `database.open_readonly`.
        database: Its name, for messages.
        category: Only this one, in whatever image dataset it is; None for all.
        source: Only this image dataset; None for all.

    Raises:
        DatabaseNotFoundError: There is no image at all.
        OptionError: There is no such category or image dataset.
    """
    there: list[tuple[str, str]] = connection.execute(_CATEGORIES).fetchall()
    if not there:
        raise DatabaseNotFoundError(
            f"{database}: it holds no image yet. `darkroom ingest ROOT --database {database}` loads some."
        )
    chosen = [pair for pair in there if source in (None, pair[0]) and category in (None, pair[1])]
    if chosen:
        return chosen
    asked = " ".join(
        f"--{name} {value}" for name, value in (("source", source), ("category", category)) if value
    )
    names = ", ".join("/".join(pair) for pair in there)
    raise OptionError(f"{asked}: {database} has no such category. Expected one of: {names}.")


def read_category(
    connection: duckdb.DuckDBPyConnection, source_dataset: str, category: str, *, holdout: int, seed: int
) -> CategorySamples:
    """Reads which samples of a category play which part; reads no tensor.

    Args:
        connection: Of `database.open_readonly`.
        source_dataset: Name of the image dataset.
        category: The object photographed.
        holdout: Good training images to put aside: the first in the order of `deal`.
        seed: Of that order.
    """
    values = {"source": source_dataset, "category": category}
    samples = [StoredSample(*row) for row in connection.execute(_SAMPLES, values).fetchall()]
    good = deal((sample for sample in samples if sample.split == "train"), seed)
    return CategorySamples(
        source_dataset,
        category,
        train=_by_key(good[holdout:]),
        holdout=_by_key(good[:holdout]),
        test=tuple(sample for sample in samples if sample.split == "test"),
    )


def deal(samples: Iterable[StoredSample], seed: int) -> list[StoredSample]:
    """Shuffles samples by the SHA-256 of `<seed>/<sample_id>`: the same order on every machine."""
    return sorted(
        samples, key=lambda sample: hashlib.sha256(f"{seed}/{sample.sample_id}".encode()).hexdigest()
    )


def _by_key(samples: Iterable[StoredSample]) -> tuple[StoredSample, ...]:
    return tuple(sorted(samples, key=lambda sample: sample.sample_id))


_IMAGE = """
SELECT image_tensor, tensor_height, tensor_width, tensor_channels FROM images WHERE row_id = {row_id}
"""
_MASK = "SELECT mask_tensor, mask_height, mask_width FROM masks WHERE row_id = {row_id}"


def read_image(connection: duckdb.DuckDBPyConnection, sample: StoredSample) -> NDArray[np.uint8]:
    """Reads the tensor of one image: `(H, W, 3)` uint8, RGB, 0–255, read-only.

    Raises:
        DatabaseError: Its bytes do not make up its shape.
    """
    image = _read_tensor(connection, _IMAGE.format(row_id=sample.row_id), sample.sample_id)
    return image if image.shape[-1] == 3 else np.repeat(image[..., :1], 3, axis=-1)


def read_mask(connection: duckdb.DuckDBPyConnection, sample: StoredSample) -> NDArray[np.uint8] | None:
    """Reads the mask of one image: `(H, W)` uint8 in {0, 1}, read-only; None if it has none.

    Raises:
        DatabaseError: Its bytes do not make up its shape.
    """
    if sample.mask_row_id is None:
        return None
    return _read_tensor(connection, _MASK.format(row_id=sample.mask_row_id), sample.sample_id)


def _read_tensor(connection: duckdb.DuckDBPyConnection, query: str, sample_id: str) -> NDArray[np.uint8]:
    [(tensor, *shape)] = connection.execute(query).fetchall()
    if len(tensor) != math.prod(shape):
        raise DatabaseError(
            f"{sample_id}: a tensor of {len(tensor)} bytes, expected {math.prod(shape)} for the shape {shape}. "
            "`darkroom verify` names every such row; delete them, or ingest again into a new file."
        )
    return np.frombuffer(tensor, dtype=np.uint8).reshape(shape)
