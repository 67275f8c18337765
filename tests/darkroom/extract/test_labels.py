"""What label folders say: one list of words for every layout, and what is told where nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import make_tree, read_roots

from darkroom.errors import OptionError
from darkroom.extract.readers.labels import DEFECT_WORDS, NORMAL_WORDS
from darkroom.sample import Findings


def labels(findings: Findings) -> dict[str, str | None]:
    return {sample.image.path: sample.label for sample in findings.samples}


SPELLINGS = [
    *("OK ", " good", "non_defective", "Non-Defective", "anomaly_free", "anomaly free", "no_defect", "No Defects"),
    *("defect-free", "Defect Free", "not defective", "no-anomaly"),
]
NOBODY_KNOWS = ["p/train/good/1.png", "p/test/0/1.png", "p/test/1/2.png"]


@pytest.mark.parametrize("word", ["good", "ok", "OK", "Normal", "free", "NORMAL", "Good", "defect_free", *SPELLINGS])
@pytest.mark.parametrize("layout", ["mvtec_ad", "folder"])
def test_words_for_normal(tmp_path: Path, word: str, layout: str) -> None:
    files = [f"p/test/{word}/1.png", "p/test/cut/2.png"]
    findings = read_roots(make_tree(tmp_path, files), layout=layout)
    assert labels(findings) == {files[0]: "good", files[1]: "cut"}
    assert "normal_label" not in findings.notes[0]


@pytest.mark.parametrize("word", ["bad", "KO", "ng", "NG", "Anomaly", "anomalous", "defect", "defective"])
def test_a_split_of_nothing_but_known_defects_needs_no_word(tmp_path: Path, word: str) -> None:
    findings = read_roots(make_tree(tmp_path, ["p/train/good/1.png", f"p/test/{word}/1.png"]))
    assert labels(findings)[f"p/test/{word}/1.png"] == word
    assert "normal_label" not in findings.notes[0]


def test_the_words_contradict_each_other_nowhere() -> None:
    assert not NORMAL_WORDS & DEFECT_WORDS
    assert all(word == word.casefold() for word in NORMAL_WORDS | DEFECT_WORDS)


@pytest.mark.parametrize("layout", ["auto", "mvtec_ad", "folder"])
def test_a_split_without_a_word_for_normal_is_told(tmp_path: Path, layout: str) -> None:
    findings = read_roots(make_tree(tmp_path, NOBODY_KNOWS), layout=layout)
    assert labels(findings) == dict(zip(NOBODY_KNOWS, ("good", "0", "1"), strict=True))
    (note,) = findings.notes
    assert "p/test: no label is a word for normal, so all are taken for defects (0, 1)" in note
    assert "`normal_label`" in note


def test_many_defects_are_told_shortly(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, [f"p/test/kind{number}/1.png" for number in range(20)]))
    assert "(kind0, kind1, kind10 and 17 more)" in findings.notes[0]


@pytest.mark.parametrize("given", ["0", ("0",), ["0", "nothing wrong"]])
def test_a_word_for_normal_of_ones_own(tmp_path: Path, given: str | list[str]) -> None:
    files = [*NOBODY_KNOWS, "p/val/Nothing Wrong/1.png"] if len(given) == 2 else NOBODY_KNOWS
    findings = read_roots(make_tree(tmp_path, files), normal_label=given)
    assert labels(findings)["p/test/0/1.png"] == "good"
    assert labels(findings)["p/test/1/2.png"] == "1"
    assert labels(findings).get("p/val/Nothing Wrong/1.png", "good") == "good"
    assert "normal_label" not in findings.notes[0]


@pytest.mark.parametrize("given", ["O", "", ["0", "zero"]])
def test_a_word_that_no_folder_bears(tmp_path: Path, given: str | list[str]) -> None:
    with pytest.raises(OptionError, match=r"`normal_label` .*no label folder .*\(0, 1, good\)"):
        read_roots(make_tree(tmp_path, NOBODY_KNOWS), normal_label=given)


@pytest.mark.parametrize("word", SPELLINGS)
def test_words_for_normal_are_known_in_tables_and_to_recognition(tmp_path: Path, word: str) -> None:
    table = f"image,label\na.png,{word}\nb.png,cut\n".encode()
    findings = read_roots(make_tree(tmp_path / "table", {"a.png": b"a", "b.png": b"b", "labels.csv": table}))
    assert labels(findings) == {"a.png": "good", "b.png": "cut"}
    trained = read_roots(make_tree(tmp_path / "p", [f"part/train/{word}/1.png", "part/test/cut/2.png"]))
    assert {facts.layout for facts in trained.image_datasets.values()} == {"mvtec_ad"}
