"""Surveys of all roots become one reading, in which every file is in exactly one place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from darkroom.errors import LayoutNotRecognisedError
from darkroom.extract.readers import dagm_2007, folder, mvtec_ad
from darkroom.extract.readers.places import Category, CategoryReading, PlacedFile
from darkroom.extract.readers.recognise import LAYOUTS, Recognised, recognise_all
from darkroom.extract.readers.survey import FileKey, Survey, find_repeats, make_survey
from darkroom.extract.storage import Listing, Storage
from darkroom.sample import FileEntry, Ignored, Reading, Reason, Reject

_READ_LABELS = "labels file, read for the labels"
_STRAY = "an image beside the splits, not in one: move it into a label folder of train/ or test/"

CategoryKey = tuple[str, str, str]
"""Layout, name of the image dataset, name of the category."""


def make_reading(listings: Sequence[tuple[Storage, Listing]], *, layout: str, name: str | None) -> Reading:
    """Reads the files of all roots as one corpus."""
    repeats = _find_repeats([listing for _, listing in listings])
    surveys = [make_survey(storage, listing, repeats) for storage, listing in listings]
    folders = [folder for survey in surveys for folder in survey.folders.values()]
    recognised = recognise_all(folders, layout, name)
    readings = _read_categories(recognised, {survey.storage.root: survey.storage for survey in surveys})
    _check_samples(readings.values(), listings)
    return Reading(
        samples=tuple(sample for reading in readings.values() for sample in reading.samples),
        rejects=tuple(_gather_rejects(readings.values(), surveys, recognised)),
        ignored=tuple(_gather_ignored(surveys, recognised)),
        notes=tuple(_describe(recognised, readings, len(repeats))),
        layouts={one.source_dataset: one.layout for one in recognised},
        files_seen=sum(len(listing.files) + len(listing.rejects) for _, listing in listings) - len(repeats),
    )


def _find_repeats(listings: Sequence[Listing]) -> set[FileKey]:
    can_repeat = len(listings) > 1 or any(listing.identities for listing in listings)
    return find_repeats(listings) if can_repeat else set()


def _read_categories(
    recognised: Sequence[Recognised], storages: dict[str, Storage]
) -> dict[CategoryKey, CategoryReading]:
    _prepare_labels(recognised, storages)
    folders: dict[CategoryKey, list[Recognised]] = defaultdict(list)
    for one in recognised:
        folders[one.layout, one.source_dataset, one.folder.name].append(one)
    return {key: _read_category(key, folders[key], storages) for key in sorted(folders)}


def _read_category(key: CategoryKey, folders: Iterable[Recognised], storages: dict[str, Storage]) -> CategoryReading:
    layout, source_dataset, name = key
    labels_files = [labels for one in folders for labels in one.folder.labels_files]
    images = _group_copies(image for one in folders for image in one.folder.images)
    category = Category(source_dataset, name, images, tuple(sorted(labels_files, key=_copy_order)))
    if layout == dagm_2007.NAME:
        return dagm_2007.read_category(category, lambda file: storages[file.root].read(file.path))
    return mvtec_ad.read_category(category) if layout == mvtec_ad.NAME else folder.read_category(category)


def _group_copies(images: Iterable[PlacedFile]) -> dict[str, tuple[PlacedFile, ...]]:
    groups: dict[str, list[PlacedFile]] = defaultdict(list)
    for image in images:
        groups[image.inner_path].append(image)
    return {path: tuple(sorted(groups[path], key=_copy_order)) for path in sorted(groups)}


def _copy_order(image: PlacedFile) -> tuple[int, str, str]:
    """Of several copies the one in the least deep folder comes first."""
    return image.file.path.count("/"), image.file.root, image.file.path


def _prepare_labels(recognised: Iterable[Recognised], storages: dict[str, Storage]) -> None:
    paths: dict[str, list[str]] = defaultdict(list)
    for labels in _used_labels(recognised):
        paths[labels.root].append(labels.path)
    for root, wanted in paths.items():
        storages[root].prepare(wanted)


def _used_labels(recognised: Iterable[Recognised]) -> list[FileEntry]:
    dagm = [one.folder for one in recognised if one.layout == dagm_2007.NAME]
    return [labels.file for one in dagm for labels in one.labels_files]


def _check_samples(readings: Iterable[CategoryReading], listings: Sequence[tuple[Storage, Listing]]) -> None:
    readings = list(readings)
    if any(reading.samples for reading in readings):
        return
    first = next((reject for reading in readings for reject in reading.rejects), None)
    example = f" ({first.file.path}: {first.message})" if first else ""
    roots = ", ".join(storage.root for storage, _ in listings)
    raise LayoutNotRecognisedError(
        f"No sample was found in {roots}: there are folders like train/ and test/, but no image stands "
        f"where the layout wants it{example}. Expected: <category>/<split>/<label>/<image>. Give "
        "the folder above the category folders, or another layout."
    )


def _gather_rejects(
    readings: Iterable[CategoryReading], surveys: Iterable[Survey], recognised: Sequence[Recognised]
) -> Iterator[Reject]:
    for reading in readings:
        yield from reading.rejects
    for survey in surveys:
        names = _names_by_folder(survey, recognised)
        for file in survey.strays:
            yield Reject(file, _nearest_name(names, file.path), Reason.OUTSIDE_LAYOUT, _STRAY)
        for unusable in survey.unusable:
            source_dataset = _nearest_name(names, unusable.file.path)
            yield Reject(unusable.file, source_dataset, unusable.reason, unusable.message)


def _names_by_folder(survey: Survey, recognised: Sequence[Recognised]) -> dict[str, str]:
    """Returns the image dataset of each category folder of a root, and of the folders above it."""
    names: dict[str, str] = {}
    own = [one for one in recognised if one.folder.root == survey.storage.root]
    for one in sorted(own, key=lambda one: one.folder.path):
        path = one.folder.path
        names.setdefault(path, one.source_dataset)
        while path:
            path = path.rpartition("/")[0]
            names.setdefault(path, one.source_dataset)
    # every image of this root may be counted under another one
    names.setdefault("", recognised[0].source_dataset)
    return names


def _nearest_name(names: dict[str, str], path: str) -> str:
    while path not in names:
        path = path.rpartition("/")[0]
    return names[path]


def _gather_ignored(surveys: Iterable[Survey], recognised: Sequence[Recognised]) -> Iterator[Ignored]:
    for survey in surveys:
        yield from survey.ignored
    for one in recognised:
        why = _READ_LABELS if one.layout == dagm_2007.NAME else "not an image by its ending (.txt)"
        for labels in one.folder.labels_files:
            yield Ignored(labels.file, why)


def _describe(
    recognised: Sequence[Recognised], readings: dict[CategoryKey, CategoryReading], repeat_count: int
) -> Iterator[str]:
    by_dataset: dict[tuple[str, str], list[Recognised]] = defaultdict(list)
    for one in recognised:
        by_dataset[one.layout, one.source_dataset].append(one)
    for (layout, source_dataset), folders in sorted(by_dataset.items()):
        own = [reading for key, reading in readings.items() if key[:2] == (layout, source_dataset)]
        above = ", ".join(dict.fromkeys(one.folder.above for one in folders))
        facts = "; ".join([_count(own), *_summarise_remarks(own)])
        yield f"{above}: {LAYOUTS[layout].title}, because {folders[0].why}; {facts}"
    if repeat_count:
        files = _number(repeat_count, "file is", "files are")
        yield f"{files} reached twice, by links or overlapping roots, and counted once"


def _count(readings: Sequence[CategoryReading]) -> str:
    samples = [sample for reading in readings for sample in reading.samples]
    masks = sum(sample.mask is not None for sample in samples)
    copies = sum(len(sample.copies) + len(sample.mask_copies) for sample in samples)
    counts = [
        _number(len(readings), "category", "categories"),
        _number(len(samples), "image", "images"),
        _number(masks, "mask", "masks"),
    ]
    return ", ".join(counts + ([_number(copies, "second copy", "second copies")] if copies else []))


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _summarise_remarks(readings: Iterable[CategoryReading]) -> list[str]:
    places = Counter(remark for reading in readings for remark in reading.remarks)
    by_text: dict[str, list[str]] = defaultdict(list)
    for text, place in places:
        by_text[text].append(place)
    return [
        f"{found[0]}{f' and {len(found) - 1} more' if len(found) > 1 else ''}: {text}"
        for text, found in by_text.items()
    ]
