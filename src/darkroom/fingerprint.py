r"""One line that tells whether two people have the same images and masks.

A fingerprint is `sha256:` and the SHA-256, in hexadecimal, of a text in UTF-8: one line per image, each ended
by a line feed (also the last), sorted by `sample_id` in the order of its bytes. A line is

    <sample_id> TAB <SHA-256 of the image file> TAB <SHA-256 of the mask file, or - if there is none>

with both hashes in lower-case hexadecimal. In `sample_id`, a backslash is written `\\`, a tab `\t` and a line
feed `\n`, after sorting. The fingerprint of an image dataset is that of its own lines, the total one that of
all lines of the database; without a line it is the hash of the empty text. It depends on the files, not on
where or when they were loaded, nor on the size of the tensors made of them.

Anyone can make it again from such lines (as long as no name holds a backslash or a control character, which
`sort` would put elsewhere):

    LC_ALL=C sort lines.tsv | sha256sum
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

PREFIX = "sha256:"
"""How every fingerprint begins."""

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n"})


def make_fingerprint(rows: Iterable[tuple[str, str, str | None]]) -> str:
    """Makes the fingerprint of some samples, as the module's docstring defines it.

    Args:
        rows: `(sample_id, content_sha256 of the image, content_sha256 of the mask or None)`, sorted by
            `sample_id` (as Python and DuckDB sort text by default).

    Raises:
        ValueError: The rows are not sorted.
    """
    digest = hashlib.sha256()
    last_id = ""
    for sample_id, image_sha256, mask_sha256 in rows:
        if sample_id < last_id:
            raise ValueError(f"rows must be sorted by sample_id, found {sample_id!r} after {last_id!r}")
        digest.update(format_line(sample_id, image_sha256, mask_sha256).encode())
        last_id = sample_id
    return PREFIX + digest.hexdigest()


def format_line(sample_id: str, image_sha256: str, mask_sha256: str | None) -> str:
    """Writes the line that a sample adds to the text that is hashed."""
    return f"{sample_id.translate(_ESCAPES)}\t{image_sha256}\t{mask_sha256 or '-'}\n"
