from __future__ import annotations

import hashlib

import pytest

from darkroom.errors import OptionError
from darkroom.query.folds import Fold, fold_of

IDS = [f"mvtec_ad/bottle/train/good/{number:03}.png" for number in range(2000)]


def test_the_formula_is_the_documented_one() -> None:
    for sample_id in IDS[:50]:
        first = hashlib.sha256(f"7/{sample_id}".encode()).digest()[:8]
        share = int.from_bytes(first, "big") / 2**64
        assert (fold_of(sample_id, 7, 0.3) == "validation") is (share < 0.3)


def test_the_division_is_this_one_for_ever() -> None:
    dealt = [number for number in range(40) if fold_of(IDS[number]) is Fold.VALIDATION]
    assert dealt == [9, 19, 22, 26, 29, 39]


def test_shares_are_about_what_was_asked_for() -> None:
    count = sum(fold_of(sample_id, 1, 0.25) is Fold.VALIDATION for sample_id in IDS)
    assert 440 < count < 560


def test_a_larger_fraction_keeps_what_a_smaller_one_has() -> None:
    small = {sample_id for sample_id in IDS if fold_of(sample_id, 0, 0.1) is Fold.VALIDATION}
    assert all(fold_of(sample_id, 0, 0.2) is Fold.VALIDATION for sample_id in small)


def test_another_seed_makes_another_division() -> None:
    assert [fold_of(name, 0) for name in IDS] != [fold_of(name, 1) for name in IDS]


def test_the_ends_of_the_range() -> None:
    assert {fold_of(name, 0, 0.0) for name in IDS} == {Fold.TRAIN}
    assert {fold_of(name, 0, 1.0) for name in IDS} == {Fold.VALIDATION}
    with pytest.raises(OptionError, match="0 to 1"):
        fold_of("a", 0, 1.5)
