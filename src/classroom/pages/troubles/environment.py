"""Troubles around the code: configuration, a file's name, packages, paths and versions."""

from __future__ import annotations

from importlib import metadata

import dlt
from dlt.sources.filesystem import filesystem
from packaging.version import Version

from classroom.course.versions import BREAKS
from classroom.course.workspace import Workspace
from classroom.pages.troubles.play import Case, Trouble
from classroom.pages.troubles.scripts import run_script

KEY_SCRIPT = """import dlt

@dlt.resource
def artworks(museum_key: str = dlt.secrets.value):
    yield {"id": 1, "has_key": bool(museum_key)}

print(list(artworks()))
"""

FIRST_SCRIPT = """import dlt

images = dlt.resource([{"id": 1}, {"id": 2}], name="images")
print(list(images))
"""

FRAME_SCRIPT = """import dlt
import pandas as pd

database = dlt.destinations.duckdb("frames.duckdb")
pipeline = dlt.pipeline("frames", destination=database, pipelines_dir="pipelines")
pipeline.run(pd.DataFrame({"id": [1, 2]}), table_name="images")
print(pipeline.last_trace.last_normalize_info.row_counts["images"], "rows")
"""


def provoke_config(workspace: Workspace) -> str:
    """Started in a folder without .dlt/."""
    return run_script(workspace.folder / "downloads", "load.py", KEY_SCRIPT)


def mend_config(workspace: Workspace) -> str:
    """Put the key where dlt looked, and start where .dlt/ is."""
    project = workspace.folder / "project"
    (project / ".dlt").mkdir(parents=True)
    secrets = '[sources]\nmuseum_key = "of no worth"\n'
    (project / ".dlt" / "secrets.toml").write_text(secrets, encoding="utf-8")
    return run_script(project, "load.py", KEY_SCRIPT)


def provoke_shadow(workspace: Workspace) -> str:
    """The first script with dlt is called ... dlt.py."""
    return run_script(workspace.folder, "dlt.py", FIRST_SCRIPT)


def mend_shadow(workspace: Workspace) -> str:
    """Any other name does."""
    (workspace.folder / "dlt.py").unlink()
    return run_script(workspace.folder, "load.py", FIRST_SCRIPT)


def provoke_no_pyarrow(workspace: Workspace) -> str:
    """A DataFrame, where pyarrow is not installed."""
    hide = "import sys\nsys.modules['pyarrow'] = None  # as if not there\n"
    return run_script(workspace.folder, "load.py", hide + FRAME_SCRIPT)


def mend_no_pyarrow(workspace: Workspace) -> str:
    """After `pip install "dlt[parquet]"`."""
    return run_script(workspace.folder, "load.py", FRAME_SCRIPT)


def provoke_file_url(workspace: Workspace) -> str:
    """A relative path with file:/// written before it."""
    folder = workspace.folder / "inspection_images"
    folder.mkdir()
    (folder / "000.png").touch()
    url = f"file:///{folder.name}"
    return f"{len(list(filesystem(url, file_glob='*.png')))} files in {url}"


def mend_file_url(workspace: Workspace) -> str:
    """A plain path; dlt makes the URL."""
    folder = workspace.folder / "inspection_images"
    files = filesystem(str(folder.resolve()), file_glob="*.png")
    return f"{len(list(files))} file in a plain path to {folder.name}"


def look_at_versions(_workspace: Workspace) -> str:
    """What is installed here, beside what is known to break."""
    lines = [f"dlt {dlt.__version__}"]
    for name, first, how in BREAKS:
        here = metadata.version(name)
        verdict = "BROKEN" if Version(here) >= Version(first) else "fine"
        lines.append(f"{name} {here}: {verdict}. From {first} on, {how}.")
    return "\n".join(lines)


CONFIG = Trouble(
    "config",
    "A key or setting is not found",
    "The key is there, you wrote it into the file yourself.",
    (
        Case(
            "",
            provoke_config,
            mend_config,
            ("ConfigFieldMissingException", "`museum_key`", "secrets.toml` probed but not found"),
            "Read the list: it is every name and every file that dlt tried, in order. dlt looks for `.dlt/` in the "
            "folder you *start in*, not beside the script. An environment variable with one of the listed names "
            "works anywhere.",
            script=KEY_SCRIPT,
        ),
    ),
)

INSTALLATION = Trouble(
    "installation",
    "Names, packages, paths and versions",
    "The code is right, and the machine is not.",
    (
        Case(
            "A file called `dlt.py`",
            provoke_shadow,
            mend_shadow,
            ("'dlt' has no attribute 'resource'",),
            "Python looks in the script's folder first, and finds your file in place of the package. The same goes "
            "for `duckdb.py`, `marimo.py`, `pandas.py`.",
            script=FIRST_SCRIPT,
        ),
        Case(
            "pandas or pyarrow is missing",
            provoke_no_pyarrow,
            mend_no_pyarrow,
            ("MissingDependencyException", "pip install", "pyarrow"),
            "`pip install dlt` brings neither pandas nor pyarrow. DataFrames, Arrow tables and Parquet need pyarrow; "
            "`.df()` needs pandas. The message names what to install.",
            script=FRAME_SCRIPT,
        ),
        Case(
            "`file:///` written by hand",
            provoke_file_url,
            mend_file_url,
            ("0 files",),
            "Three slashes start at the root of the disk; on Windows the drive letter belongs there too, and "
            "backslashes do not. No error: an empty folder is no mistake. Give dlt a plain path.",
        ),
        Case(
            "Versions that break each other",
            look_at_versions,
            None,
            ("BROKEN",),
            "The newest of everything does not work together. `classroom doctor` says which version is to blame and "
            "which command mends it; pin all of them in your own project.",
        ),
    ),
)
