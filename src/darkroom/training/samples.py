"""Which rows a model may learn from and which it is tested on, and their tensors, a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from darkroom.errors import OptionError
from darkroom.fingerprint import FingerprintRow, make_fingerprint
from darkroom.keys import compose
from darkroom.query.selection import Selection, find_samples, make_no_image_error
from darkroom.query.tensors import TensorReader
from darkroom.sample import Split, seeded_hash
from darkroom.tables import DATASET_NAME

BATCH_SIZE = 32
"""Images read in one go."""


@dataclass(frozen=True, slots=True)
class StoredSample:
    """One row of `images` with its mask, before a pixel is read.

    Attributes:
        sample_id: The key of the sample.
        split: The part of the image dataset that it is in.
        label: The text from disk; None where nobody knows.
        is_defect: Whether it is defective; None where nobody knows.
        image_sha256: The SHA-256 of the image file.
        mask_sha256: The SHA-256 of the mask file; None without one.
        position: The position of the sample in the reader of its category.
    """

    sample_id: str
    split: str
    label: str | None
    is_defect: bool | None
    image_sha256: str
    mask_sha256: str | None
    position: int


@dataclass(frozen=True, slots=True, eq=False)
class CategorySamples:
    """The samples of one category of one image dataset, by their part in training; each by `sample_id`.

    Attributes:
        source_dataset: The name of the image dataset.
        category: The object photographed.
        train: Good images of the split `train`: all that a model learns from.
        holdout: Good images of the split `train` that are held out, to be tested on.
        test: All images of the split `test`.
        reader: Reads their tensors, as long as the database is open.
    """

    source_dataset: str
    category: str
    train: tuple[StoredSample, ...]
    holdout: tuple[StoredSample, ...]
    test: tuple[StoredSample, ...]
    reader: TensorReader

    @property
    def tested(self) -> tuple[StoredSample, ...]:
        """All that the model is tested on, by `sample_id`."""
        return _by_key(self.test + self.holdout)

    @property
    def fingerprint(self) -> str:
        """The fingerprint over every sample that has a part in the result."""
        return fingerprint_samples(self.train + self.tested)


def fingerprint_samples(samples: Iterable[StoredSample]) -> str:
    """Makes the fingerprint of some samples, as `darkroom.fingerprint` defines it."""
    return make_fingerprint(
        FingerprintRow(sample.sample_id, sample.image_sha256, sample.mask_sha256, sample.split, sample.label)
        for sample in _by_key(samples)
    )


_CATEGORIES = "SELECT DISTINCT source_dataset, category FROM images ORDER BY ALL"


def choose_categories(
    connection: duckdb.DuckDBPyConnection, database: str, category: str | None, source: str | None
) -> list[tuple[str, str]]:
    """Lists the categories to train, as pairs of image dataset and category.

    Args:
        connection: A connection of `open_readonly`.
        database: The name of its file, for messages.
        category: Only this one, in whatever image dataset it is; None for all.
        source: Only this image dataset; None for all.

    Raises:
        DatabaseNotFoundError: There is no image at all.
        OptionError: There is no such category or image dataset.
    """
    there: list[tuple[str, str]] = connection.execute(_CATEGORIES).fetchall()
    if not there:
        raise make_no_image_error(database)
    wanted = [None if name is None else compose(name) for name in (source, category)]
    chosen = [pair for pair in there if all(name in (None, own) for name, own in zip(wanted, pair, strict=True))]
    if chosen:
        return chosen
    asked = " ".join(f"`{name}` {value}" for name, value in (("source", source), ("category", category)) if value)
    what, expected = "category", ["/".join(pair) for pair in there]
    if category is None:
        what, expected = "image dataset", [source_dataset for source_dataset, _ in there]
    names = ", ".join(dict.fromkeys(expected))
    raise OptionError(f"{asked}: {database} has no such {what}. Expected one of: {names}.")


def read_category_samples(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    pair: tuple[str, str],
    *,
    holdout: int,
    seed: int,
    dataset: str = DATASET_NAME,
) -> CategorySamples:
    """Reads which samples of a category play which part; reads no tensor.

    Args:
        connection: A connection of `open_readonly`.
        database: The name of its file, for messages.
        pair: The image dataset and the category.
        holdout: Good training images to hold out: the first in the order of `deal`.
        seed: The seed of that order.
        dataset: The dlt dataset (database schema) that holds the tables.

    Raises:
        OptionError: The tensors of the category have several sizes.
        DatabaseError: A mask has another size than its image.
    """
    source_dataset, category = pair
    found = find_samples(connection, database, Selection(source=source_dataset, category=category))
    names = ["sample_id", "split", "label", "is_defect", "content_sha256", "mask_sha256"]
    rows = found.facts.select(names).to_pylist()
    samples = [StoredSample(*(*row.values(), number)) for number, row in enumerate(rows)]
    good = [sample for sample in samples if sample.split == Split.TRAIN and sample.is_defect is False]
    dealt = deal(good, seed)
    return CategorySamples(
        source_dataset,
        category,
        train=_by_key(dealt[holdout:]),
        holdout=_by_key(dealt[:holdout]),
        test=tuple(sample for sample in samples if sample.split == Split.TEST),
        reader=TensorReader(connection, found, dataset),
    )


def deal(samples: Iterable[StoredSample], seed: int) -> list[StoredSample]:
    """Shuffles samples by the SHA-256 of `<seed>/<sample_id>`: the same order on every machine."""
    return sorted(samples, key=lambda sample: seeded_hash(sample.sample_id, seed))


def _by_key(samples: Iterable[StoredSample]) -> tuple[StoredSample, ...]:
    return tuple(sorted(samples, key=lambda sample: sample.sample_id))


def iter_images(
    reader: TensorReader, samples: Sequence[StoredSample]
) -> Iterator[tuple[StoredSample, NDArray[np.uint8]]]:
    """Yields samples with their images: `(H, W, 3)` uint8, RGB, 0–255, read-only.

    Raises:
        DatabaseError: A tensor is not as its row says.
    """
    for start in range(0, len(samples), BATCH_SIZE):
        batch = samples[start : start + BATCH_SIZE]
        yield from zip(batch, reader.read_images(_positions(batch)), strict=True)


def iter_masks(
    reader: TensorReader, samples: Sequence[StoredSample]
) -> Iterator[tuple[StoredSample, NDArray[np.uint8] | None]]:
    """Yields samples with their masks: `(H, W)` uint8 in {0, 1}; None where there is none.

    Raises:
        DatabaseError: A tensor is not as its row says.
    """
    for start in range(0, len(samples), BATCH_SIZE):
        batch = samples[start : start + BATCH_SIZE]
        masks = reader.read_masks(_positions(batch))
        for sample, mask in zip(batch, masks, strict=True):
            yield sample, mask if sample.mask_sha256 is not None else None


def _positions(samples: Sequence[StoredSample]) -> NDArray[np.int64]:
    return np.array([sample.position for sample in samples], np.int64)
