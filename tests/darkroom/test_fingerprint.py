from __future__ import annotations

import hashlib
import shutil
import subprocess

import pytest

from darkroom.fingerprint import FingerprintRow, format_line, make_fingerprint

A, B, C = (digit * 64 for digit in "abc")


def row(
    sample_id: str, image: str, mask: str | None, split: str = "test", label: str | None = "good"
) -> FingerprintRow:
    return FingerprintRow(sample_id, image, mask, split, label)


ROWS = [row("x/1.png", A, None, "train"), row("x/2.png", B, C, "test", "scratch")]


def test_is_the_hash_of_the_documented_lines() -> None:
    text = f"x/1.png\t{A}\t-\ttrain\tgood\nx/2.png\t{B}\t{C}\ttest\tscratch\n"
    assert make_fingerprint(ROWS) == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_of_nothing_is_the_hash_of_the_empty_text() -> None:
    assert make_fingerprint([]) == "sha256:" + hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"sample_id": "x/3.png"},
        {"image_sha256": C},
        {"mask_sha256": None},
        {"mask_sha256": A},
        {"split": "train"},
        {"label": "good"},
        {"label": None},
        {"label": "-"},
    ],
)
def test_any_difference_changes_it(change: dict[str, str | None]) -> None:
    other = [ROWS[0], ROWS[1]._replace(**change)]
    assert make_fingerprint(other) != make_fingerprint(ROWS)
    assert make_fingerprint(ROWS[:1]) != make_fingerprint(ROWS)


def test_a_label_that_is_a_hyphen_is_none_that_nobody_knows() -> None:
    assert format_line(row("a", A, None, label="-")) != format_line(row("a", A, None, label=None))


def test_texts_with_line_feeds_and_tabs_cannot_pretend_to_be_other_rows() -> None:
    assert format_line(row("a\nb\tc\\", A, None, label="d\te")) == f"a\\nb\\tc\\\\\t{A}\t-\ttest\td\\te\n"


def test_rows_must_be_sorted() -> None:
    with pytest.raises(ValueError, match="sorted by sample_id"):
        make_fingerprint([row("b", A, None), row("a", A, None)])


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs sha256sum")
def test_sha256sum_gives_the_same() -> None:
    rows = [row("a b/Ä.png", B, None), row("a/z.png", A, C), row("a/é.png", A, None), row("漢/1.png", C, None)]
    lines = "".join(map(format_line, reversed(rows)))
    command = ["/bin/sh", "-c", "LC_ALL=C sort | sha256sum"]
    output = subprocess.run(command, input=lines.encode(), capture_output=True, check=True).stdout
    assert make_fingerprint(rows) == "sha256:" + output.split()[0].decode()
