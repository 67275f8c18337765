"""Files whose rows bear another name of their image dataset than this run gives it, and two files of one name.

They were loaded by a darkroom that named whatever lay like MVTec AD `mvtec_ad`, or with another `name`, or before
somebody renamed the folder. Loaded once more beside those rows, each image would be in the table twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from darkroom.errors import OptionError
from darkroom.extract.readers.publications import PUBLICATIONS_BY_NAME
from darkroom.load.loaded import Loaded, LoadedFile, LoadedImage, LoadedReject
from darkroom.sample import FileEntry, Findings, Sample

AnyFile = TypeVar("AnyFile", bound=LoadedFile)


@dataclass(frozen=True, slots=True)
class Rename:
    """Image rows that bear one name, while the run gives their files another.

    Attributes:
        old: The name of the image dataset in the table; with the category, where that alone is another.
        new: The name that the run gives, likewise.
        rows: The `sample_id`s in the table.
    """

    old: str
    new: str
    rows: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.old}: {len(self.rows):,} images are named {self.new} now, and loaded anew"


@dataclass(frozen=True, slots=True)
class Moves:
    """Where files are now that were elsewhere when their rows were written, by `sample_id`."""

    images: dict[str, FileEntry] = field(default_factory=dict)
    masks: dict[str, FileEntry] = field(default_factory=dict)

    def apply_to(self, loaded: Loaded) -> Loaded:
        """Returns the facts of the tables as they are once the rows say where the files are.

        A mask of another path may be another mask, of the same size and time: it keeps its old place, and is read.
        """
        images = {
            key: replace(image, file=_at(image.file, self.images.get(key))) for key, image in loaded.images.items()
        }
        roots_only = {key: file for key, file in self.masks.items() if file.path == loaded.masks[key].path}
        masks = {key: _at(mask, roots_only.get(key)) for key, mask in loaded.masks.items()}
        return replace(loaded, images=images, masks=masks) if self.images or self.masks else loaded


def _at(row: AnyFile, file: FileEntry | None) -> AnyFile:
    return row if file is None else replace(row, root=file.root, path=file.path)


def find_renames(findings: Findings, loaded: Loaded) -> list[Rename]:
    """Finds the rows whose file this run names otherwise.

    A file is known again where it is, whatever root it was found under. One that is no longer there is known by its
    size, and by its place in the image dataset or below its root: its folder was renamed, or moved.
    """
    unfound = _find_unfound(findings, loaded)
    by_file = {image.file.location: key for key, image in unfound.items()}
    by_place: dict[tuple[str, int], list[str]] = defaultdict(list)
    for key, image in unfound.items():
        for place in {key.removeprefix(f"{image.source_dataset}/"), image.file.path}:
            by_place[place, image.file.size_bytes].append(key)
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sample in findings.samples if unfound else ():
        size = sample.image.size_bytes
        alike = (*by_place.get((sample.place, size), ()), *by_place.get((sample.image.path, size), ()))
        gone = (key for key in alike if _is_gone(unfound[key].file))
        row = by_file.get(sample.image.location) or next(gone, None)
        if row is not None and (names := _find_names(row, unfound[row], sample)):
            rows[names].append(row)
    return [Rename(old, new, tuple(dict.fromkeys(some))) for (old, new), some in rows.items()]


def _find_unfound(findings: Findings, loaded: Loaded) -> dict[str, LoadedImage]:
    found = {sample.sample_id for sample in findings.samples}
    return {key: image for key, image in loaded.images.items() if key not in found}


def _find_names(key: str, image: LoadedImage, sample: Sample) -> tuple[str, str] | None:
    """Returns what a row and its file are called now; None where only the place in one category is another."""
    if image.source_dataset != sample.source_dataset:
        return image.source_dataset, sample.source_dataset
    if image.file.location == sample.image.location:
        return None  # one file, told by `find_new_ids`
    old, new = ("/".join(name.split("/")[:2]) for name in (key, sample.sample_id))
    return (old, new) if old != new else None


def find_new_ids(findings: Findings, loaded: Loaded) -> dict[str, str]:
    """Returns the new `sample_id` by the old one, of files that have another in the same image dataset.

    So it is after somebody corrected the category that a table gives an image: the old row must go, or one file would
    be in the table twice.
    """
    unfound = _find_unfound(findings, loaded)
    by_file = {(image.source_dataset, image.file.location): key for key, image in unfound.items()}
    files = ((sample, by_file.get((sample.source_dataset, sample.image.location))) for sample in findings.samples)
    return {key: sample.sample_id for sample, key in files if key is not None}


def find_moves(findings: Findings, loaded: Loaded) -> Moves:
    """Finds the files that are no longer where their rows say, but elsewhere, called by the same `sample_id`."""
    moves = Moves()
    for sample in findings.samples:
        for rows, file, moved in (
            (loaded.images, sample.image, moves.images),
            (loaded.masks, sample.whole_mask, moves.masks),
        ):
            row = rows.get(sample.sample_id)
            before = row.file if isinstance(row, LoadedImage) else row
            if before and file and before.location != file.location and _is_gone(before):
                moved[sample.sample_id] = file
    return moves


def describe_new_ids(new_ids: Mapping[str, str]) -> list[str]:
    """Returns one line on the rows that gave way to others of the same file."""
    if not new_ids:
        return []
    old, new = next(iter(new_ids.items()))
    return [f"{len(new_ids):,} images have another sample_id now, such as {new} for {old}; the old rows are gone"]


def check_renames(renames: Sequence[Rename]) -> None:
    """Checks that every image keeps the name that its row has.

    Raises:
        OptionError: Some do not; it says how to keep the old names, and how to go over to the new ones.
    """
    if not renames:
        return
    told = "; ".join(
        f"{len(rename.rows):,} as {rename.old} (such as {rename.rows[0]}), which this run would name {rename.new}"
        for rename in renames
    )
    published = ", ".join(sorted({rename.old for rename in renames} & PUBLICATIONS_BY_NAME.keys()))
    reason = f" {published}: kept for folders that hold its own categories and nothing else." if published else ""
    old = renames[0].old
    raise OptionError(
        f"The table holds some of these images by other names: {told}.{reason} Give `prune` to rename them (they are "
        f"loaded anew, and rows of files that are gone are deleted). To keep the name {old}, ingest its folder by "
        f'itself with `name` {old}, or write name = "{old}" into a file dataset.toml there.'
    )


def find_moved_rejects(renames: Sequence[Rename], findings: Findings, loaded: Loaded) -> list[LoadedReject]:
    """Finds the rejects whose files this run finds under another root, and those that a renamed folder left behind."""
    if not loaded.rejects:
        return []
    old = {rename.old for rename in renames}
    files = [file for sample in findings.samples for file in sample.files]
    files += [reject.file for reject in findings.rejects] + [ignored.file for ignored in findings.ignored]
    keys, places = {file.key for file in files}, {file.location for file in files}
    return [
        row
        for key, row in loaded.rejects.items()
        if (row.source_dataset in old and _is_gone(row.file)) or (key not in keys and row.file.location in places)
    ]


def describe_doubles(written: Mapping[str, LoadedImage], contents: Loaded) -> list[str]:
    """Returns one line for each image dataset of which the run wrote images that it holds under another name, too.

    Args:
        written: The facts of the image rows that the run wrote, by `sample_id`.
        contents: What the tables hold now.
    """
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, image in contents.images.items():
        names[image.source_dataset, image.file.content_sha256].append(key)
    new = {(image.source_dataset, image.file.content_sha256) for image in written.values()}
    doubles: dict[str, list[list[str]]] = defaultdict(list)
    for (name, sha256), keys in names.items():
        if len(keys) > 1 and (name, sha256) in new:
            doubles[name].append(sorted(keys))
    return [
        f"{name}: {len(found):,} images are in the table under more than one sample_id, such as "
        f"{' and '.join(found[0][:2])}; if a folder holds another arrangement of the same images, ingest one of both"
        for name, found in doubles.items()
    ]


def describe_takeovers(loaded: Loaded, written: Mapping[str, LoadedImage]) -> list[str]:
    """Returns one line for each root whose images were replaced by others of their names, unless its files are gone.

    Args:
        loaded: The facts of the tables before the run.
        written: The facts of the image rows that the run wrote, by `sample_id`.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    for sample_id, image in written.items():
        before = loaded.images.get(sample_id)
        if before is None or before.file.root == image.file.root or before.file.location == image.file.location:
            continue
        if before.file.content_sha256 != image.file.content_sha256 and not _is_gone(before.file):
            counts[image.source_dataset, before.file.root, image.file.root] += 1
    return [
        f"{name}: of the images loaded from {old}, {count:,} gave way to others of the same name in {new}; if these "
        "are two image datasets, ingest one of them with a `name` of its own"
        for (name, old, new), count in counts.items()
    ]


def _is_gone(file: LoadedFile) -> bool:
    """Tells whether a file on a disk is no longer where it was; of a bucket nobody knows."""
    if "://" in file.root:
        return False
    root = Path(file.root)
    return not root.exists() or (root.is_dir() and not (root / file.path).is_file())
