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


@dataclass(frozen=True, slots=True)
class TableWords:
    """What the words in a table's columns mean, as far as only all of its rows tell.

    Attributes:
        normal_words: The keys of words that mean `good`.
        has_splits: Whether the column of splits has anything in it.
        has_normal_word: Whether some label is a word for good; then any other label says that an image is not.
        has_verdicts: Whether the column `is_defect` is a verdict: numbers of classes are none.
    """

    normal_words: frozenset[str]
    has_splits: bool
    has_normal_word: bool
    has_verdicts: bool


def read_words(table: ImageTable, normal_words: frozenset[str]) -> TableWords:
    """Returns what the words in a table's columns mean.

    Args:
        table: The table.
        normal_words: The keys of words that mean `good`.
    """
    rows = [row for row, _ in table.rows]
    numbers = {int(match[1]) for row in rows if (match := _NUMBER.fullmatch(row.is_defect))}
    return TableWords(
        normal_words,
        has_splits=any(row.split for row in rows),
        has_normal_word=any(is_normal(row.label, normal_words) for row in rows if row.label),
        has_verdicts=not (numbers - {0, 1} and any(row.label for row in rows)),
    )


def read_facts(table: ImageTable, row: TableRow, words: TableWords) -> RowFacts:
    """Returns what a row says; a mask that is not there is remarked in the table.

    Args:
        table: The table, to find the mask by.
        row: The row.
        words: What the words in it mean.

    Raises:
        RowFaultError: It says what cannot be.
    """
    if row.fault:
        raise RowFaultError("with damage", row.fault)
    label = _read_label(row, words, is_corrected=table.is_export)
    split = _read_split(row) if words.has_splits else table.split
    mask = table.find_file(row.mask, row.where, "a mask") if row.mask else None
    return RowFacts(label, split, _make_category(row.category), mask, has_lost_mask=bool(row.mask) and mask is None)


def _make_category(word: str) -> str:
    """Returns the name of a category, fit for a folder: no slash makes two of it, no dots lead out of one."""
    name = re.sub(r"[/\\\x00-\x1f]", "_", compose(word))
    return name.replace(".", "_") if set(name) == {"."} else name


def _read_label(row: TableRow, words: TableWords, *, is_corrected: bool) -> str | None:
    """Returns the label; in a table of ours, a label that somebody corrected counts more than the verdict beside it."""
    is_defect = _read_truth(row.is_defect) if words.has_verdicts and not (is_corrected and row.label) else None
    if not row.label:
        return {True: DEFECT, False: NORMAL, None: None}[is_defect]
    is_normal_word = is_normal(row.label, words.normal_words)
    if is_defect is not None and words.has_normal_word and is_normal_word is is_defect:
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
