"""Grading by an ordinary user, and by root without namespaces: the real thing, as that user.

Only root can become others, and Python may lie where only root can look; so a mount namespace shows it to all first.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hostile import RIGHT, ROOT, Hostile, hand_in

from classroom.course.outcomes import Outcome

NOBODY = 65534
SHOW_PYTHON = """
set -e
mount --bind "$2" "$1"
mount -t tmpfs -o mode=755 none "$3"
mkdir -p "$2"
mount --move "$1" "$2"
shift 3
exec "$@"
"""
GRADE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from hostile import one_exercise
from classroom.grading import grade
from classroom.grading.isolation import Level
grading = grade(one_exercise(), Path(sys.argv[2]), jobs=2, timeout_s=20, memory_mb=600, level=Level(sys.argv[3]))
print(json.dumps({student.name: student.results[0].to_json() for student in grading.students}))
"""

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        sys.platform != "linux" or os.getuid() != 0 or not (shutil.which("unshare") and shutil.which("setpriv")),
        reason="needs Linux, root, and util-linux to become others",
    ),
]


def show_python(aside: Path) -> list[str]:
    """A command in front of another that lets everybody read Python; empty where everybody can."""
    prefix = Path(sys.base_prefix)
    closed = [folder for folder in prefix.parents[::-1] if not folder.stat().st_mode & 0o001]
    if not closed:
        return []
    if ROOT.is_relative_to(closed[0]):
        pytest.skip(f"{closed[0]} is closed to other users, and the course is in it")
    aside.mkdir()
    return ["sh", "-c", SHOW_PYTHON, "show", str(aside), str(prefix), str(closed[0])]


def grade_as(tmp_path: Path, user: int, level: str, folder: Path) -> dict[str, dict[str, object]]:
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    grader = [sys.executable, "-c", GRADE, str(Path(__file__).parent), str(folder), level]
    run = subprocess.run(
        ["unshare", "--mount", *show_python(tmp_path / "aside"), *become, *grader],  # noqa: S607
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": os.defpath, "TMPDIR": "/tmp", "HOME": "/tmp"},  # noqa: S108 - nobody has no other
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in (*tmp_path.parents[:3], tmp_path):
        part.chmod(part.stat().st_mode | 0o055)
    return tmp_path / "in"


@pytest.mark.parametrize(("user", "level"), [(NOBODY, "namespaces"), (NOBODY, "limits"), (0, "user")])
def test_grading_as(tmp_path: Path, folder: Path, user: int, level: str) -> None:
    token = f"63.{uuid.uuid4().int % 10**9}"
    leave = f"import os\nif os.fork() == 0:\n    os.setsid()\n    os.execv('/bin/sleep', ['/bin/sleep', '{token}'])\n"
    bomb = "import os, time\nfor _ in range(250):\n    if os.fork() == 0:\n        time.sleep(20)\n        os._exit(0)"
    private = hand_in(tmp_path / "private", "bob", b"secret")
    private.parents[1].chmod(0o700)
    hand_in(folder, "good", Hostile(Outcome.PASS, "", (leave if level != "limits" else "") + RIGHT).notebook)
    hand_in(folder, "bomb", Hostile(Outcome.ERROR, "", bomb).notebook)
    hand_in(folder, "reads", Hostile(Outcome.ERROR, "", f"return open({str(private)!r}).read()").notebook)
    edits = "import classroom.course.outcomes as it\nreturn open(it.__file__, 'a').close()"
    hand_in(folder, "edits", Hostile(Outcome.ERROR, "", edits).notebook)

    results = grade_as(tmp_path, user, level, folder)

    assert {name: result["outcome"] for name, result in results.items()} == {
        "good": "pass",
        "bomb": "error",
        "reads": "error",
        "edits": "error",
    }
    assert "BlockingIOError" in str(results["bomb"]["message"])
    assert str(results["reads"]["message"]).startswith(("FileNotFoundError", "PermissionError"))
    listed = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True)  # noqa: S607
    assert token not in listed.stdout
