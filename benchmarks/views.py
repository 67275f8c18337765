"""Summaries → tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

_TITLES = {
    "read_limit": "reading the bytes alone",
    "decode_limit": "decode limit (bare Pillow)",
    "fast_limit": "fast limit (decoded as by darkroom)",
    "ingest": "darkroom ingest",
    "lancedb": "LanceDB, fed by a generator",
    "lancedb_fast": "… fed by darkroom's decoder",
    "daft": "Daft to parquet",
    "hf_map": "Hugging Face, map",
    "hf_imagefolder": "Hugging Face, imagefolder",
    "row_by_row": "dlt row by row",
    "decode_epoch": "reading the files again",
    "read_back": "reading the table back",
    "rerun_unchanged": "ingest again, nothing new",
    "rerun_changed": "ingest again, 1 % changed",
}
_MEASUREMENT_HEADINGS = ("files", "files/s", "of decode limit", "of fast limit", "CPU ms/file", "peak MB")
_TITLE = "min – median – max over the repeats; CPU: median; memory and disk: max"
_MB = 1e6


def render(summary: dict[str, Any]) -> RenderableType:
    """The table of rates, the numbers that are no rates, and what was measured on."""
    table = Table("", *_MEASUREMENT_HEADINGS, title=_TITLE)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, measurement in summary["measurements"].items():
        table.add_row(_TITLES[name], *_measurement_cells(measurement))
    return Group(table, _facts(_list_facts(summary)), *_describe(summary))


def render_growth(summary: dict[str, Any]) -> RenderableType:
    """A row per size."""
    headings = ("images", *_MEASUREMENT_HEADINGS, "extra disk MB", "database / tensors")
    table = Table(*headings, title=f"darkroom ingest: {_TITLE}")
    for column in table.columns:
        column.justify = "right"
    for row in summary["growth"]:
        sizes = (_most(row["peak_extra_disk_bytes"]), _number(row["database_per_tensor_byte"]))
        table.add_row(f"{row['asked_for']}", *_measurement_cells(row), *sizes)
    return Group(table, *_describe(summary))


def _measurement_cells(measurement: dict[str, Any]) -> tuple[str, ...]:
    if "error" in measurement:
        return ("", f"failed: {measurement['error']}", "", "", "", "")
    return (
        f"{measurement['files']}",
        _spread(measurement["files_per_s"], 0),
        _spread(measurement["of_decode_limit"], 2),
        _spread(measurement["of_fast_limit"], 2),
        f"{measurement['cpu_ms_per_file']['median']:.1f}",
        _most(measurement["peak_memory_bytes"]),
    )


def _list_facts(summary: dict[str, Any]) -> Iterable[tuple[str, str]]:
    ratios, database = summary["ratios"], summary["database_per_tensor_byte"]
    start = summary["measurements"]["ingest"].get("start_s")
    yield "ingest: process start and imports, s", _spread(start, 2)
    yield "ingest: disk used beyond the database, at most, MB", _most(summary["peak_extra_disk_bytes"])
    yield "ingest, times row by row", _spread(ratios["ingest_to_row_by_row"], 1)
    yield "reading back, times reading the files again", _spread(ratios["read_back_to_decode_epoch"], 1)
    yield "1 % changed, times (nothing new + its share of a full ingest)", _spread(ratios["changed_to_its_share"], 2)
    yield "database file / tensor bytes: after the first ingest", _number(database["after_ingest"])
    yield "… after ten more that add", _number(database["after_ten_additions"])
    yield "… after ten more that change 1 % each", _number(database["after_ten_changes"])


def _facts(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _describe(summary: dict[str, Any]) -> Iterable[str]:
    machine, corpus = summary["measured_on"], summary["corpus"]
    memory = f"{machine['memory_bytes'] / 2**30:.0f} GiB" if machine["memory_bytes"] else "memory unknown"
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    kinds = "; ".join(
        f"{kind['images']} of {kind['width']}×{kind['height']} {kind['mode']}, {kind['mean_bytes'] / 1000:.0f} KB"
        for kind in corpus["kinds"]
    )
    yield f"on {machine['cpu']}, {machine['cores']} cores, {memory}, {machine['system']}"
    if machine["load_average"] is not None:
        yield f"load average before the run: {machine['load_average']:.1f}"
    yield f"Python {machine['python']}, {versions}"
    size = f"{corpus['files']} files, {corpus['bytes'] / _MB:.0f} MB"
    yield f"{size}: {corpus['images']} images ({kinds}), {corpus['masks']} masks"
    yield f"corpus: {corpus['origin']}; {summary['repeats']} repeats"


def _spread(spread: dict[str, float] | None, digits: int) -> str:
    if spread is None:
        return "–"
    if spread["min"] == spread["max"]:
        return f"{spread['min']:,.{digits}f}"
    return " – ".join(f"{spread[key]:,.{digits}f}" for key in ("min", "median", "max"))


def _most(spread: dict[str, float] | None) -> str:
    return "–" if spread is None else f"{spread['max'] / _MB:,.0f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
