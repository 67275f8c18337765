"""Folders of masks among those of images: which they are, and whose masks they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from darkroom.extract.readers.labels import DEFECT_WORDS
from darkroom.keys import make_key
from darkroom.layout_words import (
    IMAGE_FOLDERS,
    MASK_WORDS,
    cut_mask_word,
    find_mask_word,
    is_called_mask,
    is_mask_folder,
    may_hold_masks,
    split_words,
)

_GUESSED = (
    "taken for masks, by its name and as its files are called like images beside it; if it is a label, call the "
    "folder otherwise (label_missing)"
)
_DOUBTED = "taken for a label, though it may be called after masks; if it holds those, call the folder masks"

FolderName = str
"""The key of the name of a folder right below a split."""


@dataclass(frozen=True, slots=True)
class MaskFolders:
    """The folders right below the splits of a category that hold masks.

    Attributes:
        labels: Each of them, with the label folder whose masks it holds; None where stems alone tell the images.
        guessed: Those of them of which not the name alone tells it.
        doubted: Those that may be called so, but are taken for labels, as other labels are or as their files are not
            called like images beside them.
    """

    labels: dict[FolderName, FolderName | None] = field(default_factory=dict)
    guessed: tuple[FolderName, ...] = ()
    doubted: tuple[FolderName, ...] = ()

    def __contains__(self, folder: str) -> bool:
        return make_key(folder) in self.labels

    def describe(self, category: str) -> list[tuple[str, str]]:
        """Returns what is to be told of them, and the folder that it is about."""
        return [
            *((_GUESSED, f"{category}/*/{name}") for name in self.guessed),
            *((_DOUBTED, f"{category}/*/{name}") for name in self.doubted),
        ]


def judge_mask_folders(files: Collection[tuple[str, str, str]], with_masks: Collection[str]) -> MaskFolders:
    """Finds the folders of masks among those right below the splits of a category.

    A name that is made of words for masks alone is enough (`masks`, `binary_masks`). One that could be a label too
    (`labels`, `crack_mask` beside `crack`) has to hold files that are called like images beside it, or like masks.

    Args:
        files: The split folder, the folder below it (empty for none) and the stem of each file.
        with_masks: Folders that have masks beside the splits, and so are labels.
    """
    names = {make_key(folder): folder for _, folder, _ in files if folder}
    sure = [name for name in sorted(names) if is_mask_folder(names[name])]
    called = [name for name in sorted(names) if is_called_mask(names[name]) and name not in sure]
    plain = names.keys() - sure - set(called)
    has_labels = {make_key(folder) for folder in with_masks}
    owners = {name: _name_owners(names[name], plain) for name in called if name not in has_labels}
    maybe = {name: found[0] for name, found in owners.items() if found}
    held = _find_held(files, maybe)
    guessed = tuple(name for name in maybe if name in held)
    doubted = tuple(name for name in owners if name not in held)
    return MaskFolders(dict.fromkeys(sure) | {name: maybe[name] for name in guessed}, guessed, doubted)


def _name_owners(folder: str, plain: Collection[FolderName]) -> list[FolderName | None]:
    """Returns the label folder whose masks a folder is called after, None for any; nothing if it is a label's own."""
    if may_hold_masks(folder):
        return [None]
    words = split_words(folder)
    rest = words[:-1] if words[-1] in MASK_WORDS else words[1:]
    if owners := [other for other in plain if split_words(other) == rest]:
        return [owners[0]]
    # beside label folders it could be one more: there are faults of masks
    return [None] if DEFECT_WORDS.issuperset(rest) or IMAGE_FOLDERS.issuperset(plain) else []


def _find_held(files: Collection[tuple[str, str, str]], maybe: Collection[FolderName]) -> set[FolderName]:
    """Returns those of some folders most of whose files are called like an image beside them, or like a mask."""
    stems: dict[str, set[str]] = defaultdict(set)
    votes: dict[FolderName, list[bool]] = defaultdict(list)
    for section, folder, stem in files if maybe else ():
        if not is_called_mask(folder):
            stems[section].add(make_key(stem))
    for section, folder, stem in files if maybe else ():
        if (name := make_key(folder)) in maybe:
            votes[name].append(make_key(cut_mask_word(stem)) in stems[section] or find_mask_word(stem) is not None)
    return {name for name, found in votes.items() if 2 * sum(found) >= len(found)}
