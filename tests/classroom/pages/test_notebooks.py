"""Every notebook runs from top to bottom as a script: lessons, masters, and exercises as they are handed out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from classroom.course.progress import read_progress
from classroom.course.registry import Course

PROJECT = Path(__file__).parents[3]
NOTEBOOKS = sorted(
    path.relative_to(PROJECT).as_posix()
    for folder in ("lessons", "solutions", "exercises")
    for path in (PROJECT / folder).rglob("*.py")
)


@pytest.mark.thorough
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_cell_fails(notebook: str, tmp_path: Path) -> None:
    environment = os.environ | {"CLASSROOM_ROOT": str(PROJECT), "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, str(PROJECT / notebook)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(tmp_path.glob("classroom-*")), "a workspace was left behind"


def test_a_master_that_runs_is_nobody_s_achievement(course: Course) -> None:
    master = course.solution_file("01_read_a_layout")
    subprocess.run([sys.executable, str(master)], cwd=course.root, check=True, timeout=120)
    assert read_progress(course.root).steps == {}
