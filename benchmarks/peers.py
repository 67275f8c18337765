"""Other people's tools doing the same work on the same files: every file decoded, resized, and stored.

Each is used as its documentation suggests for this task, with all cores, and its rows are counted afterwards.
`uv run --with` brings them, as docs/performance.md shows.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
from corpus import is_mask
from instruments import SIZE_PX, Result, Task, harmonise_file, harmonise_file_as_darkroom, resize, timed
from PIL import Image

BATCH_FILES = 32
_ROW = pa.schema([("path", pa.string()), ("tensor", pa.binary())])


def run_lancedb(task: Task) -> Result:
    """LanceDB, fed by a generator of Arrow batches that threads decode ahead of it, with Pillow."""
    return _fill_lancedb(task, "lancedb", _harmonise_with_pillow)


def run_lancedb_fast(task: Task) -> Result:
    """LanceDB, fed likewise, with the decoder and the resampler that darkroom has."""
    return _fill_lancedb(task, "lancedb_fast", harmonise_file_as_darkroom)


def _harmonise_with_pillow(path: str) -> bytes:
    return harmonise_file(path).tobytes()


def _fill_lancedb(task: Task, folder: str, harmonise: Callable[[str], bytes]) -> Result:
    import lancedb

    paths = task.paths()
    harmonise(paths[0])  # what it imports is no part of it
    connection = lancedb.connect(task.work / folder)
    with timed() as clock:
        table = connection.create_table("images", data=_iter_record_batches(paths, harmonise), schema=_ROW)
    return clock | {"files": len(paths), "files_stored": table.count_rows()}


def _iter_record_batches(paths: list[str], harmonise: Callable[[str], bytes]) -> Iterator[pa.RecordBatch]:
    cores = os.cpu_count() or 1
    pending: deque[Future[pa.RecordBatch]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for start in range(0, len(paths), BATCH_FILES):
            some = paths[start : start + BATCH_FILES]
            pending.append(pool.submit(_make_record_batch, some, harmonise))
            if len(pending) > 2 * cores:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _make_record_batch(paths: list[str], harmonise: Callable[[str], bytes]) -> pa.RecordBatch:
    tensors = [harmonise(path) for path in paths]
    return pa.record_batch([pa.array(paths, pa.string()), pa.array(tensors, pa.binary())], schema=_ROW)


def run_daft(task: Task) -> Result:
    """Daft, with its own decoder and resize, to parquet; images as RGB, masks as L."""
    import daft
    import pyarrow.parquet as parquet

    paths, folder = task.paths(), task.work / "daft"
    kinds = {"RGB": [path for path in paths if not is_mask(path)], "L": [path for path in paths if is_mask(path)]}
    with timed() as clock:
        for mode, some in kinds.items():
            pixels = daft.col("path").download().decode_image(mode=mode).resize(SIZE_PX, SIZE_PX)
            frame = daft.from_pydict({"path": some}).with_column("tensor", pixels)
            frame.write_parquet(str(folder / mode))
    stored = sum(parquet.read_metadata(path).num_rows for path in folder.rglob("*.parquet"))
    return clock | {"files": len(paths), "files_stored": stored}


def run_hf_map(task: Task) -> Result:
    """Hugging Face `datasets`: paths in, bytes out through `map`, a process per core."""
    folder = task.work / "hf_map"
    datasets = _import_datasets(folder)
    paths, stored_in = task.paths(), str(folder / "tensors.arrow")
    with timed() as clock:
        table = datasets.Dataset.from_dict({"path": paths})
        # It would keep a table that was made from a dict in memory.
        table = table.map(_read_row, num_proc=os.cpu_count(), cache_file_name=stored_in)
    return clock | {"files": len(paths), "files_stored": table.num_rows}


def run_hf_imagefolder(task: Task) -> Result:
    """Hugging Face `datasets`: its imagefolder, then `map`, a process per core.

    With `data_files` and without labels: by itself it would take the folders called train and test, and fold the
    names of the others into labels.
    """
    datasets = _import_datasets(task.work / "hf_imagefolder")
    paths = task.paths()
    with timed() as clock:
        files = {"train": [str(task.tree / "**")]}
        folder = datasets.load_dataset("imagefolder", data_files=files, drop_labels=True, split="train")
        table = folder.map(_resize_row, remove_columns="image", num_proc=os.cpu_count())
    return clock | {"files": len(paths), "files_stored": table.num_rows}


def _import_datasets(folder: Path) -> Any:
    folder.mkdir()
    os.environ["HF_HOME"] = str(folder)  # read when it is imported
    import datasets

    datasets.disable_progress_bars()
    return datasets


def _read_row(row: dict[str, Any]) -> dict[str, Any]:
    return {"tensor": harmonise_file(row["path"]).tobytes()}


def _resize_row(row: dict[str, Any]) -> dict[str, Any]:
    image: Image.Image = row["image"]
    return {"tensor": resize(image, is_mask=is_mask(getattr(image, "filename", ""))).tobytes()}


PEERS: dict[str, Callable[[Task], Result]] = {
    "lancedb": run_lancedb,
    "lancedb_fast": run_lancedb_fast,
    "daft": run_daft,
    "hf_map": run_hf_map,
    "hf_imagefolder": run_hf_imagefolder,
}
