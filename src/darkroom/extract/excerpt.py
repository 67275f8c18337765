"""A small part of an image dataset, in the layout it has: to look at, to test with, to hand on."""

from __future__ import annotations

import os
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Protocol

from darkroom.errors import OptionError
from darkroom.extract.excerpt_tables import list_described, make_tables, place_described
from darkroom.extract.readers import read_layout
from darkroom.extract.readers.places import place_file
from darkroom.extract.readers.publications import PUBLICATIONS_BY_NAME
from darkroom.extract.readers.registry import LAYOUTS
from darkroom.extract.readers.survey import find_place
from darkroom.extract.storage import Storage, open_storage
from darkroom.keys import compose
from darkroom.sample import FACTS_FILE, FileEntry, Findings, Sample, seeded_hash


@dataclass(frozen=True, slots=True)
class ExcerptReport:
    """What was copied.

    Attributes:
        out: The folder or .zip that was written.
        notes: What the root was taken for, and why.
        images: Number of images copied.
        masks: Number of masks copied.
        categories: The categories that the images are from.
        size_bytes: Size of all that was copied.
    """

    out: Path
    notes: tuple[str, ...]
    images: int
    masks: int
    categories: tuple[str, ...]
    size_bytes: int


def write_excerpt(
    root: str | os.PathLike[str],
    out: Path,
    *,
    layout: str = "auto",
    splits: str | None = None,
    categories: Sequence[str] = (),
    limit: int = 10,
    seed: int = 0,
) -> ExcerptReport:
    """Copies up to `limit` images per category and split, with their masks and the tables of labels and splits.

    The same root, limit and seed take the same images on every machine; all labels of a split are taken from in
    turn. Images that are in the layout but damaged are copied as they are.

    Args:
        root: A folder, an archive or a URL.
        out: A folder that is empty or not there, or the name of a new `.zip`.
        layout: `auto`, or the layout to read the root with.
        splits: As in `read_layout`; the table of these splits comes along.
        categories: The categories to copy; all by default.
        limit: How many images to take of each category and split.
        seed: Decides which images are taken; another seed takes others.

    Raises:
        RootError: The root cannot be read.
        OptionError: `out` is in use, or a category is not there.
    """
    _check_out(out)
    with open_storage(root) as storage:
        findings = read_layout(storage, storage.files(), layout=layout, splits=splits)
        samples = choose_samples(_select_categories(findings, categories), limit, seed)
        storage.prepare([file.path for sample in samples for file in _files(sample)])
        with _open_target(out) as target:
            copied = _copy(storage, findings, samples, target)
    return ExcerptReport(
        out=out,
        notes=findings.notes,
        images=len(samples),
        masks=sum(len(sample.masks) for sample in samples),
        categories=tuple(sorted({sample.category for sample in samples})),
        size_bytes=copied,
    )


def choose_samples(samples: Iterable[Sample], limit: int, seed: int) -> list[Sample]:
    """Chooses `limit` samples of each category and split, its labels in turn, by a hash of seed and place.

    The place is the `sample_id` without the name of the image dataset: that of a folder and of its archive may differ.
    """
    groups: dict[tuple[str, str, str], dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        # where the label is left to the mask, having one tells as much
        label = sample.label or ("masked" if sample.mask else "unmasked")
        groups[sample.source_dataset, sample.category, sample.split][label].append(sample)
    chosen: list[Sample] = []
    for labels in groups.values():
        shuffled = [
            sorted(labels[label], key=lambda sample: seeded_hash(sample.place, seed)) for label in sorted(labels)
        ]
        in_turn = [sample for sample in chain.from_iterable(zip_longest(*shuffled)) if sample is not None]
        chosen.extend(in_turn[:limit])
    return sorted(chosen, key=lambda sample: sample.sample_id)


def _select_categories(findings: Findings, categories: Sequence[str]) -> list[Sample]:
    categories = [compose(category) for category in categories]
    present = {sample.category for sample in findings.samples}
    if missing := sorted(set(categories) - present):
        raise OptionError(
            f"`categories` {', '.join(missing)}: there is no such category here. Expected some of "
            f"{', '.join(sorted(present))}, or none for all."
        )
    return [sample for sample in findings.samples if not categories or sample.category in categories]


def _files(sample: Sample) -> list[FileEntry]:
    return [sample.image, *sample.masks]


class _Target(Protocol):
    def write(self, path: str, content: bytes) -> None: ...


def _copy(storage: Storage, findings: Findings, samples: Sequence[Sample], target: _Target) -> int:
    several = len({sample.source_dataset for sample in samples}) > 1
    described = list_described(findings)
    placed: dict[str, str] = {}
    for sample in samples:
        category_folder = f"{sample.source_dataset}/{sample.category}/" if several else f"{sample.category}/"
        for file in _files(sample):
            if sample.source_dataset in described:
                placed[file.path] = category_folder + place_described(sample, file)
            else:
                placed[file.path] = _place(file, category_folder)
    copied = 0
    for path, content in make_tables((sample for sample in samples if sample.source_dataset in described), placed):
        target.write(path, content)
        copied += len(content)
    # of `Labels.txt` a run says which images have no line, so it is trimmed; of other tables it counts what is missing
    texts = dict(_find_texts(findings, placed))
    if (facts := _describe_publication(samples)) and not several and FACTS_FILE not in texts.values():
        target.write(FACTS_FILE, facts)
        copied += len(facts)
    for source, path in chain(sorted(placed.items()), texts.items()):
        content = storage.read(source)
        if source.lower().endswith("/labels.txt"):
            content = _trim_labels(content, source, placed)
        target.write(path, content)
        copied += len(content)
    return copied


def _describe_publication(samples: Sequence[Sample]) -> bytes:
    """Returns a `dataset.toml` with the name of a publication that nothing but its own folder or its size tells."""
    publication = PUBLICATIONS_BY_NAME.get(samples[0].source_dataset) if samples else None
    is_told = publication is None or publication.proof is None or not publication.proof.names
    return b"" if publication is None or is_told else f'name = "{publication.name}"\n'.encode()


def _place(file: FileEntry, category_folder: str) -> str:
    """Returns the path of a file in the excerpt; its mask's category folder may be spelled in another way."""
    folder = find_place(file.path.rpartition("/")[0], LAYOUTS.values())
    return category_folder + (place_file(file, folder).inner_path if folder else file.path)


def _find_texts(findings: Findings, placed: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yields the text files that labels, splits and names of the copied images are from, and their path there.

    Those of a category folder stay in it; those beside it, or beside the folder above that, come to lie beside it.
    """
    targets = _category_folders(placed)
    others = _list_category_folders(sample.image.path for sample in findings.samples) - targets.keys()
    for path in (entry.file.path for entry in findings.ignored if entry.is_read):
        # the nearest folder decides, whether the text is in a category folder or beside it
        for folder in _parents(path):
            if folder in others:
                break
            if folder in targets:
                yield path, compose(f"{targets[folder]}/{_cut(path, folder)}")
                break
            if beside := [target for category, target in targets.items() if folder in list(_parents(category))[:2]]:
                yield path, compose(f"{beside[0].rpartition('/')[0]}/{_cut(path, folder)}".lstrip("/"))
                break


def _category_folders(placed: dict[str, str]) -> dict[str, str]:
    """Returns the category folders that files are copied from, each with the one that they are copied to."""
    folders: dict[str, str] = {}
    for source, path in placed.items():
        for category_folder in _list_category_folders([source]):
            folders[category_folder] = path.removesuffix(f"/{compose(_cut(source, category_folder))}")
    return folders


def _list_category_folders(paths: Iterable[str]) -> set[str]:
    places = (find_place(folder, LAYOUTS.values()) for folder in {path.rpartition("/")[0] for path in paths})
    return {place.category_path for place in places if place is not None}


def _parents(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path


def _cut(path: str, folder: str) -> str:
    return path[len(folder) :].lstrip("/")


def _trim_labels(content: bytes, source: str, placed: dict[str, str]) -> bytes:
    """Keeps the first line of `Labels.txt`, and those of the images that are copied from its split."""
    split = source.rsplit("/", 2)[0]
    names = {path.rpartition("/")[2].encode() for path in placed if path.rpartition("/")[0] == split}
    first, *lines = content.splitlines(keepends=True) or [b""]
    return b"".join([first, *(line for line in lines if names & set(line.strip().split(b"\t")))])


def _check_out(out: Path) -> None:
    if out.suffix.lower() == ".zip" and out.exists():
        raise OptionError(f"{out} is there already. Give a new name, or delete it first.")
    if out.suffix.lower() != ".zip" and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OptionError(f"{out} is not an empty folder. Give a new folder, or a new .zip.")


@contextmanager
def _open_target(out: Path) -> Iterator[_Target]:
    if out.suffix.lower() == ".zip":
        out.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(out, "x") as archive:
            yield _ZipTarget(archive)
    else:
        yield _FolderTarget(out)


@dataclass(frozen=True, slots=True)
class _FolderTarget:
    folder: Path

    def write(self, path: str, content: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


@dataclass(frozen=True, slots=True)
class _ZipTarget:
    archive: zipfile.ZipFile

    def write(self, path: str, content: bytes) -> None:
        # a fixed date, so that the same excerpt is the same file
        self.archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)
