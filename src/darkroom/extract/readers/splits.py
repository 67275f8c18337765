"""Which split an image is in where no folder says so: a table that came with the images, or a fixed fold."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from darkroom.errors import OptionError
from darkroom.extract.readers.layout import ReadFile
from darkroom.extract.readers.places import Category, CategoryFindings
from darkroom.keys import make_key
from darkroom.layout_words import SPLITS
from darkroom.sample import NORMAL, FileEntry, FileKey, Ignored, Split, seeded_hash

_TRAIN_SHARE = 0.8
FOLD = "darkroom's own fixed fold: about 80 % of the good images train, the others and all defective ones test"
NO_SPLIT_PUBLISHED = f"no split is published, so {FOLD}"
_NO_TABLE = f"no usable table of splits, so {FOLD}"


@dataclass(frozen=True, slots=True)
class SplitRow:
    """What a table says of one image.

    Attributes:
        split: The split it is in.
        label: Its label, where the table tells one.
    """

    split: Split
    label: str | None = None


def collect_rows(rows: Iterable[tuple[str, SplitRow]]) -> dict[str, SplitRow]:
    """Returns the rows of a table by the key of their image.

    Raises:
        ValueError: Two rows say different things of one image: which of them is right, nobody knows.
    """
    found: dict[str, SplitRow] = {}
    for key, row in rows:
        other = found.setdefault(key, row)
        if other != row:
            says = [" ".join(filter(None, (each.split, each.label))) for each in (other, row)]
            raise ValueError(f"{key} is there twice, as {says[0]} and as {says[1]}; correct the table")
    return found


NameSplits = Callable[[str, str], str | None]
"""From the path of a text file (as in `Category.texts`) and a category to the name of the splits it holds, if any."""
ParseSplits = Callable[[bytes, str], Mapping[str, SplitRow]]
"""From a text file and a category to its rows, by the key of the path from the category folder on."""


def fold(key: str) -> Split:
    """Returns the split of good images: of 100 keys about 80 are in train, whatever other images there are.

    Args:
        key: What images that must stay in one split have in common; the same on every machine.
    """
    share = int.from_bytes(seeded_hash(key, 0)[:8], "big") / 2**64
    return Split.TRAIN if share < _TRAIN_SHARE else Split.TEST


def fold_labelled(label: str | None, key: str) -> Split:
    """Returns the split of an image: one that is defective, or of which nobody knows, is in test."""
    return fold(key) if label == NORMAL else Split.TEST


def parse_split(word: str) -> Split:
    """Returns the split that a word in a table means.

    Raises:
        ValueError: It means none.
    """
    if (split := SPLITS.get(word.strip().lower())) is None:
        raise ValueError(f"{word!r} is no split")
    return split


def check_splits(splits: str | None, names: Collection[str]) -> None:
    """Refuses a name of splits that no category has: somebody mistyped it.

    Raises:
        OptionError: There is no table of this name.
    """
    if splits is not None and splits not in names:
        raise OptionError(
            f"`splits` {splits!r}: no table of splits is called so. Expected one of those that are there "
            f"({', '.join(sorted(names)) or 'none'}), or nothing for the usual one."
        )


class SplitTable:
    """The table that tells the splits of one category, and what is to be said of it.

    The table of the name that was asked for is taken, else the usual one, else the first one there is. One that lists
    no image of the category is as good as none.

    Attributes:
        rows: Its rows, by the key of the image's path from the category folder on; empty without a table.
        texts: The file it was read from, and what for.
        remarks: What to tell people.
    """

    def __init__(
        self, category: Category, read: ReadFile, name_splits: NameSplits, parse: ParseSplits, usual: str
    ) -> None:
        self.rows: Mapping[str, SplitRow] = {}
        self.texts: dict[FileKey, str] = {}
        self.remarks: list[tuple[str, str]] = []
        self._category = category.name
        self._images = {make_key(path) for path in category.images}
        tables: dict[str, FileEntry] = {}
        for path, file in category.texts:
            if name := name_splits(path, category.name):
                tables.setdefault(name, file)
        self._name = next((name for name in (category.splits, usual, *sorted(tables)) if name in tables), "")
        if self._name:
            self._read(tables[self._name], read, parse)
            others = ", ".join(sorted(tables.keys() - {self._name}))
            self._tell(
                f"splits of {self._name}{f' (also there: {others})' if others else ''}" if self.rows else _NO_TABLE
            )
        else:
            self._tell(_NO_TABLE)

    def _read(self, file: FileEntry, read: ReadFile, parse: ParseSplits) -> None:
        try:
            rows = parse(read(file), self._category)
        except (OSError, ValueError, RecursionError, csv.Error) as error:
            self._tell(f"the table {self._name} cannot be used ({error})")
            return
        self.texts[file.key] = "table of splits, read for the splits"
        if rows.keys() & self._images:
            self.rows = rows
        else:
            self._tell(f"the table {self._name} lists none of its images")

    def _tell(self, text: str) -> None:
        self.remarks.append((text, self._category))

    def find(self, path: str, label: str, key: str) -> Split:
        """Returns the split of an image.

        Args:
            path: Its path from the category folder on.
            label: Its label.
            key: What it has in common with the images that must stay in one split with it.
        """
        if not self.rows:
            return fold_labelled(label, key)
        row = self.rows.get(make_key(path))
        # one that the table does not list is left out in the end
        return row.split if row else Split.TEST

    def complete(self, findings: CategoryFindings) -> None:
        """Takes out the images that the table does not list, with their masks, and tells what there is to tell.

        They are ignored and no rejects: nothing is wrong with them, they are no part of the split that was chosen.
        """
        findings.texts |= self.texts
        findings.remarks += self.remarks
        if not self.rows:
            return
        kept, prefix = [], f"{self._category}/"
        for sample in findings.samples:
            if make_key(sample.place.removeprefix(prefix)) in self.rows:
                kept.append(sample)
            else:
                why = f"not listed in the splits {self._name}"
                findings.ignored += [Ignored(file, why) for file in sample.files]
        findings.counts[f"images that {self._name} does not list, left out"] += len(findings.samples) - len(kept)
        findings.counts[f"images that {self._name} lists and that are not there"] += len(
            self.rows.keys() - self._images
        )
        findings.samples = kept
