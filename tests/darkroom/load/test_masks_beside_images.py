"""What the pixels say of a file that is only called a mask, and tables from before anybody asked."""

from __future__ import annotations

import io
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image
from real_runs import darkroom, rows
from trees import make_tree, make_zip

from darkroom.load.run import ingest

PHOTO = np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8)
BLANK = np.zeros((24, 24), np.uint8)
SPOT = BLANK.copy()
SPOT[4:9, 5:12] = 255


def encode(pixels: np.ndarray, form: str = "PNG", mode: str | None = None) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(buffer, form)
    return buffer.getvalue()


TREE = {
    "part/train/10.png": encode(PHOTO),
    "part/train/10_GT.png": encode(BLANK),
    "part/train/11.png": encode(PHOTO[::-1]),
    "part/train/11_GT.png": encode(SPOT),
}


def facts(database: Path) -> list[tuple[object, ...]]:
    return rows(database, "SELECT filename, label, is_defect, has_mask FROM images ORDER BY 1")


def test_the_masks_tell_the_labels(tmp_path: Path) -> None:
    report = ingest([make_tree(tmp_path / "kolektor", TREE)], database=tmp_path / "a.duckdb", size_px=24)
    assert (report.images.new, report.masks.new, report.rejects) == (2, 2, ())
    assert facts(tmp_path / "a.duckdb") == [("10.png", "good", False, True), ("11.png", "defect", True, True)]
    again = ingest([tmp_path / "kolektor"], database=tmp_path / "a.duckdb", size_px=24)
    assert (again.packages, again.masks.unchanged) == (0, 2)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "mask",
    [
        encode(SPOT // 255),
        encode(SPOT, mode="1"),
        encode(SPOT, mode="P"),
        encode(SPOT, mode="RGB"),
        encode(np.dstack([SPOT, SPOT, SPOT, SPOT])),
        encode(SPOT.astype(np.uint16) * 257),
        encode(SPOT, "BMP"),
    ],
    ids=["0 and 1", "1 bit", "palette", "RGB", "RGBA", "16 bit", "BMP"],
)
def test_two_values_of_any_kind_are_a_mask(tmp_path: Path, mask: bytes) -> None:
    root = make_tree(tmp_path / "r", {"part/test/1.png": encode(PHOTO), "part/test/1_mask.png": mask})
    report = ingest([root], database=tmp_path / "a.duckdb", size_px=24)
    assert (report.images.new, report.masks.new, report.rejects) == (1, 1, ())
    assert facts(tmp_path / "a.duckdb") == [("1.png", "defect", True, True)]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("mask", "reason", "told"),
    [
        (encode(PHOTO), "not_a_mask", "called like a mask of part/test/1.png, but has more than two values"),
        (encode(SPOT[:9]), "mask_size_mismatch", "24×9"),
        (b"no image", "not_an_image", "was expected"),
    ],
)
def test_what_is_no_mask_is_a_reject_and_never_an_image(tmp_path: Path, mask: bytes, reason: str, told: str) -> None:
    root = make_tree(tmp_path / "r", {"part/test/1.png": encode(PHOTO), "part/test/1_mask.png": mask})
    report = ingest([root], database=tmp_path / "a.duckdb", size_px=24)
    assert (report.images.new, report.masks.total) == (1, 0)
    (reject,) = report.rejects
    assert (reject.source_path, reject.reason) == ("part/test/1_mask.png", reason)
    assert told in reject.message
    assert facts(tmp_path / "a.duckdb") == [("1.png", None, None, False)]
    again = ingest([root], database=tmp_path / "a.duckdb", size_px=24)
    assert (again.packages, len(again.rejects), again.new_rejects) == (0, 1, 0)


def test_masks_in_a_folder_of_masks_may_be_smooth(tmp_path: Path) -> None:
    smooth = encode(np.tile(np.arange(24, dtype=np.uint8) * 10, (24, 1)))
    files = {"part/test/cut/1.png": encode(PHOTO), "part/ground_truth/cut/1_mask.png": smooth}
    report = ingest([make_tree(tmp_path / "r", files)], database=tmp_path / "a.duckdb", size_px=24)
    assert (report.masks.new, report.rejects) == (1, ())


@pytest.mark.thorough
def test_a_table_from_before_loses_the_masks_among_its_images(tmp_path: Path) -> None:
    root, database = tmp_path / "kolektor", tmp_path / "a.duckdb"
    ingest([make_tree(root, {path: content for path, content in TREE.items() if "GT" in path})], database=database)
    assert [row[0] for row in facts(database)] == ["10_GT.png", "11_GT.png"]
    report = ingest([make_tree(root, TREE)], database=database)
    assert (report.images.new, report.masks.new, report.gone) == (2, 2, ())
    assert [row[0] for row in facts(database)] == ["10.png", "11.png"]
    assert rows(database, "SELECT count(*) FROM masks") == [(2,)]
    assert darkroom("verify", "--database", str(database), cwd=tmp_path).returncode == 0


@pytest.mark.thorough
def test_a_row_with_the_id_of_before_is_replaced(tmp_path: Path) -> None:
    """A name that is not composed was part of the id; now it is composed there, on every machine."""
    import duckdb

    composed, decomposed = normalize("NFC", "ä"), normalize("NFD", "ä")
    root, database = make_zip(tmp_path / "r.zip", {f"p/test/{decomposed}.png": encode(PHOTO)}), tmp_path / "a.duckdb"
    ingest([root], database=database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "UPDATE inspection.images SET sample_id = replace(sample_id, $new, $old)",
            {"new": composed, "old": decomposed},
        )
    ingest([root], database=database)
    assert rows(database, "SELECT sample_id FROM images") == [(f"r/p/test/{composed}.png",)]


def test_two_files_with_one_id_are_spelled_apart(tmp_path: Path) -> None:
    files = {f"p/test/{normalize(form, 'ä')}.png": encode(PHOTO[:, : 20 + len(form)]) for form in ("NFC", "NFD")}
    files[f"p/test/{normalize('NFD', 'ä')}.png"] = encode(PHOTO[::-1])
    report = ingest([make_zip(tmp_path / "r.zip", files)], database=tmp_path / "a.duckdb")
    (reject,) = report.rejects
    assert reject.reason == "conflicting_duplicate"
    assert r"\u0308" in reject.message or r"\xe4" in reject.message


@pytest.mark.thorough
def test_a_label_told_later_mends_the_rows(tmp_path: Path) -> None:
    files = {f"p/test/{label}/{label}.png": encode(PHOTO[int(label) :]) for label in ("0", "1")}
    root, database = make_tree(tmp_path / "r", files), tmp_path / "a.duckdb"
    ingest([root], database=database)
    assert facts(database) == [("0.png", "0", True, False), ("1.png", "1", True, False)]
    ingest([root], database=database, normal_label="0")
    assert facts(database) == [("0.png", "good", False, False), ("1.png", "1", True, False)]


@pytest.mark.thorough
def test_the_command_offers_its_option(tmp_path: Path) -> None:
    files = {f"p/test/{label}/{label}.png": encode(PHOTO[int(label) :]) for label in ("0", "1")}
    make_tree(tmp_path / "r", files)
    first = darkroom("ingest", "r", cwd=tmp_path, COLUMNS="500")
    assert "`--normal-label`" in first.stdout
    second = darkroom("ingest", "r", "--normal-label", "0", cwd=tmp_path)
    assert (second.returncode, "normal-label" in second.stdout) == (0, False)
    assert facts(tmp_path / "darkroom.duckdb")[0] == ("0.png", "good", False, False)
    refused = darkroom("ingest", "r", "--normal-label", "zero", cwd=tmp_path)
    assert refused.returncode == 2
    assert "`--normal-label` zero" in refused.stderr
