"""A database to ask questions of: small, really ingested, and with labels that nobody knows."""

from __future__ import annotations

from pathlib import Path

import darkroom
from darkroom.sample_data.faulty_files import iter_faulty_files

_SIZE_PX = 16


def make_database(folder: Path) -> Path:
    """Ingests `faulty/` of the sample data, drawn anew, and returns the path of the database.

    To it come a good image of `Class19`, and one whose mask was truncated: without it, and with no `Labels.txt`, nobody
    knows whether that image is good, and its `is_defect` is NULL.

    Args:
        folder: Where the files and the database go.
    """
    contents = {file.path.removeprefix("faulty/"): file.content for file in iter_faulty_files(seed=0)}
    contents["Class19/Test/0007.PNG"] = contents["Class19/Test/0004.PNG"]
    contents["Class19/Test/0006.PNG"] = contents["Class19/Test/0005.PNG"]
    mask = contents["Class19/Test/Label/0005_label.PNG"]
    contents["Class19/Test/Label/0006_label.PNG"] = mask[: len(mask) // 2]
    for path, content in contents.items():
        file = folder / "faulty" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    database = folder / "darkroom.duckdb"
    darkroom.ingest([folder / "faulty"], database=database, size_px=_SIZE_PX)
    return database
