"""One run of `ingest` whose process kills itself, as hard as can be, at a given step: for `test_interrupted`."""

from __future__ import annotations

import os
import signal
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from dlt.common.storages.file_storage import FileStorage
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from darkroom.load.limits import SampleLimits
from darkroom.load.run import ingest

HARD = getattr(signal, "SIGKILL", signal.SIGTERM)


def run_and_die(root: Path, database: Path, moment: int, prune: bool, tells: Connection) -> None:
    """Patches this process for good; tells how many steps a run took that came to its end, or why none did."""
    passed = 0

    def may_be_killed(owner: type, name: str, *, after: bool) -> None:
        original = getattr(owner, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal passed
            passed += 1
            is_moment = passed == moment
            if is_moment and not after:
                os.kill(os.getpid(), HARD)
            try:
                return original(*args, **kwargs)
            finally:
                if is_moment:
                    os.kill(os.getpid(), HARD)

        setattr(owner, name, step)

    # every statement the destination gets, and every file that dlt moves from one stage to the next
    may_be_killed(DuckDbSqlClient, "execute_sql", after=True)
    may_be_killed(FileStorage, "atomic_rename", after=False)
    may_be_killed(FileStorage, "rename_tree", after=False)
    SampleLimits.of = classmethod(lambda *_: SampleLimits(4, per_tables=2, per_file=2, per_package=6))  # type: ignore[assignment, method-assign]
    try:
        ingest([root], database=database, prune=prune)
    except BaseException:
        tells.send(traceback.format_exc())
        raise
    tells.send(passed)
