from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_database import SIZE_PX, can_be_written_elsewhere, make_rows

from darkroom.errors import OptionError

pytest_plugins = ["fixtures_database"]

IMAGES = {row["sample_id"]: row for row in make_rows()["images"]}
STARTS = ["fork", "spawn"] if sys.platform == "linux" else ["spawn"]


def test_without_torch_the_extra_is_named() -> None:
    code = "import sys; sys.modules['torch'] = None\nimport darkroom.query.torch_datasets"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'darkroom-classroom[torch]'" in done.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is an extra: pip install 'darkroom-classroom[torch]'")


@pytest.fixture
def datasets(torch: Any) -> Any:  # noqa: ARG001 - skips where torch is not installed
    from darkroom.query import torch_datasets

    return torch_datasets


def expect_item(item: dict[str, Any]) -> None:
    row = IMAGES[item["sample_id"]]
    assert item["image"].shape == (3, SIZE_PX, SIZE_PX)
    assert item["image"].permute(1, 2, 0).numpy().tobytes() == row["image_tensor"]
    assert item["is_defect"] == {True: 1, False: 0, None: -1}[row["is_defect"]]
    assert item["label"] == (row["label"] or "")
    assert item["has_mask"] is row["has_mask"]
    assert bool(item["mask"].any()) is row["has_mask"]


@pytest.mark.filterwarnings("error")
def test_map_style(datasets: Any, loaded_database: Path) -> None:
    dataset = datasets.InspectionDataset(loaded_database)
    assert len(dataset) == 15
    for item in dataset.__getitems__([3, 0, -1, 14]):
        expect_item(item)
    assert dataset[-1]["sample_id"] == dataset[14]["sample_id"] == sorted(IMAGES)[-1]
    with pytest.raises(IndexError, match="15 samples"):
        dataset[15]
    dataset.close()
    expect_item(dataset[0])


def test_filters_and_transforms(datasets: Any, loaded_database: Path) -> None:
    dataset = datasets.InspectionDataset(
        loaded_database, with_masks=False, transform=lambda item: item["label"], source="beta", is_defect=True
    )
    assert [dataset[number] for number in range(len(dataset))] == ["defect", "defect"]
    with pytest.raises(OptionError, match="botle"):
        datasets.InspectionDataset(loaded_database, category="botle")


def test_it_is_closed_until_used_and_after_close(datasets: Any, copy_database: Callable[[], Path]) -> None:
    database = copy_database()
    dataset = datasets.InspectionDataset(database)
    assert can_be_written_elsewhere(database)
    dataset[0]
    assert not can_be_written_elsewhere(database)
    dataset.close()
    assert can_be_written_elsewhere(database)


def test_an_open_dataset_can_be_pickled(datasets: Any, loaded_database: Path) -> None:
    dataset = datasets.InspectionDataset(loaded_database)
    dataset[0]
    expect_item(pickle.loads(pickle.dumps(dataset))[1])  # noqa: S301 - our own


def load(torch: Any, dataset: Any, start: str | None, workers: int, **options: Any) -> list[str]:
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=4, num_workers=workers, multiprocessing_context=start, **options
    )
    names: list[str] = []
    for batch in loader:
        names += batch["sample_id"]
        tensors = np.ascontiguousarray(batch["image"].permute(0, 2, 3, 1).numpy())
        for name, tensor in zip(batch["sample_id"], tensors, strict=True):
            assert tensor.tobytes() == IMAGES[name]["image_tensor"]
    return names


@pytest.mark.parametrize(
    ("kind", "start", "workers"),
    # one spawn is enough: it takes ten seconds, and what crosses to the worker is the same in both
    [("map", None, 0), ("stream", None, 0), ("map", "spawn", 2)]
    + [(kind, "fork", 2) for kind in ("map", "stream") if "fork" in STARTS],
)
def test_a_loader_sees_every_sample_once(
    datasets: Any, torch: Any, loaded_database: Path, kind: str, start: str | None, workers: int
) -> None:
    if kind == "map":
        dataset = datasets.InspectionDataset(loaded_database)
        dataset[0]  # a connection of the parent process must not be used by a forked worker
    else:
        dataset = datasets.InspectionStream(loaded_database, run_length=2)
        next(iter(dataset))
    assert sorted(load(torch, dataset, start, workers)) == sorted(IMAGES)
    dataset.close()


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize("workers", [3, 9])
def test_more_workers_than_runs_lose_nothing(datasets: Any, torch: Any, loaded_database: Path, workers: int) -> None:
    dataset = datasets.InspectionStream(loaded_database, run_length=4, source="beta")
    names = load(torch, dataset, STARTS[0], workers)
    assert sorted(names) == [name for name in sorted(IMAGES) if name.startswith("beta")]


def test_epochs_shuffle_differently_and_alike_everywhere(datasets: Any, loaded_database: Path) -> None:
    stream = datasets.InspectionStream(loaded_database, shuffle_seed=1)
    first, again = ([item["sample_id"] for item in stream] for _ in range(2))
    stream.set_epoch(1)
    second = [item["sample_id"] for item in stream]
    assert first == again != second
    assert sorted(first) == sorted(second)
