"""Image datasets in five layouts and MVTec AD's, in one call, in one table."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from published_trees import KOLEKTOR_SDD, KOLEKTOR_SDD2, MAGNETIC_TILE, NG_PART, OK_PART, REAL_IAD, VISA, draw
from real_runs import rows
from trees import make_tar, make_tree, make_zip

from darkroom.extract.excerpt import write_excerpt
from darkroom.load.run import ingest

VISA_MASKS = {"pcb1/Data/Masks/Anomaly/000.png": 3, "candle/Data/Masks/Anomaly/000.png": 1}
IAD_MASKS = {f"realiad_256/{NG_PART}C1_2023_mask.png": 255}
TILE_MASKS = {path: 0 if "Free" in path else 255 for path in MAGNETIC_TILE if path.endswith(".png")}
SDD_MASKS = {path: 255 * ("Part1" in path) for path in KOLEKTOR_SDD if path.endswith(".bmp")}
SDD2_MASKS = {path: 255 * ("20001" in path) for path in KOLEKTOR_SDD2 if "_GT" in path}
MVTEC = ["bottle/train/good/1.png", "bottle/test/contamination/1.png", "bottle/ground_truth/contamination/1_mask.png"]
DRAWN = {
    "visa": draw(VISA, VISA_MASKS),
    "real_iad": draw(REAL_IAD, IAD_MASKS),
    "magnetic_tile": draw(MAGNETIC_TILE, TILE_MASKS),
    "kolektor_sdd": draw(KOLEKTOR_SDD, SDD_MASKS),
    "kolektor_sdd2": draw(KOLEKTOR_SDD2, SDD2_MASKS),
    "mvtec_ad": draw(dict.fromkeys(MVTEC, b""), {MVTEC[2]: 255}),
}


def rows_of(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


FACTS = """
    SELECT source_dataset, category, split, label, count(*)::INT, count(mask_tensor)::INT,
        count(*) FILTER (defect_fraction > 0)::INT
    FROM inspection.images LEFT JOIN inspection.masks USING (sample_id) GROUP BY ALL ORDER BY ALL
"""


def test_all_of_them_in_one_call_are_one_table(tmp_path: Path) -> None:
    makers = [make_tree, make_zip, make_tar]
    roots = [makers[number % 3](tmp_path / name, DRAWN[name]) for number, name in enumerate(DRAWN)]
    report = ingest(roots, database=tmp_path / "a.duckdb", size_px=16)
    assert rows_of(tmp_path / "a.duckdb", FACTS) == [
        ("kolektor_sdd", "commutator", "test", "defect", 4, 4, 4),
        ("kolektor_sdd", "commutator", "test", "good", 4, 4, 0),
        ("kolektor_sdd", "commutator", "train", "defect", 6, 6, 6),
        ("kolektor_sdd", "commutator", "train", "good", 6, 6, 0),
        ("kolektor_sdd2", "surface", "test", "defect", 1, 1, 1),
        ("kolektor_sdd2", "surface", "test", "good", 1, 1, 0),
        ("kolektor_sdd2", "surface", "train", "good", 2, 2, 0),
        ("magnetic_tile", "magnetic_tile", "test", "Blowhole", 2, 1, 1),
        ("magnetic_tile", "magnetic_tile", "test", "Uneven", 1, 1, 1),
        ("magnetic_tile", "magnetic_tile", "test", "good", 5, 5, 0),
        ("magnetic_tile", "magnetic_tile", "train", "good", 15, 15, 0),
        ("mvtec_ad", "bottle", "test", "contamination", 1, 1, 1),
        ("mvtec_ad", "bottle", "train", "good", 1, 0, 0),
        ("real_iad", "audiojack", "test", "AK", 1, 1, 1),
        ("real_iad", "audiojack", "test", "good", 1, 0, 0),
        ("real_iad", "audiojack", "train", "good", 2, 0, 0),
        ("visa", "candle", "test", "Anomaly", 1, 1, 1),
        ("visa", "candle", "train", "good", 1, 0, 0),
        ("visa", "pcb1", "test", "bent,scratch", 1, 1, 1),
        ("visa", "pcb1", "test", "good", 1, 0, 0),
        ("visa", "pcb1", "train", "good", 1, 0, 0),
    ]
    assert report.files_seen == sum(map(len, DRAWN.values()))
    assert sorted(reject.source_path for reject in report.rejects) == ["MT_Crack/Imgs/exp2_num_9.png", "dataset.jpg"]
    assert report.ignored["identical copy"] == 2
    layouts = rows_of(
        tmp_path / "a.duckdb", "SELECT name, layout, licence FROM inspection.image_datasets ORDER BY name"
    )
    assert [name for name, layout, _ in layouts if name == layout] == sorted(DRAWN)
    assert ("visa", "visa", "CC BY 4.0") in layouts
    again = ingest(roots, database=tmp_path / "a.duckdb", size_px=16)
    assert (again.images.new, again.images.replaced) == (0, 0)


def test_other_splits_are_loaded_over_the_first_ones(tmp_path: Path) -> None:
    root, database = make_tree(tmp_path / "iad", DRAWN["real_iad"]), tmp_path / "a.duckdb"
    visa = make_tree(tmp_path / "visa", DRAWN["visa"])
    splits = "SELECT sample_id, split FROM inspection.images WHERE sample_id LIKE '%{}%' ORDER BY 1"
    ingest([visa], database=database, size_px=16)
    ingest([visa], database=database, size_px=16, splits="2cls_fewshot")
    assert [split for _, split in rows_of(database, splits.format("Anomaly"))] == ["train", "train"]
    ingest([root], database=database, size_px=16)
    ingest([root], database=database, size_px=16, splits="realiad_jsons_sv")
    # single view: the others are no part of these splits
    assert [sample_id for sample_id, _ in rows_of(database, splits.format("audiojack"))] == [
        f"real_iad/{NG_PART}C1_2023.jpg",
        f"real_iad/{OK_PART}C1_2023.jpg",
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("ending", ["", ".zip"])
def test_an_excerpt_of_each_is_read_as_the_whole(tmp_path: Path, name: str, ending: str) -> None:
    # as it is published: the form of Kolektor SDD2 alone could be anybody's
    whole = make_zip(tmp_path / f"{name}.zip", DRAWN[name])
    write_excerpt(whole, tmp_path / f"part{ending}", limit=100)
    facts = "SELECT sample_id, split, label, has_mask, content_sha256 FROM inspection.images ORDER BY 1"
    for root, database in ((whole, "a.duckdb"), (tmp_path / f"part{ending}", "b.duckdb")):
        ingest([root], database=tmp_path / database, size_px=16)
    assert rows_of(tmp_path / "b.duckdb", facts) == rows_of(tmp_path / "a.duckdb", facts)


def test_an_excerpt_of_all_below_one_root_keeps_each_table_with_its_images(tmp_path: Path) -> None:
    root = make_tree(
        tmp_path / "all", {f"{name}/{path}": body for name, files in DRAWN.items() for path, body in files.items()}
    )
    write_excerpt(root, tmp_path / "part", limit=100)
    facts = "SELECT sample_id, split, label, has_mask FROM inspection.images ORDER BY 1"
    for folder, database in ((root, "a.duckdb"), (tmp_path / "part", "b.duckdb")):
        ingest([folder], database=tmp_path / database, size_px=16)
    assert rows_of(tmp_path / "b.duckdb", facts) == rows_of(tmp_path / "a.duckdb", facts)
    assert (tmp_path / "part/visa/split_csv/1cls.csv").is_file()
    assert (tmp_path / "part/real_iad/realiad_jsons/realiad_jsons/audiojack.json").is_file()


def test_an_excerpt_of_one_category_and_of_other_splits(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "whole", DRAWN["visa"])
    write_excerpt(root, tmp_path / "part", categories=["candle"], splits="2cls_fewshot")
    copied = sorted(path.relative_to(tmp_path / "part").as_posix() for path in (tmp_path / "part").rglob("*.*"))
    assert copied == [*sorted(path for path in VISA if path.startswith("candle/")), "split_csv/2cls_fewshot.csv"]


@pytest.mark.parametrize("rest", ["", "1\n0000\t0\t0000.PNG\t0\t0\n0003\t1\t0003.PNG\t0\t0003_label.PNG\n"])
def test_a_label_that_was_taken_out_of_labels_txt_is_told_by_the_mask(tmp_path: Path, rest: str) -> None:
    images = [f"Class1/Train/{number:04}.PNG" for number in range(4)]
    masks = {f"Class1/Train/Label/{number:04}_label.PNG": 255 for number in (1, 3)}
    root = make_tree(tmp_path / "d", draw(dict.fromkeys([*images, *masks], b""), masks))
    labels, database = root / "Class1/Train/Label/Labels.txt", tmp_path / "x.duckdb"
    told = "".join(f"{number:04}\t{number // 2}\t{number:04}.PNG\t0\t0\n" for number in range(4))
    labels.write_text(f"1\n{told}", encoding="ascii")
    ingest([root], database=database, size_px=32)
    labels.write_text(rest, encoding="ascii")
    if not rest:
        labels.unlink()
    ingest([root], database=database, size_px=32)
    ingest([root], database=tmp_path / "fresh.duckdb", size_px=32)
    query = "SELECT sample_id, label, is_defect, has_mask FROM images ORDER BY ALL"
    found = rows(database, query)
    assert found == rows(tmp_path / "fresh.duckdb", query)
    assert ("dagm_2007/Class1/Train/0001.PNG", "defect", True, True) in found


@pytest.mark.parametrize("runs", [1, 2])
def test_two_arrangements_of_the_same_images_are_told(tmp_path: Path, runs: int) -> None:
    normal = [f"{number:04}.JPG" for number in range(4)]
    pictures = {name: _noise(seed) for seed, name in enumerate((*normal, "000.JPG"))}
    raw = [*(f"candle/Data/Images/Normal/{name}" for name in normal), "candle/Data/Images/Anomaly/000.JPG"]
    copy = [f"candle/{split}/good/{name}" for split, name in zip(["train"] * 3 + ["test"], normal, strict=True)]
    copy = [f"visa_pytorch/{path}" for path in (*copy, "candle/test/bad/000.JPG")]
    root = make_tree(tmp_path / "visa", {path: pictures[path.rpartition("/")[2]] for path in (*raw, *copy)})
    roots = [[root]] if runs == 1 else [[root / "candle"], [root / "visa_pytorch"]]
    reports = [ingest(each, database=tmp_path / "x.duckdb", size_px=32) for each in roots]
    assert any("visa: 5 images are in the table under more than one sample_id" in note for note in reports[-1].notes)


def _noise(seed: int) -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(content, "PNG")
    return content.getvalue()
