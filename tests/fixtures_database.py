"""Fixtures over `small_database`; a dlt run takes seconds, so tests share one database or copy it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_database import load_rows, make_rows


@pytest.fixture(scope="session")
def loaded_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database as dlt wrote it: shared, so read only."""
    folder = tmp_path_factory.mktemp("loaded")
    path = folder / "darkroom.duckdb"
    load_rows(path, make_rows(), folder / "work")
    return path


@pytest.fixture
def copy_database(loaded_database: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a copy of the database under a name, to be changed."""

    def copy(name: str = "copy.duckdb") -> Path:
        return Path(shutil.copy(loaded_database, tmp_path / name))

    return copy
