"""What image datasets are called: by their owner, their publication, or their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import layouts_of, make_tree, make_zip, read_roots

from darkroom.errors import OptionError
from darkroom.extract.readers.publications import PUBLICATIONS_BY_NAME
from darkroom.sample import DatasetFacts, Findings

TRAIN = "train/good/000.png"


def tree(category: str, *labels: str) -> list[str]:
    """Files of a category in the layout of MVTec AD."""
    defects = [
        f"{part}/{label}/000{end}.png" for label in labels for part, end in (("test", ""), ("ground_truth", "_mask"))
    ]
    return [f"{category}/{path}" for path in (TRAIN, "test/good/000.png", *defects)]


def ids(findings: Findings) -> set[str]:
    return {sample.sample_id for sample in findings.samples}


def test_published_categories_bear_the_name_of_their_publication_wherever_they_lie(tmp_path: Path) -> None:
    published = tree("bottle", "broken_large") + tree("screw", "thread_top", "scratch_head")
    for root in (make_tree(tmp_path / "data" / "x", published), make_zip(tmp_path / "y.zip", published)):
        findings = read_roots(root)
        assert layouts_of(findings) == {"mvtec_ad": "mvtec_ad"}
        assert findings.image_datasets["mvtec_ad"].licence == "CC BY-NC-SA 4.0"
        assert "mvtec_ad/screw/test/thread_top/000.png" in ids(findings)


@pytest.mark.parametrize(
    "files",
    [
        tree("01", "ko"),
        tree("bottle", "dent"),
        tree("bottle", "broken_large", "dent"),
        [*tree("bottle", "broken_large"), *tree("can", "dent")],
        ["bottle/train/000.png", "bottle/ground_truth/dent/000_mask.png"],
        ["Class11/Train/0001.PNG", "Class11/Train/Label/0001_label.PNG"],
        ["Class1/Train/0001.PNG", "Class2/Train/0001.PNG", "Class11/Train/0001.PNG"],
        ["cup/train/a/1.png", "cup/train/b/1.png"],
    ],
    ids=["btad", "own bottle", "a label more", "a category more", "flat", "dagm", "a class more", "folders of labels"],
)
def test_others_bear_the_name_of_their_folder_and_no_licence(tmp_path: Path, files: list[str]) -> None:
    findings = read_roots(make_tree(tmp_path / "Line 4", files))
    assert {sample.source_dataset for sample in findings.samples} == {"line_4"}
    assert findings.image_datasets == {"line_4": DatasetFacts(findings.image_datasets["line_4"].layout)}
    assert findings.notes[0].startswith("Line 4, named line_4: ")


def test_an_archive_is_no_publication_for_its_layout(tmp_path: Path) -> None:
    assert layouts_of(read_roots(make_zip(tmp_path / "evil.zip", tree("gadget", "dent")))) == {"evil": "mvtec_ad"}


@pytest.mark.parametrize("name", PUBLICATIONS_BY_NAME)
def test_a_folder_called_like_a_publication_is_not_taken_for_it(tmp_path: Path, name: str) -> None:
    assert layouts_of(read_roots(make_tree(tmp_path / name, tree("can")))) == {f"{name}_folder": "mvtec_ad"}


def test_a_category_of_one_name_in_two_image_datasets(tmp_path: Path) -> None:
    make_tree(tmp_path / "anna", tree("bottle", "dent"))
    make_tree(tmp_path / "ben", tree("bottle", "dent"))
    make_tree(tmp_path / "published", tree("bottle", "broken_large"))
    findings = read_roots(*(tmp_path / name for name in ("anna", "ben", "published")))
    assert not findings.rejects
    assert all(not sample.copies for sample in findings.samples)
    assert {f"{name}/bottle/{TRAIN}" for name in ("anna", "ben", "mvtec_ad")} <= ids(findings)
    assert [findings.image_datasets[name].licence for name in ("anna", "ben", "mvtec_ad")] == [
        *(None, None, "CC BY-NC-SA 4.0")
    ]
    assert read_roots(tmp_path).image_datasets == findings.image_datasets


def test_one_image_dataset_of_several_layouts_says_all_of_them(tmp_path: Path) -> None:
    files = [*tree("bolt", "dent"), "nut/train/a/1.png", "nut/train/b/1.png"]
    findings = read_roots(make_tree(tmp_path / "parts", files))
    assert layouts_of(findings) == {"parts": "folder, mvtec_ad"}
    assert len(findings.notes) == 2
    assert layouts_of(read_roots(tmp_path / "parts", name="ours")) == {"ours": "folder, mvtec_ad"}


def test_two_folders_of_one_category_are_copies_whatever_is_left_of_them(tmp_path: Path) -> None:
    make_tree(tmp_path / "a" / "parts", tree("bolt", "dent"))
    make_tree(tmp_path / "b" / "parts", ["bolt/test/dent/000.png"])
    findings = read_roots(tmp_path / "a", tmp_path / "b")
    assert layouts_of(findings) == {"parts": "mvtec_ad"}
    assert len(findings.samples) == len(ids(findings)) == 3


def test_masks_in_a_root_of_their_own_find_the_images_of_an_own_category(tmp_path: Path) -> None:
    make_tree(tmp_path / "images", ["bolt/train/good/1.png", "bolt/test/dent/1.png"])
    make_tree(tmp_path / "masks", ["Bolt/ground_truth/dent/1_mask.png"])
    findings = read_roots(tmp_path / "images", tmp_path / "masks")
    assert [sample.sample_id for sample in findings.samples if sample.mask] == ["images/bolt/test/dent/1.png"]
    assert set(findings.image_datasets) == {"images"}


def test_the_owner_says_the_name_and_the_facts(tmp_path: Path) -> None:
    facts = b'name = "line-4"\nlicence = "ours"\nhomepage = "https://example.org"\ncitation = 7\n'
    for folder in ("one", "another"):
        make_tree(tmp_path / folder, dict.fromkeys(tree("bolt", "dent"), b"") | {"dataset.toml": facts})
    one, another = read_roots(tmp_path / "one"), read_roots(tmp_path / "another")
    assert ids(one) == ids(another) >= {f"line-4/bolt/{TRAIN}"}
    assert one.image_datasets == {"line-4": DatasetFacts("mvtec_ad", "ours", None, "https://example.org")}
    assert [entry.why for entry in one.ignored] == ["dataset.toml, read for the name and the licence"]


def test_the_nearest_file_of_an_owner_counts(tmp_path: Path) -> None:
    files = dict.fromkeys([*tree("a/bolt"), *tree("b/bolt")], b"")
    files |= {"dataset.toml": b'name = "Whole plant"', "b/bolt/dataset.toml": b'name = "b"\nlicence = "MIT"'}
    findings = read_roots(make_tree(tmp_path, files))
    assert findings.image_datasets == {"whole_plant": DatasetFacts("mvtec_ad"), "b": DatasetFacts("mvtec_ad", "MIT")}
    assert set(read_roots(tmp_path, name="ours").image_datasets) == {"ours"}


def test_facts_are_found_one_by_one_and_what_is_wrong_is_told(tmp_path: Path) -> None:
    files = dict.fromkeys(tree("line/bolt"), b"")
    files |= {
        "dataset.toml": 'name = "größe"\nlicence = "MIT"\nlicense = "x"\ncitation = ["A"]\n'.encode(),
        "line/Dataset.TOML": b'homepage = "https://example.org"\nname = " "\n',
        "line/bolt/train/dataset.toml": b'name = "nobody reads this"',
    }
    findings = read_roots(make_tree(tmp_path, files))
    assert findings.image_datasets == {"größe": DatasetFacts("mvtec_ad", "MIT", None, "https://example.org")}
    told = [note for note in findings.notes if "is not used" in note]
    assert told == [
        "dataset.toml: license is not used, expected name, licence, citation, homepage",
        "dataset.toml: citation is not used, expected words in quotes",
        "line/Dataset.TOML: name is not used, expected words in quotes",
    ]


def test_two_owners_of_one_name_with_other_licences(tmp_path: Path) -> None:
    files = dict.fromkeys([*tree("a/bolt"), *tree("b/nut")], b"")
    files |= {f"{folder}/dataset.toml": f'name = "parts"\nlicence = "{folder}"'.encode() for folder in "ab"}
    findings = read_roots(make_tree(tmp_path, files))
    assert findings.image_datasets == {"parts": DatasetFacts("mvtec_ad")}
    assert findings.notes[-1].startswith(
        "parts: its parts have different facts (licences: a, b), so none are filled in"
    )


@pytest.mark.parametrize(
    ("folder", "name"), [("日本", "日本"), ("Prüf Größe", "prüf_größe"), ("x" * 120, "x" * 100), ("!!", "images")]
)
def test_a_name_keeps_the_letters_of_its_folder(tmp_path: Path, folder: str, name: str) -> None:
    assert layouts_of(read_roots(make_tree(tmp_path / folder, tree("bolt")))) == {name: "mvtec_ad"}


def test_a_name_that_cannot_be_one_is_refused_with_one_that_can(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="line_4 would do"):
        read_roots(make_tree(tmp_path, tree("bolt")), name="Line 4")
    with pytest.raises(OptionError, match="at most 100"):
        read_roots(tmp_path, name="x" * 101)


def test_a_name_by_categories_alone_is_told_to_be_so(tmp_path: Path) -> None:
    flat = read_roots(
        make_tree(tmp_path / "flat", ["bottle/train/1.png", "bottle/ground_truth/1_mask.png", "bottle/test/1.png"])
    )
    assert flat.notes[0].startswith("flat: MVTec AD, by the names of its categories alone, because ")
    sure = read_roots(make_tree(tmp_path / "sure", tree("bottle", "broken_large")))
    assert sure.notes[0].startswith("sure: MVTec AD, because ")


def test_a_given_layout_does_not_change_the_name(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "x", tree("bottle", "broken_large"))
    assert layouts_of(read_roots(root, layout="folder")) == {"mvtec_ad": "folder"}


@pytest.mark.parametrize("content", [b"name = ", b'\xff = "x"'])
def test_an_owners_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes) -> None:
    files = dict.fromkeys(tree("bolt"), b"") | {"dataset.toml": content}
    findings = read_roots(make_tree(tmp_path / "parts", files))
    assert layouts_of(findings) == {"parts": "mvtec_ad"}
    assert findings.notes[-1].startswith("dataset.toml: not used, as it cannot be read as TOML (")


SDD2_FORM = [f"{split}/{stem}{end}.png" for split, stem in (("train", 10000), ("test", 20000)) for end in ("", "_GT")]
BTAD_FORM = [f"{category}/{path}.png" for category in ("01", "02", "03") for path in ("train/ok/0000", "test/ko/0001")]
TILE_FORM = [f"MT_{label}/Imgs/{stem}.jpg" for label, stem in (("Free", "cam1_0"), ("Crack", "cam1_1"))]
SDD_FORM = ["kos01/side_a.jpg", "kos01/side_a_label.bmp", "kos99/Part0.jpg", "kos99/Part0_label.bmp"]


@pytest.mark.parametrize("files", [SDD2_FORM, BTAD_FORM, TILE_FORM, SDD_FORM], ids=["sdd2", "btad", "tile", "sdd"])
def test_own_images_in_the_form_of_a_publication_stay_somebody_s_own(tmp_path: Path, files: list[str]) -> None:
    for name in ("lineA", "lineB"):
        make_tree(tmp_path / "own" / name, {path: f"{name}/{path}".encode() for path in files})
    findings = read_roots(tmp_path / "own")
    assert {facts.licence or facts.citation for facts in findings.image_datasets.values()} == {None}
    assert set(findings.image_datasets) == {"linea", "lineb"}
    assert not any(sample.copies for sample in findings.samples)
    assert len(ids(findings)) == len(findings.samples)


@pytest.mark.parametrize("name", ["KolektorSDD2", "ksdd2", "kolektor_sdd2", "Kolektor SDD2 (original)"])
def test_the_name_of_a_folder_says_which_publication_it_is(tmp_path: Path, name: str) -> None:
    make_tree(tmp_path / name, SDD2_FORM)
    (tmp_path / "zips").mkdir()
    for root in (tmp_path, tmp_path / name, make_zip(tmp_path / "zips" / f"{name}.zip", SDD2_FORM)):
        assert {"kolektor_sdd2"} <= set(layouts_of(read_roots(root)))
    other = make_tree(tmp_path / "others" / name, ["train/30000.png", "train/30000_GT.png"])
    assert read_roots(other).image_datasets.popitem()[1].licence is None


def test_a_whole_publication_needs_no_name(tmp_path: Path) -> None:
    stems = [
        *(f"train/{number}" for number in range(10000, 12331)),
        *(f"test/{number}" for number in range(20000, 21004)),
    ]
    root = make_zip(tmp_path / "download.zip", [f"{stem}{end}.png" for stem in stems for end in ("", "_GT")])
    assert layouts_of(read_roots(root)) == {"kolektor_sdd2": "kolektor_sdd2"}


def test_a_name_of_the_owner_makes_it_no_publication_unless_it_is_its_own(tmp_path: Path) -> None:
    files = dict.fromkeys(tree("bottle", "broken_large"), b"")
    own = read_roots(make_tree(tmp_path / "own", files | {"dataset.toml": b'name = "line_a"'}))
    assert own.image_datasets == {"line_a": DatasetFacts("mvtec_ad")}
    same = read_roots(make_tree(tmp_path / "same", files | {"dataset.toml": b'name = "mvtec_ad"'}))
    assert same.image_datasets["mvtec_ad"].licence == "CC BY-NC-SA 4.0"
    named = make_tree(tmp_path / "x", dict.fromkeys(SDD2_FORM, b"") | {"dataset.toml": b'name = "kolektor_sdd2"'})
    assert read_roots(named).image_datasets["kolektor_sdd2"].licence == "CC BY-NC-SA 4.0"


@pytest.mark.parametrize(("above", "is_told"), [("x", True), ("VAD", False)])
def test_labels_that_anybody_has_prove_nothing(tmp_path: Path, above: str, is_told: bool) -> None:
    files = [f"vad/{split}/{label}/1.png" for split in ("train", "test") for label in ("good", "bad")]
    findings = read_roots(make_tree(tmp_path / above, files))
    assert ("by the names of its categories alone" in findings.notes[0]) == is_told


def test_folders_that_share_a_name_by_its_letters_are_told(tmp_path: Path) -> None:
    files = [f"{name}/{path}" for name in ("Line 4", "line_4") for path in tree("widget", "dent")]
    notes = read_roots(make_tree(tmp_path, files)).notes
    assert notes[-1].startswith("Line 4, line_4: named line_4, all of them, and taken for one image dataset")
    assert notes[-1].endswith("give each a dataset.toml with a name of its own")
