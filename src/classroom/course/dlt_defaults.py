"""How dlt behaves where the course runs: as in darkroom's pipelines, without reports to its makers, and quietly."""

from __future__ import annotations

import logging
import threading

import dlt
from dlt.common.runtime.anon_tracker import disable_anon_tracker

from darkroom.database.dlt_settings import DLT_DEFAULTS

QUIET_ENVIRONMENT = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}
"""The same for a process that is started: environment variables that dlt reads when it is first used."""

_lock = threading.Lock()


def set_dlt_defaults() -> None:
    """Sets what nobody has set, for the whole process; a second call does nothing.

    Lessons of several people run in threads of one server: what one of them set for a moment, by `dlt.config.values`,
    another would take away. What the environment or `.dlt/config.toml` says holds.
    """
    with _lock:
        _quieten()
        for key, value in DLT_DEFAULTS.items():
            if dlt.config.get(key) is None:
                dlt.config[key] = value


def _quieten() -> None:
    """Keeps dlt from reporting and logging; it reads these settings only once, when it is first used."""
    if dlt.config.get("runtime.dlthub_telemetry") is None:
        disable_anon_tracker()
    if dlt.config.get("runtime.log_level") is None:
        logging.getLogger("dlt").setLevel(logging.CRITICAL)
