"""Files whose rows bear another name of their image dataset than this run gives it, and two files of one name.

They were loaded by a darkroom that named whatever lay like MVTec AD `mvtec_ad`, or with another `name`, or before
somebody renamed the folder. Loaded once more beside those rows, each image would be in the table twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from darkroom.errors import OptionError
from darkroom.extract.readers.publications import PUBLICATIONS_BY_NAME
from darkroom.keys import make_key
from darkroom.load.plan import Loaded, LoadedImage
from darkroom.sample import Findings


@dataclass(frozen=True, slots=True)
class Rename:
    """Image rows that bear one name, while the run gives their files another.

    Attributes:
        old: The name in the table.
        new: The name that the run gives.
        rows: The `sample_id`s in the table.
    """

    old: str
    new: str
    rows: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.old}: {len(self.rows):,} images are named {self.new} now, and loaded anew"


def find_renames(findings: Findings, loaded: Loaded) -> list[Rename]:
    """Finds the rows whose file this run names otherwise.

    A file is known by its root and path; where it was given a publication's name by mistake, by its place and
    size as well, as the folder may have moved since.
    """
    found = {sample.sample_id for sample in findings.samples}
    by_file = {image.file.key: key for key, image in loaded.images.items() if key not in found}
    misnamed = _find_misnamed(loaded)
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sample in findings.samples:
        row = by_file.get(sample.image.key) or misnamed.get((sample.place, sample.image.size_bytes))
        if row is not None and (old := loaded.images[row].source_dataset) != sample.source_dataset:
            rows[old, sample.source_dataset].append(row)
    return [Rename(old, new, tuple(some)) for (old, new), some in rows.items()]


def check_renames(renames: Sequence[Rename]) -> None:
    """Checks that every image keeps the name that its row has.

    Raises:
        OptionError: Some do not; it says how to keep the old name, and how to go over to the new one.
    """
    for rename in renames:
        known = PUBLICATIONS_BY_NAME.get(rename.old)
        reason = f", as {rename.old} is kept for the published categories of {known.title}" if known else ""
        raise OptionError(
            f"The table holds {len(rename.rows):,} of these images as {rename.old} (such as {rename.rows[0]}), and "
            f"this run would name them {rename.new}{reason}. Give `prune` to rename them (they are loaded anew, and "
            f"rows of files that are gone are deleted), or `name` {rename.old} to keep the old name."
        )


def describe_takeovers(loaded: Loaded, written: Mapping[str, LoadedImage]) -> list[str]:
    """Returns one line for each root whose images were replaced by others of their names, though their files are there.

    Args:
        loaded: The facts of the tables before the run.
        written: The facts of the image rows that the run wrote, by `sample_id`.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    for sample_id, image in written.items():
        before = loaded.images.get(sample_id)
        if before is None or before.file.root == image.file.root:
            continue
        is_other = before.file.content_sha256 != image.file.content_sha256
        if is_other and Path(before.file.root, before.file.path).is_file():
            counts[image.source_dataset, before.file.root, image.file.root] += 1
    return [
        f"{name}: of the images loaded from {old}, {count:,} gave way to others of the same name in {new}; if these "
        "are two image datasets, ingest one of them with a `name` of its own"
        for (name, old, new), count in counts.items()
    ]


def _find_misnamed(loaded: Loaded) -> dict[tuple[str, int], str]:
    """Returns the rows that bear the name of a publication and are of no category of it, by place and size in bytes."""
    places = {}
    for sample_id, image in loaded.images.items():
        known = PUBLICATIONS_BY_NAME.get(image.source_dataset)
        place = sample_id.removeprefix(f"{image.source_dataset}/")
        if known is not None and make_key(place.split("/")[0]) not in known.categories:
            places[place, image.file.size_bytes] = sample_id
    return places
