"""What a row of a table says of its image, in darkroom's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from darkroom.extract.readers.labels import is_normal
from darkroom.extract.readers.splits import parse_split
from darkroom.extract.readers.table_files import ImageTable
from darkroom.extract.readers.table_rows import TableRow
from darkroom.keys import compose
from darkroom.sample import DEFECT, NORMAL, FileEntry, Split

_TRUTHS = {"true": True, "false": False, "yes": True, "no": False}
_NUMBER = re.compile(r"(\d+)(\.0*)?")


class RowFaultError(ValueError):
    """What a row says cannot be: its image has no use.

    Args:
        kind: What is wrong, as the rest of a sentence about rows.
        found: What stands in this one.
    """

    def __init__(self, kind: str, found: str) -> None:
        super().__init__(f"{kind}: {found}")
        self.kind, self.found = kind, found


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What a row says of its image.

    Attributes:
        label: The label; None where the row tells none.
        split: The split; None where it is to be dealt.
        category: The object photographed; empty where the row tells none.
        mask: The mask that belongs to it.
        has_lost_mask: Whether a mask is named that cannot be had, so that having none says nothing.
    """

    label: str | None
    split: Split | None
    category: str
    mask: FileEntry | None = None
    has_lost_mask: bool = False


def read_facts(table: ImageTable, row: TableRow, normal_words: frozenset[str], *, has_splits: bool) -> RowFacts:
    """Returns what a row says; a mask that is not there is remarked in the table.

    Args:
        table: The table, to find the mask by.
        row: The row.
        normal_words: The keys of words that mean `good`.
        has_splits: Whether the table has a column of splits with anything in it.

    Raises:
        RowFaultError: It says what cannot be.
    """
    if row.fault:
        raise RowFaultError("with damage", row.fault)
    label = _read_label(row, normal_words)
    split = _read_split(row) if has_splits else table.split
    mask = table.find_file(row.mask, row.where, "a mask") if row.mask else None
    return RowFacts(label, split, _make_category(row.category), mask, has_lost_mask=bool(row.mask) and mask is None)


def _make_category(word: str) -> str:
    """Returns the name of a category, fit for a folder: no slash makes two of it, no dots lead out of one."""
    name = re.sub(r"[/\\\x00-\x1f]", "_", compose(word))
    return name.replace(".", "_") if set(name) == {"."} else name


def _read_label(row: TableRow, normal_words: frozenset[str]) -> str | None:
    is_defect = _read_truth(row.is_defect)
    if not row.label:
        return {True: DEFECT, False: NORMAL, None: None}[is_defect]
    is_normal_word = is_normal(row.label, normal_words)
    if is_normal_word and is_defect:
        raise RowFaultError("with both good and defective", f"{row.label} and {row.is_defect}")
    # "fine", and not defective: whoever made the table has another word for good
    return NORMAL if is_normal_word or is_defect is False else compose(row.label)


def _read_truth(word: str) -> bool | None:
    if not word:
        return None
    if match := _NUMBER.fullmatch(word):
        return int(match[1]) > 0
    if (truth := _TRUTHS.get(word.lower())) is None:
        raise RowFaultError("with neither 0 nor 1 for whether it is defective", word)
    return truth


def _read_split(row: TableRow) -> Split:
    try:
        return parse_split(row.split)
    except ValueError:
        found = row.split or "no word at all"
        raise RowFaultError("with a split that is none of train, test and val", found) from None
