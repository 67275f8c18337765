"""A room of attendees on one museum: everybody runs the follow-along's pipelines at the same time.

    uv run python benchmarks/room.py [--attendees N] [--requests-per-minute R] [--minute-s S] [--json]

One `classroom museum` in a process of its own, a process for each attendee, and all of them begin each step together.
Before that, one attendee takes the same steps alone. `docs/room.md` explains each number. Ends with exit code 1 if a
load failed, a row is wrong, or the museum refused what it was not told to refuse.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import requests
from rich.console import Console
from room_attendee import Result, attend
from room_summary import Phase, list_faults, summarise_phase
from room_views import render
from summary import describe_machine

PHASES = (
    Phase("all_pages", "all_pages"),
    Phase("by_address", "polite", is_limited=True),
    Phase("by_agent", "polite", is_limited=True, is_counted_by_agent=True),
    Phase("day_1", "incremental", place="incremental"),
    Phase("day_2", "incremental", place="incremental", day=2),
    Phase("pictures", "pictures"),
    Phase("ask_only", "ask_only"),
)
_SAMPLING_S = 0.1
_START = "forkserver" if sys.platform == "linux" else "spawn"
"""Sixty processes that each import dlt for themselves take longer to start than all they do afterwards."""
_IMPORTED_ONCE = ["classroom.course.answers", "classroom.pages.follow_along", "dlt.sources.rest_api"]
_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}


@dataclass(frozen=True, slots=True)
class Limit:
    """What the museum allows in the phases with a limit.

    Attributes:
        requests_per_minute: To a client.
        minute_s: How long that minute is.
    """

    requests_per_minute: int
    minute_s: float


class MuseumProcess:
    """`classroom museum` as an instructor opens it, with an eye on its memory and processor time.

    Attributes:
        url: Base of its API.
        peak_memory_bytes: The most it was seen to hold.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        announced = "".join(islice(process.stdout or (), 3))
        addresses = re.search(r"open at (\S+).*control it .* at (\S+)/day", announced, re.DOTALL)
        if addresses is None:
            raise SystemExit("the museum did not open")
        self.url, self._control_url, self.peak_memory_bytes = addresses[1], addresses[2], 0
        # on Windows the interpreter of a virtual environment starts another one, which does the work
        own = psutil.Process(process.pid)
        self._processes = [own, *own.children(recursive=True)]
        self._is_closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._is_closing.wait(_SAMPLING_S):
            held = sum(process.memory_info().rss for process in self._processes)
            self.peak_memory_bytes = max(self.peak_memory_bytes, held)

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)

    def control(self, name: str, value: dict[str, Any] | None = None) -> dict[str, Any]:
        """Asks how `day`, `faults` or `counts` stand, or changes them."""
        method, address = "GET" if value is None else "POST", f"{self._control_url}/{name}"
        answer = requests.request(method, address, json=value, timeout=60)
        answer.raise_for_status()
        return dict(answer.json())

    def stop_watching(self) -> None:
        """To be called before the museum closes."""
        self._is_closing.set()
        self._watcher.join()


@contextmanager
def open_museum(folder: Path) -> Iterator[MuseumProcess]:
    """A museum that closes at the end of the block; what it complained of is in `museum.log` then."""
    command = [sys.executable, "-m", "classroom", "museum", "--port", "0"]
    with (folder / "museum.log").open("w", encoding="utf-8") as log:
        # in a session of its own, Linux does not count it as one process among those of the attendees
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, encoding="utf-8", start_new_session=True
        )
        try:
            museum = MuseumProcess(process)
            try:
                yield museum
            finally:
                museum.stop_watching()
        finally:
            process.terminate()
            process.wait()


@contextmanager
def seat(attendees: int, url: str, folder: Path) -> Iterator[list[Connection]]:
    """Starts the attendees' processes, and waits until all are ready; yields the lines to them."""
    context = multiprocessing.get_context(_START)
    if _START == "forkserver":
        context.set_forkserver_preload(_IMPORTED_ONCE)
    lines, processes = [], []
    for number in range(1, attendees + 1):
        line, theirs = context.Pipe()
        process = context.Process(target=attend, args=(number, url, folder / f"{number}", theirs), daemon=True)
        process.start()
        theirs.close()
        lines.append(line)
        processes.append(process)
    _hear(lines)
    yield lines
    for line in lines:
        line.send(None)
    for process in processes:
        process.join()


def _hear(lines: Sequence[Connection]) -> list[Any]:
    heard = []
    for number, line in enumerate(lines, 1):
        try:
            heard.append(line.recv())
        except EOFError:
            raise SystemExit(f"the process of attendee {number} has ended; try fewer --attendees") from None
    return heard


def hold(attendees: int, limit: Limit) -> dict[str, Any]:
    """All phases with so many attendees, on a museum that has just been opened."""
    with tempfile.TemporaryDirectory(prefix="classroom-room-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        with open_museum(folder) as museum, seat(attendees, museum.url, folder) as lines:
            phases = {}
            for phase in PHASES:
                phases[phase.name] = _run_phase(phase, museum, lines, limit)
                print(f"  {phase.name}: {phases[phase.name]['seconds']:.1f} s", file=sys.stderr, flush=True)
        complaints = (folder / "museum.log").read_text(encoding="utf-8")
        return {"phases": phases, "museum_peak_memory_bytes": museum.peak_memory_bytes, "museum_said": complaints}


def _run_phase(phase: Phase, museum: MuseumProcess, lines: Sequence[Connection], limit: Limit) -> Result:
    museum.control("day", {"day": phase.day})
    museum.control("faults", list_faults(phase, limit.requests_per_minute, limit.minute_s))
    museum.control("counts", {})
    cpu_s, began_s = museum.cpu_seconds(), time.perf_counter()
    for line in lines:
        line.send((phase.step, phase.place or phase.name))
    results = _hear(lines)
    seconds = time.perf_counter() - began_s
    cpu_s = museum.cpu_seconds() - cpu_s
    return summarise_phase(phase, results, museum.control("counts"), seconds=seconds, museum_cpu_s=cpu_s)


def measure(attendees: int, limit: Limit) -> dict[str, Any]:
    """One attendee alone, then the room; the room's steps as multiples of the same step alone."""
    machine = describe_machine()
    print("one attendee alone", file=sys.stderr, flush=True)
    alone = hold(1, limit)
    print(f"{attendees} attendees", file=sys.stderr, flush=True)
    room = hold(attendees, limit)
    for name, phase in room["phases"].items():
        alone_s = alone["phases"][name]["step_s"]["p50"]
        phase["times_alone"] = {key: value / alone_s for key, value in phase["step_s"].items()}
    facts = {"attendees": attendees, "limit": limit.requests_per_minute, "minute_s": limit.minute_s, "start": _START}
    return {"measured_on": machine, **facts, "alone": alone, "room": room}


def find_wrong(summary: dict[str, Any]) -> list[str]:
    """What should not have happened, a line each."""
    wrong = []
    for held in (summary["alone"], summary["room"]):
        wrong += [f"the museum said: {line}" for line in held["museum_said"].splitlines()]
        for name, phase in held["phases"].items():
            wrong += [f"{name}: {error}" for error in phase["errors"]]
            if phase["right"] != phase["attendees"]:
                wrong.append(f"{name}: all rows are right for {phase['right']} of {phase['attendees']}")
            if phase["not_asked_for"]:
                wrong.append(f"{name}: {phase['not_asked_for']} refusals that nobody had asked for")
    return wrong


def main() -> None:
    """Parses the command line, measures, and prints a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--attendees", type=int, default=60, metavar="N", help="how many at once; 100 MB each, 250 MB but on Linux")
    add("--requests-per-minute", type=int, default=60, metavar="R", help="the museum's limit, where it has one")
    add("--minute-s", type=float, default=6.0, metavar="S", help="how long the museum's minute lasts, in seconds")
    add("--json", dest="as_json", action="store_true", help="print one JSON object and nothing else")
    arguments = parser.parse_args()
    os.environ.update(_QUIET)
    summary = measure(arguments.attendees, Limit(arguments.requests_per_minute, arguments.minute_s))
    if arguments.as_json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        console = Console() if sys.stdout.isatty() else Console(width=120)
        console.print(render(summary))
    if wrong := find_wrong(summary):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
