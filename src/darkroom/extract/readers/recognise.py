"""Which layout a category folder has, and which image dataset it belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from darkroom.errors import OptionError
from darkroom.extract.readers import folder, mvtec_ad, mvtec_ad_2
from darkroom.extract.readers.families import Family, find_family, find_publications, find_rearranged
from darkroom.extract.readers.names import OwnerFacts, Owners, check_name, make_name
from darkroom.extract.readers.places import CategoryFolder
from darkroom.extract.readers.publication import Publication
from darkroom.extract.readers.publications import PUBLICATIONS_BY_NAME
from darkroom.extract.readers.registry import LAYOUTS
from darkroom.keys import make_key
from darkroom.sample import DatasetFacts

AUTO = "auto"

_Facts = tuple[str | None, str | None, str | None]
"""Licence, citation and homepage."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A category folder with its layout and its image dataset.

    Attributes:
        folder: The category folder.
        layout: One of `LAYOUTS`.
        why: What gave it away.
        source_dataset: Name of its image dataset.
        publication: The publication that it and the categories beside it are from; None if they are nobody's.
        is_certain: Whether labels, too, are those of the publication, and not only names of categories.
        owner: What its owner wrote down.
    """

    folder: CategoryFolder
    layout: str
    why: str
    source_dataset: str
    publication: Publication | None
    is_certain: bool
    owner: OwnerFacts


def check_layout(layout: str) -> None:
    """Checks that there is such a layout.

    Raises:
        OptionError: There is none.
    """
    if layout != AUTO and layout not in LAYOUTS:
        raise OptionError(f"`layout` {layout!r}: there is none of this name. Expected {AUTO}, {', '.join(LAYOUTS)}.")


def recognise_all(folders: Sequence[CategoryFolder], owners: Owners, layout: str, name: str | None) -> list[Recognised]:
    """Recognises category folders.

    Args:
        folders: All category folders of all roots.
        owners: What their owners wrote down.
        layout: `auto`, or the layout to take all of them for.
        name: Name for their image dataset, if it is not to be found out.

    Raises:
        OptionError: One name is to stand for several image datasets.
    """
    name = check_name(name)
    found = [_recognise(category_folder, layout) for category_folder in folders]
    if layout == AUTO:
        found = _complete_families(folders, found)
    folders = [_name_category(each, layout) for each, (layout, _) in zip(folders, found, strict=True)]
    if name is not None:
        _check_families(name, folders, [layout for layout, _ in found])
    with_layouts = [(each, *how) for each, how in zip(folders, found, strict=True)]
    facts = [owners.find(each) for each in folders]
    publications = find_publications(with_layouts, [name or owner.name for owner in facts])
    rearranged = find_rearranged(folders, publications)
    recognised = []
    for (each, layout, why), owner in zip(with_layouts, facts, strict=True):
        publication, is_certain = publications.get(find_family(each), (None, False))
        if publication and owner.name not in (None, publication.name):
            publication = None  # whoever gives it another name says that it is something else
        known_by = None if find_family(each) in rearranged else publication
        source_dataset = name or _find_name(each, known_by, owner)
        if each.takes_name and (name or owner.name):
            each = replace(each, name=source_dataset)
        recognised.append(Recognised(each, layout, why, source_dataset, publication, is_certain, owner))
    return _agree_on_layouts(_join_masks_only(recognised))


def describe_datasets(recognised: Sequence[Recognised]) -> dict[str, DatasetFacts]:
    """Returns what is known of each image dataset, by its name.

    Licence, citation and homepage are those that its owner wrote down, or else those of a publication if every
    category is one of it; a layout alone says nothing about a licence.
    """
    by_name: dict[str, list[Recognised]] = defaultdict(list)
    for entry in recognised:
        by_name[entry.source_dataset].append(entry)
    return {name: _describe(entries) for name, entries in by_name.items()}


def _describe(entries: Sequence[Recognised]) -> DatasetFacts:
    layouts = ", ".join(sorted({entry.layout for entry in entries}))
    facts = {_find_facts(entry) for entry in entries}
    return DatasetFacts(layouts, *(facts.pop() if len(facts) == 1 else ()))


def describe_contradictions(recognised: Sequence[Recognised]) -> Iterator[str]:
    """Yields a line for each image dataset of which two parts have other facts, so that none are filled in."""
    facts: dict[str, set[_Facts]] = defaultdict(set)
    for entry in recognised:
        facts[entry.source_dataset].add(_find_facts(entry))
    for name, found in sorted(facts.items()):
        if len(found) > 1:
            licences = ", ".join(sorted({licence or "none" for licence, *_ in found}))
            yield (
                f"{name}: its parts have different facts (licences: {licences}), so none are filled in; if they are "
                "two image datasets, give each a `name` of its own"
            )


def describe_shared_names(recognised: Sequence[Recognised]) -> Iterator[str]:
    """Yields a line for each name that folders called otherwise share, as only letters and digits count in it."""
    folders: dict[str, set[str]] = defaultdict(set)
    for entry in recognised:
        above = entry.folder.above
        if entry.owner.name is None and make_name(above, PUBLICATIONS_BY_NAME) == entry.source_dataset:
            folders[entry.source_dataset].add(above)
    for name, found in sorted(folders.items()):
        if len(found) > 1:
            yield (
                f"{', '.join(sorted(found))}: named {name}, all of them, and taken for one image dataset; if they are "
                "several, give each a dataset.toml with a name of its own"
            )


def _find_facts(entry: Recognised) -> _Facts:
    """Returns what its owner wrote down of licence, citation and homepage, or else what its publication says."""
    known = entry.owner if replace(entry.owner, name=None) != OwnerFacts() else entry.publication or OwnerFacts()
    return known.licence, known.citation, known.homepage


def _recognise(category_folder: CategoryFolder, layout: str) -> tuple[str, str]:
    if layout != AUTO:
        return layout, "the layout was given"
    for name, candidate in LAYOUTS.items():
        if category_folder.layout in ("", name) and (why := candidate.recognise(category_folder)):
            return name, why
    raise AssertionError(f"no layout takes {category_folder.path}, though one gave it a place")


def _complete_families(folders: Sequence[CategoryFolder], found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Gives a category of which only a part is left the layout of those beside it that the part is one of."""
    families = [find_family(category_folder) for category_folder in folders]
    layouts: dict[Family, set[str]] = defaultdict(set)
    sure: dict[Family, set[str]] = defaultdict(set)
    for family, category_folder, (layout, _) in zip(families, folders, found, strict=True):
        layouts[family].add(layout)
        # train and validation alone are a part of MVTec AD as well, and say nothing of the others
        if not mvtec_ad_2.is_part(category_folder):
            sure[family].add(layout)
    completed = []
    for family, category_folder, (layout, why) in zip(families, folders, found, strict=True):
        is_mvtec_ad_2 = sure[family] == {mvtec_ad_2.LAYOUT.name}
        whole = _find_whole(category_folder, layout, sure[family] if is_mvtec_ad_2 else layouts[family])
        completed.append((whole, f"{category_folder.name}/ stands beside categories of it") if whole else (layout, why))
    return completed


def _find_whole(category_folder: CategoryFolder, layout: str, beside: set[str]) -> str | None:
    """Returns the layout that a category has a part of, if those beside it have it; None if it is no part."""
    if layout == folder.LAYOUT.name and mvtec_ad.is_part(category_folder) and mvtec_ad.LAYOUT.name in beside:
        return mvtec_ad.LAYOUT.name
    if mvtec_ad_2.is_part(category_folder) and beside == {mvtec_ad_2.LAYOUT.name}:
        return mvtec_ad_2.LAYOUT.name
    return None


def _name_category(category_folder: CategoryFolder, layout: str) -> CategoryFolder:
    """Gives the folder of a layout of one category the name of that; its own is that of the image dataset."""
    if not (category := LAYOUTS[layout].category):
        return category_folder
    return replace(category_folder, name=category, above=category_folder.name, is_alone=True)


def _check_families(name: str, folders: Sequence[CategoryFolder], layouts: Sequence[str]) -> None:
    by_family: dict[Family, set[str]] = defaultdict(set)
    for category_folder, layout in zip(folders, layouts, strict=True):
        by_family[find_family(category_folder)].add(layout)
    if not set.intersection(*by_family.values()):
        raise OptionError(
            f"`name` {name!r} was given for image datasets of several layouts ({', '.join(sorted(set(layouts)))}). "
            "Ingest them one after the other, each with a `name` of its own, or leave `name` out."
        )


def _find_name(category_folder: CategoryFolder, publication: Publication | None, owner: OwnerFacts) -> str:
    """Returns the name that its owner gave the image dataset, or else its publication's, or else its folder's."""
    if owner.name:
        return owner.name
    return publication.name if publication else make_name(category_folder.above, PUBLICATIONS_BY_NAME)


def _join_masks_only(recognised: Sequence[Recognised]) -> list[Recognised]:
    """Gives a category folder of nothing but masks the name of the one category that has the images, wherever they lie.

    That may be one whose name differs in case alone. Two with images stay two: they may be two objects.
    """
    with_images: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for entry in recognised:
        if entry.folder.has_images:
            with_images[make_key(entry.folder.name)].add((entry.source_dataset, entry.folder.name))
    return [
        entry if entry.folder.has_images else _join(entry, with_images[make_key(entry.folder.name)])
        for entry in recognised
    ]


def _join(entry: Recognised, with_images: set[tuple[str, str]]) -> Recognised:
    """Gives a folder of masks the name of one category with images, one of its own image dataset if there is any."""
    own = {known for known in with_images if known[0] == entry.source_dataset}
    choice = own or with_images
    if len(choice) != 1 or (entry.source_dataset, entry.folder.name) in own:
        return entry
    source_dataset, category = next(iter(choice))
    return replace(entry, source_dataset=source_dataset, folder=replace(entry.folder, name=category))


def _agree_on_layouts(recognised: Sequence[Recognised]) -> list[Recognised]:
    """Gives all folders of one category the layout of the one with the most certain sign: they are copies.

    A folder that is a category in one layout alone keeps that.
    """
    order = list(LAYOUTS)
    best: dict[tuple[str, str], Recognised] = {}
    for entry in recognised:
        if not entry.folder.layout:
            key = entry.source_dataset, entry.folder.name
            known = best.setdefault(key, entry)
            best[key] = min(known, entry, key=lambda each: order.index(each.layout))
    agreed = [entry if entry.folder.layout else best[entry.source_dataset, entry.folder.name] for entry in recognised]
    return [replace(entry, layout=sure.layout, why=sure.why) for entry, sure in zip(recognised, agreed, strict=True)]
