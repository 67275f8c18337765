"""Inside a worker: shut in, run one notebook's steps, write down the evidence.

Started by `classroom.grading.notebook_run`. What is written to the evidence's pipe, one JSON object a line:
`{"ready": true}` before the submission's first line runs, then `{"step": 1, "evidence": {...}}` for each step;
`{"stopped": "memory"}` if that is why it ended.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

from classroom.grading import kernel, limits, namespaces
from classroom.processes import take_pipes, write_whole


def main() -> None:
    """Reads the request from standard input, and ends the process when all is written."""
    requests, pipe = take_pipes()
    with requests:
        request: Mapping[str, Any] = json.load(requests)
    scratch = Path(request["scratch"])
    if request["level"] == "namespaces":
        visible = [Path(path) for path in request["visible"]]
        stopped = lambda reason: _write(pipe, {"stopped": reason})  # noqa: E731
        namespaces.enter(scratch, visible, request["memory_mb"], stopped, next(limits.possible_users()))
        scratch = namespaces.HOME
    elif request["level"] == "user":
        limits.become_user(request["user"])
    if sys.platform == "linux":
        kernel.die_with_parent()
    limits.limit_resources(request["memory_mb"], request["cpu_s"])
    _collect(request, scratch, pipe)
    os._exit(0)  # what the submission left running or registered has no say any more


def _collect(request: Mapping[str, Any], scratch: Path, pipe: int) -> None:
    gc.disable()  # importing makes no garbage, and takes a fifth less so
    from classroom.checks import find_check
    from classroom.checks.checking import collect_from_notebook
    from classroom.course.contents import Step

    steps = [Step(**{**values, "defines": tuple(values["defines"])}) for values in request["steps"]]
    for step in steps:
        find_check(step)
    notebook = scratch / f"{request['exercise']}.py"
    notebook.write_bytes(base64.b64decode(request["notebook"]))
    installed = dict(_checker())
    gc.enable()
    _write(pipe, {"ready": True})
    for step in steps:
        evidence = collect_from_notebook(step, notebook)
        if changed := _find_change(installed):
            evidence = {"raised": f"the notebook changed the checker: {changed} is not what is installed"}
        _write(pipe, {"step": step.number, "evidence": _hide_folder(evidence, scratch)})


def _checker() -> Iterator[tuple[tuple[str, str], object]]:
    """Yields what the checks consist of: functions with their code, classes, and the lists of steps."""
    for module_name, module in sorted(sys.modules.items()):
        if module_name.split(".")[0] == "classroom":
            for name, value in list(vars(module).items()):
                if isinstance(value, (FunctionType, type)) or name == "STEPS":
                    yield (module_name, name), getattr(value, "__code__", value)


def _find_change(installed: Mapping[tuple[str, str], object]) -> str:
    """Names the first part of the checker that was changed. A tripwire, no wall: it runs beside the submission."""
    now = dict(_checker())
    return next((".".join(key) for key, value in installed.items() if now.get(key) is not value), "")


def _hide_folder(evidence: Mapping[str, Any], scratch: Path) -> Mapping[str, Any]:
    """Messages name the notebook without the scratch that it was in."""
    if isinstance(message := evidence.get("raised"), str):
        return {**evidence, "raised": message.replace(f"{scratch}{os.sep}", "")}
    return evidence


def _write(pipe: int, line: Mapping[str, Any]) -> None:
    write_whole(pipe, b"\n" + _encode(line) + b"\n")


def _encode(line: Mapping[str, Any]) -> bytes:
    """As JSON; a value from the learner's code that JSON does not have is told instead."""
    try:
        return json.dumps(line).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({**line, "evidence": {"raised": f"what came back cannot be written down: {error}"}}).encode()


if __name__ == "__main__":
    main()
