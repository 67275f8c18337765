"""What all exports of images as files share: safe names, PNGs, and which sample each file is."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from darkroom.layout_words import MASK_FOLDERS, SPLITS, find_mask_word, is_called_mask, may_hold_masks
from darkroom.query.selection import Samples
from darkroom.sample import EXPORTED_SAMPLES_COLUMNS, EXPORTED_SAMPLES_FILE, FACTS_FILE

_PNG_LEVEL = 1  # of zlib: the files are a little larger, and written in a third of the time
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[. ]$|^\.+')

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names of devices on Windows, with any ending."""

_LONGEST_BYTES = 200
"""Of a name: 255 are the most that systems take, and endings are added."""


def make_safe(name: str) -> str:
    """Makes a name that every system takes for a file or folder: `_` for what one of them refuses.

    One that is too long is cut, and told from others by a part of its hash.
    """
    safe = _UNSAFE.sub("_", name) or "_"
    if _RESERVED.match(safe):
        safe = f"_{safe}"
    if len(content := safe.encode()) <= _LONGEST_BYTES:
        return safe
    return f"{content[:_LONGEST_BYTES].decode(errors='ignore')}_{hashlib.sha256(content).hexdigest()[:8]}"


def make_folder_name(name: str) -> str:
    """Makes a name for the folder of a category or a label, which no reader takes for a split or for masks."""
    safe = make_safe(name)
    is_taken = safe.lower() in SPLITS.keys() | MASK_FOLDERS or is_called_mask(safe)
    return _hide_words(safe) if is_taken else safe


def make_stem(filename: str) -> str:
    """Makes the stem of an image's file, which no reader takes for that of a mask."""
    safe = make_safe(PurePosixPath(filename).stem)
    # a word alone becomes one that tells as soon as another is added: `mask_mask`, `gt_1f2e`
    return _hide_words(safe) if find_mask_word(safe) or may_hold_masks(safe) else safe


def _hide_words(name: str) -> str:
    """Adds words to both ends of a name, as readers look at those that are there."""
    return f"x_{name}_x"


def tell_apart(stems: Sequence[str], keys: Sequence[str], sample_ids: Iterable[str]) -> list[str]:
    """Adds a part of the hash of their `sample_id` to stems whose keys differ in case only, or not at all."""
    folded = [key.casefold() for key in keys]
    count = Counter(folded)
    return [
        stem if count[key] == 1 else f"{stem}_{hashlib.sha256(sample_id.encode()).hexdigest()[:8]}"
        for stem, key, sample_id in zip(stems, folded, sample_ids, strict=True)
    ]


def write_png(pixels: NDArray[np.uint8], path: Path) -> None:
    """Writes an image, or a mask; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="PNG", compress_level=_PNG_LEVEL)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a table, the same on every system; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def write_sample_ids(samples: Samples, files: Sequence[PurePosixPath], out: Path) -> None:
    """Writes which sample each file is, one table in the root of each image dataset.

    Args:
        samples: The samples.
        files: The file of each, relative to `out`; its first folder is the root of the image dataset.
        out: The folder of the export.
    """
    columns = [samples.facts[name].to_pylist() for name in EXPORTED_SAMPLES_COLUMNS[1:]]
    tables: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for file, *facts in zip(files, *columns, strict=True):
        root, *parts = file.parts
        tables[root].append(("/".join(parts), *facts))
    for root, rows in tables.items():
        write_csv(out / root / EXPORTED_SAMPLES_FILE, EXPORTED_SAMPLES_COLUMNS, rows)


def write_facts(facts: Mapping[str, Mapping[str, str | None]], out: Path) -> None:
    """Writes the name, licence, citation and homepage of each image dataset into its root, as `ingest` reads them.

    Args:
        facts: What is known of the image datasets, by their name.
        out: The folder of the export; where it has no root for each image dataset, it is that of a single one.
    """
    for name, known in facts.items():
        root = out / make_safe(name)
        if not root.is_dir() and len(facts) == 1:
            root = out
        if root.is_dir():
            # what JSON quotes, TOML reads
            lines = [f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in known.items() if text]
            (root / FACTS_FILE).write_text("".join(lines), encoding="utf-8")
