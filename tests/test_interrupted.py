"""A run killed at any moment: the next one ends with exactly the tables of an undisturbed run."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from test_load import SAMPLE_DATA, contents, rows

from darkroom.load import ingest

KILLED_RUN = textwrap.dedent(
    """
    import os, signal, sys
    from dlt.common.storages.file_storage import FileStorage
    from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
    from darkroom.load import Portions, ingest

    root, database, prune, moment = sys.argv[1], sys.argv[2], sys.argv[3] == "prune", int(sys.argv[4])
    hard = getattr(signal, "SIGKILL", signal.SIGTERM)
    passed = 0

    def may_be_killed(owner, name, after):
        original = getattr(owner, name)
        def step(*args, **kwargs):
            global passed
            passed += 1
            is_moment = passed == moment
            if is_moment and not after:
                os.kill(os.getpid(), hard)
            try:
                return original(*args, **kwargs)
            finally:
                if is_moment:
                    os.kill(os.getpid(), hard)
        setattr(owner, name, step)

    # every statement the destination gets, and every file that dlt moves from one stage to the next
    may_be_killed(DuckDbSqlClient, "execute_sql", after=True)
    may_be_killed(FileStorage, "atomic_rename", after=False)
    may_be_killed(FileStorage, "rename_tree", after=False)
    Portions.of = classmethod(lambda *_: Portions(ahead=4, batch=2, file=2, package=6))
    ingest([root], database=database, prune=prune)
    print(passed)
    """
)


def run_killed(root: Path, database: Path, moment: int, *, prune: bool = False) -> subprocess.CompletedProcess[str]:
    """Runs `ingest` in a process that kills itself, as hard as can be, at the given step (0: never)."""
    command = [sys.executable, "-c", KILLED_RUN, root, database, "prune" if prune else "keep", moment]
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Washers with masks, a faulty file and a class of DAGM: 3 packages of new rows."""
    root = tmp_path / "root"
    for path in sorted((SAMPLE_DATA / "mvtec_ad/washer").rglob("*.png")):
        if path.stem[:3] in {"000", "001"}:
            target = root / path.relative_to(SAMPLE_DATA / "mvtec_ad")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    (root / "washer/train/good/bad.png").write_text("no image")
    return root


def change(root: Path) -> None:
    """What happens on disk between two runs: a file changes, one comes, one goes, one is mended."""
    good = root / "washer/train/good"
    shutil.copy(SAMPLE_DATA / "mvtec_ad/washer/train/good/005.png", good / "000.png")
    shutil.copy(SAMPLE_DATA / "mvtec_ad/washer/train/good/006.png", good / "bad.png")
    shutil.copy(SAMPLE_DATA / "mvtec_ad/washer/train/good/007.png", good / "007.png")
    (root / "washer/test/scratch/001.png").unlink()
    (root / "washer/ground_truth/scratch/001_mask.png").unlink()


def was_killed(run: subprocess.CompletedProcess[str]) -> bool:
    return run.returncode in (-getattr(signal, "SIGKILL", 9), signal.SIGTERM)


def test_first_run_killed_again_and_again(root: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed.duckdb"
    whole = run_killed(root, undisturbed, 0)
    assert whole.returncode == 0, whole.stderr
    steps = int(whole.stdout)
    database = tmp_path / "killed.duckdb"
    kills = 0
    # what complete packages have brought stays, so a later run may be over before its moment comes
    for moment in range(3, steps, steps // 6):
        run = run_killed(root, database, moment)
        assert was_killed(run) or run.returncode == 0, run.stderr[-500:]
        kills += was_killed(run)
    assert kills >= 3
    ingest([root], database=database)
    assert contents(database) == contents(undisturbed)


def test_second_run_killed_while_it_replaces_and_prunes(root: Path, tmp_path: Path) -> None:
    database = tmp_path / "killed.duckdb"
    ingest([root], database=database)
    change(root)
    steps = 30
    for moment in range(4, steps, 6):
        run = run_killed(root, database, moment, prune=True)
        assert was_killed(run) or run.returncode == 0, run.stderr[-500:]
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
    shutil.copy(SAMPLE_DATA / "mvtec_ad/washer/train/good/008.png", root / "washer/train/good/008.png")
    report = ingest([root], database=database)
    assert report.images.new == report.images.total
    assert rows(database, "SELECT count(*) FROM images WHERE filename = '008.png'") == [(1,)]
