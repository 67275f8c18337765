"""What holds for every layout: recognition, several roots, and that no file gets lost."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import layouts_of, make_tree, make_zip, places_of, read_roots

from darkroom.errors import LayoutNotRecognisedError, OptionError
from darkroom.extract.readers import LAYOUTS, read_layout
from darkroom.extract.readers.places import find_split_place
from darkroom.extract.readers.publications import PUBLICATIONS, PUBLICATIONS_BY_NAME
from darkroom.extract.storage import Listing, open_storage
from darkroom.sample import FileEntry, Reason, Split
from darkroom.sample_data import EXPECTED_FAULTS

MVTEC = ["bottle/train/good/1.png", "bottle/test/broken_large/1.png", "bottle/ground_truth/broken_large/1_mask.png"]
DAGM = ["Class1/Train/1.PNG", "Class1/Train/Label/1_label.PNG"]
PLAIN = ["cup/train/OK/1.jpg", "cup/train/chipped/4.jpg", "cup/valid/chipped/2.jpeg", "cup/Test/3.bmp"]
DOCS = Path(__file__).parents[3] / "docs"
SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"


def test_folders_of_labels(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "My Cups (2024)", PLAIN))
    assert {sample.sample_id: (sample.split, sample.label) for sample in findings.samples} == {
        "my_cups_2024/cup/Test/3.bmp": (Split.TEST, None),
        "my_cups_2024/cup/train/OK/1.jpg": (Split.TRAIN, "good"),
        "my_cups_2024/cup/train/chipped/4.jpg": (Split.TRAIN, "chipped"),
        "my_cups_2024/cup/valid/chipped/2.jpeg": (Split.VAL, "chipped"),
    }
    assert layouts_of(findings) == {"my_cups_2024": "folder"}


def test_a_classification_set_that_says_good_is_not_mvtec(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "cups", ["cup/train/good/1.png", "cup/train/bad/2.png"]))
    assert layouts_of(findings) == {"cups": "folder"}
    assert {sample.label for sample in findings.samples} == {"good", "bad"}


def test_a_plain_folder_called_like_a_known_layout_does_not_mix_with_it(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path / "mvtec_ad", PLAIN))
    assert layouts_of(findings) == {"mvtec_ad_folder": "folder"}


def test_several_layouts_below_one_root(tmp_path: Path) -> None:
    files = [f"{top}/{path}" for top, paths in (("m", MVTEC), ("d", DAGM), ("p", PLAIN)) for path in paths]
    findings = read_roots(make_tree(tmp_path, files))
    assert layouts_of(findings) == {"mvtec_ad": "mvtec_ad", "dagm_2007": "dagm_2007", "p": "folder"}
    assert len(findings.notes) == 3
    assert len(findings.samples) == 7
    with pytest.raises(OptionError, match="one after the other"):
        read_roots(tmp_path, name="mine")


def test_a_name_of_ones_own(tmp_path: Path) -> None:
    findings = read_roots(make_tree(tmp_path, MVTEC), name="line-3")
    assert {sample.source_dataset for sample in findings.samples} == {"line-3"}
    assert layouts_of(findings) == {"line-3": "mvtec_ad"}
    with pytest.raises(OptionError, match="beginning of every sample_id"):
        read_roots(tmp_path, name="a/b")


@pytest.mark.parametrize("layout", [name for name, layout in LAYOUTS.items() if layout.find_place is find_split_place])
def test_a_forced_layout_is_applied_to_every_category(tmp_path: Path, layout: str) -> None:
    root = make_tree(tmp_path / "r", MVTEC + DAGM + PLAIN)
    findings = read_roots(root, layout=layout)
    assert set(layouts_of(findings).values()) == {layout}
    assert places_of(findings) == sorted(f"{root.resolve().as_posix()}/{path}" for path in MVTEC + DAGM + PLAIN)


@pytest.mark.parametrize("layout", ["visa", "real_iad", "magnetic_tile", "kolektor_sdd"])
def test_a_forced_layout_that_has_no_place_for_anything_says_what_it_expects(tmp_path: Path, layout: str) -> None:
    with pytest.raises(LayoutNotRecognisedError) as caught:
        read_roots(make_tree(tmp_path, MVTEC), layout=layout)
    assert f"none where {LAYOUTS[layout].title} has them. Expected: {LAYOUTS[layout].expected}." in str(caught.value)


def test_an_unknown_layout(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="`layout` 'coco'"):
        read_roots(make_tree(tmp_path, MVTEC), layout="coco")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ([], "0 files, no image"),
        (["notes.txt"], "1 files, no image"),
        (["a/1.png"], "1 images, such as a/1.png"),
        (["train/notes.txt"], "1 files, no image"),
        (["train/bottle/good/1.png"], "train/bottle/good/1.png: an image where"),
        (["b/ground_truth/1_mask.png"], "a mask without an image"),
    ],
)
def test_nothing_recognised(tmp_path: Path, files: list[str], found: str) -> None:
    (tmp_path / "root").mkdir()
    with pytest.raises(LayoutNotRecognisedError) as caught:
        read_roots(make_tree(tmp_path / "root", files))
    message = str(caught.value)
    assert found in message
    assert "Expected: <category>/" in message
    assert str(tmp_path.as_posix()) in message


def test_a_folder_of_archives_and_one_below_a_split_are_told_what_to_give(tmp_path: Path) -> None:
    make_tree(tmp_path / "downloads", ["bottle.tar.xz", "cable.ZIP", "readme.txt"])
    with pytest.raises(LayoutNotRecognisedError, match=r"archives in it \(bottle.tar.xz, cable.ZIP\): give these"):
        read_roots(tmp_path / "downloads")
    make_tree(tmp_path / "store", [f"test/mvtec/{path}" for path in MVTEC])
    with pytest.raises(LayoutNotRecognisedError, match=r"test/ was taken for the split, .* give that folder itself"):
        read_roots(tmp_path / "store")
    assert layouts_of(read_roots(tmp_path / "store" / "test")) == {"mvtec_ad": "mvtec_ad"}


def test_a_split_given_as_root_is_told_from_a_stranger(tmp_path: Path) -> None:
    make_tree(tmp_path, MVTEC)
    with pytest.raises(LayoutNotRecognisedError, match="give the folder above it"):
        read_roots(tmp_path / "bottle" / "test")


def test_what_is_ignored_and_what_is_outside(tmp_path: Path) -> None:
    strange = ["overview.png", "bottle/plan.JPG", "bottle/test/broken_large/deep/1.png"]
    litter = ["bottle/._x.png", "__MACOSX/bottle/test/cut/1.png", "desktop.ini", "bottle/x.txt", "bottle/x"]
    findings = read_roots(make_zip(tmp_path / "x.zip", MVTEC + strange + litter))
    assert {reject.file.path: reject.reason for reject in findings.rejects} == dict.fromkeys(
        strange, Reason.OUTSIDE_LAYOUT
    )
    assert {ignored.file.path: ignored.why for ignored in findings.ignored} == {
        "bottle/._x.png": "macOS metadata (._*, __MACOSX)",
        "__MACOSX/bottle/test/cut/1.png": "macOS metadata (._*, __MACOSX)",
        "desktop.ini": "Thumbs.db and the like",
        "bottle/x.txt": "not an image by its ending (.txt)",
        "bottle/x": "not an image by its ending (none)",
    }


@pytest.mark.parametrize(
    "folder",
    [
        *(".ipynb_checkpoints", ".thumbnails", ".git/annex", "@eaDir", "@Recycle", "#recycle", "__MACOSX"),
        *("$RECYCLE.BIN", "System Volume Information", "lost+found"),
    ],
)
@pytest.mark.parametrize("make", [make_tree, make_zip])
def test_pictures_that_programs_put_into_folders_of_their_own_are_ignored(tmp_path: Path, make, folder: str) -> None:
    above = ["", "bottle", "bottle/train", "bottle/test/broken_large", "bottle/ground_truth/broken_large"]
    litter = [f"{path}/{folder}/{split}000.png".lstrip("/") for path in above for split in ("", "train/good/")]
    findings = read_roots(make(tmp_path / "x.zip", [*MVTEC, *litter]))
    clean = read_roots(make(tmp_path / "clean.zip", MVTEC))
    assert [sample.sample_id for sample in findings.samples] == [sample.sample_id for sample in clean.samples]
    assert layouts_of(findings) == layouts_of(clean) == {"mvtec_ad": "mvtec_ad"}
    assert sorted(ignored.file.path for ignored in findings.ignored) == sorted(litter)
    assert not findings.rejects


def test_links_out_of_a_folder_of_litter_lead_to_images(tmp_path: Path) -> None:
    make_tree(tmp_path / ".store", ["train/good/000.png"])
    (tmp_path / "bolt/train/good").mkdir(parents=True)
    (tmp_path / "bolt/train/good/000.png").symlink_to(tmp_path / ".store/train/good/000.png")
    (tmp_path / ".store/gone.png").symlink_to(tmp_path / "nowhere.png")
    findings = read_roots(tmp_path)
    assert [sample.image.path for sample in findings.samples] == ["bolt/train/good/000.png"]
    assert [ignored.file.path for ignored in findings.ignored] == [".store/gone.png"]
    assert not findings.rejects


def test_images_in_nothing_but_litter_are_told(tmp_path: Path) -> None:
    make_tree(tmp_path / "root", [".data/bolt/train/good/000.png"])
    with pytest.raises(LayoutNotRecognisedError, match=r"what lies in \.data/bolt/train/good/ .* give that folder"):
        read_roots(tmp_path / "root")
    assert len(read_roots(tmp_path / "root" / ".data").samples) == 1


def test_images_that_are_not_read_are_named_and_counted(tmp_path: Path) -> None:
    unread = ["bottle/test/broken_large/1.jp2", "bottle/test/broken_large/2.JP2", "icon.ico", "bottle/plan.svg"]
    findings = read_roots(make_tree(tmp_path, [*MVTEC, *unread, "bottle/x.txt"]))
    assert Counter(ignored.why for ignored in findings.ignored) == {
        "image that is not read (.jp2)": 2,
        "image that is not read (.ico)": 1,
        "image that is not read (.svg)": 1,
        "not an image by its ending (.txt)": 1,
    }
    assert findings.notes[-1].startswith("images that are not read, and ignored: 1 .ico (icons, ")
    assert "; 2 .jp2 (JPEG 2000, " in findings.notes[-1]


@pytest.mark.parametrize("suffix", [".avif", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".tga", ".jfif", ".jpe", ".apng"])
def test_further_endings_of_images_that_are_read(tmp_path: Path, suffix: str) -> None:
    findings = read_roots(make_tree(tmp_path, [*MVTEC, f"bottle/test/broken_large/9{suffix.upper()}"]))
    assert f"9{suffix.upper()}" in [sample.image.path.rpartition("/")[2] for sample in findings.samples]


def test_copies_in_two_roots_are_one_sample(tmp_path: Path) -> None:
    roots = [make_tree(tmp_path / name, MVTEC) for name in ("b", "a")]
    findings = read_roots(*roots)
    assert [len(sample.copies) for sample in findings.samples] == [1, 1]
    assert {Path(sample.image.root).name for sample in findings.samples} == {"a"}
    assert len(places_of(findings)) == findings.files_seen == 6
    assert findings == read_roots(*reversed(roots))


def test_one_file_reached_twice_counts_once(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "r", MVTEC)
    findings = read_roots(root, root / "bottle", root)
    assert len(places_of(findings)) == findings.files_seen == 3
    assert [sample.copies for sample in findings.samples] == [(), ()]
    assert findings.notes[-1].startswith("3 files are reached twice")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links_into_a_pool_are_samples_and_the_pool_is_not(tmp_path: Path) -> None:
    make_tree(tmp_path, [*MVTEC, "pool/a.png", "more/b.png"])
    (tmp_path / "bottle/train/good/a.png").symlink_to(tmp_path / "pool/a.png")
    (tmp_path / "bottle/test/contamination").symlink_to(tmp_path / "more")
    (tmp_path / "again").symlink_to(tmp_path / "bottle")
    (tmp_path / "bottle/test/broken_large/gone.png").symlink_to("nowhere.png")
    findings = read_roots(tmp_path)
    images = {sample.image.path for sample in findings.samples}
    assert images == {*MVTEC[:2], "bottle/train/good/a.png", "bottle/test/contamination/b.png"}
    assert {reject.reason for reject in findings.rejects} == {Reason.DANGLING_SYMLINK}
    assert {reject.source_dataset for reject in findings.rejects} == {"mvtec_ad"}
    assert all(not sample.copies for sample in findings.samples)


def test_a_bucket(s3_bucket) -> None:
    url = s3_bucket({f"plant/{path}": b"" for path in MVTEC} | {f"dagm/{path}": b"" for path in DAGM})
    findings = read_roots(url)
    assert {sample.image.root for sample in findings.samples} == {url}
    assert sum(sample.mask is not None for sample in findings.samples) == 2


def test_sample_data_is_read_as_its_makers_expect() -> None:
    findings = read_roots(SAMPLE_DATA)
    faults = {path for path, outcome in EXPECTED_FAULTS.items() if outcome in ("orphan_mask", "outside_layout")}
    assert {reject.file.path for reject in findings.rejects} == faults
    copies = {copy.path for sample in findings.samples for copy in sample.copies}
    assert copies == {path for path in EXPECTED_FAULTS if "second_copy" in path}
    expected_masks = {path for path in EXPECTED_FAULTS if "_mask." in path or "_label." in path} - faults
    masks = {sample.mask.path for sample in findings.samples if sample.mask}
    assert {path for path in masks if path.startswith("faulty/")} == expected_masks


def test_publications_name_their_licence_and_stand_in_a_layout_there_is() -> None:
    assert PUBLICATIONS_BY_NAME["mvtec_ad"].licence == "CC BY-NC-SA 4.0"
    assert PUBLICATIONS_BY_NAME["dagm_2007"].licence == "CC BY 4.0"
    for publication in PUBLICATIONS:
        assert publication.citation
        assert publication.homepage.startswith("https://")
        assert set(publication.layouts) <= set(LAYOUTS)
        assert all(name == name.lower() for name in publication.categories)


@pytest.mark.parametrize(
    "name", ["mvtec_ad", "dagm_2007", "visa", "real_iad", "magnetic_tile", "kolektor_sdd", "kolektor_sdd2"]
)
def test_the_page_on_layouts_says_of_each_what_the_code_knows(name: str) -> None:
    publication, lines = PUBLICATIONS_BY_NAME[name], (DOCS / "layouts.md").read_text("utf-8").splitlines()
    (row,) = [line for line in lines if line.startswith(f"| [{publication.title}]({publication.homepage})")]
    assert row.endswith(f"| {publication.licence or 'none stated'} |")
    assert f"`{name}`" in row
    module = Path(sys.modules[LAYOUTS[name].recognise.__module__].__file__ or "")
    if name not in ("mvtec_ad", "dagm_2007"):
        assert f"{publication.title} {len(module.read_text('utf-8').splitlines())}" in " ".join(lines)


FOLDERS = st.sampled_from(
    [
        *("train", "Test", "val", "ground_truth", "Label", "good", "cut", "b", "B", "Class1", "masks", "é", "e\u0301"),
        *("Data", "Images", "Normal", "Anomaly", "OK", "NG", "S0001", "MT_Free", "Imgs", "kos01", "split_csv"),
        *("Data/Images/Normal", "Data/Masks/Anomaly", "OK/S0001", "NG/cut/S0002", "MT_Crack/Imgs", "realiad_jsons"),
    ]
)
NAMES = st.sampled_from(
    [
        *("1.png", "1.jpg", "1_mask.png", "1_label.PNG", "1_GT.png", "1_mask_gt.bmp", "2.jpg", "é.png", "e\u0301.png"),
        *("Labels.txt", "._1.png", "x", "Thumbs.db", "1cls.csv", "image_anno.csv", "b.json"),
        *("10000.png", "10000_GT.png", "10000 (copy).png", "Part1.jpg", "Part1_label.bmp"),
    ]
)
PATHS = st.builds(lambda folders, name: "/".join([*folders, name]), st.lists(FOLDERS, max_size=5), NAMES)


TABLES = {
    "split_csv/1cls.csv": b"object,split,image\nb,test,b/Data/Images/Normal/0.JPG\n",
    "realiad_jsons/b.json": b'{"test": [{"image_path": "NG/cut/S0001/0.jpg", "anomaly_class": "cut"}]}',
}


class ListedStorage:
    """Gives the files of a list, and no bytes but those of tables of splits."""

    is_local = True
    name = "root"

    def __init__(self, root: str, paths: list[str]) -> None:
        self.root = root
        self.paths = paths

    def files(self) -> Listing:
        return Listing(tuple(FileEntry(self.root, path, 1, 0) for path in sorted(self.paths)))

    def read(self, path: str) -> bytes:
        if path not in TABLES:
            raise OSError(path)
        return TABLES[path]

    def prepare(self, paths: object) -> None:
        pass

    def close(self) -> None:
        pass


@settings(max_examples=300, deadline=None)
@given(st.sets(PATHS, max_size=25), st.sampled_from(sorted({"auto", *LAYOUTS} - {"table"})), st.booleans())
def test_every_file_ends_in_exactly_one_place(paths: set[str], layout: str, has_tables: bool) -> None:
    paths |= TABLES.keys() if has_tables else set()
    paths |= {"b/train/good/0.png", "b/Test/0.png", "Class1/train/0.png", "b/Data/Images/Normal/0.JPG"}
    paths |= {"b/NG/cut/S0001/0.jpg", "MT_Free/Imgs/0.jpg", "kos01/Part0.jpg"}
    storage = ListedStorage("/root", sorted(paths))
    findings = read_layout(storage, storage.files(), layout=layout)  # type: ignore[arg-type]
    assert places_of(findings) == sorted(f"/root/{path}" for path in paths)
    assert findings.files_seen == len(paths)
    keys = [sample.sample_id for sample in findings.samples]
    assert len(keys) == len(set(keys))
    names = {found.source_dataset for found in (*findings.samples, *findings.rejects)}
    assert names <= findings.image_datasets.keys()


def test_real_excerpts_together(real_excerpts: Path) -> None:
    findings = read_roots(real_excerpts / "mvtec_excerpt", real_excerpts / "dagm_excerpt")
    splits = [sample.split for sample in findings.samples]
    assert (splits.count(Split.TRAIN), splits.count(Split.TEST)) == (20, 20)
    assert sum(sample.mask is not None for sample in findings.samples) == 20
    assert not findings.rejects
    with open_storage(real_excerpts) as storage:
        listing = storage.files()
        together = read_layout(storage, listing)
    assert [sample.sample_id for sample in together.samples] == [sample.sample_id for sample in findings.samples]
    assert len(places_of(together)) == len(listing.files)
