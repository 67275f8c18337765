"""Notebooks of exercise 1 that mean harm, and what a grader has to make of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from classroom.course.gaps import fill
from classroom.course.outcomes import Outcome
from classroom.course.registry import Course, read_course

ROOT = Path(__file__).parents[3]
EXERCISE = "01_read_a_layout"
MASTER = (ROOT / "solutions" / f"{EXERCISE}.py").read_text(encoding="utf-8")

RIGHT = """
category, split, label, filename = PurePosixPath(path).parts
if split == "ground_truth":
    return None
return {"sample_id": f"mvtec_ad/{path}", "category": category, "split": split, "label": label,
        "is_defect": label != "good"}
"""


@dataclass(frozen=True)
class Hostile:
    """A gap's content, or a whole file.

    Attributes:
        outcome: What it is graded as.
        message: Words of the message.
        code: What stands in the gap.
        content: The whole file instead.
        is_contained: Whether it may run only where it is shut in by namespaces.
    """

    outcome: Outcome
    message: str
    code: str = ""
    content: bytes = b""
    is_contained: bool = False

    @property
    def notebook(self) -> bytes:
        return self.content or fill(MASTER, {1: self.code}).encode()


def one_exercise() -> Course:
    """The course with nothing but the exercise that the hostile notebooks are about."""
    course = read_course(ROOT)
    return replace(course, exercises=(course.find_exercise(EXERCISE),))


def hand_in(folder: Path, student: str, notebook: bytes) -> Path:
    """Writes a student's notebook into a folder of submissions."""
    file = folder / student / f"{EXERCISE}.py"
    file.parent.mkdir(parents=True)
    file.write_bytes(notebook)
    return file


def with_setup(line: str) -> bytes:
    """The solution with one more line in its setup."""
    return MASTER.replace("    import marimo as mo\n", f"    import marimo as mo\n    {line}\n").encode()


def write_to_pipes(line: str) -> str:
    """Code that writes a line to whatever is open, and ends the process before the check can write its own."""
    return f"""
import os
for number in range(3, 30):
    try:
        os.write(number, {line})
    except OSError:
        pass
os._exit(0)
"""


def make_hostile(other: Path, port: int, token: str) -> dict[str, Hostile]:
    """The notebooks by name of the student.

    Args:
        other: Another student's notebook.
        port: Where the test listens.
        token: Argument of the processes that are left behind.
    """
    fail, error, passed = Outcome.FAIL, Outcome.ERROR, Outcome.PASS
    patched = "def forged(names, workspace):\n    return {'answers': {}}\n"
    sleep = f"os.execv('/bin/sleep', ['/bin/sleep', '{token}'])"
    return {
        "endless-loop": Hostile(error, "longer than 8 s", "while True:\n    pass"),
        "sys-exit": Hostile(error, "SystemExit: 0", "import sys\nsys.exit(0)"),
        "hard-exit": Hostile(error, "exit code 0", "import os\nos._exit(0)"),
        "exit-in-setup": Hostile(error, "SystemExit: 3", content=with_setup("raise SystemExit(3)")),
        "crash": Hostile(error, "SIGABRT" if os.name == "posix" else "exit code 3", "import os\nos.abort()"),
        "100-mb-of-output": Hostile(passed, "", "print('x' * 25_000_000)\n" + RIGHT),
        "100-mb-of-evidence": Hostile(
            error,
            "more than 4 MiB",
            write_to_pipes("b'x' * 1_000_000")
            .replace("pass", "continue")
            .replace("        os.write", "        for _ in range(100): os.write"),
        ),
        "memory-at-once": Hostile(error, "MemoryError", "block = bytearray(10**11)", is_contained=True),
        "memory-bit-by-bit": Hostile(
            error,
            "more than 600 MB",
            "blocks = []\nfor _ in range(200):\n    blocks.append(b'x' * 20_000_000)",
            is_contained=True,
        ),
        "fork-bomb": Hostile(
            error,
            "BlockingIOError",
            f"import os\nfor _ in range(200):\n    if os.fork() == 0:\n        os.setsid()\n        {sleep}",
            is_contained=True,
        ),
        "left-behind": Hostile(
            passed, "", f"import os\nif os.fork() == 0:\n    os.setsid()\n    {sleep}\n" + RIGHT, is_contained=True
        ),
        "reads-another": Hostile(error, "FileNotFoundError", f"return open({str(other)!r}).read()", is_contained=True),
        "reads-the-solution": Hostile(
            error,
            "FileNotFoundError",
            f"return open({str(ROOT / 'solutions' / EXERCISE)!r} + '.py').read()",
            is_contained=True,
        ),
        "edits-the-checker": Hostile(
            error,
            "RuntimeError: refused",
            "import classroom.checks.read_a_layout as check\ntry:\n    open(check.__file__, 'a').close()\n"
            "except OSError:\n    raise RuntimeError('refused')\nreturn 'open'",
            is_contained=True,
        ),
        "calls-home": Hostile(
            error,
            "ConnectionRefusedError",
            f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 5)\nreturn 'connected'",
            is_contained=True,
        ),
        "calls-out": Hostile(
            error,
            "Network is unreachable",
            "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)\nreturn 'connected'",
            is_contained=True,
        ),
        "replaces-the-steps": Hostile(
            error,
            "changed the checker: classroom.checks.read_a_layout.STEPS",
            patched + "import classroom.checks.read_a_layout as check\nfrom classroom.checks import StepCheck\n"
            "check.STEPS = (StepCheck(forged, check.judge, ()),)",
        ),
        "replaces-the-judge": Hostile(
            error,
            "changed the checker: classroom.checks.read_a_layout.judge",
            "import classroom.checks.read_a_layout as check\nfrom classroom.course.outcomes import passed\n"
            "check.judge = lambda evidence: passed('')\nreturn {}",
        ),
        "replaces-the-code": Hostile(
            error,
            "the notebook changed the checker: ",
            "import classroom.course.outcomes as outcomes\n"
            "outcomes.failed.__code__ = outcomes.passed.__code__\nreturn {}",
        ),
        "forged-shape": Hostile(
            error,
            "no evidence that this check writes",
            write_to_pipes("""b'{"step": 1, "evidence": {"answers": 3}}\\n'"""),
        ),
        "forged-twice": Hostile(
            error,
            "no evidence that a check has written",
            write_to_pipes("""b'{"step": 1, "evidence": {"empty": true}}\\n' * 2"""),
        ),
        "forged-nesting": Hostile(
            error, "no evidence that a check has written", write_to_pipes("b'[' * 100_000 + b'\\n'")
        ),
        "forged-result": Hostile(
            error,
            "no evidence that a check has written",
            write_to_pipes("""b'{"outcome": "pass", "points": 10}\\n'"""),
        ),
        "wrong-answer": Hostile(fail, "A mask was taken for an image", RIGHT.replace("return None", "split = 'test'")),
        "syntax-error": Hostile(error, "SyntaxError in cell exercise_1", "return ((("),
        "binary": Hostile(error, "cannot be read", content=bytes(range(256)) * 40),
        "nul": Hostile(error, "", content=b"\0" * 100),
        "empty-gap": Hostile(Outcome.TODO, "gap is still empty"),
    }
