"""Published image datasets: what they are called, what may be done with them, and how their categories are known.

An image dataset bears the name of a publication only where its categories and labels are those of the publication.
Somebody's own images in the same layout are somebody's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from darkroom.extract.readers.places import CategoryFolder
from darkroom.keys import make_key

_MOST = 0.9
"""So large a part of the files is nearly all: people lose some, and add others."""


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """What shows that images are those of a publication, where its layout and its categories could be anybody's.

    Attributes:
        files: How nearly all files are called, by their path from the category folder on, lower case.
        names: What the folder or the archive, or its owner, calls it: one of these words, without `_` and the like;
            none where the names of the files are enough.
        count: The number of files published; with nearly all of them, no name is needed.
    """

    files: re.Pattern[str]
    names: tuple[str, ...] = ()
    count: int = 0

    def holds(self, folders: Sequence[CategoryFolder], said: Iterable[str]) -> bool:
        """Tells whether category folders, and what they and those above them are called, show it."""
        paths = [image.inner_path for category_folder in folders for image in category_folder.images]
        fitting = sum(self.files.fullmatch(make_key(path)) is not None for path in paths)
        if fitting < _MOST * len(paths):
            return False
        return not self.names or is_called(self.names, said) or fitting >= _MOST * self.count


def is_called(words: Iterable[str], names: Iterable[str]) -> bool:
    """Tells whether one of some words is in a name, whatever its case; `_`, blanks and the like do not count."""
    bare = [re.sub(r"[\W_]+", "", make_key(name)) for name in names]
    return any(word.replace("_", "") in name for word in words for name in bare)


@dataclass(frozen=True, slots=True, eq=False)
class Publication:
    """One published image dataset.

    Attributes:
        name: What `sample_id`s begin with.
        title: Its name, as people write it.
        licence: Licence of the images, as the publisher states it; None where none is stated.
        citation: The paper or the authors to name.
        homepage: Address of the page that publishes the images.
        layouts: The layouts in which it is passed on, or can be read.
        categories: Its categories, lower case, each with the names of the label folders it can have, lower case; None
            for any, where the categories are names that nobody else would choose.
        is_whole: Whether only all categories together are taken for it, as their names alone say little.
        proof: What has to show it beside the layout, the categories and the labels.
    """

    name: str
    title: str
    licence: str | None
    citation: str
    homepage: str
    layouts: tuple[str, ...]
    categories: Mapping[str, frozenset[str] | None]
    is_whole: bool = False
    proof: Proof | None = None
