"""What an image dataset is called, and what is known of it.

Its name begins every `sample_id`. It comes from `name`, else from the owner's `dataset.toml`, else it is that of a
publication whose categories and labels these are, else that of the folder above the category folders.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from darkroom.errors import OptionError
from darkroom.extract.readers.labels import IMAGE_FOLDERS
from darkroom.extract.readers.masks import is_mask_folder
from darkroom.extract.readers.places import CategoryFolder
from darkroom.extract.storage import Roots
from darkroom.keys import compose, make_key
from darkroom.sample import FACTS_FILE, Ignored

_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """What a `dataset.toml` says of the categories beside and below it; None where it says nothing.

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
        notes: One line for each `dataset.toml` that cannot be used.
    """

    def __init__(self, ignored: Iterable[Ignored], roots: Roots) -> None:
        self.notes: list[str] = []
        self._by_folder: dict[tuple[str, str], OwnerFacts] = {}
        files = [entry.file for entry in ignored if entry.file.path.rpartition("/")[2] == FACTS_FILE]
        roots.prepare(files)
        for file in files:
            try:
                facts = _parse(roots.read(file))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                self.notes.append(f"{file.path}: not used, as it cannot be read as TOML ({error})")
            else:
                self._by_folder[file.root, file.path.rpartition("/")[0]] = facts

    def find(self, category_folder: CategoryFolder) -> OwnerFacts:
        """Returns what the nearest `dataset.toml` says, in the category folder or above it."""
        path = category_folder.path
        while (category_folder.root, path) not in self._by_folder and path:
            path = path.rpartition("/")[0]
        return self._by_folder.get((category_folder.root, path), OwnerFacts())


def check_name(name: str | None) -> str | None:
    """Returns the name that was given for an image dataset, composed; None if none was.

    Raises:
        OptionError: It cannot be the beginning of a `sample_id`.
    """
    if name is None or _NAME.fullmatch(compose(name)):
        return name and compose(name)
    raise OptionError(
        f"`name` {name!r}: expected letters, digits, '_', '-' and '.', as an image dataset's name becomes the "
        "beginning of every sample_id."
    )


def list_labels(category_folder: CategoryFolder) -> set[str]:
    """Returns the names, lower case, of the folders of a category that may be labels: those that say something."""
    folders = {make_key(folder) for folder in category_folder.inner_folders if not is_mask_folder(folder)}
    return folders - IMAGE_FOLDERS


def make_name(words: str, taken: Collection[str] = ()) -> str:
    """Makes a name of ASCII letters, digits and `_` from what somebody called a folder.

    Args:
        words: What it is called.
        taken: Names of publications: an image dataset that is none of them must not mix with it.
    """
    ascii_words = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_]+", "_", ascii_words.lower()).strip("_") or "images"
    return f"{name}_folder" if name in taken else name


def _parse(content: bytes) -> OwnerFacts:
    facts = tomllib.loads(content.decode("utf-8-sig"))
    words = {key: facts[key] for key in ("name", "licence", "citation", "homepage") if isinstance(facts.get(key), str)}
    if (name := compose(words.get("name", ""))) and not _NAME.fullmatch(name):
        words["name"] = make_name(name)
    return OwnerFacts(**words)
