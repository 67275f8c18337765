from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from small_database import SIZE_PX, can_be_written_elsewhere, editing, make_rows

from darkroom.errors import DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.query import selection
from darkroom.query import tensors as tensor_reader
from darkroom.query.batches import Batch, arrays, iter_batches
from darkroom.query.folds import fold_of
from darkroom.query.tensors import TensorReader, iter_ranges

pytest_plugins = ["fixtures_database"]

ROWS = make_rows()
IMAGES = {row["sample_id"]: row for row in ROWS["images"]}
MASKS = {row["sample_id"]: row for row in ROWS["masks"]}


def expect_rows(batch: Batch) -> None:
    assert batch.masks is not None
    for number, sample_id in enumerate(batch.sample_ids):
        row = IMAGES[sample_id]
        assert batch.images[number].tobytes() == row["image_tensor"]
        assert batch.labels[number] == row["label"]
        assert batch.categories[number] == row["category"]
        assert batch.splits[number] == row["split"]
        assert batch.source_datasets[number] == row["source_dataset"]
        assert bool(batch.is_defect[number]) is bool(row["is_defect"])
        assert bool(batch.is_known[number]) is (row["is_defect"] is not None)
        assert bool(batch.has_mask[number]) is (sample_id in MASKS)
        mask = MASKS[sample_id]["mask_tensor"] if sample_id in MASKS else bytes(SIZE_PX**2)
        assert batch.masks[number].tobytes() == mask


@pytest.mark.parametrize("batch_size", [1, 4, 64])
@pytest.mark.parametrize("shuffle_seed", [None, 5])
def test_batches_hold_every_sample_once(loaded_database: Path, batch_size: int, shuffle_seed: int | None) -> None:
    batches = list(iter_batches(loaded_database, batch_size=batch_size, shuffle_seed=shuffle_seed))
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    names = [name for batch in batches for name in batch.sample_ids]
    assert sorted(names) == sorted(IMAGES)
    assert (names == sorted(IMAGES)) is (shuffle_seed is None)
    for batch in batches:
        expect_rows(batch)


def test_shapes_and_types(loaded_database: Path) -> None:
    [batch] = iter_batches(loaded_database)
    assert batch.images.shape == (15, SIZE_PX, SIZE_PX, 3) and batch.images.dtype == np.uint8
    assert batch.masks is not None and batch.masks.shape == (15, SIZE_PX, SIZE_PX)
    assert batch.has_mask.dtype == batch.is_defect.dtype == batch.is_known.dtype == np.bool_


def test_images_are_looked_at_and_not_copied(loaded_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[pa.Table] = []
    fetch = TensorReader._fetch

    def remember(self: TensorReader, *args: Any) -> pa.Table:
        fetched.append(fetch(self, *args))
        return fetched[-1]

    monkeypatch.setattr(TensorReader, "_fetch", remember)
    [batch] = iter_batches(loaded_database, with_masks=False, category="screw")
    [table] = fetched
    [chunk] = table["image_tensor"].chunks
    buffer = chunk.buffers()[2]
    start = batch.images.__array_interface__["data"][0]
    assert buffer.address <= start < buffer.address + buffer.size
    with pytest.raises(ValueError, match="read-only"):
        batch.images[0] = 0
    assert batch.masks is None


def test_one_query_never_asks_for_more_than_its_bound(loaded_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tensor_bytes = 3 * SIZE_PX * SIZE_PX
    monkeypatch.setattr(tensor_reader, "FETCH_BYTES", 2 * tensor_bytes)
    batch_lengths = []
    fetch = TensorReader._fetch

    def count(self: TensorReader, table: str, column: str, ranges: Sequence[tuple[int, int]]) -> pa.Table:
        batch_lengths.append(sum(last - first + 1 for first, last in ranges))
        return fetch(self, table, column, ranges)

    monkeypatch.setattr(TensorReader, "_fetch", count)
    expect_rows(next(iter(iter_batches(loaded_database))))
    expect_rows(arrays(loaded_database))
    assert max(batch_lengths) <= 6  # masks are a third of an image
    assert len(batch_lengths) > 8


def test_ranges_follow_the_order_asked_for() -> None:
    row_ids = np.array([4, 5, 6, 7, 2, 3, 9, 8])
    assert list(iter_ranges(row_ids, 3)) == [(4, 6), (7, 7), (2, 3), (9, 9), (8, 8)]
    assert list(iter_ranges(np.array([], np.int64), 3)) == []


FILTERS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = [
    ({"source": "beta"}, lambda row: row["source_dataset"] == "beta"),
    ({"category": ["screw", "Class1"]}, lambda row: row["category"] in ("screw", "Class1")),
    ({"split": "train", "category": "bottle"}, lambda row: (row["split"], row["category"]) == ("train", "bottle")),
    ({"label": "broken"}, lambda row: row["label"] == "broken"),
    ({"is_defect": True}, lambda row: row["is_defect"] is True),
    ({"is_defect": False}, lambda row: row["is_defect"] is False),
    ({"has_mask": True}, lambda row: row["has_mask"]),
    ({"has_mask": False}, lambda row: not row["has_mask"]),
    ({"fold": "validation", "fold_seed": 3}, lambda row: fold_of(row["sample_id"], 3) == "validation"),
    (
        {"fold": "train", "validation_fraction": 0.5},
        lambda row: fold_of(row["sample_id"], 0, 0.5) == "train",
    ),
]


@pytest.mark.parametrize(("filters", "passes"), FILTERS, ids=[str(filters) for filters, _ in FILTERS])
def test_filters(loaded_database: Path, filters: dict[str, Any], passes: Callable[[dict[str, Any]], bool]) -> None:
    expected = sorted(name for name, row in IMAGES.items() if passes(row))
    batch = arrays(loaded_database, **filters)
    assert list(batch.sample_ids) == expected
    expect_rows(batch)


def test_filters_are_typed_as_the_selection_has_them() -> None:
    names = {field.name for field in fields(selection.Selection)}
    assert names == set(selection.Filters.__annotations__)


def test_folds_do_not_overlap_and_do_not_depend_on_the_rest(loaded_database: Path) -> None:
    train = set(arrays(loaded_database, fold="train").sample_ids)
    validation = set(arrays(loaded_database, fold="validation").sample_ids)
    assert train | validation == set(IMAGES) and not train & validation
    assert set(arrays(loaded_database, fold="train", source="beta").sample_ids) <= train


def test_arrays_may_be_changed_and_know_their_limit(loaded_database: Path) -> None:
    batch = arrays(loaded_database, with_masks=False)
    batch.images[:] = 0
    with pytest.raises(OptionError, match=r"15 images of 32 × 32 px .* Use `iter_batches`"):
        arrays(loaded_database, max_bytes=1000)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"category": "botle"}, r"`category` 'botle': not in .* one of: Class1, bottle, screw"),
        ({"label": ["good", "bent"]}, "`label` 'bent'"),
        (
            {"category": "screw", "label": "good"},
            "`category` 'screw', `label` 'good': none of the 15 images .* passes all",
        ),
        ({"fold": "test"}, "one of train, validation"),
        ({"validation_fraction": 2}, "0 to 1"),
        ({"batch_size": 0}, "`batch_size` 0: expected 1 or more"),
    ],
)
def test_what_cannot_be_is_said(loaded_database: Path, filters: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        next(iter_batches(loaded_database, **filters))


def test_an_unknown_filter_is_a_type_error(loaded_database: Path) -> None:
    with pytest.raises(TypeError, match="categroy"):
        iter_batches(loaded_database, categroy="bottle")  # type: ignore[call-arg]


def test_an_empty_table_and_a_missing_file(copy_database: Callable[[], Path], tmp_path: Path) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("DELETE FROM images")
    with pytest.raises(DatabaseNotFoundError, match="no image yet"):
        arrays(database)
    with pytest.raises(DatabaseNotFoundError, match="no such file"):
        arrays(tmp_path / "nothing.duckdb")


def test_several_sizes_are_refused(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET tensor_height = 16 WHERE source_dataset = 'beta'")
    with pytest.raises(OptionError, match=r"alpha: 32 × 32 × 3 × uint8; beta: 16 × 32"):
        arrays(database)
    assert len(arrays(database, source="alpha")) == 10


def test_a_mask_of_another_size_is_refused(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE masks SET mask_width = 16 WHERE sample_id LIKE '%broken/001.png'")
    with pytest.raises(DatabaseError, match=r"broken/001.png: a mask of 32 × 16, expected 32 × 32"):
        arrays(database)


@pytest.mark.parametrize("tensor", ["'\\x00'::BLOB", "image_tensor || '\\x00'::BLOB"])
def test_a_tensor_of_wrong_length_is_refused(copy_database: Callable[[], Path], tensor: str) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute(f"UPDATE images SET image_tensor = {tensor} WHERE sample_id LIKE '%000.png'")
    with pytest.raises(DatabaseError, match="expected 3072"):
        arrays(database)


def test_rows_of_an_interrupted_load_do_not_show(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("UPDATE images SET _dlt_load_id = 'unfinished' WHERE source_dataset = 'beta'")
    assert set(arrays(database).source_datasets) == {"alpha"}


def test_a_fragmented_table_gives_the_same(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    with editing(database) as connection:
        connection.execute("CREATE TABLE moved AS FROM images ORDER BY hash(sample_id)")
        connection.execute("DELETE FROM images")
        connection.execute("INSERT INTO images FROM moved")
    expect_rows(arrays(database))
    assert arrays(database).sample_ids == tuple(sorted(IMAGES))


def test_the_file_is_closed_when_the_iteration_ends_or_is_left(copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    arrays(database)
    for _ in iter_batches(database, batch_size=4):
        break
    duckdb.connect(database).close()
    batches = iter_batches(database, batch_size=4)
    with closing(batches):
        kept = next(batches)
        assert not can_be_written_elsewhere(database)
    assert can_be_written_elsewhere(database)
    expect_rows(kept)
