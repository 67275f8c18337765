from __future__ import annotations

import hashlib
import shutil
import subprocess

import pytest

from darkroom.fingerprint import format_line, make_fingerprint

A, B, C = (digit * 64 for digit in "abc")


def test_is_the_hash_of_the_documented_lines() -> None:
    rows = [("x/1.png", A, None), ("x/2.png", B, C)]
    text = f"x/1.png\t{A}\t-\nx/2.png\t{B}\t{C}\n"
    assert make_fingerprint(rows) == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_of_nothing_is_the_hash_of_the_empty_text() -> None:
    assert make_fingerprint([]) == "sha256:" + hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        [("x/1.png", A, None), ("x/2.png", B, None)],
        [("x/1.png", A, C), ("x/2.png", B, None)],
        [("x/1.png", C, None), ("x/2.png", B, C)],
        [("x/1.png", A, None), ("x/3.png", B, C)],
        [("x/1.png", A, None)],
    ],
)
def test_any_difference_changes_it(other: list[tuple[str, str, str | None]]) -> None:
    assert make_fingerprint(other) != make_fingerprint([("x/1.png", A, None), ("x/2.png", B, C)])


def test_names_with_line_feeds_and_tabs_cannot_pretend_to_be_other_rows() -> None:
    assert format_line("a\nb\tc\\", A, None) == f"a\\nb\\tc\\\\\t{A}\t-\n"


def test_rows_must_be_sorted() -> None:
    with pytest.raises(ValueError, match="sorted by sample_id"):
        make_fingerprint([("b", A, None), ("a", A, None)])


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs sha256sum")
def test_sha256sum_gives_the_same() -> None:
    rows = [("a b/Ä.png", B, None), ("a/z.png", A, C), ("a/é.png", A, None), ("漢/1.png", C, None)]
    lines = "".join(format_line(*row) for row in reversed(rows))
    command = ["/bin/sh", "-c", "LC_ALL=C sort | sha256sum"]
    output = subprocess.run(command, input=lines.encode(), capture_output=True, check=True).stdout
    assert make_fingerprint(rows) == "sha256:" + output.split()[0].decode()
