"""What an audit finds without a look at a picture: masks, original sizes and modes, rejects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import duckdb

from darkroom.query.audit.concerns import ConcernCase

FULL_FRACTION = 0.99
"""Share of defect pixels from which on a mask calls the whole image defective."""

_IMAGES_WITH_MASKS = "FROM images AS i LEFT JOIN masks AS m USING (sample_id)"

_MASK_RULES = {
    "defect_without_mask": (
        "i.is_defect AND m.sample_id IS NULL AND i.source_dataset IN "
        "(SELECT source_dataset FROM images SEMI JOIN masks USING (sample_id))"
    ),
    # a good image with an empty mask contradicts nothing: KolektorSDD2 has one for each
    "mask_on_good": "NOT i.is_defect AND m.defect_fraction > 0",
    "empty_mask": "i.is_defect IS NOT FALSE AND m.defect_fraction = 0",
    "full_mask": f"m.defect_fraction >= {FULL_FRACTION}",
}


def find_mask_faults(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, ConcernCase]]:
    """Yields the name of a rule and a case, whose `measure` is the share of defect pixels, 0 to 1.

    Args:
        connection: A connection of `open_readonly`.
    """
    for name, condition in _MASK_RULES.items():
        rows = connection.execute(
            "SELECT source_dataset || '/' || category, sample_id, coalesce(label, 'unknown'), defect_fraction "
            f"{_IMAGES_WITH_MASKS} WHERE {condition} ORDER BY ALL"
        )
        for where, sample_id, label, fraction in rows.fetchall():
            share = "" if fraction is None else f", {100 * fraction:.2f} % defect"
            yield name, ConcernCase(where, f"label {label}{share}", (sample_id,), fraction)


_KINDS = """
SELECT source_dataset || '/' || category, split, original_width || 'x' || original_height, original_mode,
       list(sample_id ORDER BY sample_id)
FROM images GROUP BY ALL ORDER BY ALL
"""

_Samples = defaultdict[str, defaultdict[str, list[str]]]


def find_size_differences(connection: duckdb.DuckDBPyConnection) -> Iterator[ConcernCase]:
    """Yields categories of which a split has an original size, or a mode, that another split lacks.

    Where most images of a category have a size of their own, sizes tell nothing, and only modes are compared.

    Args:
        connection: A connection of `open_readonly`.
    """
    by_place: defaultdict[str, list[tuple[str, str, str, list[str]]]] = defaultdict(list)
    for where, *kind in connection.execute(_KINDS).fetchall():
        by_place[where].append((kind[0], kind[1], kind[2], kind[3]))
    for where, kinds in by_place.items():
        sizes: _Samples = defaultdict(lambda: defaultdict(list))
        modes: _Samples = defaultdict(lambda: defaultdict(list))
        for split, size, mode, samples in kinds:
            sizes[size][split] += samples
            modes[mode][split] += samples
        splits = sorted({split for split, *_ in kinds})
        if 2 * len(sizes) <= sum(len(samples) for *_, samples in kinds):
            yield from _compare_splits(where, splits, sizes)
        yield from _compare_splits(where, splits, modes)


def _compare_splits(where: str, splits: list[str], kinds: _Samples) -> Iterator[ConcernCase]:
    for kind, samples in kinds.items():
        if lacking := [split for split in splits if split not in samples]:
            counts = ", ".join(f"{len(samples[split]):,} in {split}" for split in sorted(samples))
            own = tuple(sample_id for split in sorted(samples) for sample_id in samples[split])
            yield ConcernCase(where, f"{kind}: {counts}, none in {' and '.join(lacking)}", own)


_REJECTS = """
SELECT source_dataset, reason, list(source_path ORDER BY source_path) FROM rejects GROUP BY ALL ORDER BY ALL
"""
_FILES = """
SELECT source_dataset, count(*) FROM (
    FROM images SELECT source_dataset
    UNION ALL FROM images SEMI JOIN masks USING (sample_id) SELECT source_dataset
    UNION ALL FROM rejects SELECT source_dataset
) GROUP BY ALL
"""


def find_rejects(connection: duckdb.DuckDBPyConnection) -> Iterator[ConcernCase]:
    """Yields each image dataset with rejects; `measure` is their share of its images, masks and rejects, 0 to 1.

    Args:
        connection: A connection of `open_readonly`.
    """
    file_counts = dict(connection.execute(_FILES).fetchall())
    by_source: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for source, reason, paths in connection.execute(_REJECTS).fetchall():
        by_source[source][reason] = paths
    for source, reasons in by_source.items():
        all_paths = tuple(path for paths in reasons.values() for path in paths)
        share = len(all_paths) / file_counts[source]
        counts = ", ".join(f"{reason} {len(paths):,}" for reason, paths in reasons.items())
        what = f"{len(all_paths):,} of {file_counts[source]:,} files ({100 * share:.1f} %): {counts}"
        yield ConcernCase(source, what, all_paths, share)
