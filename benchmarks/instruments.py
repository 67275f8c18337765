"""What measurements have in common: the task, the work on one file, the clock, and eyes on memory and disk."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus import Picture, is_mask, read_corpus
from PIL import Image

SIZE_PX = 256
SAMPLING_S = 0.25
"""How often the disk is looked at; more often, the looking itself slows down what is measured."""

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """What a measurement is given.

    Attributes:
        corpus: Folder of the corpus.
        origin: What it is made from (`corpus.describe_origin`).
        images: How many of its pictures to take.
        tree: Folder with the files to measure on.
        work: Folder to write to.
        source: A real root the corpus is copied from, or None.
        seed: Tells which pictures are changed.
    """

    corpus: Path
    origin: str
    images: int
    tree: Path
    work: Path
    source: Path | None = None
    seed: int = 0

    @classmethod
    def from_json(cls, text: str) -> Task:
        """The task that `to_json` wrote."""
        fields = json.loads(text)
        paths = {name: Path(fields[name]) for name in ("corpus", "tree", "work", "source") if fields[name]}
        return cls(**(fields | paths))

    def to_json(self) -> str:
        """This task in a line, for another process."""
        return json.dumps(asdict(self), default=str)

    @property
    def database(self) -> Path:
        """The table that `ingest` makes and others go on with."""
        return self.work / "darkroom.duckdb"

    def pictures(self) -> list[Picture]:
        """The pictures to measure on."""
        return read_corpus(self.corpus, self.origin)[: self.images]

    def paths(self) -> list[str]:
        """The paths of their files, images and masks, in an order that mixes large and small."""
        return [str(self.tree / path) for picture in self.pictures() for path in picture.files]


def harmonise_file(path: str) -> Image.Image:
    """Does to one file what every contestant has to do."""
    with Image.open(path) as image:
        return resize(image, is_mask=is_mask(path))


def harmonise_file_as_darkroom(path: str) -> bytes:
    """Does the same with the decoder and the resampler that darkroom has."""
    from darkroom.harmonise.decode import read_image, read_mask
    from darkroom.harmonise.resize import harmonise_image_bytes, harmonise_mask

    data = Path(path).read_bytes()
    if is_mask(path):
        return harmonise_mask(read_mask(data).pixels, SIZE_PX).tobytes()
    return harmonise_image_bytes(read_image(data).pixels, SIZE_PX)


def resize(image: Image.Image, *, is_mask: bool) -> Image.Image:
    """Makes a picture 256 × 256 RGB, or a mask 256 × 256 L.

    Converting last is the faster order: before the resize it costs a fifth more, as three channels are resampled
    where one would do.
    """
    if is_mask:
        return image.resize((SIZE_PX, SIZE_PX), Image.Resampling.NEAREST).convert("L")
    return image.resize((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS).convert("RGB")


@contextmanager
def timed() -> Iterator[Result]:
    """Yields a dict that has `seconds`, `cpu_seconds` and `peak_memory_bytes` once the block is left."""
    measured: Result = {"called_at": time.time()}
    children_before = _peak_memory_bytes()[1]
    started_s, started_cpu_s = time.perf_counter(), _cpu_seconds()
    yield measured
    measured["seconds"] = time.perf_counter() - started_s
    measured["cpu_seconds"] = _cpu_seconds() - started_cpu_s
    own, children = _peak_memory_bytes()
    # a child that an import had started is over, and shared its memory with its parent
    started_since = children if children > children_before else 0
    measured["peak_memory_bytes"] = own + started_since or None


def _cpu_seconds() -> float:
    """What all threads of this process and its ended children have used, in user and system mode."""
    return sum(os.times()[:4])


def _peak_memory_bytes() -> tuple[int, int]:
    """The most memory this process has ever held, and the most that any one of its ended children has; 0: not known."""
    try:
        import resource
    except ImportError:  # Windows
        return 0, 0
    unit = 1 if sys.platform == "darwin" else 1024
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own * unit, children * unit


@contextmanager
def watch_disk(database: Path) -> Iterator[Result]:
    """Yields a dict that has `peak_extra_disk_bytes` once the block is left.

    That is the most that lay beside the database file at any moment (work folder, write-ahead log, temporary
    files), plus what the database file itself has been larger than it is in the end.
    """
    measured: Result = {}
    beside, inside, done = [0], [0], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLING_S):
            inside.append(_size(database))
            beside.append(_size_beside(database))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield measured
    done.set()
    watcher.join()
    measured["peak_extra_disk_bytes"] = max(beside) + max(0, max(inside) - _size(database))


def _size_beside(database: Path) -> int:
    files = [Path(f"{database}.wal")]
    for folder in (database.parent / ".darkroom", Path(f"{database}.tmp")):
        files.extend(Path(parent) / name for parent, _, names in os.walk(folder) for name in names)
    # by identity: dlt links a file into the next stage before it deletes the link in the last
    return sum({(found.st_dev, found.st_ino): found.st_size for found in map(_stat, files) if found}.values())


def _size(path: Path) -> int:
    found = _stat(path)
    return found.st_size if found else 0


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # gone since it was listed
        return None


def measure_database(database: Path) -> Result:
    """Compares the size of a closed database file with the bytes of the tensors in it."""
    import duckdb

    query = (
        "SELECT (SELECT coalesce(sum(octet_length(image_tensor)), 0) FROM inspection.images)"
        " + (SELECT coalesce(sum(octet_length(mask_tensor)), 0) FROM inspection.masks)"
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        ((tensor_bytes,),) = connection.execute(query).fetchall()
    return {
        "database_bytes": database.stat().st_size,
        "tensor_bytes": int(tensor_bytes),
        "database_per_tensor_byte": database.stat().st_size / int(tensor_bytes),
    }
