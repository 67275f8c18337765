"""One look at every image tensor, category by category: hashes, thumbnails, and brightness by channel.

All that is kept of an image is some 8 KB, and only while its category is looked at, so memory grows with the largest
category and not with the table.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from darkroom.keys import make_key
from darkroom.progress import ProgressCounter
from darkroom.query.audit.thumbnails import SIDE_PX, blur, shrink
from darkroom.query.selection import Samples
from darkroom.query.tensors import READERS, TensorReader
from darkroom.read_ahead import read_ahead

CHANNELS = ("red", "green", "blue")


class SampleKey(NamedTuple):
    """Which sample it is, and what it is called; the columns of `images` of these names."""

    sample_id: str
    source_dataset: str
    category: str
    split: str
    label: str | None
    is_defect: bool | None
    content_sha256: str

    @property
    def place(self) -> str:
        """Its image dataset and its category."""
        return f"{self.source_dataset}/{self.category}"


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What the images of one category look like, N of them, those of all image datasets together.

    Attributes:
        keys: Which samples they are.
        digests: A hash of each tensor.
        thumbnails: `(N, SIDE_PX, SIDE_PX)` float16, grey and blurred, 0–255.
        levels: `(N, 6)` float32: the mean of each channel, then the spread (standard deviation over the thumbnail) of
            each channel, 0–255.
    """

    keys: list[SampleKey]
    digests: list[bytes]
    thumbnails: NDArray[np.float16]
    levels: NDArray[np.float32]


# in the order of the table, which is read fastest; of masks there is none to read
_FACTS = """
SELECT sample_id, source_dataset, category, split, label, is_defect, content_sha256,
       tensor_height, tensor_width, row_id, NULL::BIGINT AS mask_row_id
FROM images ORDER BY row_id
"""


def iter_looks(connection: duckdb.DuckDBPyConnection, dataset: str, progress: ProgressCounter) -> Iterator[Looks]:
    """Looks at all images, one category after the other; categories of one name are one, whatever they are in.

    Args:
        connection: A connection of `open_readonly`.
        dataset: The dlt dataset (database schema) that holds the tables.
        progress: Told how many images have been looked at.

    Raises:
        DatabaseError: A tensor is not as its row says.
    """
    facts = connection.execute(_FACTS).to_arrow_table()
    by_category: defaultdict[str, list[int]] = defaultdict(list)
    for position, category in enumerate(facts["category"].to_pylist()):
        by_category[make_key(category)].append(position)
    for name in sorted(by_category):
        yield _look(connection, dataset, facts.take(by_category[name]), progress)


def _look(connection: duckdb.DuckDBPyConnection, dataset: str, facts: pa.Table, progress: ProgressCounter) -> Looks:
    count = len(facts)
    keys = [SampleKey(*row) for row in zip(*(facts[name].to_pylist() for name in SampleKey._fields), strict=True)]
    looks = Looks(
        keys, [b""] * count, np.empty((count, SIDE_PX, SIDE_PX), np.float16), np.empty((count, 6), np.float32)
    )
    # one table holds one size; where it does not, the reader finds tensors of other lengths
    size_px = [facts[name][0].as_py() for name in ("tensor_height", "tensor_width")]
    reader = TensorReader(connection, Samples(facts, *size_px), dataset)

    def look(positions: NDArray[np.int64]) -> int:
        _fill(looks, positions, reader.read_images(positions))
        return len(positions)

    with read_ahead(reader.iter_positions(), look, workers=READERS, ahead=READERS) as looked_at:
        for read_count in looked_at:
            progress.advance(read_count)
    return looks


def _fill(looks: Looks, places: NDArray[np.int64], images: NDArray[np.uint8]) -> None:
    """Writes what images look like at their places; called in threads, each with places of its own."""
    small = shrink(images)
    looks.thumbnails[places] = blur(small @ np.full(3, 1 / 3, np.float32))
    looks.levels[places] = _measure_levels(small.reshape(len(small), -1, 3))
    for place, image in zip(places.tolist(), images, strict=True):
        looks.digests[place] = hashlib.sha256(image).digest()


def _measure_levels(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns mean and spread of each channel of `(N, pixels, 3)`, as `Looks` has them."""
    # `einsum` takes a quarter of the time of `mean` and `std` over an axis before so short a last one
    means = np.einsum("npc->nc", pixels) / np.float32(pixels.shape[1])
    deviations = pixels - means[:, None]
    variances = np.einsum("npc,npc->nc", deviations, deviations) / np.float32(pixels.shape[1])
    return np.concatenate([means, np.sqrt(variances)], axis=1)
