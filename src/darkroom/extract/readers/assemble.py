"""Surveys of all roots become one `Findings`, in which every file is in exactly one place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from darkroom.errors import LayoutNotRecognisedError
from darkroom.extract.readers.described import TABLE_LAYOUT
from darkroom.extract.readers.labels import check_given, make_normal_words
from darkroom.extract.readers.layout import Layout
from darkroom.extract.readers.names import Owners
from darkroom.extract.readers.notes import describe_found
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryKey, PlacedFile
from darkroom.extract.readers.recognise import (
    AUTO,
    Recognised,
    check_layout,
    describe_contradictions,
    describe_datasets,
    describe_shared_names,
    recognise_all,
)
from darkroom.extract.readers.registry import LAYOUTS
from darkroom.extract.readers.splits import check_splits
from darkroom.extract.readers.survey import Survey, describe_unread, find_repeats, make_survey
from darkroom.extract.readers.table_claims import Claims, claim_files
from darkroom.extract.readers.table_files import find_tables
from darkroom.extract.storage import Listing, Roots, Storage
from darkroom.layout_words import SPLITS
from darkroom.sample import FileEntry, FileKey, Findings, Ignored, Reason, Reject

_STRAY = "an image where no layout has one, such as beside the splits: move it into a label folder of train/ or test/"


def make_findings(
    listings: Sequence[tuple[Storage, Listing]],
    *,
    layout: str,
    name: str | None,
    normal_label: str | Sequence[str] = (),
    splits: str | None = None,
) -> Findings:
    """Reads the files of all roots as one corpus."""
    check_layout(layout)
    layouts = list(LAYOUTS.values()) if layout == AUTO else [LAYOUTS[layout]]
    normal_words = make_normal_words(normal_label)
    found = find_tables(listings if layout in (AUTO, TABLE_LAYOUT) else (), is_given=layout == TABLE_LAYOUT)
    repeats = find_repeats([listing for _, listing in listings], layouts, found.named)
    claims = claim_files(found, [listing for _, listing in listings], repeats, layouts, normal_words)
    surveys = [_make_survey(storage, listing, repeats, layouts, claims) for storage, listing in listings]
    claims.settle(surveys)
    folders = [*(folder for survey in surveys for folder in survey.folders.values()), *claims.folders]
    roots = Roots(storage for storage, _ in listings)
    owners = Owners((entry for survey in surveys for entry in survey.ignored), roots)
    recognised = recognise_all(folders, owners, layout, name)
    labels = (name for category_folder in folders for name in category_folder.label_folders)
    check_given(normal_label, (*labels, *found.labels))
    check_splits(splits, _name_splits(recognised))
    all_findings = _read_categories(recognised, roots, normal_words, splits)
    _join_twins(all_findings)
    _check_samples(all_findings.values(), listings, recognised)
    ignored = tuple(_gather_ignored(surveys, all_findings.values(), owners.texts, claims.texts))
    notes = [*describe_found(recognised, all_findings, len(repeats)), *claims.notes]
    notes += [*owners.notes, *describe_contradictions(recognised), *describe_shared_names(recognised)]
    if unread := describe_unread(ignored):
        notes.append(unread)
    return Findings(
        samples=tuple(sample for findings in all_findings.values() for sample in findings.samples),
        rejects=tuple(_gather_rejects(all_findings.values(), surveys, recognised)),
        ignored=ignored,
        notes=tuple(notes),
        image_datasets=describe_datasets(recognised),
        files_seen=sum(len(listing.files) + len(listing.rejects) for _, listing in listings) - len(repeats),
    )


def _name_splits(recognised: Iterable[Recognised]) -> set[str]:
    """Returns the names of all tables of splits that lie beside the images."""
    names = {
        LAYOUTS[entry.layout].name_splits(path, entry.folder.name)
        for entry in recognised
        for path in entry.folder.texts
    }
    return {name for name in names if name}


_STRANGE_SHOWN = 3


def _make_survey(
    storage: Storage, listing: Listing, repeats: set[FileKey], layouts: Sequence[Layout], claims: Claims
) -> Survey:
    try:
        has_table = storage.root in claims.roots
        return make_survey(storage, listing, repeats | claims.files, layouts, has_table=has_table)
    except LayoutNotRecognisedError as error:
        raise LayoutNotRecognisedError(
            " ".join([str(error), *claims.notes, *claims.strange[:_STRANGE_SHOWN]])
        ) from None


def _join_twins(all_findings: dict[CategoryKey, CategoryFindings]) -> None:
    """Makes copies of samples that a table describes and that folders have under the same `sample_id`."""
    described = [findings for key, findings in all_findings.items() if key[0] == TABLE_LAYOUT and findings.samples]
    others = [findings for key, findings in all_findings.items() if key[0] != TABLE_LAYOUT] if described else []
    places = {sample.sample_id: (findings, at) for findings in others for at, sample in enumerate(findings.samples)}
    for findings in described:
        for sample in [sample for sample in findings.samples if sample.sample_id in places]:
            other, at = places[sample.sample_id]
            first = other.samples[at]
            other.samples[at] = replace(
                first,
                copies=(*first.copies, sample.image, *sample.copies),
                mask_copies=(*first.mask_copies, *sample.masks, *sample.mask_copies),
            )
        findings.samples = [sample for sample in findings.samples if sample.sample_id not in places]


def _read_categories(
    recognised: Sequence[Recognised], roots: Roots, normal_words: frozenset[str], splits: str | None
) -> dict[CategoryKey, CategoryFindings]:
    roots.prepare(
        file
        for entry in recognised
        for path, file in entry.folder.texts.items()
        if LAYOUTS[entry.layout].reads_text(path)
    )
    folders: dict[CategoryKey, list[Recognised]] = defaultdict(list)
    for entry in recognised:
        folders[entry.layout, entry.source_dataset, entry.folder.name].append(entry)
    return {key: _read_category(key, folders[key], roots, normal_words, splits) for key in sorted(folders)}


def _read_category(
    key: CategoryKey,
    folders: Iterable[Recognised],
    roots: Roots,
    normal_words: frozenset[str],
    splits: str | None,
) -> CategoryFindings:
    layout, source_dataset, name = key
    images = _group_copies(image for entry in folders for image in entry.folder.images)
    texts = sorted((item for entry in folders for item in entry.folder.texts.items()), key=lambda item: _depth(item[1]))
    category = Category(source_dataset, name, images, tuple(texts), normal_words, splits)
    return LAYOUTS[layout].read_category(category, roots.read)


def _group_copies(images: Iterable[PlacedFile]) -> dict[str, tuple[PlacedFile, ...]]:
    groups: dict[str, list[PlacedFile]] = defaultdict(list)
    for image in images:
        groups[image.inner_path].append(image)
    return {path: tuple(sorted(groups[path], key=lambda copy: _depth(copy.file))) for path in sorted(groups)}


def _depth(file: FileEntry) -> tuple[int, str, str]:
    """Sorts copies: the one in the least deep folder comes first."""
    return file.path.count("/"), file.root, file.path


def _check_samples(
    all_findings: Collection[CategoryFindings],
    listings: Sequence[tuple[Storage, Listing]],
    recognised: Sequence[Recognised],
) -> None:
    if any(findings.samples for findings in all_findings):
        return
    first = next((reject for findings in all_findings for reject in findings.rejects), None)
    example = f" ({first.file.path}: {first.message})" if first else ""
    roots = ", ".join(storage.root for storage, _ in listings)
    layouts = [LAYOUTS[name] for name in dict.fromkeys(entry.layout for entry in recognised)]
    titles, expected = [layout.title for layout in layouts], [layout.expected for layout in layouts]
    taken = _describe_split_above(recognised)
    raise LayoutNotRecognisedError(
        f"No sample was found in {roots}, read as {_join(titles)}: no image stands where it has one{example}. "
        f"Expected: {_join(expected)}.{taken} Give the folder above the category folders, or another `layout`."
    )


def _describe_split_above(recognised: Sequence[Recognised]) -> str:
    """Says which folder was taken for a split though there are splits below it; nothing without one."""
    for entry in recognised:
        for image in entry.folder.images:
            if image.place.split and any(part.lower() in SPLITS for part in image.place.folders):
                section = f"{entry.folder.path}/{image.place.section}".lstrip("/")
                return f" {section}/ was taken for the split, as it is called like one: give that folder itself."
    return ""


def _join(words: Sequence[str]) -> str:
    return " or ".join(words)


def _gather_rejects(
    all_findings: Iterable[CategoryFindings], surveys: Iterable[Survey], recognised: Sequence[Recognised]
) -> Iterator[Reject]:
    for findings in all_findings:
        yield from findings.rejects
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
    own = [entry for entry in recognised if entry.folder.root == survey.storage.root]
    for entry in sorted(own, key=lambda entry: entry.folder.path):
        path = entry.folder.path
        names.setdefault(path, entry.source_dataset)
        while path:
            path = path.rpartition("/")[0]
            names.setdefault(path, entry.source_dataset)
    # every image of this root may be counted under another one
    names.setdefault("", recognised[0].source_dataset)
    return names


def _nearest_name(names: dict[str, str], path: str) -> str:
    while path not in names:
        path = path.rpartition("/")[0]
    return names[path]


def _gather_ignored(
    surveys: Iterable[Survey],
    all_findings: Iterable[CategoryFindings],
    owned: Mapping[FileKey, str],
    described: Mapping[FileKey, str],
) -> Iterator[Ignored]:
    for findings in all_findings:
        yield from findings.ignored
    read = {key: why for findings in all_findings for key, why in findings.texts.items()} | dict(owned)
    for survey in surveys:
        for entry in survey.ignored:
            key = entry.file.key
            why = read.get(key) or described.get(key) or entry.why
            yield Ignored(entry.file, why, is_read=key in read)
