"""What all dlt pipelines of darkroom share: settings, names, working folders, and words for failures.

Whoever writes to the database comes through here: `ingest` with images, `train` with its results. Importing this
module sets nothing; `dlt_settings` does, when a pipeline is opened.
"""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
from dlt.common.exceptions import DltException, SignalReceivedException
from dlt.common.runtime.anon_tracker import disable_anon_tracker

from darkroom.errors import DarkroomError, DiskFullError, LoadError, iter_causes

PIPELINE_NAME = "darkroom"
"""Name of the dlt pipeline and of its schema. All tables are in one schema: `dlt.dataset` without a pipeline
sees the tables of the schema stored last, and no others."""

DLT_DEFAULTS: dict[str, Any] = {
    "normalize.workers": 1,
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    "load.workers": 1,
    "load.delete_completed_jobs": True,
    "load.truncate_staging_dataset": True,
}
"""Settings of every pipeline, as `dlt.config.values` takes them."""

_SECRET = re.compile(r"://[^\s/\"']*@")
_LOGGER = logging.getLogger("dlt")


@contextmanager
def dlt_settings(more: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Sets what pipelines of darkroom need; at the end of the block, settings and log level are as they were.

    Args:
        more: Settings to add to `DLT_DEFAULTS`.
    """
    with dlt.config.values({**DLT_DEFAULTS, **(more or {})}):
        level = _LOGGER.level
        quieten_dlt()
        try:
            yield
        finally:
            _LOGGER.setLevel(level)


def quieten_dlt() -> None:
    """Keeps dlt from reporting runs to its makers and from logging, in the whole process.

    What the user has set holds: `RUNTIME__DLTHUB_TELEMETRY` and `RUNTIME__LOG_LEVEL` in the environment, or the same in
    `.dlt/config.toml`. dlt reads both only once, when it is first used, so setting them later changes nothing. A second
    call does nothing.
    """
    if dlt.config.get("runtime.dlthub_telemetry") is None:
        disable_anon_tracker()
    if dlt.config.get("runtime.log_level") is None:
        _LOGGER.setLevel(logging.CRITICAL)  # what goes wrong is told once, by the error


def work_folder(database_path: Path, suffix: str = "") -> Path:
    """Returns where dlt keeps its packages while a run lasts: beside the database, one folder for each."""
    path = database_path.absolute()
    return path.parent / ".darkroom" / (path.name + suffix)


@contextmanager
def explain_failures(what: str, where: Path | str) -> Iterator[None]:
    """Turns what dlt and the destination raise into one error that says what to do.

    Args:
        what: What is being done, as a sentence begins: "Loading into x.duckdb".
        where: The folder or destination that can be full.

    Raises:
        DarkroomError: Raised inside the block, however deep within another one.
        DiskFullError: No space is left.
        LoadError: Anything else that dlt or the destination reports.
        KeyboardInterrupt: Somebody pressed Ctrl-C, and dlt has taken it.
    """
    try:
        yield
    except Exception as error:
        if not comes_from_outside(error):
            raise
        causes = list(iter_causes(error))
        for cause in causes:
            if isinstance(cause, DarkroomError):
                raise cause from error
            if isinstance(cause, SignalReceivedException):
                raise KeyboardInterrupt from error
        if any(map(_is_disk_full, causes)):
            raise DiskFullError(
                f"No space is left in {where}, where the database and dlt's work folder are. What was loaded "
                "so far is safe: free some space and run the same command again."
            ) from error
        raise LoadError(
            f"{what} failed: {_first_line(causes[-1])} Completed packages are safe; mend the cause and run "
            "the same command again."
        ) from error


def comes_from_outside(error: BaseException) -> bool:
    """Tells what dlt, the system or a database raises from a slip in the code.

    Source: PEP 249: the driver of each database derives its errors from a class called `Error`.
    """
    is_from_driver = any(kind.__name__ == "Error" for kind in type(error).__mro__)
    return is_from_driver or isinstance(error, DltException | OSError | DarkroomError)


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    text = str(error).lower()
    return "no space left" in text or "not enough space on the disk" in text


def _first_line(error: BaseException) -> str:
    line = tell_reason(error)
    return line if line.endswith(".") else line + "."


def tell_reason(error: BaseException) -> str:
    """Returns the first line of what an error says, without the user and the password of an address in it."""
    return _SECRET.sub("://…@", (str(error).strip() or type(error).__name__).splitlines()[0])
