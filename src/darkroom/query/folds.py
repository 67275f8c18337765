"""The same train/validation division on every machine, kept by `sample_id`.

A *split* is what the image dataset says (`train`, `test`, `val`); a *fold* is what darkroom deals a sample to,
so that training can be watched on images it does not learn from. A sample's fold depends on its `sample_id`,
a seed and a fraction, on nothing else: not on the order of the table, nor on which other samples there are.
"""

from __future__ import annotations

from enum import StrEnum

from darkroom.errors import OptionError
from darkroom.sample import seeded_hash


class Fold(StrEnum):
    """The part of the division that a sample is in."""

    TRAIN = "train"
    VALIDATION = "validation"


def fold_of(sample_id: str, seed: int = 0, validation_fraction: float = 0.2) -> Fold:
    """Deals a sample to a fold.

    The first 8 bytes of the SHA-256 of `<seed>/<sample_id>` in UTF-8 are a big-endian integer *n*; the sample
    is in `validation` if `n < validation_fraction * 2**64`. A larger fraction keeps all that a smaller one has
    in `validation`. Of few samples the share can be off: of 100 by some 4 either way.

    Args:
        sample_id: The key of the sample.
        seed: Another seed makes another division.
        validation_fraction: The share of samples to expect in `validation`, 0 to 1.

    Raises:
        OptionError: The fraction is out of range.
    """
    if not 0 <= validation_fraction <= 1:
        raise OptionError(f"`validation_fraction` {validation_fraction}: expected a number from 0 to 1.")
    digest = seeded_hash(sample_id, seed)
    is_validation = int.from_bytes(digest[:8], "big") < validation_fraction * 2**64
    return Fold.VALIDATION if is_validation else Fold.TRAIN
