"""One root's files, sorted into category folders, images without a place, and files that are no images."""

from __future__ import annotations

import os.path
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from darkroom.errors import LayoutNotRecognisedError
from darkroom.extract.readers.layout import Layout
from darkroom.extract.readers.mirrored import give_mirrored_masks
from darkroom.extract.readers.places import CategoryFolder, Place, join_names, place_file
from darkroom.extract.storage import Listing, Storage, Unusable
from darkroom.keys import compose
from darkroom.layout_words import MASK_FOLDERS, SPLITS
from darkroom.sample import IMAGE_SUFFIXES, UNREAD_SUFFIXES, FileEntry, FileKey, Ignored

_LITTER = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store"})
_LITTER_FOLDER = re.compile(
    r"(?:^|/)(?:\.[^/.][^/]*|__macosx|@eadir|@recycle|#recycle|#snapshot|\$recycle\.bin|recycler|lost\+found"
    r"|system volume information|network trash folder|temporary items|__pycache__)/",
    re.IGNORECASE,
)
"""Folders that systems and programs make for themselves, as parts of a path. The pictures in them are copies of others,
made small or thrown away."""

_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|tar\.\w+|7z|rar)$", re.IGNORECASE)
LITTERED = "in a folder of a program's own (.ipynb_checkpoints, @eaDir and the like)"
"""Why what lies in such a folder is ignored."""


@dataclass(slots=True)
class Survey:
    """What is below one root.

    Attributes:
        storage: The storage that lists and reads the root.
        folders: The category folders, by their path and the layout in which alone they are one.
        strays: Images that are in no split.
        ignored: Files that are no images.
        unusable: Files that the storage itself rejects.
    """

    storage: Storage
    folders: dict[tuple[str, str], CategoryFolder] = field(default_factory=dict)
    strays: list[FileEntry] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)


def find_place(folder: str, layouts: Iterable[Layout]) -> Place | None:
    """Returns where a folder (relative to the root) stands, in the first layout in which it has a place.

    A folder that programs make for themselves has none, whatever lies in it.
    """
    if _LITTER_FOLDER.search(f"{folder}/"):
        return None
    finders = dict.fromkeys(layout.find_place for layout in layouts)
    return next(filter(None, (find(folder) for find in finders)), None)


def make_survey(
    storage: Storage, listing: Listing, repeats: set[FileKey], layouts: Sequence[Layout], *, has_table: bool = False
) -> Survey:
    """Sorts the files of one root.

    Args:
        storage: The storage that lists and reads the root.
        listing: All files below the root.
        repeats: Files that are counted under another path, or that a table took, and left out here.
        layouts: The layouts that come into question.
        has_table: Whether a table took images of this root, so that there need be no others.

    Raises:
        LayoutNotRecognisedError: No image is in a split.
    """
    survey = Survey(storage)
    for reject in listing.rejects:
        if _LITTER_FOLDER.search(reject.file.path):
            survey.ignored.append(Ignored(reject.file, LITTERED))
        else:
            survey.unusable.append(reject)
    places: dict[str, Place | None] = {}
    has_placed = False
    for file in listing.files:
        folder, _, filename = file.path.rpartition("/")
        place = places[folder] if folder in places else places.setdefault(folder, find_place(folder, layouts))
        is_repeat = file.key in repeats
        why = judge_name(file.path, filename)
        has_placed |= why is None and place is not None
        if is_repeat:
            continue
        if why is not None:
            survey.ignored.append(Ignored(file, why))
        elif place is None:
            survey.strays.append(file)
        else:
            _folder_at(survey, place).images.append(place_file(file, place))
    if not has_placed and not has_table:
        raise _not_recognised(storage, listing, layouts)
    give_mirrored_masks(survey.folders, compose(storage.name))
    _hand_out_texts(survey, layouts)
    return survey


def find_repeats(
    listings: Sequence[Listing], layouts: Sequence[Layout], named: Collection[FileKey] = ()
) -> set[FileKey]:
    """Returns the files that are the same physical file as another one, so that each is counted once.

    The one that stays is in a split or named by a table, or else reached with the least detour, or else first by root
    and path.
    """
    if len(listings) == 1 and not listings[0].identities:
        return set()  # one walk without a link reaches each file once, and there may be very many
    best: dict[str, tuple[bool, int, str, str]] = {}
    repeats: set[FileKey] = set()
    places: dict[str, bool] = {}
    for listing in listings:
        detours = {path: number for number, path in enumerate(listing.identities, start=1)}
        for file in listing.files:
            linked = listing.identities.get(file.path)
            folder = file.path.rpartition("/")[0]
            if folder not in places:
                places[folder] = find_place(folder, layouts) is not None
            is_placed = file.key in named or places[folder]
            rank = (not is_placed, detours.get(file.path, 0), file.root, file.path)
            identity = linked or file.location
            known = best.setdefault(identity, rank)
            if known[2:] != rank[2:]:
                best[identity] = min(known, rank)
                repeats.add(max(known, rank)[2:])
    return repeats


def judge_name(path: str, filename: str) -> str | None:
    """Returns why a file is no image, by its name; None if it is called one."""
    if filename.startswith("._") or path.startswith("__MACOSX/") or "/__MACOSX/" in path:
        return "macOS metadata (._*, __MACOSX)"
    if _LITTER_FOLDER.search(path):
        return LITTERED
    suffix = os.path.splitext(filename)[1].lower()  # noqa: PTH122 (pathlib is slow for 10⁵ files)
    if suffix in IMAGE_SUFFIXES:
        return None
    if filename.lower() in _LITTER:
        return "Thumbs.db and the like"
    if suffix in UNREAD_SUFFIXES:
        return f"image that is not read ({suffix})"
    return f"not an image by its ending ({suffix or 'none'})"


def describe_unread(ignored: Iterable[Ignored]) -> str | None:
    """Names the images among ignored files, with their numbers, and says why they are not read; None without any."""
    endings = Counter(os.path.splitext(entry.file.path)[1].lower() for entry in ignored)  # noqa: PTH122 (as above)
    unread = {ending: count for ending, count in sorted(endings.items()) if ending in UNREAD_SUFFIXES}
    if not unread:
        return None
    named = "; ".join(f"{count} {ending} ({UNREAD_SUFFIXES[ending]})" for ending, count in unread.items())
    return f"images that are not read, and ignored: {named}; save them as PNG or TIFF to load them"


def _folder_at(survey: Survey, place: Place) -> CategoryFolder:
    path, key = place.category_path, (place.category_path, place.layout)
    if key not in survey.folders:
        above, _, name = path.rpartition("/")
        survey.folders[key] = CategoryFolder(
            root=survey.storage.root,
            path=path,
            name=compose(name or survey.storage.name),
            above=above.rpartition("/")[2] or survey.storage.name,
            layout=place.layout,
        )
    return survey.folders[key]


def _hand_out_texts(survey: Survey, layouts: Sequence[Layout]) -> None:
    """Gives each category folder the text files in it and, by `../`, those that a layout reads beside it.

    Those beside the folder above it count too, by `../../`; both no more than two folders deep.
    """
    by_path: dict[str, list[CategoryFolder]] = defaultdict(list)
    for category_folder in survey.folders.values():
        by_path[category_folder.path].append(category_folder)
    beside: dict[str, dict[str, FileEntry]] = defaultdict(dict)
    for entry in survey.ignored:
        path = entry.file.path
        owner = path
        while owner and owner not in by_path:
            owner = owner.rpartition("/")[0]
        if owner in by_path:
            for category_folder in by_path[owner]:
                category_folder.texts[path[len(owner) :].lstrip("/")] = entry.file
        elif any(layout.reads_text(path) for layout in layouts):
            for above in list(_parents(path))[:3]:
                beside[above][f"../{path[len(above) :].lstrip('/')}"] = entry.file
    for path, category_folders in by_path.items():
        above = path.rpartition("/")[0]
        for category_folder in category_folders if path else ():
            category_folder.texts |= beside[above]
            if above:
                further = beside[above.rpartition("/")[0]]
                category_folder.texts |= {f"../{way}": file for way, file in further.items()}


def _parents(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path


def _not_recognised(storage: Storage, listing: Listing, layouts: Sequence[Layout]) -> LayoutNotRecognisedError:
    paths = [file.path for file in listing.files]
    images = [path for path in paths if not judge_name(path, path.rpartition("/")[2])]
    found = f"{len(images)} images, such as {images[0]}" if images else f"{len(listing.files)} files, no image"
    if littered := _find_littered(listing):
        found += f" (what lies in {littered}/ and the like does not count: if it is meant, give that folder itself)"
    expected = "<category>/<split>/<label>/<image>"
    where = "below a folder called train, test, val or ground_truth, or where another layout has them"
    if len(layouts) == 1:  # it was given
        expected, where = layouts[0].expected, f"where {layouts[0].title} has them"
    if storage.name.lower() in SPLITS.keys() | MASK_FOLDERS:
        advice = f"{storage.name} looks like a part of a category: give the folder above it."
    elif not images and (archives := [path for path in paths if _ARCHIVE.search(path)]):
        shown = ", ".join(archives[:3]) + (", …" if len(archives) > 3 else "")
        advice = f"There are archives in it ({shown}): give these themselves, or unpack them."
    else:
        advice = "Give the folder above the category folders, sort the images into splits, or describe them in a table."
    return LayoutNotRecognisedError(
        f"No image dataset was recognised in {storage.root}. Found: {found}, none {where}. "
        f"Expected: {expected}."
        f"{_describe_nearest(listing, layouts)} {advice}"
    )


def _find_littered(listing: Listing) -> str | None:
    """Returns the first folder of a program's own with a picture in it; None if there is none."""
    for file in listing.files:
        name = file.path.rpartition("/")[2]
        if judge_name(file.path, name) == LITTERED and judge_name(name, name) is None:
            return file.path.removesuffix(f"/{name}")
    return None


def _describe_nearest(listing: Listing, layouts: Sequence[Layout]) -> str:
    """Names the layout that has most of its folders here, and those that are missing; nothing if there are none."""
    folders = {part for file in listing.files for part in file.path.lower().split("/")[:-1]}
    known = [layout for layout in layouts if layout.signs]
    nearest = max(known, key=lambda layout: len(layout.signs & folders) / len(layout.signs), default=layouts[0])
    if not (there := sorted(nearest.signs & folders)):
        return ""
    missing = sorted(nearest.signs - folders)
    lacks = f", but not {join_names(missing)}" if missing else ""
    return f" Nearest is {nearest.title}: there is {join_names(there)}{lacks}; it has {nearest.expected}."
