"""Samples as one file of arrays: `.npz` for numpy, parquet for everything that reads tables."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from darkroom import tables
from darkroom.query.selection import Samples
from darkroom.query.tensors import TensorReader

FINGERPRINT_KEY = "darkroom.fingerprint"
"""Key of the fingerprint in the metadata of a parquet file."""

_TEXTS = {
    "sample_ids": "sample_id",
    "source_datasets": "source_dataset",
    "categories": "category",
    "splits": "split",
    "labels": "label",
}


def write_npz(reader: TensorReader, path: Path) -> None:
    """Writes a `.npz`, not compressed; `numpy.load(path)` reads it, without pickles.

    It holds `images` `(N, H, W, 3)` uint8 RGB, `masks` `(N, H, W)` uint8 in {0, 1} (zeros where there is none),
    `has_mask`, `is_defect` and `is_known` `(N,)` bool, `sample_ids`, `source_datasets`, `categories`, `splits`
    and `labels` `(N,)` text (`""` where nobody knows), and `fingerprint`, a text.
    """
    samples = reader.samples
    everything = np.arange(len(samples))
    size = (len(samples), samples.height_px, samples.width_px)
    # only stored: zlib takes ten times as long as the rest, and takes little off photographs
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        _write_member(archive, "images", (*size, 3), map(reader.read_images, reader.iter_positions()))
        _write_member(archive, "masks", size, map(reader.read_masks, reader.iter_positions()))
        for name, array in {
            "has_mask": reader.has_mask(everything),
            "is_defect": samples.facts["is_defect"].fill_null(False).to_numpy(),
            "is_known": samples.facts["is_defect"].is_valid().to_numpy(),
            **{name: _as_text(samples, column) for name, column in _TEXTS.items()},
            "fingerprint": np.array(samples.fingerprint),
        }.items():
            _write_member(archive, name, array.shape, [array])


def _as_text(samples: Samples, column: str) -> NDArray[np.str_]:
    return np.array([text or "" for text in samples.facts[column].to_pylist()], np.str_)


def _write_member(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], parts: Iterable[NDArray[Any]]) -> None:
    """Writes one array from parts along its first axis, so that it is never in memory as a whole."""
    entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980: the same samples give the same bytes
    with archive.open(entry, "w", force_zip64=True) as member:
        for number, part in enumerate(parts):
            if number == 0:
                descr = np.lib.format.dtype_to_descr(part.dtype)
                header = {"descr": descr, "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(member, header)
            member.write(part.reshape(-1).view(np.uint8).data)


_MASK_FIELDS = {
    "mask_tensor": pa.field("mask_tensor", pa.binary()),
    "defect_fraction": pa.field("defect_fraction", pa.float64()),
    "mask_source_path": pa.field("mask_source_path", pa.string()),
    "mask_content_sha256": pa.field("mask_content_sha256", pa.string()),
}


def write_parquet(reader: TensorReader, path: Path) -> None:
    """Writes a parquet file: the columns of the table `images`, and those of its mask.

    The mask's are `mask_tensor`, `defect_fraction`, `mask_source_path` and `mask_content_sha256`, null where
    there is none. The fingerprint is in the file's metadata as `darkroom.fingerprint`.
    """
    metadata = {FINGERPRINT_KEY: reader.samples.fingerprint}
    schema = pa.schema([*tables.IMAGES, *_MASK_FIELDS.values()], metadata)
    # photographs do not get smaller, and dictionaries of tensors would be held in memory
    columns = {name: "none" if name == "image_tensor" else "zstd" for name in schema.names}
    texts = [name for name in schema.names if not name.endswith("_tensor")]
    with pq.ParquetWriter(path, schema, compression=columns, use_dictionary=texts) as writer:
        for positions in reader.iter_positions():
            writer.write_table(_make_rows(reader, positions, schema))


def _make_rows(reader: TensorReader, positions: NDArray[np.int64], schema: pa.Schema) -> pa.Table:
    images = reader.read_rows("images", tables.IMAGES.names, positions)
    masks = reader.read_rows("masks", ["mask_tensor", "defect_fraction", "source_path", "content_sha256"], positions)
    has_mask = reader.has_mask(positions)
    places = pa.array(np.cumsum(has_mask) - 1, mask=~has_mask)
    columns = [images[name] for name in tables.IMAGES.names] + [column.take(places) for column in masks.columns]
    return pa.table(columns, schema=schema)
