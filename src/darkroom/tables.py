"""The data contract: the four tables of the dataset `inspection`, as Arrow schemas.

Column order, types and nullability here are what every destination gets; dlt adds `_dlt_load_id` to each
table, which joins `_dlt_loads`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pyarrow as pa

DATASET_NAME = "inspection"
"""Name of the dlt dataset (in DuckDB: the database schema) that holds the tables."""

_TIMESTAMP = pa.timestamp("us", tz="UTC")


def required_field(name: str, kind: pa.DataType) -> pa.Field:
    """Makes a column that may not be null."""
    return pa.field(name, kind, nullable=False)


IMAGES = pa.schema(
    [
        required_field("sample_id", pa.string()),
        required_field("source_dataset", pa.string()),
        required_field("category", pa.string()),
        required_field("split", pa.string()),
        pa.field("label", pa.string()),
        pa.field("is_defect", pa.bool_()),
        required_field("filename", pa.string()),
        required_field("source_root", pa.string()),
        required_field("source_path", pa.string()),
        required_field("original_width", pa.int64()),
        required_field("original_height", pa.int64()),
        required_field("original_mode", pa.string()),
        pa.field("original_format", pa.string()),
        required_field("file_size_bytes", pa.int64()),
        required_field("modified_at", _TIMESTAMP),
        required_field("content_sha256", pa.string()),
        required_field("image_tensor", pa.binary()),
        required_field("tensor_height", pa.int64()),
        required_field("tensor_width", pa.int64()),
        required_field("tensor_channels", pa.int64()),
        required_field("tensor_dtype", pa.string()),
        required_field("has_mask", pa.bool_()),
    ]
)
"""One row per image. `image_tensor` is C-order uint8, height × width × channels, RGB."""

MASKS = pa.schema(
    [
        required_field("sample_id", pa.string()),
        required_field("mask_tensor", pa.binary()),
        required_field("mask_height", pa.int64()),
        required_field("mask_width", pa.int64()),
        required_field("defect_fraction", pa.float64()),
        required_field("source_root", pa.string()),
        required_field("source_path", pa.string()),
        required_field("file_size_bytes", pa.int64()),
        required_field("modified_at", _TIMESTAMP),
        required_field("content_sha256", pa.string()),
        pa.field("file_count", pa.int64()),
    ]
)
"""One row per mask, by the `sample_id` of its image. `mask_tensor` is C-order uint8 in {0, 1}.

`defect_fraction` is the share of defect pixels in the harmonised mask, 0–1. A mask that comes in several files, one for
each defect, is their union: `file_count` says how many, `source_path` is the first, `file_size_bytes` the sum,
`modified_at` the latest, and `content_sha256` a hash over all of theirs. `file_count` is missing in the databases of an
older darkroom, which knew one.
"""

REJECTS = pa.schema(
    [
        required_field("source_dataset", pa.string()),
        required_field("source_root", pa.string()),
        required_field("source_path", pa.string()),
        required_field("reason", pa.string()),
        required_field("message", pa.string()),
        required_field("file_size_bytes", pa.int64()),
        required_field("modified_at", _TIMESTAMP),
    ]
)
"""One row per file that could not be used; `reason` is a `darkroom.sample.Reason`."""

IMAGE_DATASETS = pa.schema(
    [
        required_field("name", pa.string()),
        required_field("root", pa.string()),
        required_field("layout", pa.string()),
        pa.field("licence", pa.string()),
        pa.field("citation", pa.string()),
        pa.field("homepage", pa.string()),
        required_field("file_count", pa.int64()),
        required_field("fingerprint", pa.string()),
        required_field("size_px", pa.int64()),
        required_field("fit", pa.string()),
        pa.field("deep_white_level", pa.int64()),
        pa.field("float_white_level", pa.float64()),
        pa.field("resampler", pa.string()),
        pa.field("resampler_version", pa.string()),
    ]
)
"""One row per image dataset. `root` lists the roots its rows came from, one per line.

`deep_white_level` is the level that became white in images of more than 8 bits a channel, 2**bits − 1, and
`float_white_level` the one in images of floats; null where there was no such image. `resampler` is what scaled the
images, and `resampler_version` the version that did it last; all of a table are scaled by one. The four are missing in
the databases of an older darkroom, which knew Pillow alone.
"""

PRIMARY_KEYS = {
    "images": ("sample_id",),
    "masks": ("sample_id",),
    "rejects": ("source_dataset", "source_root", "source_path"),
    "image_datasets": ("name",),
}

SCHEMAS: dict[str, pa.Schema] = {
    "images": IMAGES,
    "masks": MASKS,
    "rejects": REJECTS,
    "image_datasets": IMAGE_DATASETS,
}
"""All four, by table name."""


def find_mismatch(found: Mapping[str, Collection[str]], schemas: Mapping[str, pa.Schema] = SCHEMAS) -> str | None:
    """Says how tables that bear the names of the contract differ from it; None where they do not.

    Args:
        found: The columns of the tables that there are, by table; those of other names do not matter.
        schemas: The tables of the contract, or others that darkroom writes, by name.
    """
    ours = sorted(schemas.keys() & found)
    if ours and "_dlt_loads" not in found:
        return f"{', '.join(ours)} without _dlt_loads, the list of loads"
    for name in ours:
        required = [field.name for field in schemas[name] if not field.nullable] + ["_dlt_load_id"]
        if missing := [column for column in required if column not in found[name]]:
            return f"{name} lacks {', '.join(missing[:3])}{' and more' if len(missing) > 3 else ''}"
    return None
