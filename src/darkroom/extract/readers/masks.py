"""Names of masks: the word that tells a mask from its image, and the folders that hold masks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from darkroom.extract.readers.labels import DEFECT_WORDS, IMAGE_FOLDERS
from darkroom.folder_words import MASK_WORDS, SURE_MASK_WORDS
from darkroom.keys import make_key

_WORD = re.compile(
    r"[_\-. ](gt|masks?|labels?|seg|segm|segmentation|ground[_-]?truth|annotations?)$"
    r"|^(gt|mask|seg|segmentation)[_\-. ]",
    re.IGNORECASE,
)

_FIRST_WORDS = frozenset({"gt", "mask", "masks"})
_KIND_WORDS = IMAGE_FOLDERS | {"png", "bmp", "jpg", "tif", "tiff", "binary", "bin", "bw", "pixel", "semantic"}
"""Words that say of what kind masks are, and not of what."""

WEAK_WORDS = frozenset({"label", "seg", "segm"})
"""Words at the end of a name, as `find_mask_word` returns them, that something photographed may be called as well."""

_GUESSED = (
    "taken for masks, by its name and as its files are called like images beside it; if it is a label, call the "
    "folder otherwise (label_missing)"
)
_DOUBTED = "taken for a label, though it may be called after masks; if it holds those, call the folder masks"

FolderName = str
"""The key of the name of a folder right below a split."""


def cut_mask_word(stem: str) -> str:
    """Returns the stem of the image that a mask is called after: `10` for `10_GT`; another stem stays as it is."""
    return _WORD.sub("", stem, count=1)


def find_mask_word(stem: str) -> str | None:
    """Returns the word that tells a mask, in one spelling: `mask` for `10_Masks`; None if there is none, or no more."""
    match = _WORD.search(stem)
    if match is None or len(match[0]) == len(stem):
        return None
    return re.sub(r"[_-]", "", (match[1] or match[2]).lower()).removesuffix("s")


def is_mask_folder(folder: str) -> bool:
    """Tells whether a folder within a split holds masks, by its name. `label` is none: some defects are called so."""
    words = _split_words(folder)
    return bool(words) and SURE_MASK_WORDS.issuperset(words)


def may_hold_masks(folder: str) -> bool:
    """Tells whether a folder within a split is called like one of masks; `label` is one of those that may be both."""
    words = _split_words(folder)
    return bool(words) and MASK_WORDS.issuperset(words)


def is_called_mask(folder: str) -> bool:
    """Tells whether a folder is called so, or after a label: `crack_mask`. `label_missing` is not."""
    words = _split_words(folder)
    return bool(words) and (words[-1] in MASK_WORDS or words[0] in _FIRST_WORDS)


def _split_words(folder: str) -> list[str]:
    """Returns the words of a name, lower case, without those for kinds of masks: `CrackMask_png` is crack, mask."""
    parted = make_key(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", folder))
    words = re.sub(r"\bground[\W_]truth", "groundtruth", parted)
    return [word for word in re.split(r"[\W_]+", words) if word and word not in _KIND_WORDS]


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
    words = _split_words(folder)
    rest = words[:-1] if words[-1] in MASK_WORDS else words[1:]
    if owners := [other for other in plain if _split_words(other) == rest]:
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
