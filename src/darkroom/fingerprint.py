r"""One line that tells whether two people train on the same images, masks, splits and labels.

A fingerprint is `sha256:` and the SHA-256, in hexadecimal, of a text in UTF-8: one line per image, each ended
by a line feed (also the last), sorted by `sample_id` in the order of its bytes. A line is

    <sample_id> TAB <SHA-256 of the image file> TAB <SHA-256 of the mask file, or - if there is none> TAB <split> TAB
    <label, or - where nobody knows it>

on one line, with both hashes in lower-case hexadecimal. In `sample_id` and label, a backslash is written `\\`, a tab
`\t` and a line feed `\n`, after sorting; a label that is a hyphen is written `\-`. Whether a sample is defective
follows from its label. The fingerprint of an image dataset is that of its own lines, the total one that of
all lines of the database; without a line it is the hash of the empty text. It depends on the files, not on
where or when they were loaded, nor on the size of the tensors made of them.

Anyone can make it again from such lines (as long as no name holds a backslash or a control character, which
`sort` would put elsewhere):

    LC_ALL=C sort lines.tsv | sha256sum
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

PREFIX = "sha256:"
"""How every fingerprint begins."""

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n"})


class FingerprintRow(NamedTuple):
    """What a fingerprint holds of one sample.

    Attributes:
        sample_id: The key of the sample.
        image_sha256: The SHA-256 of the image file.
        mask_sha256: The SHA-256 of the mask file; None without one.
        split: The part of the image dataset that it is in.
        label: The text from disk; None where nobody knows.
    """

    sample_id: str
    image_sha256: str
    mask_sha256: str | None
    split: str
    label: str | None


def make_fingerprint(rows: Iterable[FingerprintRow]) -> str:
    """Makes the fingerprint of some samples, as the module's docstring defines it.

    Args:
        rows: Sorted by `sample_id` (as Python and DuckDB sort text by default).

    Raises:
        ValueError: The rows are not sorted.
    """
    digest = hashlib.sha256()
    last_id = ""
    for row in rows:
        if row.sample_id < last_id:
            raise ValueError(f"rows must be sorted by sample_id, found {row.sample_id!r} after {last_id!r}")
        digest.update(format_line(row).encode())
        last_id = row.sample_id
    return PREFIX + digest.hexdigest()


def format_line(row: FingerprintRow) -> str:
    """Writes the line that a sample adds to the text that is hashed."""
    sample_id, label = row.sample_id.translate(_ESCAPES), _format_label(row.label)
    return f"{sample_id}\t{row.image_sha256}\t{row.mask_sha256 or '-'}\t{row.split}\t{label}\n"


def _format_label(label: str | None) -> str:
    if label is None:
        return "-"
    return r"\-" if label == "-" else label.translate(_ESCAPES)
