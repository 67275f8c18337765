"""A table that describes images: CSV, JSON lines or parquet, with a column `image`, and others of what it shows.

Which files are such tables, and which images they take, is in `table_files` and `table_claims`; here the images are
samples already, but for the name of their image dataset.

Source: https://huggingface.co/docs/datasets/image_dataset (`metadata.*`); anomalib's `Tabular` data module.
"""

from __future__ import annotations

from darkroom.extract.readers.described import TABLE_LAYOUT, DescribedImage
from darkroom.extract.readers.labels import describe_doubt
from darkroom.extract.readers.layout import Layout, ReadFile
from darkroom.extract.readers.places import Category, CategoryFindings, CategoryFolder, Place
from darkroom.extract.readers.splits import FOLD
from darkroom.sample import Sample, Split


def find_no_place(_: str) -> Place | None:
    """Returns None: no folder has a meaning here."""
    return None


def recognise(folder: CategoryFolder) -> str | None:
    """Returns why a category is taken for this layout: a table named its images; None if none did."""
    if folder.layout != TABLE_LAYOUT:
        return None
    tables = sorted({image.table for image in folder.images if isinstance(image, DescribedImage)})
    return f"{', '.join(tables)} {'names' if len(tables) == 1 else 'name'} its images"


def read_category(category: Category, _: ReadFile) -> CategoryFindings:
    """Makes samples of images and what their rows say."""
    groups = [[file for file in files if isinstance(file, DescribedImage)] for files in category.images.values()]
    findings = CategoryFindings(samples=[_make_sample(category, files) for files in groups])
    if any(files[0].is_dealt for files in groups):
        findings.remarks.append(
            (f"neither a table nor a folder says which split they are in, so {FOLD}", category.name)
        )
    if contradicted := sum(len({(file.label, file.place.split) for file in files}) > 1 for files in groups):
        text = f"of {contradicted:,} images a second copy has another label or split, and the first one counts"
        findings.remarks.append((text, category.name))
    # a table has one word for normal, whatever splits its images are in
    if doubt := describe_doubt(sample.label for sample in findings.samples):
        findings.remarks.append((doubt, category.name))
    return findings


def _make_sample(category: Category, files: list[DescribedImage]) -> Sample:
    first, *copies = files
    masks = [file.mask for file in files if file.mask is not None]
    return Sample(
        sample_id=category.sample_id(first.inner_path),
        source_dataset=category.source_dataset,
        category=category.name,
        split=Split(first.place.section),
        label=first.label,
        image=first.file,
        mask=masks[0] if masks else None,
        copies=tuple(copy.file for copy in copies),
        mask_copies=tuple(masks[1:]),
        unmasked_label=first.unmasked_label,
    )


LAYOUT = Layout(
    name=TABLE_LAYOUT,
    title="a table of images",
    expected="a .csv, .jsonl or .parquet file with a column image, and label, mask, split or category",
    signs=frozenset(),  # folders mean nothing here
    recognise=recognise,
    read_category=read_category,
    find_place=find_no_place,
)
