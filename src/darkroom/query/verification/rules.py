"""The integrity rules of the data contract, each of them one `Check`."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from darkroom.query.summary import ImageDataset, read_image_datasets
from darkroom.query.verification.fingerprints import FingerprintCheck
from darkroom.query.verification.tensor_scan import scan_tensors


@dataclass(frozen=True, slots=True)
class Check:
    """One integrity rule.

    Attributes:
        name: A short code for the rule, which never changes.
        rule: What must be true, in words.
        breaches: What breaks it, all of it: a `sample_id`, or an image dataset with what was found.
    """

    name: str
    rule: str
    breaches: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing breaks the rule."""
        return not self.breaches


_RULES = (
    (
        "white_level_recorded",
        "of images of more than 8 bits a channel, image_datasets says which level is white",
        "SELECT sample_id FROM images AS i LEFT JOIN image_datasets AS d ON d.name = i.source_dataset "
        "WHERE original_mode IN ('I', 'I;16', 'I;16B', 'I;16L', 'I;16N', 'LA;16', 'RGB;16', 'RGBA;16') "
        "AND deep_white_level IS NULL OR original_mode = 'F' AND float_white_level IS NULL ORDER BY ALL",
    ),
    (
        "one_resampler",
        "one resampler scaled all images",
        "SELECT name || ': ' || coalesce(resampler, 'pillow') FROM image_datasets "
        "WHERE (SELECT count(DISTINCT coalesce(resampler, 'pillow')) FROM image_datasets) > 1 ORDER BY ALL",
    ),
    (
        "sample_id_unique",
        "no sample_id is there twice",
        "SELECT sample_id FROM images GROUP BY ALL HAVING count(*) > 1 "
        "UNION SELECT sample_id FROM masks GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL",
    ),
    (
        "file_once",
        "no image file is there twice",
        "SELECT min(sample_id) FROM images GROUP BY source_root, source_path HAVING count(*) > 1 ORDER BY ALL",
    ),
    (
        "mask_has_image",
        "every mask has its image",
        "SELECT sample_id FROM masks ANTI JOIN images USING (sample_id) ORDER BY ALL",
    ),
    (
        "has_mask_true",
        "has_mask is true exactly where there is a mask",
        "SELECT i.sample_id FROM images AS i LEFT JOIN masks AS m USING (sample_id) "
        "WHERE i.has_mask <> (m.sample_id IS NOT NULL) ORDER BY ALL",
    ),
    (
        "mask_shape",
        "every mask has the height and width of its image tensor",
        "SELECT sample_id FROM masks JOIN images USING (sample_id) "
        "WHERE mask_height <> tensor_height OR mask_width <> tensor_width ORDER BY ALL",
    ),
)


def run_checks(
    connection: duckdb.DuckDBPyConnection, image_datasets: tuple[FingerprintCheck, ...], *, deep: bool
) -> tuple[Check, ...]:
    """Checks every rule.

    Args:
        connection: A connection of `open_readonly`.
        image_datasets: The fingerprints of the image datasets, made again.
        deep: Also look at every mask pixel.
    """
    checks = [
        _check_stored_fingerprints(image_datasets),
        _check_file_counts(image_datasets, read_image_datasets(connection)),
    ]
    for name, rule, query in _RULES:
        breaches = connection.execute(query).fetchall()
        checks.append(Check(name, rule, tuple(sample_id for (sample_id,) in breaches)))
    checks.append(_check_image_bytes(connection))
    checks.append(_check_mask_bytes(connection))
    if deep:
        checks.append(_check_mask_values(connection))
    return tuple(checks)


def _check_stored_fingerprints(image_datasets: tuple[FingerprintCheck, ...]) -> Check:
    breaches = tuple(
        f"{entry.name}: {entry.fingerprint} now, {entry.stored or 'none'} stored; rows were changed without `darkroom "
        "ingest`, or an older darkroom wrote it: ingest once more, then verify"
        for entry in image_datasets
        if entry.stored != entry.fingerprint
    )
    return Check("fingerprint_stored", "the stored fingerprint is that of the rows", breaches)


def _check_file_counts(found: tuple[FingerprintCheck, ...], stored: tuple[ImageDataset, ...]) -> Check:
    file_counts = {entry.name: entry.image_count + entry.mask_count for entry in found}
    breaches = tuple(
        f"{entry.name}: {file_counts[entry.name]} images and masks, file_count says {entry.file_count}"
        for entry in stored
        if file_counts[entry.name] != entry.file_count
    )
    return Check("file_count", "file_count is the number of images and masks", breaches)


_IMAGE_BYTES = """
SELECT sample_id FROM images
WHERE row_id BETWEEN {first} AND {last}
  AND octet_length(image_tensor) <> tensor_height * tensor_width * tensor_channels
"""

_MASK_BYTES = """
SELECT sample_id FROM masks
WHERE row_id BETWEEN {first} AND {last} AND octet_length(mask_tensor) <> mask_height * mask_width
"""

_MASK_TENSORS = "SELECT sample_id, mask_tensor FROM masks WHERE row_id BETWEEN {first} AND {last}"


def _check_image_bytes(connection: duckdb.DuckDBPyConnection) -> Check:
    found = scan_tensors(connection, "images", _IMAGE_BYTES)
    rule = "every image tensor has height * width * channels bytes"
    return Check("image_bytes", rule, tuple(sorted(sample_id for (sample_id,) in found)))


def _check_mask_bytes(connection: duckdb.DuckDBPyConnection) -> Check:
    found = scan_tensors(connection, "masks", _MASK_BYTES)
    rule = "every mask tensor has height * width bytes"
    return Check("mask_bytes", rule, tuple(sorted(sample_id for (sample_id,) in found)))


def _check_mask_values(connection: duckdb.DuckDBPyConnection) -> Check:
    found = scan_tensors(connection, "masks", _MASK_TENSORS)
    breaches = (sample_id for sample_id, tensor in found if np.frombuffer(tensor, dtype=np.uint8).max(initial=0) > 1)
    return Check("mask_values", "every mask pixel is 0 or 1", tuple(sorted(breaches)))
