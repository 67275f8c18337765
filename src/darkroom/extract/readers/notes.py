"""What is told of image datasets that were read: one line for each, and one for files that were reached twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from darkroom.extract.readers import folder
from darkroom.extract.readers.described import TABLE_LAYOUT
from darkroom.extract.readers.places import CategoryFindings, CategoryKey
from darkroom.extract.readers.recognise import Recognised
from darkroom.extract.readers.registry import LAYOUTS


def describe_found(
    recognised: Sequence[Recognised], all_findings: Mapping[CategoryKey, CategoryFindings], repeat_count: int
) -> Iterator[str]:
    """Says of each image dataset how it was recognised and what was found in it.

    Args:
        recognised: All category folders.
        all_findings: What was read in each category.
        repeat_count: Files that were reached twice.
    """
    by_dataset: dict[tuple[str, str], list[Recognised]] = defaultdict(list)
    for entry in recognised:
        by_dataset[entry.layout, entry.source_dataset].append(entry)
    for (layout, source_dataset), folders in sorted(by_dataset.items()):
        own = [findings for key, findings in all_findings.items() if key[:2] == (layout, source_dataset)]
        above = ", ".join(dict.fromkeys(entry.folder.above for entry in folders))
        facts = "; ".join([_count(own), *_summarise_remarks(own)])
        yield f"{above}{_describe_name(above, folders[0])}, because {folders[0].why}; {facts}"
    if repeat_count:
        files = _number(repeat_count, "file is", "files are")
        yield f"{files} reached twice, by links or overlapping roots, and counted once"


def _describe_name(above: str, entry: Recognised) -> str:
    title, publication = LAYOUTS[entry.layout].title, entry.publication
    if publication is not None and publication.name == entry.source_dataset:
        in_layout = "" if publication.title == title else f", laid out like {title}"
        unsure = "" if entry.is_certain or entry.folder.is_alone else ", by the names of its categories alone"
        return f": {publication.title}{in_layout}{unsure}"
    named = "" if entry.source_dataset == above else f", named {entry.source_dataset}"
    like = "" if entry.layout in (folder.LAYOUT.name, TABLE_LAYOUT) else "laid out like "
    return f"{named}: {like}{title}"


def _count(all_findings: Sequence[CategoryFindings]) -> str:
    samples = [sample for findings in all_findings for sample in findings.samples]
    masks = sum(len(sample.masks) for sample in samples)
    copies = sum(len(sample.copies) + len(sample.mask_copies) for sample in samples)
    counts = [
        _number(len(all_findings), "category", "categories"),
        _number(len(samples), "image", "images"),
        _number(masks, "mask", "masks"),
    ]
    return ", ".join(counts + ([_number(copies, "second copy", "second copies")] if copies else []))


def _number(count: int, singular: str, plural: str) -> str:
    return f"{count} {singular if count == 1 else plural}"


def _summarise_remarks(all_findings: Sequence[CategoryFindings]) -> list[str]:
    places = Counter(remark for findings in all_findings for remark in findings.remarks)
    by_text: dict[str, list[str]] = defaultdict(list)
    for text, place in places:
        by_text[text].append(place)
    counts = sum((findings.counts for findings in all_findings), Counter[str]())
    return [
        f"{found[0]}{f' and {len(found) - 1} more' if len(found) > 1 else ''}: {text}"
        for text, found in by_text.items()
    ] + [f"{text}: {count:,}" for text, count in counts.items()]
