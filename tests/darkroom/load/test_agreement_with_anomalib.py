"""anomalib reads the same trees: split, label and masks of every image agree, and it reads what `export` writes.

anomalib is large and wants versions of its own, so it lives in an environment of its own. `ANOMALIB_PYTHON` names the
Python of that environment; `.ci/run` makes it.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from published_trees import NG_PART, OK_PART, draw
from real_runs import SAMPLE_DATA, rows
from trees import make_tree

from darkroom.export.files import write_export
from darkroom.load.run import ingest

PYTHON = os.environ.get("ANOMALIB_PYTHON", "")
SCRIPT = Path(__file__).parents[2] / "peers" / "read_by_anomalib.py"
UNKNOWN = -1

pytestmark = pytest.mark.skipif(
    not PYTHON, reason="anomalib is in an environment of its own: set ANOMALIB_PYTHON to its Python, as .ci/run does"
)

Facts = dict[str, tuple[str, int, bool]]
"""By the path of an image below the folder above the category: split, label (1 defective), whether it has a mask."""


@dataclass(frozen=True)
class Tree:
    """A published image dataset in small.

    Attributes:
        category: The path of the category folder.
        files: The images and masks in it, from the category folder on.
        masks: The masks among them, each with the level of its defect.
        others: Further files, from the root on.
    """

    category: str
    files: tuple[str, ...]
    masks: dict[str, int]
    others: dict[str, bytes]


def mvtec(category: str, *labels: str, good: str = "good", ending: str = "_mask", validation: bool = False) -> Tree:
    files = [f"train/{good}/00{number}.png" for number in range(3)]
    files += [f"test/{good}/00{number}.png" for number in range(2)]
    files += [f"validation/{good}/000.png"] if validation else []
    images = [f"{label}/00{number}" for label in labels for number in range(2)]
    masks = {f"ground_truth/{image}{ending}.png": 255 for image in images}
    return Tree(category, (*files, *(f"test/{image}.png" for image in images), *masks), masks, {})


def with_parts(category: str, *labels: str, name: str, validation: bool) -> Tree:
    tree = mvtec(category, *labels, validation=validation)
    images = [path for path in tree.files if not path.startswith("ground_truth")]
    stems = [path.removeprefix("test/").removesuffix(".png") for path in images if path.split("/")[1] in labels]
    masks = {f"ground_truth/{stem}/{name}.png": 250 for stem in stems}
    if validation:  # in LOCO, some have several
        masks |= {f"ground_truth/{stem}/001.png": 255 for stem in stems[::2]}
    return Tree(category, (*images, *masks), masks, {})


AD_2 = Tree(
    "vial",
    (
        "train/good/000_regular.png",
        "validation/good/000_regular.png",
        "test_public/good/000_regular.png",
        "test_public/bad/000_shift_1.png",
        "test_public/bad/001_regular.png",
        "test_public/ground_truth/bad/000_shift_1_mask.png",
        "test_public/ground_truth/bad/001_regular_mask.png",
        "test_private/000_regular.png",
        "test_private_mixed/000_mixed.png",
    ),
    dict.fromkeys((f"test_public/ground_truth/bad/{stem}_mask.png" for stem in ("000_shift_1", "001_regular")), 255),
    {},
)
KOLEKTOR = Tree(
    "KolektorSDD",
    tuple(f"kos{item:02}/Part{part}{end}" for item in range(1, 9) for part in (0, 1) for end in (".jpg", "_label.bmp")),
    {f"kos{item:02}/Part{part}_label.bmp": 255 * (item % 3 == part) for item in range(1, 9) for part in (0, 1)},
    {},
)


def real_iad() -> Tree:
    parts = [path.removeprefix("audiojack/") for path in (OK_PART, NG_PART)]
    images = [f"{part}C{view}_2023.jpg" for part in parts for view in (1, 2)]
    masks = {f"{parts[1]}C{view}_2023_mask.png": 255 for view in (1, 2)}
    rows_of = {
        split: [
            {
                "category": "audiojack",
                "anomaly_class": "OK" if part == parts[0] else "AK",
                "image_path": f"{part}C{view}_2023.jpg",
                "mask_path": None if part == parts[0] else f"{part}C{view}_2023_mask.png",
            }
            for view in (1, 2)
        ]
        for split, part in zip(("train", "test"), parts, strict=True)
    }
    table = json.dumps({"meta": {"prefix": "audiojack/", "normal_class": "OK"}} | rows_of).encode()
    others = {"realiad_jsons/realiad_jsons/audiojack.json": table}
    return Tree("realiad_256/audiojack", (*images, *masks), masks, others)


def visa() -> Tree:
    images = [f"Data/Images/Normal/000{number}.JPG" for number in range(4)]
    anomalies = [f"Data/Images/Anomaly/00{number}.JPG" for number in range(2)]
    masks = {f"Data/Masks/Anomaly/00{number}.png": number + 1 for number in range(2)}
    lines = ["object,split,label,image,mask"]
    lines += [f"candle,{'train' if number else 'test'},normal,candle/{path}," for number, path in enumerate(images)]
    lines += [f"candle,test,anomaly,candle/{path},candle/{mask}" for path, mask in zip(anomalies, masks, strict=True)]
    return Tree("candle", (*images, *anomalies, *masks), masks, {"split_csv/1cls.csv": "\n".join(lines).encode()})


def table() -> Tree:
    """Images in no folders of splits or labels, and the table that anomalib's `Tabular` wants."""
    lines = ["image_path,label_index,split,mask_path"]
    lines += [f"images/{number}.png,0,{'test' if number % 3 == 0 else 'train'}," for number in range(5)]
    lines += [f"images/{number}.png,1,test,drawn/{number}.png" for number in (5, 6)]
    masks = {f"drawn/{number}.png": 255 for number in (5, 6)}
    content = "\n".join(lines).encode()
    return Tree(
        "parts", (*(f"images/{number}.png" for number in range(7)), *masks), masks, {"parts/samples.csv": content}
    )


# not VAD: anomalib 2.7 wants a mask of every defective image of it, also in train, and the publication has none
TREES = {
    "mvtec_ad": mvtec("bottle", "broken_large", "contamination"),
    "btad": mvtec("01", "ko", good="ok", ending=""),
    "mpdd": mvtec("tubes", "anomalous"),
    "mvtec_loco": with_parts("pushpins", "logical_anomalies", "structural_anomalies", name="000", validation=True),
    "autovi": with_parts("pipe_clip", "unclipped", name="0000", validation=False),
    "mvtec_ad_2": AD_2,
    "kolektor_sdd": KOLEKTOR,
    "real_iad": real_iad(),
    "visa": visa(),
    "table": table(),
}


def make_files(tree: Tree) -> dict[str, bytes]:
    files = dict.fromkeys((f"{tree.category}/{path}" for path in tree.files), b"")
    return draw(files, {f"{tree.category}/{path}": level for path, level in tree.masks.items()}) | tree.others


def read_by_anomalib(*requests: tuple[str, Path]) -> list[list[dict[str, Any]]]:
    """What anomalib reads of category folders; in one process, as to import it takes seconds."""
    words = [str(word) for request in requests for word in request]
    run = subprocess.run([PYTHON, str(SCRIPT), *words], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    read: list[list[dict[str, Any]]] = json.loads(run.stdout.splitlines()[-1])
    return read


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("trees")
    return {kind: make_tree(folder / kind, make_files(tree)) for kind, tree in TREES.items()}


@pytest.fixture(scope="module")
def theirs(roots: dict[str, Path]) -> dict[str, list[dict[str, Any]]]:
    requests = [(kind, root / TREES[kind].category) for kind, root in roots.items()]
    return dict(zip(TREES, read_by_anomalib(*requests), strict=True))


def read_here(database: Path) -> Facts:
    query = "SELECT source_path, split, is_defect, has_mask FROM images"
    return {
        path: (split, UNKNOWN if is_defect is None else int(is_defect), has_mask and bool(is_defect))
        for path, split, is_defect, has_mask in rows(database, query)
    }


def describe(read: list[dict[str, Any]], above: str = "") -> Facts:
    return {above + row["image"]: (row["split"], row["label"], bool(row["masks"])) for row in read}


@pytest.mark.parametrize("kind", [kind for kind in TREES if kind not in ("visa", "kolektor_sdd")])
def test_split_label_and_mask_of_every_image_agree(
    tmp_path: Path, roots: dict[str, Path], theirs: dict[str, list[dict[str, Any]]], kind: str
) -> None:
    database, above = tmp_path / "x.duckdb", TREES[kind].category.rpartition("/")[0]
    above += "/" if above else ""
    ingest([roots[kind]], database=database, size_px=16)
    assert read_here(database) == describe(theirs[kind], above)
    query = "SELECT i.source_path, m.source_path, file_count FROM masks AS m JOIN images AS i USING (sample_id)"
    assert {image: (mask, count) for image, mask, count in rows(database, query)} == {
        above + row["image"]: (above + row["masks"][0], len(row["masks"])) for row in theirs[kind] if row["masks"]
    }


def test_of_kolektor_sdd_labels_and_masks_agree_and_the_fold_is_each_ones_own(
    tmp_path: Path, roots: dict[str, Path], theirs: dict[str, list[dict[str, Any]]]
) -> None:
    ingest([roots["kolektor_sdd"]], database=tmp_path / "x.duckdb", size_px=16)
    ours = {path: facts[1:] for path, facts in read_here(tmp_path / "x.duckdb").items()}
    assert ours == {path: facts[1:] for path, facts in describe(theirs["kolektor_sdd"]).items()}


def test_visa_re_arranged_by_anomalib_agrees(
    tmp_path: Path, roots: dict[str, Path], theirs: dict[str, list[dict[str, Any]]]
) -> None:
    # anomalib has put the re-arranged copy beside what it read
    raw = make_tree(tmp_path / "raw", make_files(TREES["visa"]))
    ingest([raw], database=tmp_path / "x.duckdb", size_px=16)
    ours = sorted((Path(path).name, *facts) for path, facts in read_here(tmp_path / "x.duckdb").items())
    assert ours == sorted((Path(path).name, *facts) for path, facts in describe(theirs["visa"]).items())
    ingest([roots["visa"] / "visa_pytorch"], database=tmp_path / "y.duckdb", size_px=16)
    assert rows(tmp_path / "y.duckdb", "SELECT name, layout FROM image_datasets") == [("visa", "mvtec_ad")]
    assert sorted((Path(path).name, *facts) for path, facts in read_here(tmp_path / "y.duckdb").items()) == ours


def test_what_export_writes_is_read(tmp_path: Path) -> None:
    ingest([SAMPLE_DATA / "mvtec_like"], database=tmp_path / "x.duckdb", size_px=32)
    write_export(tmp_path / "x.duckdb", tmp_path / "out", format="mvtec")
    [read] = read_by_anomalib(("mvtec_ad", tmp_path / "out/mvtec_like/washer"))
    ours = {path: facts for path, facts in read_here(tmp_path / "x.duckdb").items() if path.startswith("washer/")}
    assert ours == describe(read)
