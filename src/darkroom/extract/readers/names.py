"""What an image dataset is called, and what is known of it.

Its name begins every `sample_id`. It comes from `name`, else from the owner's `dataset.toml`, else it is that of a
publication whose categories and labels these are, else that of the folder above the category folders.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from darkroom.errors import OptionError
from darkroom.extract.readers.places import CategoryFolder
from darkroom.extract.storage import Roots
from darkroom.keys import compose, make_key
from darkroom.layout_words import IMAGE_FOLDERS
from darkroom.sample import FACTS_FILE, FileKey, Ignored

_NAME = re.compile(r"\w[\w.-]{0,99}")
_FACTS = ("name", "licence", "citation", "homepage")


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """What `dataset.toml` files say of a category; None where they say nothing.

    name = "our_parts"
    licence = "CC BY 4.0"
    citation = "Who made it, and where that is written"
    homepage = "https://example.org/our-parts"
    """

    name: str | None = None
    licence: str | None = None
    citation: str | None = None
    homepage: str | None = None


class Owners:
    """What the owners of image datasets wrote down, in all roots.

    Attributes:
        notes: One line for each thing in a `dataset.toml` that cannot be used.
        texts: The files that were read, and what for.
    """

    def __init__(self, ignored: Iterable[Ignored], roots: Roots) -> None:
        self.notes: list[str] = []
        self.texts: dict[FileKey, str] = {}
        self._by_folder: dict[tuple[str, str], dict[str, str]] = {}
        files = [entry.file for entry in ignored if entry.file.path.rpartition("/")[2].lower() == FACTS_FILE]
        roots.prepare(files)
        for file in files:
            try:
                facts = tomllib.loads(roots.read(file).decode("utf-8-sig"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                self.notes.append(f"{file.path}: not used, as it cannot be read as TOML ({error})")
            else:
                self.texts[file.key] = f"{FACTS_FILE}, read for the name and the licence"
                self._by_folder[file.root, file.path.rpartition("/")[0]] = self._parse(file.path, facts)

    def find(self, category_folder: CategoryFolder) -> OwnerFacts:
        """Returns what is written in the category folder or above it; of each fact, what stands nearest."""
        facts: dict[str, str] = {}
        path: str | None = category_folder.path
        while path is not None:
            facts = self._by_folder.get((category_folder.root, path), {}) | facts
            path = path.rpartition("/")[0] if path else None
        return OwnerFacts(**facts)

    def _parse(self, path: str, facts: dict[str, Any]) -> dict[str, str]:
        words = {key: facts[key].strip() for key in _FACTS if isinstance(facts.get(key), str) and facts[key].strip()}
        for key in facts:
            if key not in words:
                expected = "expected words in quotes" if key in _FACTS else f"expected {', '.join(_FACTS)}"
                self.notes.append(f"{path}: {key} is not used, {expected}")
        if "name" in words and not _NAME.fullmatch(compose(words["name"])):
            words["name"] = make_name(words["name"])
        return {key: compose(word) for key, word in words.items()}


def check_name(name: str | None) -> str | None:
    """Returns the name that was given for an image dataset, composed; None if none was.

    Raises:
        OptionError: It cannot be the beginning of a `sample_id`.
    """
    if name is None or _NAME.fullmatch(compose(name)):
        return name and compose(name)
    raise OptionError(
        f"`name` {name!r}: expected at most 100 letters, digits, '_', '-' and '.', as an image dataset's name becomes "
        f"the beginning of every sample_id. {make_name(name)} would do."
    )


def list_labels(category_folder: CategoryFolder, *, with_masks: bool) -> set[str]:
    """Returns the names, lower case, of the folders of a category that say something: labels.

    Args:
        category_folder: The category folder.
        with_masks: Whether folders of masks in its splits say something too, as in DAGM 2007.
    """
    folders = {make_key(folder).strip() for folder in category_folder.inner_folders} - IMAGE_FOLDERS
    return folders if with_masks else folders - category_folder.mask_folders.labels.keys()


def make_name(words: str, taken: Collection[str] = ()) -> str:
    """Makes a name of lower-case letters, digits and `_` from what somebody called a folder.

    Args:
        words: What it is called.
        taken: Names of publications: an image dataset that is none of them must not mix with it.
    """
    name = re.sub(r"\W+", "_", compose(words).lower()).strip("_")[:100] or "images"
    return f"{name}_folder" if name in taken else name
