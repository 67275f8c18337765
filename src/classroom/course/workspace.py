"""A place of its own for each check and each lesson: a folder, a database, and dlt pipelines that nobody else uses.

Two notebooks, two browser tabs or two attendees never meet in a pipeline's working folder or in a DuckDB file. Where
pipelines are opened, dlt neither reports to its makers nor logs, unless the user asks for it.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import duckdb

from darkroom.database.dlt_settings import DLT_DEFAULTS, quieten_dlt

QUIET_ENVIRONMENT = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}
"""What keeps dlt quiet in a process that is started: environment variables that it reads when it is first used."""

KEPT_ERRORS = "classroom_errors"
"""Attribute of a kernel that keeps what marimo said of cells that it cannot run: the next run makes it forget that."""
HOME_VARIABLE = "CLASSROOM_HOME"
"""Environment variable in which a notebook of the editor finds the address of the course's front page."""

_settings_lock = threading.Lock()
_sessions: list[Path] = []


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with everything that pipelines need.

    Attributes:
        folder: The folder; its owner deletes it.
    """

    folder: Path

    @property
    def database(self) -> Path:
        """The DuckDB file that `pipeline` loads into."""
        return self.folder / "workspace.duckdb"

    def pipeline(self, name: str = "workshop", dataset: str = "inspection") -> dlt.Pipeline:
        """Opens a dlt pipeline into the workspace's database; the same name is the same pipeline, with its state.

        Args:
            name: Name of the pipeline.
            dataset: Name of the dlt dataset, which is the schema in the database.
        """
        set_dlt_defaults()
        return dlt.pipeline(
            name,
            destination=dlt.destinations.duckdb(str(self.database)),
            dataset_name=dataset,
            pipelines_dir=str(self.folder / "pipelines"),
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Returns the rows of a query on the database, which is opened for this moment only."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self, dataset: str = "inspection") -> list[str]:
        """Returns the names of the loaded tables in order, without dlt's own; none where nothing was loaded."""
        if not self.database.exists():
            return []
        rows = self.query(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{dataset}'")  # noqa: S608
        return sorted(name for (name,) in rows if not name.startswith("_dlt"))


@contextmanager
def temporary_workspace() -> Iterator[Workspace]:
    """Makes a workspace for the time of the block; then it is deleted."""
    set_dlt_defaults()  # code that runs here may open pipelines by itself
    folder = Path(tempfile.mkdtemp(prefix="classroom-"))
    try:
        yield Workspace(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def session_workspace() -> Workspace:
    """Makes a workspace for a lesson's page; all of them are deleted when the process ends."""
    set_dlt_defaults()  # a lesson opens pipelines by itself
    if not _sessions:
        atexit.register(delete_session_workspaces)
    folder = Path(tempfile.mkdtemp(prefix="classroom-"))
    _sessions.append(folder)
    return Workspace(folder)


def delete_session_workspaces() -> None:
    """Deletes the workspaces of all pages; a second call does nothing."""
    while _sessions:
        shutil.rmtree(_sessions.pop(), ignore_errors=True)


def set_dlt_defaults() -> None:
    """Sets what nobody has set, for the whole process; a second call does nothing.

    Lessons of several people run in threads of one server: what one of them set for a moment, by `dlt.config.values`,
    another would take away. What the environment or `.dlt/config.toml` says holds.
    """
    with _settings_lock:
        quieten_dlt()
        for key, value in DLT_DEFAULTS.items():
            if dlt.config.get(key) is None:
                dlt.config[key] = value
