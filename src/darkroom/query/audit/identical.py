"""Images that are there more than once: identical, or copies of each other, and what their splits and labels say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np

from darkroom.query.audit.concerns import ConcernCase
from darkroom.query.audit.copies import find_copies
from darkroom.query.audit.looks import Looks, SampleKey

Group = list[SampleKey]
"""Samples whose images are identical."""

_SPLITS = ("train", "val", "test")


class IdenticalImages:
    """Collects samples, and groups those of one file or of one tensor."""

    def __init__(self) -> None:
        self._parents: dict[object, object] = {}
        self._tokens: list[tuple[SampleKey, bytes]] = []

    def add(self, looks: Looks) -> None:
        """Adds the images of a category."""
        for key, digest in zip(looks.keys, looks.digests, strict=True):
            self._tokens.append((key, digest))
            self._parents.setdefault(digest, digest)
            self._parents.setdefault(key.content_sha256, digest)
            # one file in two image datasets with other levels for white has two tensors, which the file joins
            self._parents[self._find_root(key.content_sha256)] = self._find_root(digest)

    def _find_root(self, token: object) -> object:
        while (parent := self._parents[token]) != token:
            self._parents[token] = token = self._parents[parent]
        return token

    def groups(self) -> list[Group]:
        """Returns the groups of two samples or more."""
        groups: defaultdict[object, Group] = defaultdict(list)
        for key, digest in self._tokens:
            groups[self._find_root(digest)].append(key)
        return [sort_samples(group) for group in groups.values() if len(group) > 1]


def sort_samples(samples: Iterable[SampleKey]) -> Group:
    """Sorts samples by split, training first, then by `sample_id`."""
    return sorted(samples, key=lambda key: (_place_split(key.split), key.sample_id))


def _place_split(split: str) -> tuple[int, str]:
    return _SPLITS.index(split) if split in _SPLITS else len(_SPLITS), split


def find_identical(groups: Iterable[Group], *, across_splits: bool) -> Iterator[ConcernCase]:
    """Yields groups that lie in several splits, or the others."""
    for group in groups:
        splits = list(dict.fromkeys(key.split for key in group))
        if (len(splits) > 1) == across_splits:
            same = "file" if len({key.content_sha256 for key in group}) == 1 else "pixels, from different files"
            yield _make_case(group, f"the same {same}, in {_join(splits)}")


def find_other_labels(groups: Iterable[Group]) -> Iterator[ConcernCase]:
    """Yields groups of which one is called this and another one that; `good` and `ok` are the same."""
    for group in groups:
        names = {_name_label(key) for key in group if key.is_defect is not None}
        if len(names) > 1:
            yield _make_case(sorted(group, key=_name_label), f"called {_join(sorted(names))}")


def _name_label(key: SampleKey) -> str:
    return (key.label or "defective") if key.is_defect else "good"


def iter_near_identical(looks: Looks) -> Iterator[tuple[SampleKey, SampleKey, float]]:
    """Yields pairs of samples of a category that are copies and not identical, and what `find_copies` measured.

    Where identical images lie in several splits, the pair is made of samples in different ones.
    """
    owners: defaultdict[bytes, Group] = defaultdict(list)
    for key, digest in zip(looks.keys, looks.digests, strict=True):
        owners[digest].append(key)
    different = list(owners)
    first = {digest: position for position, digest in reversed(list(enumerate(looks.digests)))}
    thumbnails = looks.thumbnails[[first[digest] for digest in different]] if len(owners) < len(looks.keys) else None
    for one, other, left in find_copies(looks.thumbnails if thumbnails is None else thumbnails):
        pair = _choose_pair(owners[different[one]], owners[different[other]])
        # one file with two tensors is told by its hash already
        if pair[0].content_sha256 != pair[1].content_sha256:
            yield *pair, left


def _choose_pair(ones: Sequence[SampleKey], others: Sequence[SampleKey]) -> tuple[SampleKey, SampleKey]:
    pairs = (sort_samples(pair) for pair in product(sort_samples(ones), sort_samples(others)))
    one, other = min(pairs, key=lambda pair: pair[0].split == pair[1].split)
    return one, other


def find_near_identical(
    pairs: Iterable[tuple[SampleKey, SampleKey, float]], *, across_splits: bool
) -> Iterator[ConcernCase]:
    """Yields pairs that lie in two splits, or the others; `measure` is the share that a copy leaves."""
    for *pair, left in pairs:
        splits = list(dict.fromkeys(key.split for key in pair))
        if (len(splits) > 1) == across_splits:
            names = sorted({_name_label(key) for key in pair if key.is_defect is not None})
            labels = f", called {_join(names)}" if len(names) > 1 else ""
            what = f"in {_join(splits)}{labels}; {100 * left:.1f} % of the usual difference"
            yield _make_case(pair, what, float(np.round(left, 4)))


def _make_case(samples: Sequence[SampleKey], what: str, measure: float | None = None) -> ConcernCase:
    where = _join(sorted({key.place for key in samples}))
    return ConcernCase(where, what, tuple(key.sample_id for key in samples), measure)


def _join(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
