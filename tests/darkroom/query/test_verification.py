from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from rich.console import Console
from small_database import editing

from darkroom.commands.json_values import make_json
from darkroom.commands.views.verification import render_verification
from darkroom.errors import DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.fingerprint import FingerprintRow, make_fingerprint
from darkroom.query.verification.comparison import DatabaseComparison, Difference, FingerprintMatch
from darkroom.query.verification.verify import Verification, verify

pytest_plugins = ["fixtures_database"]

BROKEN = "alpha/bottle/test/broken/000.png"


def failed(verification: Verification) -> dict[str, tuple[str, ...]]:
    return {check.name: check.breaches for check in verification.checks if not check.ok}


def render(verification: Verification) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(render_verification(verification))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_an_untouched_database_is_ok(loaded_database: Path) -> None:
    found = verify(loaded_database, deep=True)
    assert found.ok
    assert len(found.checks) == 12
    assert [(entry.name, entry.image_count, entry.mask_count) for entry in found.image_datasets] == [
        ("alpha", 10, 3),
        ("beta", 5, 2),
    ]
    assert all(entry.fingerprint == entry.stored for entry in found.image_datasets)
    assert found.fingerprint not in {entry.fingerprint for entry in found.image_datasets}


def test_total_fingerprint_is_over_all_rows(loaded_database: Path) -> None:
    with duckdb.connect(loaded_database, read_only=True) as connection:
        rows = connection.execute(
            "SELECT sample_id, i.content_sha256, m.content_sha256, split, label FROM inspection.images AS i "
            "LEFT JOIN inspection.masks AS m USING (sample_id) ORDER BY sample_id"
        ).fetchall()
    assert verify(loaded_database).fingerprint == make_fingerprint(FingerprintRow(*row) for row in rows)


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("UPDATE images SET image_tensor = 'short'::BLOB WHERE sample_id = $1", "image_bytes"),
        ("UPDATE masks SET mask_tensor = 'short'::BLOB WHERE sample_id = $1", "mask_bytes"),
        ("UPDATE masks SET mask_tensor = repeat('\\x02'::BLOB, 1024) WHERE sample_id = $1", "mask_values"),
        ("UPDATE images SET has_mask = false WHERE sample_id = $1", "has_mask_true"),
        ("DELETE FROM masks WHERE sample_id = $1", "has_mask_true"),
        ("DELETE FROM images WHERE sample_id = $1", "mask_has_image"),
        ("INSERT INTO images FROM images WHERE sample_id = $1", "sample_id_unique"),
        ("INSERT INTO masks FROM masks WHERE sample_id = $1", "sample_id_unique"),
        ("UPDATE masks SET mask_height = 16, mask_width = 64 WHERE sample_id = $1", "mask_shape"),
    ],
)
def test_each_damage_is_found(copy_database: Callable[[], Path], damage: str, rule: str) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute(damage.replace("$1", f"'{BROKEN}'"))
    found = verify(database, deep=True)
    assert not found.ok
    assert failed(found)[rule] == (BROKEN,)
    assert BROKEN in render(found)


def test_every_row_range_is_looked_at(copy_database: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darkroom.query.verification.tensor_scan.SCAN_BYTES", 2 * 32 * 32 * 3)
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET image_tensor = 'short'::BLOB")
    assert len(failed(verify(database))["image_bytes"]) == 15


def test_changed_content_breaks_the_stored_fingerprint(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE masks SET content_sha256 = repeat('0', 64) WHERE sample_id = ?", [BROKEN])
    [breach] = failed(verify(database))["fingerprint_stored"]
    assert breach.startswith("alpha: sha256:")


def test_missing_rows_break_the_file_count(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("DELETE FROM images WHERE source_dataset = 'beta' AND split = 'train'")
    assert failed(verify(database))["file_count"] == ("beta: 4 images and masks, file_count says 7",)


def test_an_image_dataset_that_is_not_recorded(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("DELETE FROM image_datasets WHERE name = 'beta'")
    [breach] = failed(verify(database))["fingerprint_stored"]
    assert "none stored; " in breach


def test_interrupted_rows_are_left_out_and_named(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute(
            "INSERT INTO images SELECT * REPLACE ('alpha/bottle/train/good/new.png' AS sample_id, "
            "'9' AS _dlt_load_id) FROM images LIMIT 1"
        )
    found = verify(database)
    assert found.ok
    assert [(entry.table, entry.row_count) for entry in found.unfinished] == [("images", 1)]
    assert "interrupted (1 in images)" in render(found)


def test_against_a_fingerprint(loaded_database: Path) -> None:
    here = verify(loaded_database)
    alpha = here.image_datasets[0].fingerprint
    for given, name in [
        (here.fingerprint, "total"),
        (alpha, "alpha"),
        (alpha.removeprefix("sha256:"), "alpha"),
        (alpha.removeprefix("sha256:")[:8].upper(), "alpha"),
    ]:
        assert verify(loaded_database, given).comparison == FingerprintMatch(given, (name,))


def test_against_another_fingerprint(loaded_database: Path) -> None:
    found = verify(loaded_database, "sha256:" + "0" * 64)
    assert not found.ok
    assert found.comparison == FingerprintMatch("sha256:" + "0" * 64, ())
    assert "nothing here has this fingerprint" in render(found)


@pytest.mark.parametrize("against", ["sha256:abc", "sha256:xyz01234567", "sha256:" + "0" * 65])
def test_against_no_fingerprint(loaded_database: Path, against: str) -> None:
    with pytest.raises(OptionError, match="8 to 64 hexadecimal digits"):
        verify(loaded_database, against)


def test_against_nothing_there(loaded_database: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotFoundError, match="Expected a DuckDB file, or a fingerprint"):
        verify(loaded_database, tmp_path / "none.duckdb")


def test_an_ambiguous_beginning(loaded_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = iter(["sha256:" + "a" * 63 + digit for digit in "012"])

    def make_alike(rows: object) -> str:
        list(rows)  # type: ignore[call-overload]
        return next(hashes)

    monkeypatch.setattr("darkroom.query.verification.fingerprints.make_fingerprint", make_alike)
    with pytest.raises(OptionError, match="Give more digits"):
        verify(loaded_database, "aaaaaaaa")


def test_against_itself_and_against_a_copy(loaded_database: Path, copy_database: Callable[[], Path]) -> None:
    assert verify(loaded_database, loaded_database).ok
    assert verify(loaded_database, str(copy_database())).ok


def test_between_two_databases_every_difference_is_named(
    loaded_database: Path, copy_database: Callable[[], Path]
) -> None:
    other = copy_database()
    folder = "alpha/bottle/test/broken"
    with editing(other) as connection:
        connection.execute("UPDATE images SET sample_id = 'gamma/new.png' WHERE category = 'screw'")
        image = "image_tensor = repeat('\\x02'::BLOB, 3072)"
        mask = "mask_tensor = repeat('\\x01'::BLOB, 1024)"
        connection.execute(f"UPDATE images SET content_sha256 = 'x', {image} WHERE sample_id LIKE '%/broken/000.png'")
        connection.execute(f"UPDATE masks SET content_sha256 = 'x', {mask} WHERE sample_id LIKE '%/broken/001.png'")
        connection.execute(f"UPDATE images SET {image} WHERE sample_id LIKE 'alpha/%/train/%0.png'")
        connection.execute(f"UPDATE masks SET {mask} WHERE sample_id LIKE 'beta/%/test/%0.png'")
        connection.execute("UPDATE images SET content_sha256 = 'y' WHERE sample_id LIKE 'beta/%/train/%1.png'")
        connection.execute("DELETE FROM masks WHERE sample_id LIKE '%/broken/002.png'")
        connection.execute("UPDATE images SET label = NULL, split = 'val' WHERE sample_id LIKE 'beta/%/test/%0.png'")
        connection.execute("UPDATE images SET tensor_width = 16 WHERE sample_id LIKE 'beta/%/test/%1.png'")
        connection.execute("INSERT INTO images FROM images WHERE sample_id LIKE 'beta/%/train/%0.png'")
    comparison = verify(loaded_database, other).comparison
    assert isinstance(comparison, DatabaseComparison)
    assert comparison.only_here == ("alpha/screw/test/unknown/000.png",)
    assert comparison.only_there == ("gamma/new.png",)
    assert comparison.differing == (
        Difference(f"{folder}/000.png", ("image content",)),
        Difference(f"{folder}/001.png", ("mask content",)),
        Difference(f"{folder}/002.png", ("mask missing there",)),
        Difference("alpha/bottle/train/good/000.png", ("image tensor",)),
        Difference("beta/Class1/test/defect/000.png", ("mask tensor", "label", "split")),
        Difference("beta/Class1/test/defect/001.png", ("tensor size",)),
        Difference("beta/Class1/train/good/000.png", ("number of rows",)),
    )
    assert comparison.other_files == ("beta/Class1/train/good/001.png",)
    back = verify(other, loaded_database).comparison
    assert isinstance(back, DatabaseComparison)
    assert back.only_here == comparison.only_there
    assert back.differing[2].what == ("mask missing here",)


def test_the_same_tensors_from_other_files_are_the_same_samples(
    loaded_database: Path, copy_database: Callable[[], Path]
) -> None:
    other = copy_database()
    with editing(other) as connection:
        for table in ("images", "masks"):
            connection.execute(f"UPDATE {table} SET content_sha256 = md5(content_sha256)")
    comparison = verify(loaded_database, other).comparison
    assert isinstance(comparison, DatabaseComparison)
    assert comparison.ok
    assert len(comparison.other_files) == 15
    text = " ".join(render(verify(loaded_database, other)).split())
    assert "15 samples from other files, with the same tensors, masks, labels and splits" in text
    assert "fingerprints, are not the same and cannot be" in text
    assert "Everything holds." in text


def test_against_a_file_that_is_no_database(loaded_database: Path, tmp_path: Path) -> None:
    (tmp_path / "deadbeef").write_text("no database")
    with pytest.raises(DatabaseError, match="not a DuckDB file"):
        verify(loaded_database, tmp_path / "deadbeef")


def test_view_limits_lists_and_json_has_all(
    loaded_database: Path, copy_database: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("darkroom.commands.views.parts.LIST_LIMIT", 3)
    other = copy_database()
    with editing(other) as connection:
        connection.execute("UPDATE images SET label = 'x'")
    found = verify(loaded_database, other)
    text = render(found)
    assert "FAILED  15 samples in both and different" in text
    assert "and 12 more; --json lists all" in text
    assert max(map(len, text.splitlines())) <= 80
    report = make_json(found)
    assert isinstance(report, dict)
    assert report["ok"] is False
    assert isinstance(report["comparison"], dict)
    assert len(report["comparison"]["differing"]) == 15  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    ["UPDATE images SET split = 'val' WHERE sample_id = $1", "UPDATE images SET label = 'x' WHERE sample_id = $1"],
)
def test_another_split_or_label_is_another_fingerprint(
    loaded_database: Path, copy_database: Callable[[], Path], change: str
) -> None:
    other = copy_database()
    with editing(other) as connection:
        connection.execute(change, [BROKEN])
    assert verify(other).fingerprint != verify(loaded_database).fingerprint
    assert not verify(other, verify(loaded_database).fingerprint).ok
