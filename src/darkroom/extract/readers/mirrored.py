"""Trees of masks that mirror trees of images: `images/train/…` and `masks/train/…`, as in data for segmentation.

Both look like categories, one of them with masks for photographs. Here the masks become those of their twin, as if they
lay in a folder of masks beside its splits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from darkroom.extract.readers.places import CategoryFolder, PlacedFile
from darkroom.keys import make_key
from darkroom.layout_words import IMAGE_FOLDERS, MASKS_BESIDE, cut_mask_word, is_mask_folder

Folders = dict[tuple[str, str], CategoryFolder]


def give_mirrored_masks(folders: Folders, root_name: str) -> None:
    """Moves the files of folders that mirror others to those, as masks; a second call finds nothing to move.

    Args:
        folders: The category folders of a root, by path and layout; changed in place.
        root_name: What the root is called.
    """
    by_key = {make_key(path): folder for (path, layout), folder in folders.items() if not layout}
    for key, mirror in list(folders.items()):
        twin = None if mirror.layout else _find_twin(mirror.path, by_key)
        if twin is not None and _is_mirror(mirror, twin):
            twin.images += [_as_mask(file, twin) for file in mirror.images]
            twin.mirror = mirror.path
            del folders[key]
            _name_after_parent(twin, root_name)


def _find_twin(path: str, by_key: Mapping[str, CategoryFolder]) -> CategoryFolder | None:
    """Returns the category whose images the masks below a path are of: the same path, but for the word for masks."""
    names = path.split("/") if path else []
    candidates = (by_key.get(make_key("/".join(other))) for other in _spell_otherwise(names))
    return next((folder for folder in candidates if folder is not None), None)


def _spell_otherwise(names: list[str]) -> Iterator[list[str]]:
    for position, name in enumerate(names):
        if is_mask_folder(name):
            before, after = names[:position], names[position + 1 :]
            yield from ([*before, word, *after] for word in sorted(IMAGE_FOLDERS))
            yield [*before, *after]


def _is_mirror(mirror: CategoryFolder, twin: CategoryFolder) -> bool:
    """Tells whether most files of one are called like some of the other: a part may be called masks, too."""
    stems = {(file.place.section.lower(), make_key(file.stem)) for file in twin.images}
    found = sum((file.place.section.lower(), make_key(cut_mask_word(file.stem))) in stems for file in mirror.images)
    return 2 * found >= len(mirror.images)


def _as_mask(file: PlacedFile, twin: CategoryFolder) -> PlacedFile:
    place = file.place
    folders = (place.section, *place.folders)
    moved = replace(place, category_path=twin.path, section=MASKS_BESIDE, folders=folders)
    return replace(file, place=moved, inner_path=f"{MASKS_BESIDE}/{file.inner_path}")


def _name_after_parent(twin: CategoryFolder, root_name: str) -> None:
    """Gives a folder called `images` the name of the one that holds it and its masks."""
    if make_key(twin.name) in IMAGE_FOLDERS:
        parents = [root_name, *twin.path.split("/")[:-1]]
        twin.name, twin.above = parents[-1], parents[-2] if len(parents) > 1 else root_name
