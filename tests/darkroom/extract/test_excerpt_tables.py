"""An excerpt of images that a table describes has a table too."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import make_tree, make_zip, read_roots

from darkroom.extract.excerpt import write_excerpt
from darkroom.sample import Findings

PARTS = {f"images/{number}.png": b"%d" % number for number in range(12)} | {"masks/1.png": b"m", "masks/0.png": b"n"}
ROWS = [
    f"images/{number}.png,{f'masks/{number}.png' if number < 2 else ''},{'cut' if number < 6 else 'good'},"
    f"{'test' if number % 2 else 'train'},{'nut' if number < 8 else 'bolt'}"
    for number in range(12)
]
TABLE = "\n".join(["image,mask,label,split,category", *ROWS]).encode()


def facts(findings: Findings) -> dict[str, tuple[str, str | None, str, str | None]]:
    return {
        sample.place: (sample.split.value, sample.label, sample.category, sample.mask and sample.mask.path)
        for sample in findings.samples
    }


@pytest.mark.parametrize("out", ["parts", "parts.zip"])
def test_an_excerpt_is_read_as_what_it_was_taken_from(tmp_path: Path, out: str) -> None:
    root = make_tree(tmp_path / "in" / "parts", PARTS | {"labels.csv": TABLE})
    report = write_excerpt(root, tmp_path / out, limit=2)
    whole, part = facts(read_roots(root)), facts(read_roots(tmp_path / out))
    assert report.images == len(part) == 8
    assert part.items() <= whole.items()
    assert read_roots(tmp_path / out).rejects == ()


def test_a_table_and_folders_side_by_side(tmp_path: Path) -> None:
    files = {f"parts/{path}": content for path, content in (PARTS | {"labels.csv": TABLE}).items()}
    files |= {"tiles/slab/train/good/1.png": b"1", "tiles/slab/test/chip/2.png": b"2"}
    root = make_zip(tmp_path / "in.zip", files)
    write_excerpt(root, tmp_path / "out", limit=1)
    found = read_roots(tmp_path / "out")
    assert {sample.sample_id for sample in found.samples} <= {sample.sample_id for sample in read_roots(root).samples}
    assert {sample.source_dataset for sample in found.samples} == {"parts", "tiles"}
    assert (len(found.samples), found.rejects) == (6, ())


def test_no_category_leads_out_of_the_excerpt(tmp_path: Path) -> None:
    rows = ["image,label,category", "1.png,good,..", "2.png,good,../../x", "3.png,good,/etc"]
    root = make_tree(
        tmp_path / "in", {f"{number}.png": b"x" for number in (1, 2, 3)} | {"l.csv": "\n".join(rows).encode()}
    )
    write_excerpt(root, tmp_path / "deep" / "er" / "out")
    assert {sample.category for sample in read_roots(tmp_path / "deep/er/out").samples} == {"__", ".._.._x", "_etc"}
    assert len(list((tmp_path / "deep/er/out").rglob("*.png"))) == 3
    assert len(list(tmp_path.rglob("*.png"))) == 6


def test_the_whole_table_is_not_copied_beside_that_of_the_excerpt(tmp_path: Path) -> None:
    table = "\n".join(["file_name,label", *(f"{number}.png,{'cut' if number % 2 else 'good'}" for number in range(9))])
    files = {f"nut/{part}/{number}.png": b"x" for part in ("train", "test") for number in range(9)}
    files |= {f"nut/{part}/metadata.csv": table.encode() for part in ("train", "test")}
    root = make_tree(tmp_path / "in", files)
    write_excerpt(root, tmp_path / "out", limit=2)
    found = read_roots(tmp_path / "out")
    assert facts(found).items() <= facts(read_roots(root)).items()
    assert [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.csv")] == [
        "nut/metadata.csv"
    ]
    assert not any("rows" in note for note in found.notes)
