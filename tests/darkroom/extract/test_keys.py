"""Names that mean the same meet, in whatever case and Unicode form they were written; ids are the same everywhere."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest
from trees import make_zip, read_roots

from darkroom.keys import make_key, spell_apart
from darkroom.sample import Findings, Reason

COMPOSED = normalize("NFC", "Kratzér")
DECOMPOSED = normalize("NFD", "Kratzér")


def masks(findings: Findings) -> dict[str, str]:
    return {sample.image.path: sample.mask.path for sample in findings.samples if sample.mask}


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        (f"b/test/{COMPOSED}/1.png", f"b/ground_truth/{DECOMPOSED}/1_mask.png"),
        (f"b/test/{DECOMPOSED}/1.png", f"b/ground_truth/{COMPOSED}/1_mask.png"),
        ("b/test/crack/1.png", "b/ground_truth/Crack/1_mask.png"),
        ("b/test/cut/Part1.png", "b/ground_truth/cut/PART1_MASK.png"),
        (f"b/test/{COMPOSED}.png", f"b/test/{DECOMPOSED.upper()}_GT.png"),
        (f"{COMPOSED}/test/cut/1.png", f"{DECOMPOSED}/ground_truth/cut/1_mask.png"),
        ("Bottle/test/cut/1.png", "bottle/ground_truth/cut/1_mask.png"),
        ("Class1/Test/a1.PNG", "Class1/Test/Label/A1_label.PNG"),
        ("class1/Test/1.PNG", "Class1/Test/Label/1_label.PNG"),
    ],
)
def test_every_part_of_a_key_meets(tmp_path: Path, image: str, mask: str) -> None:
    category = image.partition("/")[0]
    others = [] if category.lower() == "class1" else [f"{category}/train/good/0.png"]
    findings = read_roots(make_zip(tmp_path / "x.zip", [image, mask, *others]))
    assert masks(findings) == {image: mask}
    assert not findings.rejects


def test_labels_file_in_another_spelling(tmp_path: Path) -> None:
    text = f"1\n{DECOMPOSED}\t1\t{DECOMPOSED.upper()}.png\t0\t0\n".encode()
    files = {f"Class1/Test/{COMPOSED}.PNG": b"x", "Class1/Test/Label/Labels.txt": text}
    (sample,) = read_roots(make_zip(tmp_path / "x.zip", files)).samples
    assert sample.label == "defect"


def test_ids_labels_and_categories_are_the_same_in_both_forms(tmp_path: Path) -> None:
    facts = []
    for form in ("NFC", "NFD"):
        name = normalize(form, "Kratzér")
        archive = make_zip(tmp_path / f"{form}.zip", [f"{name}/train/good/1.png", f"{name}/test/{name}/{name}.png"])
        findings = read_roots(archive, name=normalize(form, "Maß-é"))
        facts.append([(sample.sample_id, sample.category, sample.label) for sample in findings.samples])
    assert facts[0] == facts[1]
    assert facts[0][0] == (f"Maß-é/{COMPOSED}/test/{COMPOSED}/{COMPOSED}.png", COMPOSED, COMPOSED)


def test_of_two_that_mean_the_same_the_one_written_alike_is_taken(tmp_path: Path) -> None:
    images = ["b/test/Crack/A.png", "b/test/crack/A.png", "b/test/crack/a.png"]
    own = {path: path.replace("test", "ground_truth").replace(".png", "_mask.png") for path in images}
    findings = read_roots(make_zip(tmp_path / "x.zip", [*images, *own.values(), "b/train/good/0.png"]))
    assert masks(findings) == own


def test_two_categories_that_differ_in_case_stay_two(tmp_path: Path) -> None:
    files = ["Screw/train/good/1.png", "screw/train/good/1.png"]
    findings = read_roots(make_zip(tmp_path / "x.zip", files))
    assert sorted(sample.sample_id for sample in findings.samples) == [f"mvtec_ad/{path}" for path in files]


def test_two_files_that_look_alike_are_told_apart(tmp_path: Path) -> None:
    files = [f"b/train/good/{COMPOSED}.png", f"b/train/good/{DECOMPOSED}.png"]
    (sample,) = read_roots(make_zip(tmp_path / "x.zip", files)).samples
    assert {file.path for file in sample.files} == set(files)


@pytest.mark.parametrize(
    ("there", "lost", "told"),
    [
        ("crack", "crack\u00a0", r"'crack\xa0'"),
        ("crack", "сrack", r"'\u0441rack'"),  # noqa: RUF001 - the first letter is Cyrillic, which is the point
        ("hole", "crack", "crack"),
    ],
)
def test_an_orphan_says_what_is_there_instead(tmp_path: Path, there: str, lost: str, told: str) -> None:
    files = [f"b/test/{there}/1.png", f"b/ground_truth/{lost}/1_mask.png"]
    (reject,) = read_roots(make_zip(tmp_path / "x.zip", files)).rejects
    assert reject.reason is Reason.ORPHAN_MASK
    assert told in reject.message
    assert "but the image 1 of b is in" in reject.message
    assert reject.message.endswith(f"test/{there}" if told.isalpha() else f"'test/{there}'")


def test_keys() -> None:
    assert make_key(COMPOSED) == make_key(DECOMPOSED) == make_key(COMPOSED.upper())
    assert spell_apart("a", "b") == "b"
    assert spell_apart(COMPOSED, DECOMPOSED) == r"'Kratze\u0301r'"
