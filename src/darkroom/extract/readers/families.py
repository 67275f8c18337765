"""Category folders that stand side by side, and the publication that they are from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from darkroom.extract.readers import dagm_2007, folder, mvtec_ad
from darkroom.extract.readers.labels import DEFECT_WORDS, NORMAL_WORDS
from darkroom.extract.readers.names import list_labels
from darkroom.extract.readers.places import CategoryFolder
from darkroom.extract.readers.publication import Proof, Publication, is_called
from darkroom.extract.readers.publications import find_publication
from darkroom.extract.readers.registry import LAYOUTS
from darkroom.keys import make_key

_COMMON_LAYOUTS = frozenset({mvtec_ad.LAYOUT.name, folder.LAYOUT.name})

Family = tuple[str, str | None]
"""Root, and the folder above category folders that stand side by side."""


def find_family(category_folder: CategoryFolder) -> Family:
    """Returns which other category folders one stands beside; one that is alone stands beside none."""
    if category_folder.is_alone:
        return category_folder.root, f"{category_folder.path}/"
    return category_folder.root, category_folder.path.rpartition("/")[0] if category_folder.path else None


def find_publications(
    found: Sequence[tuple[CategoryFolder, str, str]], names: Sequence[str | None]
) -> dict[Family, tuple[Publication | None, bool]]:
    """Returns the publication of each family, and whether more than the names of its categories proves it.

    All categories that stand side by side have to be from it.

    Args:
        found: The category folders, with their layouts.
        names: What is said to be the name of each one's image dataset.
    """
    members: dict[Family, list[CategoryFolder]] = defaultdict(list)
    said: dict[Family, set[str]] = defaultdict(set)
    layouts: dict[Family, set[str]] = defaultdict(set)
    categories: dict[Family, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (category_folder, layout, _), name in zip(found, names, strict=True):
        # one category always has the right name, so that its folder has to look like the layout too
        if category_folder.is_alone and not LAYOUTS[layout].recognise(category_folder):
            continue
        family = find_family(category_folder)
        layouts[family].add(layout)
        members[family].append(category_folder)
        above = category_folder.path.split("/")[: None if category_folder.is_alone else -1]
        said[family] |= {name or "", category_folder.root.rpartition("/")[2], *above}
        categories[family][make_key(category_folder.name)] |= list_labels(
            category_folder, with_masks=layout == dagm_2007.LAYOUT.name
        )
    publications = {}
    for family, own in categories.items():
        holds = partial(Proof.holds, folders=members[family], said=said[family])
        publication = find_publication(layouts[family], own, holds)
        # `good` and `bad` are anybody's, unless the layout is the publication's own
        says_nothing = NORMAL_WORDS | DEFECT_WORDS if layouts[family] & _COMMON_LAYOUTS else NORMAL_WORDS
        is_certain = bool(set().union(*own.values()) - says_nothing)
        if publication is not None:
            is_certain |= bool(publication.proof and publication.proof.names)
            is_certain |= is_called((publication.name,), said[family])
        publications[family] = publication, is_certain
    return publications


def find_rearranged(
    folders: Sequence[CategoryFolder], publications: Mapping[Family, tuple[Publication | None, bool]]
) -> set[Family]:
    """Returns the families with masks by split that are not the only one with some category of their publication.

    VisA's tool writes such trees: other splits of the same images, which must not get the same `sample_id`s.
    """
    owners: dict[tuple[str, str], set[Family]] = defaultdict(set)
    for category_folder in folders:
        if publication := publications.get(find_family(category_folder), (None, False))[0]:
            owners[publication.name, make_key(category_folder.name)].add(find_family(category_folder))
    shared = set().union(*(families for families in owners.values() if len(families) > 1))
    candidates = [each for each in folders if find_family(each) in shared]
    return {find_family(each) for each in candidates if any(image.place.mask_split for image in each.images)}
