"""One measurement, in a process of its own: `python measurements.py NAME '{"tree": …}' RESULT.json`.

`ingest.py` starts these. A process of its own has a peak of memory of its own, imports nothing that another
measurement needs, and leaves nothing behind for the next.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from corpus import Picture, change_pictures, link_pictures, make_corpus
from instruments import (
    Result,
    Task,
    harmonise_file,
    harmonise_file_as_darkroom,
    measure_database,
    timed,
    watch_disk,
)
from peers import PEERS
from PIL import Image

READ_BATCH = 32
"""Samples in a numpy batch that is read back."""
ROW_BY_ROW_FILES = 500
"""Row by row takes so long that more files would tell nothing new."""
INCREMENTS = 10


def run_read_limit(task: Task) -> Result:
    """Reads the bytes of all files, and keeps nothing."""

    def read(path: str) -> None:
        Path(path).read_bytes()

    return _measure_in_threads(task, read)


def run_fast_limit(task: Task) -> Result:
    """Decodes and resizes all files as darkroom does, and keeps nothing."""

    def decode(path: str) -> None:
        harmonise_file_as_darkroom(path)

    decode(task.paths()[0])  # what it imports is no part of it
    return _measure_in_threads(task, decode)


def run_decode_limit(task: Task) -> Result:
    """Decodes and resizes all files with Pillow, and keeps nothing."""

    def decode(path: str) -> None:
        harmonise_file(path)

    return _measure_in_threads(task, decode)


def run_decode_epoch(task: Task) -> Result:
    """Reads the files again as arrays, as training on the files themselves would in every epoch."""
    import numpy as np

    def decode(path: str) -> None:
        np.asarray(harmonise_file(path))

    return _measure_in_threads(task, decode)


def _measure_in_threads(task: Task, decode: Callable[[str], None]) -> Result:
    paths = task.paths()
    with timed() as clock, ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(decode, paths):
            pass
    return clock | {"files": len(paths)}


def run_ingest(task: Task) -> Result:
    """Ingests all files into a new database; from call to return."""
    from darkroom.load.run import ingest

    with watch_disk(task.database) as disk, timed() as clock:
        report = ingest([task.tree], database=task.database)
    accounted = report.images.total + report.masks.total + len(report.rejects) + sum(report.ignored.values())
    counts = {
        "files": report.files_seen,
        "files_accounted": accounted,
        "images": report.images.new,
        "masks": report.masks.new,
        "rejects": len(report.rejects),
        "packages": report.packages,
    }
    return clock | counts | disk | measure_database(task.database)


def run_rerun_unchanged(task: Task) -> Result:
    """Ingests once more with nothing new."""
    return _ingest_again(task)


def run_rerun_changed(task: Task) -> Result:
    """Ingests once more after 1 % of the pictures were encoded anew with other pixels."""
    change_pictures(task.tree, _choose_percent(task.pictures(), task.seed))
    return _ingest_again(task)


def _ingest_again(task: Task) -> Result:
    from darkroom.load.run import ingest

    with timed() as clock:
        report = ingest([task.tree], database=task.database)
    return clock | {
        "files": report.files_seen,
        "replaced": report.images.replaced + report.masks.replaced,
        "new": report.images.new + report.masks.new,
    }


def run_row_by_row(task: Task) -> Result:
    """Loads a dict per image with PNG bytes, merged, with dlt's default settings: what people write first."""
    import dlt

    paths = task.paths()[:ROW_BY_ROW_FILES]
    pipeline = dlt.pipeline(
        "row_by_row",
        destination=dlt.destinations.duckdb(str(task.work / "row_by_row.duckdb")),
        dataset_name="inspection",
        pipelines_dir=str(task.work / "row_by_row"),
    )
    images = dlt.resource(_make_rows(paths), name="images", primary_key="path", write_disposition="merge")
    with timed() as clock:
        pipeline.run(images)
    return clock | {"files": len(paths)}


def _make_rows(paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        buffer = io.BytesIO()
        harmonise_file(path).save(buffer, "PNG")
        yield {"path": path, "file_size_bytes": Path(path).stat().st_size, "image": buffer.getvalue()}


def run_read_back(task: Task) -> Result:
    """Reads all tensors and masks from the table, batch by batch."""
    from darkroom.query.batches import iter_batches

    files = tensor_bytes = 0
    with timed() as clock:
        for batch in iter_batches(task.database, batch_size=READ_BATCH):
            files += len(batch) + int(batch.has_mask.sum())
            tensor_bytes += batch.images.nbytes
    return clock | {"files": files, "tensor_bytes": tensor_bytes}


def run_ten_additions(task: Task) -> Result:
    """Ingests half of the pictures, then the rest in ten runs; the size of the database after each."""
    from darkroom.load.run import ingest

    tree, database = task.work / "growing", task.work / "additions.duckdb"
    pictures = task.pictures()
    half = len(pictures) // 2
    bounds = [half + (len(pictures) - half) * step // INCREMENTS for step in range(INCREMENTS + 1)]
    sizes = []
    for start, end in zip([0, *bounds], bounds, strict=False):
        link_pictures(task.corpus, pictures[start:end], tree)
        report = ingest([tree], database=database)
        sizes.append(measure_database(database)["database_per_tensor_byte"])
    return {"files": report.files_seen, "database_per_tensor_byte": sizes[-1], "after_each_run": sizes}


def run_ten_changes(task: Task) -> Result:
    """Changes 1 % of the pictures and ingests, ten times over; the size of the database after each."""
    from darkroom.load.run import ingest

    sizes = []
    for seed in range(INCREMENTS):
        change_pictures(task.tree, _choose_percent(task.pictures(), task.seed + seed))
        report = ingest([task.tree], database=task.database)
        sizes.append(measure_database(task.database)["database_per_tensor_byte"])
    return {"files": report.files_seen, "database_per_tensor_byte": sizes[-1], "after_each_run": sizes}


def run_make_corpus(task: Task) -> Result:
    """Makes the corpus; a step and not a measurement, but in a process of its own, as it takes much memory."""
    make_corpus(task.corpus, task.images, task.source)
    pictures = task.pictures()
    sizes = [(task.corpus / path).stat().st_size for picture in pictures for path in picture.files]
    return {
        "origin": f"copied from {task.source.name}" if task.source else task.origin,
        "images": len(pictures),
        "masks": sum(picture.mask is not None for picture in pictures),
        "files": len(sizes),
        "bytes": sum(sizes),
        "kinds": _describe_kinds(task.corpus, pictures),
    }


def _describe_kinds(corpus: Path, pictures: Sequence[Picture]) -> list[dict[str, Any]]:
    kinds: dict[tuple[str, int, int], list[int]] = {}
    for picture in pictures:
        path = corpus / picture.image
        with Image.open(path) as image:
            kinds.setdefault((image.mode, *image.size), []).append(path.stat().st_size)
    return [
        {"mode": mode, "width": width, "height": height, "images": len(sizes), "mean_bytes": sum(sizes) // len(sizes)}
        for (mode, width, height), sizes in sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    ]


def _choose_percent(pictures: Sequence[Picture], seed: int) -> list[Picture]:
    count = max(1, len(pictures) // 100)
    # Neighbours, so that ten seeds change ten different parts, and both kinds of pictures in each.
    return [pictures[(seed * count + offset) % len(pictures)] for offset in range(count)]


MEASUREMENTS: dict[str, Callable[[Task], Result]] = {
    "make_corpus": run_make_corpus,
    "read_limit": run_read_limit,
    "decode_limit": run_decode_limit,
    "fast_limit": run_fast_limit,
    "ingest": run_ingest,
    "row_by_row": run_row_by_row,
    "decode_epoch": run_decode_epoch,
    "read_back": run_read_back,
    "rerun_unchanged": run_rerun_unchanged,
    "rerun_changed": run_rerun_changed,
    "ten_additions": run_ten_additions,
    "ten_changes": run_ten_changes,
    **PEERS,
}


def main(name: str, task_json: str, result_path: str) -> None:
    """Runs one measurement and writes its result."""
    result = MEASUREMENTS[name](Task.from_json(task_json))
    Path(result_path).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
