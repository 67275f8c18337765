"""Excerpts: small, in the layout of the whole, the same on every machine."""

from __future__ import annotations

import zipfile
from pathlib import Path
from unicodedata import normalize

import pytest
from published_trees import KOLEKTOR_SDD2
from real_runs import SAMPLE_DATA
from trees import make_tree, make_zip, read_roots

from darkroom.errors import OptionError
from darkroom.extract.excerpt import write_excerpt
from darkroom.load.run import ingest

DAGM = SAMPLE_DATA / "dagm_like"


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_category_whose_folders_are_spelled_in_two_ways(tmp_path: Path) -> None:
    composed, decomposed = (normalize(form, "Kratzér") for form in ("NFC", "NFD"))
    files = [f"{decomposed}/train/good/{decomposed}.png", f"{decomposed}/test/{composed}/1.png"]
    root = make_zip(tmp_path / "x.zip", [*files, f"{composed}/ground_truth/{decomposed}/1_mask.png"])
    for name in (composed, decomposed):
        out = tmp_path / name.encode("ascii", "backslashreplace").decode().replace("\\", "")
        report = write_excerpt(root, out, categories=[name])
        assert (report.images, report.masks, report.categories) == (2, 1, (composed,))
        assert files_of(out) == [
            f"{composed}/ground_truth/{composed}/1_mask.png",
            f"{composed}/test/{composed}/1.png",
            f"{composed}/train/good/{composed}.png",
        ]


def test_excerpt_has_masks_and_labels_along(tmp_path: Path) -> None:
    report = write_excerpt(DAGM, tmp_path / "out", limit=4)
    assert (report.images, report.masks, report.categories) == (16, 8, ("Class11", "Class12"))
    loaded = ingest([tmp_path / "out"], database=tmp_path / "a.duckdb", size_px=32)
    assert (loaded.images.total, loaded.masks.total, loaded.rejects) == (16, 8, ())
    labels = (tmp_path / "out/Class11/Test/Label/Labels.txt").read_bytes()
    assert labels.startswith(b"1\r\n")
    assert labels.count(b"\r\n") == 5


def test_labels_are_taken_in_turn(tmp_path: Path) -> None:
    write_excerpt(SAMPLE_DATA / "mvtec_like/washer", tmp_path / "out", limit=3)
    test_images = [path.split("/")[2] for path in files_of(tmp_path / "out") if "/test/" in path]
    assert sorted(test_images) == ["corrosion", "good", "scratch"]


def test_same_seed_takes_the_same_images_from_folder_and_archive(tmp_path: Path) -> None:
    write_excerpt(DAGM, tmp_path / "whole.zip", limit=100)
    write_excerpt(DAGM, tmp_path / "a", limit=3, seed=7)
    write_excerpt(tmp_path / "whole.zip", tmp_path / "b", limit=3, seed=7)
    write_excerpt(DAGM, tmp_path / "c", limit=3, seed=8)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    assert files_of(tmp_path / "a") != files_of(tmp_path / "c")
    for path in files_of(tmp_path / "a"):
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes()


def test_zip_is_the_same_file_each_time(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write_excerpt(DAGM, tmp_path / name, limit=2)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "a.zip").testzip() is None


def test_flattened_excerpts_stay_flattened(real_excerpts: Path, tmp_path: Path) -> None:
    report = write_excerpt(real_excerpts / "mvtec_excerpt", tmp_path / "out", limit=2)
    assert (report.images, report.masks) == (4, 2)
    folders = {path.rpartition("/")[0] for path in files_of(tmp_path / "out")}
    assert folders == {"bottle/train", "bottle/test", "bottle/ground_truth"}


def test_used_target_and_unknown_category_are_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(OptionError, match="not an empty folder"):
        write_excerpt(DAGM, tmp_path / "out")
    with pytest.raises(OptionError, match=r"`categories` Class7: there is no .* Expected some of Class11, Class12,"):
        write_excerpt(DAGM, tmp_path / "new", categories=["Class7"])
    assert files_of(tmp_path / "out") == ["mine.txt"]


def test_an_excerpt_keeps_the_name_and_the_licence_that_the_owner_wrote_down(tmp_path: Path) -> None:
    files = dict.fromkeys(("bolt/train/good/1.png", "bolt/test/bent/1.png"), b"x")
    root = make_tree(tmp_path / "parts", files | {"dataset.toml": b'name = "line-4"\nlicence = "ours"'})
    write_excerpt(root, tmp_path / "out", limit=1)
    write_excerpt(root / "bolt", tmp_path / "alone", limit=1)
    assert read_roots(tmp_path / "out").image_datasets == read_roots(root).image_datasets
    assert set(read_roots(tmp_path / "alone").image_datasets) == {"alone"}


def test_an_excerpt_of_a_publication_that_its_folder_tells_says_so_itself(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "KolektorSDD2", KOLEKTOR_SDD2)
    write_excerpt(root, tmp_path / "out", limit=1)
    assert files_of(tmp_path / "out")[0] == "dataset.toml"
    part, whole = read_roots(tmp_path / "out"), read_roots(root)
    assert {sample.sample_id for sample in part.samples} < {sample.sample_id for sample in whole.samples}
    assert part.image_datasets == whole.image_datasets
