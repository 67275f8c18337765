"""A run killed at any moment: the next one ends with exactly the tables of an undisturbed run."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from killed_run import HARD, run_and_die
from real_runs import SAMPLE_DATA, contents, rows

from darkroom.load.run import ingest

# Forked, where that is safe, from a process that has imported all this: a run takes less time than its imports.
PROCESSES = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
PROCESSES.set_forkserver_preload(
    ["darkroom.load.run", "dlt.destinations.impl.duckdb.sql_client", "pyarrow.pandas_compat", "pyarrow.parquet"]
)


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it told before: its steps if nothing ended it, or else its traceback."""

    exit_code: int | None
    told: int | str | None

    @property
    def was_killed(self) -> bool:
        return self.exit_code in (-HARD, signal.SIGTERM)


def run_killed(root: Path, database: Path, moment: int, *, prune: bool = False) -> Ended:
    """Runs `ingest` in a process that kills itself, as hard as can be, at the given step (0: never)."""
    hears, tells = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=run_and_die, args=(root, database, moment, prune, tells))
    process.start()
    tells.close()
    with hears:
        try:
            told = hears.recv()
        except EOFError:  # killed before it could tell
            told = None
    process.join()
    return Ended(process.exitcode, told)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Washers with masks, a faulty file and a class of DAGM: 3 packages of new rows."""
    root = tmp_path / "root"
    for path in sorted((SAMPLE_DATA / "mvtec_like/washer").rglob("*.png")):
        if path.stem[:3] in {"000", "001"}:
            target = root / path.relative_to(SAMPLE_DATA / "mvtec_like")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    (root / "washer/train/good/bad.png").write_text("no image")
    return root


def change(root: Path) -> None:
    """What happens on disk between two runs: a file changes, one comes, one goes, one is mended."""
    good = root / "washer/train/good"
    shutil.copy(SAMPLE_DATA / "mvtec_like/washer/train/good/005.png", good / "000.png")
    shutil.copy(SAMPLE_DATA / "mvtec_like/washer/train/good/006.png", good / "bad.png")
    shutil.copy(SAMPLE_DATA / "mvtec_like/washer/train/good/007.png", good / "007.png")
    (root / "washer/test/scratch/001.png").unlink()
    (root / "washer/ground_truth/scratch/001_mask.png").unlink()


def test_first_run_killed_again_and_again(root: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed.duckdb"
    whole = run_killed(root, undisturbed, 0)
    assert whole.exit_code == 0, whole.told
    assert isinstance(whole.told, int)
    steps = whole.told
    database = tmp_path / "killed.duckdb"
    kills = 0
    # what complete packages have brought stays, so a later run may be over before its moment comes
    for moment in range(3, steps, steps // 6):
        run = run_killed(root, database, moment)
        assert run.was_killed or run.exit_code == 0, run.told
        kills += run.was_killed
    assert kills >= 3
    ingest([root], database=database)
    assert contents(database) == contents(undisturbed)


@pytest.mark.thorough
def test_second_run_killed_while_it_replaces_and_prunes(root: Path, tmp_path: Path) -> None:
    database = tmp_path / "killed.duckdb"
    ingest([root], database=database)
    change(root)
    steps = 30
    for moment in range(4, steps, 6):
        run = run_killed(root, database, moment, prune=True)
        assert run.was_killed or run.exit_code == 0, run.told
    ingest([root], database=database, prune=True)
    undisturbed = tmp_path / "undisturbed.duckdb"
    ingest([root], database=undisturbed)
    assert contents(database) == contents(undisturbed)


def test_rows_of_a_load_that_never_completed_are_read_again(root: Path, tmp_path: Path) -> None:
    database = tmp_path / "darkroom.duckdb"
    ingest([root], database=database)
    before = contents(database)
    # the trace that a kill between two files of a package leaves: rows, and no line in _dlt_loads
    import duckdb

    with duckdb.connect(str(database)) as connection:
        connection.execute("DELETE FROM inspection._dlt_loads")
    report = ingest([root], database=database)
    assert report.interrupted_rows == sum(map(len, before.values()))
    assert contents(database) == before
    assert rows(database, "SELECT count(*) FROM images WHERE _dlt_load_id NOT IN (SELECT load_id FROM _dlt_loads)") == [
        (0,)
    ]


def test_pending_package_of_a_failed_run_swallows_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dlt.destinations.exceptions import DatabaseTerminalException
    from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob

    from darkroom.errors import LoadError

    database = tmp_path / "darkroom.duckdb"
    with monkeypatch.context() as patch:
        # terminal, so that dlt does not try again for ten seconds
        failure = DatabaseTerminalException(RuntimeError("no such luck"))
        patch.setattr(DuckDbCopyJob, "run", lambda _: (_ for _ in ()).throw(failure))
        with pytest.raises(LoadError, match="no such luck"):
            ingest([root], database=database)
    shutil.copy(SAMPLE_DATA / "mvtec_like/washer/train/good/008.png", root / "washer/train/good/008.png")
    report = ingest([root], database=database)
    assert report.images.new == report.images.total
    assert rows(database, "SELECT count(*) FROM images WHERE filename = '008.png'") == [(1,)]
