"""Importing darkroom is free of effects: settings are made when a pipeline is opened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

WATCH_IMPORTS = """
import importlib, json, os, pkgutil, warnings
import dlt, pandas, pyarrow.parquet, requests  # what they do to the filters of warnings is theirs
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

def look():
    return [dict(os.environ), list(map(str, warnings.filters)), PluggableRunContext in Container()]

before = look()
import darkroom
names = ["darkroom"]
for module in pkgutil.walk_packages(darkroom.__path__, "darkroom."):
    # torch is an extra, and `__main__` runs the command
    if module.name not in ("darkroom.__main__", "darkroom.query.torch_datasets"):
        importlib.import_module(module.name)
        names.append(module.name)
print(json.dumps([before, look(), names, [
    provider._config_doc for provider in dlt.config.config_providers if hasattr(provider, "_config_doc")
]]))
"""


def test_importing_darkroom_changes_nothing_in_the_process(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RUNTIME__")}
    run = subprocess.run(
        [sys.executable, "-c", WATCH_IMPORTS], cwd=tmp_path, capture_output=True, text=True, env=environment, check=True
    )
    before, after, names, settings = json.loads(run.stdout)
    assert {"darkroom.load.run", "darkroom.training.train", "darkroom.commands.cli"} <= set(names)
    assert len(names) > 80
    assert after == before
    assert before[2] is False, "dlt has not even been set up"
    assert not any(settings)
