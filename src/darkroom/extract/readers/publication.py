"""Published image datasets: what they are called, what may be done with them, and how their categories are known.

An image dataset bears the name of a publication only where its categories and labels are those of the publication.
Somebody's own images in the same layout are somebody's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
    """

    name: str
    title: str
    licence: str | None
    citation: str
    homepage: str
    layouts: tuple[str, ...]
    categories: Mapping[str, frozenset[str] | None]
    is_whole: bool = False
