"""A small real database for the tests of the reading half: loaded by dlt, with the real data contract.

Image dataset `alpha`: bottle (train/good, test/good, test/broken with masks) and screw (test/NULL);
`beta`: Class1 (train/good, test/defect with masks). Two rejects.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import numpy as np
import pyarrow as pa

from darkroom import tables
from darkroom.database.dlt_settings import dlt_settings
from darkroom.fingerprint import FingerprintRow, make_fingerprint

SIZE_PX = 32
MODIFIED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Row = dict[str, Any]


def can_be_written_elsewhere(database: Path) -> bool:
    """Whether another process can open the file for writing, that is, whether none holds it open."""
    code = f"import duckdb; duckdb.connect({str(database)!r}).execute('CREATE OR REPLACE TABLE elsewhere AS SELECT 1')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def file_facts(path: str) -> Row:
    return {
        "source_root": "/photos",
        "source_path": path,
        "file_size_bytes": 100 + len(path),
        "modified_at": MODIFIED_AT,
        "content_sha256": hash_of(path),
    }


def image_row(sample_id: str, label: str | None, original: tuple[int, int], has_mask: bool) -> Row:
    source_dataset, category, split, *_, filename = sample_id.split("/")
    rng = np.random.default_rng(int(hash_of(sample_id)[:8], 16))
    return {
        "sample_id": sample_id,
        "source_dataset": source_dataset,
        "category": category,
        "split": split,
        "label": label,
        "is_defect": None if label is None else label != "good",
        "filename": filename,
        "original_width": original[0],
        "original_height": original[1],
        "original_mode": "RGB",
        "original_format": "PNG",
        "image_tensor": rng.integers(60, 200, (SIZE_PX, SIZE_PX, 3), dtype=np.uint8).tobytes(),
        "tensor_height": SIZE_PX,
        "tensor_width": SIZE_PX,
        "tensor_channels": 3,
        "tensor_dtype": "uint8",
        "has_mask": has_mask,
        **file_facts(sample_id.partition("/")[2]),
    }


def mask_row(sample_id: str, side_px: int = 8) -> Row:
    mask = np.zeros((SIZE_PX, SIZE_PX), dtype=np.uint8)
    mask[10 : 10 + side_px, 12 : 12 + side_px] = 1
    return {
        "sample_id": sample_id,
        "mask_tensor": mask.tobytes(),
        "mask_height": SIZE_PX,
        "mask_width": SIZE_PX,
        "defect_fraction": float(mask.mean()),
        **file_facts(sample_id.partition("/")[2].replace(".png", "_mask.png")),
    }


def image_dataset_row(name: str, images: Iterable[Row], masks: Iterable[Row]) -> Row:
    own = sorted((row for row in images if row["source_dataset"] == name), key=lambda row: row["sample_id"])
    mask_hashes = {row["sample_id"]: row["content_sha256"] for row in masks}
    content = [
        FingerprintRow(
            row["sample_id"], row["content_sha256"], mask_hashes.get(row["sample_id"]), row["split"], row["label"]
        )
        for row in own
    ]
    return {
        "name": name,
        "root": "/photos",
        "layout": "folder",
        "licence": "CC0-1.0",
        "citation": None,
        "homepage": None,
        "file_count": len(own) + sum(1 for entry in content if entry.mask_sha256),
        "fingerprint": make_fingerprint(content),
        "size_px": SIZE_PX,
        "fit": "stretch",
        "deep_white_level": None,
        "float_white_level": None,
    }


def reject_row(path: str, reason: str) -> Row:
    facts = file_facts(path)
    del facts["content_sha256"]
    return {"source_dataset": "alpha", "reason": reason, "message": "for a test", **facts}


def make_rows() -> dict[str, list[Row]]:
    groups = [
        ("alpha/bottle/train/good", "good", (900, 900), 4),
        ("alpha/bottle/test/good", "good", (900, 900), 2),
        ("alpha/bottle/test/broken", "broken", (900, 700), 3),
        ("alpha/screw/test/unknown", None, (640, 480), 1),
        ("beta/Class1/train/good", "good", (512, 512), 3),
        ("beta/Class1/test/defect", "defect", (512, 512), 2),
    ]
    images = [
        image_row(f"{folder}/{number:03}.png", label, original, has_mask=label in ("broken", "defect"))
        for folder, label, original, count in groups
        for number in range(count)
    ]
    masks = [mask_row(row["sample_id"]) for row in images if row["has_mask"]]
    return {
        "images": images,
        "masks": masks,
        "rejects": [reject_row("bottle/train/good/b.png", "corrupt"), reject_row("bottle/a.png", "corrupt")],
        "image_datasets": [image_dataset_row(name, images, masks) for name in ("alpha", "beta")],
    }


def load_rows(path: Path, rows: dict[str, list[Row]], work_folder: Path) -> None:
    resources = [
        dlt.resource(
            [pa.Table.from_pylist(rows[name], schema=tables.SCHEMAS[name])],
            name=name,
            primary_key=tables.PRIMARY_KEYS[name],
            write_disposition="merge",
        )
        for name in rows
    ]
    with dlt_settings():
        pipeline = dlt.pipeline(
            "fixture",
            destination=dlt.destinations.duckdb(str(path)),
            dataset_name=tables.DATASET_NAME,
            pipelines_dir=str(work_folder),
        )
        pipeline.run(resources, loader_file_format="parquet")


@contextmanager
def editing(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a copy to break it on purpose."""
    with duckdb.connect(database) as connection:
        connection.execute(f"USE {tables.DATASET_NAME}")
        yield connection
