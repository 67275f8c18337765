"""Results of measurements → the numbers that are shown."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from instruments import Result

_VERSIONS = ("pillow", "imgread", "cykooz-resizer", "dlt", "duckdb", "pyarrow", "numpy", "lancedb", "daft", "datasets")
Results = Mapping[str, Sequence[Result]]


def summarise(results: Results) -> dict[str, Any]:
    """Rates, ratios within each turn, memory, disk, and what ten further runs did to the database."""
    timed = {name: runs for name, runs in results.items() if not name.startswith("ten_")}
    measurements = {name: _summarise_measurement(runs, results) for name, runs in timed.items()}
    return {
        "measurements": measurements,
        "ratios": {
            "ingest_to_row_by_row": _spread_of_ratios(results["ingest"], results["row_by_row"]),
            "read_back_to_decode_epoch": _spread_of_ratios(results["read_back"], results["decode_epoch"]),
            "changed_to_its_share": _spread(_changed_to_its_share(results)),
        },
        "peak_extra_disk_bytes": _spread_of(results["ingest"], "peak_extra_disk_bytes"),
        "database_per_tensor_byte": {
            "after_ingest": results["ingest"][-1].get("database_per_tensor_byte"),
            "after_ten_additions": results["ten_additions"][-1].get("database_per_tensor_byte"),
            "after_ten_changes": results["ten_changes"][-1].get("database_per_tensor_byte"),
        },
    }


def summarise_growth(results: Mapping[int, Results]) -> list[dict[str, Any]]:
    """One entry per size: rate, share of the decode limit, memory, disk, database."""
    return [
        {"asked_for": size, **_summarise_measurement(runs["ingest"], runs)}
        | {
            "peak_extra_disk_bytes": _spread_of(runs["ingest"], "peak_extra_disk_bytes"),
            "database_per_tensor_byte": runs["ingest"][-1].get("database_per_tensor_byte"),
        }
        for size, runs in results.items()
    ]


def describe_machine() -> dict[str, Any]:
    """What was measured on: processor, cores, memory, system, versions, and how busy it was before."""
    return {
        "cpu": _name_cpu(),
        "cores": os.cpu_count(),
        "memory_bytes": _count_memory_bytes(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version for name in _VERSIONS if (version := _find_version(name))},
    }


def _summarise_measurement(runs: Sequence[Result], results: Results) -> dict[str, Any]:
    """A measurement that failed in any turn is told as failed: the rest would not be comparable."""
    for run in runs:
        if "error" in run:
            return {"error": run["error"]}
    facts = ("files", "files_accounted", "images", "masks", "rejects", "packages", "new", "replaced")
    return {
        **{key: runs[-1][key] for key in facts if key in runs[-1]},
        "seconds": _spread_of(runs, "seconds"),
        "files_per_s": _spread(_rates(runs)),
        "of_decode_limit": _spread_of_ratios(runs, results["decode_limit"]),
        "of_fast_limit": _spread_of_ratios(runs, results["fast_limit"]),
        "cpu_ms_per_file": _spread(1000 * run["cpu_seconds"] / run["files"] for run in runs),
        "start_s": _spread_of(runs, "start_s"),
        "peak_memory_bytes": _spread_of(runs, "peak_memory_bytes"),
    }


def _changed_to_its_share(results: Results) -> Iterable[float]:
    """What re-running after changes took, against nothing new plus the changed files' share of a full ingest."""
    turns = zip(results["rerun_changed"], results["rerun_unchanged"], results["ingest"], strict=True)
    for changed, unchanged, full in turns:
        if not any("error" in run for run in (changed, unchanged, full)):
            share = changed["replaced"] / changed["files"]
            yield changed["seconds"] / (unchanged["seconds"] + share * full["seconds"])


def _rates(runs: Sequence[Result]) -> list[float]:
    return [run["files"] / run["seconds"] for run in runs]


def _spread_of_ratios(runs: Sequence[Result], others: Sequence[Result]) -> dict[str, float] | None:
    """Of rates in the same turn: machines are not equally fast all day."""
    pairs = [pair for pair in zip(runs, others, strict=True) if not any("error" in run for run in pair)]
    return _spread(
        one / other for run, limit in pairs for one, other in zip(_rates([run]), _rates([limit]), strict=True)
    )


def _spread_of(runs: Sequence[Result], key: str) -> dict[str, float] | None:
    return _spread(run[key] for run in runs if run.get(key) is not None)


def _spread(values: Iterable[float]) -> dict[str, float] | None:
    known = list(values)
    if not known:
        return None
    return {"min": min(known), "median": statistics.median(known), "max": max(known)}


def _name_cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _count_memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return None


def _find_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
