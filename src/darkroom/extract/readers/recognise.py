"""Which layout a category folder has, and what its image dataset is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from darkroom.errors import OptionError
from darkroom.extract.readers import dagm_2007, folder, mvtec_ad
from darkroom.extract.readers.places import CategoryFolder, LayoutFacts

AUTO = "auto"

LAYOUTS: dict[str, LayoutFacts] = {
    mvtec_ad.NAME: mvtec_ad.FACTS,
    dagm_2007.NAME: dagm_2007.FACTS,
    folder.NAME: folder.FACTS,
}
"""The layouts there are readers for, by the name that `layout=` takes."""

_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A category folder with its layout.

    Attributes:
        folder: The category folder.
        layout: One of `LAYOUTS`.
        why: What gave it away.
        source_dataset: Name of its image dataset.
    """

    folder: CategoryFolder
    layout: str
    why: str
    source_dataset: str


def recognise_all(folders: Sequence[CategoryFolder], layout: str, name: str | None) -> list[Recognised]:
    """Recognises category folders.

    Args:
        folders: All category folders of all roots.
        layout: `auto`, or the layout to take all of them for.
        name: Name for their image dataset, if it is not to be found out.

    Raises:
        OptionError: There is no such layout, or one name is to stand for several layouts.
    """
    _check_options(layout, name)
    found = [_recognise(category_folder, layout) for category_folder in folders]
    if layout == AUTO:
        found = _complete_families(folders, found)
    _check_name(name, {layout for layout, _ in found})
    return [
        Recognised(category_folder, layout, why, name or _name_dataset(category_folder, layout))
        for category_folder, (layout, why) in zip(folders, found, strict=True)
    ]


def _recognise(category_folder: CategoryFolder, layout: str) -> tuple[str, str]:
    if layout != AUTO:
        return layout, "the layout was given"
    if why := dagm_2007.recognise(category_folder):
        return dagm_2007.NAME, why
    if why := mvtec_ad.recognise(category_folder):
        return mvtec_ad.NAME, why
    return folder.NAME, folder.recognise(category_folder)


def _complete_families(folders: Sequence[CategoryFolder], found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Gives a category of which only `test` is left the layout of MVTec AD if a folder beside it has that."""
    families = {
        _family(category_folder)
        for category_folder, (layout, _) in zip(folders, found, strict=True)
        if layout == mvtec_ad.NAME
    }
    completed = []
    for category_folder, (layout, why) in zip(folders, found, strict=True):
        if layout == folder.NAME and mvtec_ad.is_part(category_folder) and _family(category_folder) in families:
            completed.append((mvtec_ad.NAME, f"{category_folder.name}/ stands beside categories of it"))
        else:
            completed.append((layout, why))
    return completed


def _family(category_folder: CategoryFolder) -> tuple[str, str | None]:
    return category_folder.root, category_folder.path.rpartition("/")[0] if category_folder.path else None


def _name_dataset(category_folder: CategoryFolder, layout: str) -> str:
    if layout != folder.NAME:
        return layout
    ascii_name = unicodedata.normalize("NFKD", category_folder.above).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9_]+", "_", ascii_name.lower()).strip("_") or "images"
    # a folder may be called like a known layout without having it, and must not mix with it
    return f"{slug}_folder" if slug in LAYOUTS else slug


def _check_options(layout: str, name: str | None) -> None:
    if layout != AUTO and layout not in LAYOUTS:
        raise OptionError(f"`layout` {layout!r}: there is none of this name. Expected {AUTO}, {', '.join(LAYOUTS)}.")
    if name is not None and not _NAME.fullmatch(name):
        raise OptionError(
            f"`name` {name!r}: expected letters, digits, '_', '-' and '.', as an image dataset's name becomes the "
            "beginning of every sample_id."
        )


def _check_name(name: str | None, layouts: set[str]) -> None:
    if name is not None and len(layouts) > 1:
        raise OptionError(
            f"`name` {name!r} was given for image datasets of several layouts ({', '.join(sorted(layouts))}). "
            "Ingest them one after the other, each with a `name` of its own, or leave `name` out."
        )
