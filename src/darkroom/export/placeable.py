"""What the layouts of published image datasets have a place for, and what is left out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from darkroom.errors import OptionError
from darkroom.query.selection import Samples
from darkroom.sample import NORMAL, Split

_MASK_COLUMNS = ("mask_sha256", "mask_height", "mask_width", "mask_row_id")


def keep_placeable(
    samples: Samples, *, all_labelled: bool, splits: Collection[str] = tuple(Split)
) -> tuple[Samples, dict[str, int], dict[str, int]]:
    """Keeps what the layout has a place for: no mask of a good image, for one, as who reads it pairs all masks.

    Args:
        samples: The samples asked for.
        all_labelled: Whether to leave out only what has no label, or is in no split of the layout.
        splits: The splits of the layout.

    Returns:
        The samples to write, how many images are left out for what reason, and how many masks of the others.

    Raises:
        OptionError: Nothing is left.
    """
    rows = zip(*(samples.facts[name].to_pylist() for name in ("label", "split", "mask_row_id")), strict=True)
    reasons = [
        f"in {split}" if split not in splits else _find_reason(label, split, mask is not None, all_labelled)
        for label, split, mask in rows
    ]
    left_out = dict(Counter(reason for reason in reasons if reason))
    if sum(left_out.values()) == len(samples):
        found = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        raise OptionError(f"Nothing to write as an image folder: of {len(samples)} images, {found}.")
    kept = samples.facts.filter(pa.array([reason is None for reason in reasons], pa.bool_()))
    is_good_mask = pc.and_(pc.equal(kept["label"], NORMAL), kept["mask_row_id"].is_valid())
    good_masks = pc.sum(is_good_mask).as_py() or 0
    for name in _MASK_COLUMNS:
        nothing = pa.scalar(None, kept.schema.field(name).type)
        kept = kept.set_column(kept.schema.get_field_index(name), name, pc.if_else(is_good_mask, nothing, kept[name]))
    return replace(samples, facts=kept), left_out, {"of good images": good_masks} if good_masks else {}


def _find_reason(label: str | None, split: str, has_mask: bool, all_labelled: bool) -> str | None:
    if label is None:
        return "without a label"
    if all_labelled or label == NORMAL:
        return None
    if split != Split.TEST:
        return "defective and not in test"
    return None if has_mask else "defective and without a mask"
