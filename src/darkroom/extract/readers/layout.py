"""What a reader has to bring: a `Layout`, one in each module, all of them listed in `registry`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, Place, find_split_place
from darkroom.sample import FileEntry


def name_no_splits(_: str, __: str) -> str | None:
    """Returns None: in most layouts the folders are the splits."""
    return None


ReadFile = Callable[[FileEntry], bytes]
"""Returns the bytes of a file; raises OSError where it cannot."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the files of an image dataset lie on disk, and how to read them.

    Attributes:
        name: What `layout=` takes.
        title: Its name, as people write it.
        expected: Where images and masks stand, for messages.
        signs: Names of folders, lower case, that a tree of this layout has; a stranger is told which is nearest.
        recognise: Returns why a category folder is taken for this layout; None if it is not.
        read_category: Makes samples and rejects of all files of a category.
        find_place: Returns where a folder (relative to the root) stands; None if it has no place in the layout.
        texts: Names or endings (`.csv`) of the text files, lower case, that it reads.
        category: The name of the one category that it has; empty where category folders have names of their own.
        name_splits: Returns the name of the splits that a text file holds, by its path from the category folder on and
            the name of the category; None if it holds none.
    """

    name: str
    title: str
    expected: str
    signs: frozenset[str]
    recognise: Callable[[CategoryFolder], str | None]
    read_category: Callable[[Category, ReadFile], CategoryFindings]
    find_place: Callable[[str], Place | None] = find_split_place
    texts: frozenset[str] = frozenset()
    category: str = ""
    name_splits: Callable[[str, str], str | None] = name_no_splits

    def reads_text(self, path: str) -> bool:
        """Tells whether a file is a text that this layout reads, by its name."""
        name = path.rpartition("/")[2].lower()
        return name in self.texts or f".{name.rpartition('.')[2]}" in self.texts
