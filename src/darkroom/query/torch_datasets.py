"""The table as `torch.utils.data` datasets; needs the extra `torch`.

Both open the database in the process that reads, at its first sample, so that they can be sent to workers
however these start (fork, spawn). Each reads the file only; a load has to wait until the workers are gone and
`.close()` was called.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import OptionError
from darkroom.paths import given_path
from darkroom.query.batches import Batch, order_samples, read_batch
from darkroom.query.selection import Filters, Samples, Selection, find_samples
from darkroom.query.tensors import TensorReader
from darkroom.tables import DATASET_NAME

try:
    import torch
    from torch.utils.data import Dataset, IterableDataset, get_worker_info
except ImportError as error:
    raise ImportError(
        "darkroom.query.torch_datasets needs PyTorch, which is an extra: pip install 'darkroom-classroom[torch]'"
    ) from error

Item = dict[str, Any]
"""One sample: `sample_id`, `source_dataset`, `category`, `split`, `label` (text; `""` where nobody knows),
`is_defect` (1, 0, or -1 where nobody knows), `image` (`(3, H, W)` uint8, RGB, 0–255), `has_mask` (bool) and, if
asked for, `mask` (`(H, W)` uint8 in {0, 1}, zeros where there is none). torch's default collation takes it."""

Transform = Callable[[Item], Item]

_inherited: list[ExitStack] = []
"""Connections of a parent process, kept from being closed: their threads do not exist in this one."""


class _Opener:
    """Opens the database in whatever process it finds itself in, and finds the samples."""

    def __init__(self, database: str | Path, selection: Selection, dataset: str) -> None:
        self.database = given_path(database, "database").absolute()
        self.selection = selection
        self.dataset = dataset
        with open_readonly(self.database, dataset) as connection:
            self.samples: Samples = find_samples(connection, database, selection)
        self._stack = ExitStack()
        self._reader: TensorReader | None = None
        self._process = os.getpid()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_stack": ExitStack(), "_reader": None, "_process": None}

    @property
    def reader(self) -> TensorReader:
        """The reader of this process."""
        if self._process != os.getpid():
            _inherited.append(self._stack)
            self._stack, self._reader, self._process = ExitStack(), None, os.getpid()
        if self._reader is None:
            connection = self._stack.enter_context(open_readonly(self.database, self.dataset))
            self._reader = TensorReader(connection, self.samples, self.dataset)
        return self._reader

    def close(self) -> None:
        """Closes the file in this process; the next sample opens it again."""
        if self._process == os.getpid():
            self._reader = None
            self._stack.close()


class InspectionDataset(Dataset[Item]):
    """Map-style: any sample by its number, sorted by `sample_id`; a loader's batch is one query.

    Shuffle with the `DataLoader` (or a `DistributedSampler`). The samples are those that were there when it was
    made: after a load, make a new one.

    Args:
        database: The DuckDB file.
        with_masks: Whether to read masks.
        transform: A function called with each item, in the worker.
        dataset: The dlt dataset (database schema) that holds the tables.
        **filters: As for `batches.iter_batches`.

    Raises:
        OptionError: A filter names what is not there, nothing passes, or the tensors have several sizes.
        DatabaseError: The database cannot be read.
    """

    def __init__(
        self,
        database: str | Path,
        *,
        with_masks: bool = True,
        transform: Transform | None = None,
        dataset: str = DATASET_NAME,
        **filters: Unpack[Filters],
    ) -> None:
        self.with_masks = with_masks
        self.transform = transform
        self._opener = _Opener(database, Selection(**filters), dataset)

    @property
    def samples(self) -> Samples:
        """The facts of the samples, in their order."""
        return self._opener.samples

    def __len__(self) -> int:
        return len(self._opener.samples)

    def __getitem__(self, number: int) -> Item:
        return self.__getitems__([number])[0]

    def __getitems__(self, numbers: Sequence[int]) -> list[Item]:
        positions = np.asarray(numbers, np.int64)
        positions = np.where(positions < 0, positions + len(self), positions)
        if np.any((positions < 0) | (positions >= len(self))):
            raise IndexError(f"{list(numbers)}: there are {len(self)} samples")
        batch = read_batch(self._opener.reader, positions, with_masks=self.with_masks)
        return list(iter_items(batch, self.transform))

    def close(self) -> None:
        """Closes the file in this process; the next sample opens it again."""
        self._opener.close()


class InspectionStream(IterableDataset[Item]):
    """Iterable: all samples in order, read ahead in runs; with workers, each reads its share and no other.

    Args:
        database: The DuckDB file.
        run_length: Samples read in one go; runs are dealt to the workers in turn.
        shuffle_seed: The seed that shuffles them, as for `batches.iter_batches`; `set_epoch` changes it.
        with_masks: Whether to read masks.
        transform: A function called with each item, in the worker.
        dataset: The dlt dataset (database schema) that holds the tables.
        **filters: As for `batches.iter_batches`.

    Raises:
        OptionError: A filter names what is not there, nothing passes, or the tensors have several sizes.
        DatabaseError: The database cannot be read.
    """

    def __init__(
        self,
        database: str | Path,
        *,
        run_length: int = 32,
        shuffle_seed: int | None = None,
        with_masks: bool = True,
        transform: Transform | None = None,
        dataset: str = DATASET_NAME,
        **filters: Unpack[Filters],
    ) -> None:
        if run_length < 1:
            raise OptionError(f"`run_length` {run_length}: expected 1 or more.")
        self.run_length = run_length
        self.shuffle_seed = shuffle_seed
        self.with_masks = with_masks
        self.transform = transform
        self._epoch = 0
        self._opener = _Opener(database, Selection(**filters), dataset)

    @property
    def samples(self) -> Samples:
        """The facts of the samples, sorted by `sample_id`."""
        return self._opener.samples

    def set_epoch(self, epoch: int) -> None:
        """Shuffles differently from the next iteration on, if at all; not seen by workers that persist."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[Item]:
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        seed = None if self.shuffle_seed is None else self.shuffle_seed + self._epoch
        order = order_samples(self._opener.samples, seed)
        for start in range(first * self.run_length, len(order), step * self.run_length):
            positions = order[start : start + self.run_length]
            batch = read_batch(self._opener.reader, positions, with_masks=self.with_masks)
            yield from iter_items(batch, self.transform)

    def close(self) -> None:
        """Closes the file in this process; the next iteration opens it again."""
        self._opener.close()


def iter_items(batch: Batch, transform: Transform | None = None) -> Iterator[Item]:
    """Yields the samples of a batch as torch tensors, which may be changed."""
    images = torch.tensor(batch.images).permute(0, 3, 1, 2)
    masks = None if batch.masks is None else torch.tensor(batch.masks)
    for number, sample_id in enumerate(batch.sample_ids):
        item: Item = {
            "sample_id": sample_id,
            "source_dataset": batch.source_datasets[number],
            "category": batch.categories[number],
            "split": batch.splits[number],
            "label": batch.labels[number] or "",
            "is_defect": int(batch.is_defect[number]) if batch.is_known[number] else -1,
            "image": images[number],
            "has_mask": bool(batch.has_mask[number]),
        }
        if masks is not None:
            item["mask"] = masks[number]
        yield item if transform is None else transform(item)
