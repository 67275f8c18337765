"""Licence, citation and homepage of an image dataset: what its owner wrote down, or what was published.

A file `dataset.toml` in a folder above the category folders says it in the owner's words:

    licence = "CC BY 4.0"
    citation = "Who made it, and where that is written"
    homepage = "https://example.org/our-parts"

Without one, the facts of the publication that the layout is named after hold if every category is one of its own;
a layout alone says nothing about a licence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass

from darkroom.extract.readers import LAYOUTS
from darkroom.sample import FACTS_FILE, FileEntry, Findings, Sample


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What is known of an image dataset as a whole; None where nothing says so."""

    licence: str | None = None
    citation: str | None = None
    homepage: str | None = None


def find_facts(findings: Findings, read_file: Callable[[FileEntry], bytes]) -> dict[str, DatasetFacts]:
    """Finds the facts of each image dataset found, by its name.

    Args:
        findings: What the readers have found.
        read_file: Returns the bytes of a file.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in findings.layouts}
    for sample in findings.samples:
        samples[sample.source_dataset].append(sample)
    written = [ignored.file for ignored in findings.ignored if _folder_of(ignored.file) is not None]
    return {
        name: _find_written(own, written, read_file) or _published(own, findings.layouts[name])
        for name, own in samples.items()
    }


def _find_written(
    samples: list[Sample], written: list[FileEntry], read_file: Callable[[FileEntry], bytes]
) -> DatasetFacts | None:
    for file in written:
        folder = _folder_of(file) or ""
        if any(sample.image.root == file.root and sample.image.path.startswith(folder) for sample in samples):
            return _parse(read_file(file))
    return None


def _folder_of(file: FileEntry) -> str | None:
    folder, slash, name = file.path.rpartition("/")
    return folder + slash if name == FACTS_FILE else None


def _parse(content: bytes) -> DatasetFacts | None:
    try:
        facts = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    words = {key: facts[key] for key in ("licence", "citation", "homepage") if isinstance(facts.get(key), str)}
    return DatasetFacts(**words)


def _published(samples: list[Sample], layout: str) -> DatasetFacts:
    published = LAYOUTS[layout]
    if {sample.category for sample in samples} <= published.categories:
        return DatasetFacts(published.licence, published.citation, published.homepage)
    return DatasetFacts()
