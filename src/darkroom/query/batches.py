"""From the table to numpy, as fast as memory allows: batches of images with labels and masks.

Why it is fast: DuckDB is asked for ranges of rows of its table, a few megabytes at a time, so it touches no
tensor that is not asked for and its cache stays small. What it answers is an Arrow column whose buffer holds
the tensors one after the other; numpy looks at that buffer, and no row is copied on its own. The next batches
are read in threads while one is used.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import OptionError
from darkroom.query.selection import Filters, Samples, Selection, find_samples
from darkroom.query.tensors import READERS, TensorReader
from darkroom.read_ahead import read_ahead
from darkroom.sample import seeded_hash
from darkroom.tables import DATASET_NAME

MAX_BYTES = 4 << 30
"""Default limit of `arrays`: 4 GiB, some 16,000 images of 256 px with masks."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some samples, N of them, as arrays; what is at one position belongs to one sample.

    Attributes:
        sample_ids: The keys of the samples.
        source_datasets: The names of their image datasets.
        categories: The objects photographed.
        splits: Their splits: `train`, `test` or `val`.
        labels: Their labels, the texts from disk; None where nobody knows.
        is_defect: `(N,)` bool; False also where nobody knows.
        is_known: `(N,)` bool: whether anybody knows if it is a defect.
        images: `(N, H, W, 3)` uint8, RGB, 0–255.
        has_mask: `(N,)` bool: whether a mask exists.
        masks: `(N, H, W)` uint8 in {0, 1}, zeros where there is no mask; None if they were not asked for.
    """

    sample_ids: tuple[str, ...]
    source_datasets: tuple[str, ...]
    categories: tuple[str, ...]
    splits: tuple[str, ...]
    labels: tuple[str | None, ...]
    is_defect: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    images: NDArray[np.uint8]
    has_mask: NDArray[np.bool_]
    masks: NDArray[np.uint8] | None

    def __len__(self) -> int:
        return len(self.sample_ids)


def iter_batches(
    database: str | Path,
    *,
    batch_size: int = 32,
    with_masks: bool = True,
    shuffle_seed: int | None = None,
    dataset: str = DATASET_NAME,
    **filters: Unpack[Filters],
) -> Generator[Batch]:
    """Reads samples batch by batch; the next two are read while one is used, whatever the table holds.

    Samples come sorted by `sample_id`, or shuffled by `shuffle_seed`; either way in the same order on every
    machine. The file is open for reading, and so closed to a load, until the iteration ends, is left, or
    `.close()` is called.

    Args:
        database: The DuckDB file.
        batch_size: Samples in a batch; the last one may have fewer.
        with_masks: Whether to read masks.
        shuffle_seed: The seed that shuffles them; give another one to each epoch.
        dataset: The dlt dataset (database schema) that holds the tables.
        **filters: As for `selection.Selection`: `source`, `category`, `split`, `label`, `is_defect`,
            `has_mask`, `fold`, `validation_fraction`, `fold_seed`.

    Returns:
        An iterator of batches. Their images are read-only, as they may be looked at where Arrow has them:
        copy one to change it.

    Raises:
        OptionError: A filter names what is not there, nothing passes, or the tensors have several sizes.
        DatabaseNotFoundError: There is no such file, or no image in it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read, or a tensor is not as its row says.
    """
    if batch_size < 1:
        raise OptionError(f"`batch_size` {batch_size}: expected 1 or more.")
    return _iter_batches(database, Selection(**filters), batch_size, with_masks, shuffle_seed, dataset)


def _iter_batches(
    database: str | Path,
    selection: Selection,
    batch_size: int,
    with_masks: bool,
    shuffle_seed: int | None,
    dataset: str,
) -> Generator[Batch]:
    with open_readonly(database, dataset) as connection:
        samples = find_samples(connection, database, selection)
        reader = TensorReader(connection, samples, dataset)
        order = order_samples(samples, shuffle_seed)
        batches = (order[start : start + batch_size] for start in range(0, len(order), batch_size))
        read = partial(read_batch, reader, with_masks=with_masks)
        with read_ahead(batches, read, workers=READERS, ahead=READERS) as read_batches:
            yield from read_batches


def arrays(
    database: str | Path,
    *,
    with_masks: bool = True,
    max_bytes: int = MAX_BYTES,
    dataset: str = DATASET_NAME,
    **filters: Unpack[Filters],
) -> Batch:
    """Reads all samples at once, sorted by `sample_id`, into arrays that may be changed.

    Args:
        database: The DuckDB file.
        with_masks: Whether to read masks.
        max_bytes: Refuse to make larger arrays.
        dataset: The dlt dataset (database schema) that holds the tables.
        **filters: As for `iter_batches`.

    Raises:
        OptionError: As `iter_batches`; or the arrays would be larger than `max_bytes`.
        DatabaseNotFoundError: There is no such file, or no image in it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read, or a tensor is not as its row says.
    """
    selection = Selection(**filters)
    with open_readonly(database, dataset) as connection:
        samples = find_samples(connection, database, selection)
        _check_bytes(samples, with_masks, max_bytes)
        return _read_all(TensorReader(connection, samples, dataset), with_masks)


def order_samples(samples: Samples, shuffle_seed: int | None) -> NDArray[np.int64]:
    """Returns the positions of all samples in the order to be read: as they are, or by the hash of their keys."""
    positions = np.arange(len(samples))
    if shuffle_seed is None:
        return positions
    hashes = [seeded_hash(sample_id, shuffle_seed) for sample_id in samples.facts["sample_id"].to_pylist()]
    return np.array(sorted(positions, key=hashes.__getitem__), np.int64)


def read_batch(reader: TensorReader, positions: NDArray[np.int64], *, with_masks: bool) -> Batch:
    """Reads the samples at some positions, in this order.

    Raises:
        DatabaseError: A tensor is not as its row says.
    """
    images = reader.read_images(positions)
    return _make_batch(reader, positions, images, reader.read_masks(positions) if with_masks else None)


def _make_batch(
    reader: TensorReader,
    positions: NDArray[np.int64],
    images: NDArray[np.uint8],
    masks: NDArray[np.uint8] | None,
) -> Batch:
    facts = reader.samples.facts.take(positions)
    return Batch(
        sample_ids=tuple(facts["sample_id"].to_pylist()),
        source_datasets=tuple(facts["source_dataset"].to_pylist()),
        categories=tuple(facts["category"].to_pylist()),
        splits=tuple(facts["split"].to_pylist()),
        labels=tuple(facts["label"].to_pylist()),
        is_defect=facts["is_defect"].fill_null(False).to_numpy(),
        is_known=facts["is_defect"].is_valid().to_numpy(),
        images=images,
        has_mask=reader.has_mask(positions),
        masks=masks,
    )


def _check_bytes(samples: Samples, with_masks: bool, max_bytes: int) -> None:
    pixels = len(samples) * samples.height_px * samples.width_px
    needed = pixels * (4 if with_masks else 3)
    if needed > max_bytes:
        raise OptionError(
            f"{len(samples):,} images of {samples.height_px} × {samples.width_px} px would fill {needed / 2**30:.1f} "
            f"GiB, more than {max_bytes / 2**30:.1f}. Use `iter_batches`, or filters, or raise `max_bytes`."
        )


def _read_all(reader: TensorReader, with_masks: bool) -> Batch:
    samples = reader.samples
    count, height, width = len(samples), samples.height_px, samples.width_px
    images = np.empty((count, height, width, 3), np.uint8)
    masks = np.zeros((count, height, width), np.uint8) if with_masks else None
    for positions in reader.iter_positions():
        images[positions[0] : positions[-1] + 1] = reader.read_images(positions)
        if masks is not None and reader.has_mask(positions).any():
            masks[positions[0] : positions[-1] + 1] = reader.read_masks(positions)
    return _make_batch(reader, np.arange(count), images, masks)
