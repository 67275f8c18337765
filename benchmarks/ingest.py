"""How fast darkroom ingests, re-runs and reads back, beside what bare decoding costs on the same files.

    uv run python benchmarks/ingest.py [--images N] [--from ROOT] [--corpus FOLDER] [--repeats R] [--peers] [--json]
    uv run python benchmarks/ingest.py --growth

Every measurement is a process of its own; they take turns, so that what else the machine does hits all of them,
and ratios are taken within one turn. `docs/performance.md` explains each number.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus import describe_origin, link_pictures
from instruments import Result, Task
from peers import PEERS
from rich.console import Console
from summary import describe_machine, summarise, summarise_growth
from views import render, render_growth

CONTESTANTS = ("read_limit", "decode_limit", "fast_limit", "ingest")
THE_REST = ("row_by_row", "decode_epoch", "read_back", "rerun_unchanged", "rerun_changed")
GROWTH = (500, 1000, 2000, 5000, 10000)
_PIECE_BYTES = 1 << 20
_QUIET = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "DO_NOT_TRACK": "1",
    "DAFT_PROGRESS_BAR": "0",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


@dataclass(slots=True)
class Bench:
    """Where measurements run, and what they gave, by name and in turn."""

    task: Task
    results: dict[str, list[Result]] = field(default_factory=dict)

    def measure(self, name: str) -> Result:
        """Runs one measurement with its files in the page cache, and keeps its result."""
        _warm_page_cache(self.task)
        started_s = time.perf_counter()
        result = _check_stored(_run(name, self.task))
        outcome = result.get("error", f"{time.perf_counter() - started_s:.1f} s")
        print(f"  {name}: {outcome}", file=sys.stderr, flush=True)
        self.results.setdefault(name, []).append(result)
        return result


def _run(name: str, task: Task) -> Result:
    """Runs a measurement in a process of its own; a failure is a result with `error`."""
    script = Path(__file__).with_name("measurements.py")
    with tempfile.TemporaryDirectory() as folder:
        result_path = Path(folder) / "result.json"
        started_at = time.time()
        ended = subprocess.run(
            [sys.executable, str(script), name, task.to_json(), str(result_path)],
            env=_make_environment(),
            capture_output=True,
            check=False,
        )
        if ended.returncode:
            return {"error": _explain(ended.returncode, ended.stderr.decode(errors="replace"))}
        result: Result = json.loads(result_path.read_text(encoding="utf-8"))
    if called_at := result.pop("called_at", None):
        result["start_s"] = called_at - started_at
    return result


def _make_environment() -> dict[str, str]:
    # Where it is set, every process would compile all it imports anew, in the middle of what is measured.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | _QUIET


def _explain(code: int, stderr: str) -> str:
    lines = stderr.strip().splitlines() or [f"ended with exit code {code}"]
    reason = next((line for line in reversed(lines) if "Error" in line), lines[-1])
    return f"not installed ({reason})" if reason.startswith("ModuleNotFoundError") else reason


def _check_stored(result: Result) -> Result:
    for key in ("files_stored", "files_accounted"):
        if result.get(key, result.get("files")) != result.get("files"):
            return {"error": f"{key}: {result[key]} of {result['files']} files"}
    return result


def _warm_page_cache(task: Task) -> None:
    """Reads the files, and the database where there is one, so that nothing measured waits for a disk."""
    if hasattr(os, "sync"):
        os.sync()  # what the last measurement wrote is not to be written during the next
    files = [Path(parent, name) for parent, _, names in os.walk(task.tree) for name in names]
    for path in (*files, task.database):
        if path.exists():
            with path.open("rb") as file:
                while file.read(_PIECE_BYTES):
                    pass


@contextmanager
def _fresh_tree(task: Task, images: int) -> Iterator[Task]:
    """The same task on the first `images` pictures, in a tree of their own that is deleted afterwards."""
    with tempfile.TemporaryDirectory(dir=task.work) as folder:
        task = replace(task, images=images, work=Path(folder), tree=Path(folder) / "tree")
        link_pictures(task.corpus, task.pictures(), task.tree)
        yield task


def measure_all(task: Task, repeats: int, peers: Sequence[str]) -> dict[str, list[Result]]:
    """Every measurement, `repeats` times in turn; once, at the end, what ten further runs do to the database."""
    bench = Bench(task)
    for repeat in range(repeats):
        print(f"repeat {repeat + 1} of {repeats}", file=sys.stderr)
        with _fresh_tree(task, task.images) as bench.task:
            for name in (*CONTESTANTS, *peers, *THE_REST):
                bench.measure(name)
                _delete_peers(bench.task, peers)
            if repeat == repeats - 1:
                bench.measure("ten_additions")
                bench.measure("ten_changes")
    return bench.results


def _delete_peers(task: Task, peers: Sequence[str]) -> None:
    for name in peers:
        shutil.rmtree(task.work / name, ignore_errors=True)


def measure_growth(task: Task, repeats: int, sizes: Sequence[int]) -> dict[int, dict[str, list[Result]]]:
    """Decoding and ingest for corpora of several sizes, in turn."""
    benches = {size: Bench(task) for size in sizes}
    for repeat in range(repeats):
        for size, bench in benches.items():
            print(f"{size} images, repeat {repeat + 1} of {repeats}", file=sys.stderr)
            with _fresh_tree(task, size) as bench.task:
                for name in CONTESTANTS:
                    bench.measure(name)
    return {size: bench.results for size, bench in benches.items()}


def main() -> None:
    """Parses the command line, measures, and prints a table or JSON."""
    arguments = _parse_arguments()
    with tempfile.TemporaryDirectory(prefix="darkroom-benchmark-") as temporary:
        summary = _measure(arguments, arguments.corpus or Path(temporary))
    if arguments.as_json:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        # A table cut to 80 columns, as in a pipe, would lose its numbers.
        console = Console() if sys.stdout.isatty() else Console(width=120)
        console.print((render_growth if arguments.growth is not None else render)(summary))


def _measure(arguments: argparse.Namespace, folder: Path) -> Result:
    sizes = arguments.growth if arguments.growth != [] else list(GROWTH)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="work-") as work:
        task = Task(
            corpus=folder / "pictures",
            origin=describe_origin(arguments.root),
            images=max(sizes) if sizes else arguments.images,
            tree=Path(work) / "none",
            work=Path(work),
            source=arguments.root,
        )
        machine = describe_machine()
        print("making the corpus …", file=sys.stderr, flush=True)
        corpus = _run("make_corpus", task)
        if "error" in corpus:
            sys.exit(f"making the corpus failed: {corpus['error']}")
        facts = {"measured_on": machine, "corpus": corpus, "repeats": arguments.repeats}
        if sizes:
            return facts | {"growth": summarise_growth(measure_growth(task, arguments.repeats, sizes))}
        peers = tuple(PEERS) if arguments.peers else ()
        return facts | summarise(measure_all(task, arguments.repeats, peers))


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--images", type=int, default=2000, metavar="N", help="images to measure on; their masks come on top")
    add("--from", dest="root", type=Path, metavar="ROOT", help="copy the images from here; repeated until there are N")
    add("--corpus", type=Path, metavar="FOLDER", help="keep the images here for the next time")
    add("--repeats", type=int, default=3, metavar="R", help="how often each measurement takes its turn")
    add("--peers", action="store_true", help="measure LanceDB, Daft and Hugging Face datasets too")
    add("--growth", type=int, nargs="*", metavar="N", help=f"ingest alone, for sizes N [{' '.join(map(str, GROWTH))}]")
    add("--json", dest="as_json", action="store_true", help="print one JSON object and nothing else")
    return parser.parse_args()


if __name__ == "__main__":
    main()
