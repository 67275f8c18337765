"""Names that are asked for in another Unicode form than they are stored in, as a Mac hands them over."""

from __future__ import annotations

import shutil
from pathlib import Path
from unicodedata import normalize

import pytest
from real_runs import SAMPLE_DATA

from darkroom.load.run import ingest
from darkroom.query.batches import arrays
from darkroom.training.train import train

CATEGORY, LABEL = "Gehäuse", "Kratzér"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("composed")
    category = folder / normalize("NFD", "größe") / normalize("NFD", CATEGORY)
    shutil.copytree(SAMPLE_DATA / "mvtec_like/weave/train", category / "train")
    shutil.copytree(SAMPLE_DATA / "mvtec_like/weave/test/good", category / "test/good")
    shutil.copytree(SAMPLE_DATA / "mvtec_like/weave/test/hole", category / "test" / normalize("NFD", LABEL))
    ingest([category.parent], database=folder / "x.duckdb", name=normalize("NFD", "größe"), size_px=16)
    return folder / "x.duckdb"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_either_form_finds_them(database: Path, form: str) -> None:
    filters = {"source": "größe", "category": CATEGORY, "label": LABEL}
    found = arrays(database, **{key: normalize(form, value) for key, value in filters.items()})
    assert len(found.images) == 5
    report = train(database, category=normalize(form, CATEGORY), source=normalize(form, "größe"), save=False)
    assert [training.category for training in report.trainings] == [CATEGORY]
