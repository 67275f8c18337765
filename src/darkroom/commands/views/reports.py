"""How reports look: as text for a terminal of 80 columns or a pipe, and as JSON.

Nothing here asks a database anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from darkroom.query.contact_sheet.write import ContactSheet
from darkroom.query.summary import GroupSummary, ImageDataset, RejectSummary, Summary, UnfinishedRows
from darkroom.query.verification.comparison import DatabaseComparison, FingerprintMatch
from darkroom.query.verification.rules import Check
from darkroom.query.verification.verify import Verification

LIST_LIMIT = 20
"""Entries of a list that are shown; the JSON has all."""

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


def as_json(value: Any) -> JsonValue:
    """Turns a report into what `json.dumps` takes: dates in ISO 8601, enums and paths as text.

    Dataclasses become objects of their fields and their public properties; a float that is no number, null.

    Raises:
        TypeError: It holds something that has no place in a report.
    """
    if isinstance(value, Enum):
        return as_json(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return _as_json_container(value)


def _as_json_container(value: Any) -> JsonValue:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: as_json(getattr(value, name)) for name in _public_names(value)}
    if isinstance(value, Mapping):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return [as_json(entry) for entry in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [as_json(entry) for entry in value]
    raise TypeError(f"a report cannot hold {type(value).__name__}")


def _public_names(report: Any) -> list[str]:
    members = vars(type(report)).items()
    properties = [name for name, member in members if isinstance(member, property)]
    return [name for name in [field.name for field in fields(report)] + properties if name[0] != "_"]


def render_summary(summary: Summary) -> RenderableType:
    """Shows what is in a database, image dataset by image dataset."""
    known = {entry.name: entry for entry in summary.image_datasets}
    parts: list[RenderableType] = [_render_totals(summary)]
    for name, groups in groupby(summary.groups, key=attrgetter("source_dataset")):
        parts += [Text(), _render_image_dataset(name, known.pop(name, None)), _render_groups(groups)]
    for name, entry in known.items():
        parts += [Text(), _render_image_dataset(name, entry), Text("  no image")]
    if summary.rejects:
        parts += [Text(), Text("Rejects", style="bold"), _render_rejects(summary.rejects)]
    parts += _render_unfinished(summary.unfinished)
    return Group(*parts)


def _render_totals(summary: Summary) -> Text:
    loads = summary.loads
    line = Text.assemble((summary.database, "bold"), "\n")
    line.append(f"{count_noun(summary.image_count, 'image')} ({summary.defect_count:,} defective), ")
    line.append(f"{count_noun(summary.mask_count, 'mask')}, {count_noun(summary.reject_count, 'reject')}; ")
    line.append(count_noun(loads.load_count, "load"))
    if loads.first_at and loads.last_at:
        first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in (loads.first_at, loads.last_at))
        line.append(f", {first} UTC" if first == last else f", {first} to {last} UTC")
    return line


def _render_image_dataset(name: str, entry: ImageDataset | None) -> Text:
    title = Text(name, style="bold")
    if entry is None:
        return title.append("  not recorded: its first load is not complete", style="not bold")
    title.append(f"  layout {entry.layout}, {count_noun(entry.file_count, 'file')}, ", style="not bold")
    title.append(f"tensors {entry.size_px} px {entry.fit}", style="not bold")
    if entry.licence:
        title.append(f", {entry.licence}", style="not bold")
    return title.append(f"\n{entry.fingerprint}", style="not bold dim")


def _render_groups(groups: Iterable[GroupSummary]) -> Table:
    table = make_table("category", "split", "label", "images>", "masks>", "defect area>", "sizes seen")
    last_category = None
    for group in groups:
        table.add_row(
            Text(group.category if group.category != last_category else ""),
            Text(group.split),
            Text(group.label if group.label is not None else "unknown"),
            f"{group.image_count:,}",
            f"{group.mask_count:,}" if group.mask_count else "",
            "" if group.defect_fraction_mean is None else f"{100 * group.defect_fraction_mean:.2f} %",
            _describe_sizes(group),
        )
        last_category = group.category
    return table


def _describe_sizes(group: GroupSummary) -> str:
    sizes = [f"{size.width_px}x{size.height_px}" for size in group.top_sizes]
    if len(sizes) > 1:
        counts = [size.image_count for size in group.top_sizes]
        sizes = [f"{size} ({count:,})" for size, count in zip(sizes, counts, strict=True)]
    more = group.size_count - len(sizes)
    return ", ".join([*sizes, *([f"{more:,} more"] if more else [])])


def _render_rejects(rejects: Iterable[RejectSummary]) -> Table:
    table = make_table("image dataset", "reason", "files>", "for example")
    for reject in rejects:
        count = f"{reject.reject_count:,}"
        table.add_row(Text(reject.source_dataset), reject.reason, count, Text(reject.example_path))
    return table


def _render_unfinished(unfinished: Sequence[UnfinishedRows], where: str = "") -> list[RenderableType]:
    if not unfinished:
        return []
    rows = ", ".join(f"{entry.row_count:,} in {entry.table}" for entry in unfinished)
    text = (
        f"Left out{where}: rows of a load that was interrupted ({rows}). The next `darkroom ingest` of the "
        "same images loads them whole."
    )
    return [Text(), Text(text, style="yellow")]


def render_verification(verification: Verification) -> RenderableType:
    """Shows the fingerprints, each rule and whether it holds, and how another database differs."""
    parts: list[RenderableType] = [Text(verification.database, style="bold")]
    for entry in verification.image_datasets:
        counts = f"{count_noun(entry.image_count, 'image')}, {count_noun(entry.mask_count, 'mask')}"
        parts.append(_render_fingerprint(entry.name, counts, entry.fingerprint))
    parts += [_render_fingerprint("total", "all image datasets", verification.fingerprint), Text()]
    for check in verification.checks:
        parts += _render_check(check)
    parts += _render_comparison(verification.comparison)
    parts += _render_unfinished(verification.unfinished)
    return Group(*parts, Text(), _render_verdict(verification))


def _render_fingerprint(name: str, facts: str, fingerprint: str) -> Padding:
    return _indent(Text.assemble((name, "bold"), f"  {facts}\n", (fingerprint, "cyan")))


def _render_check(check: Check) -> Iterator[RenderableType]:
    if check.ok:
        yield _render_line(check.rule, is_ok=True)
    else:
        yield _render_line(f"{check.rule}; not so: {len(check.breaches):,}", is_ok=False)
        yield from render_list(Text(breach) for breach in check.breaches)


def _render_line(text: str, *, is_ok: bool) -> Table:
    line = Table.grid(padding=(0, 2))
    line.add_column(width=6)
    line.add_column(overflow="fold")
    line.add_row(Text("ok", style="green") if is_ok else Text("FAILED", style="bold red"), Text(text))
    return line


def render_list(entries: Iterable[Text]) -> Iterator[RenderableType]:
    """Shows the first `LIST_LIMIT` entries and says how many there are besides."""
    entries = list(entries)
    for entry in entries[:LIST_LIMIT]:
        entry.overflow = "fold"
        yield _indent(entry, by=8)
    if len(entries) > LIST_LIMIT:
        yield _indent(Text(f"and {len(entries) - LIST_LIMIT:,} more; --json lists all", style="dim"), by=8)


def _render_comparison(comparison: FingerprintMatch | DatabaseComparison | None) -> list[RenderableType]:
    if isinstance(comparison, FingerprintMatch):
        names = " and ".join(comparison.matches)
        text = f"this is the fingerprint of {names}" if names else "nothing here has this fingerprint"
        return [_render_line(f"{text}: {comparison.against}", is_ok=comparison.ok)]
    if isinstance(comparison, DatabaseComparison):
        return _render_database_comparison(comparison)
    return []


def _render_database_comparison(comparison: DatabaseComparison) -> list[RenderableType]:
    return [
        Text(),
        Text.assemble("Compared with ", (comparison.against, "bold")),
        _indent(Text(comparison.fingerprint, style="cyan")),
        *_render_samples("only here", map(Text, comparison.only_here)),
        *_render_samples("only there", map(Text, comparison.only_there)),
        *_render_samples(
            "in both and different",
            (
                Text.assemble(entry.sample_id, (f"  {', '.join(entry.what)}", "yellow"))
                for entry in comparison.differing
            ),
        ),
        *_render_unfinished(comparison.unfinished, where=" there"),
    ]


def _render_samples(where: str, entries: Iterable[Text]) -> Iterator[RenderableType]:
    entries = list(entries)
    count = count_noun(len(entries), "sample") if entries else "no sample"
    yield _render_line(f"{count} {where}", is_ok=not entries)
    yield from render_list(entries)


def _render_verdict(verification: Verification) -> Text:
    if verification.ok:
        return Text("Everything holds.", style="bold green")
    failed = sum(1 for check in verification.checks if not check.ok)
    verdict = []
    if failed:
        verdict.append(f"{failed} of {count_noun(len(verification.checks), 'check')} failed")
    if verification.comparison is not None and not verification.comparison.ok:
        verdict.append(f"not the same as {verification.comparison.against}")
    return Text(f"FAILED: {', and '.join(verdict)}.", style="bold red")


def render_contact_sheet(sheet: ContactSheet) -> RenderableType:
    """Says what was drawn and where it is."""
    shown = f"{sheet.shown_count:,} of " if sheet.shown_count < sheet.image_count else ""
    line = Text.assemble(str(sheet.path), style="bold")
    line.append(f": {shown}{count_noun(sheet.image_count, 'image')} in ", style="not bold")
    headings = f"{len(sheet.groups):,} {'category' if len(sheet.groups) == 1 else 'categories'}"
    return line.append(f"{headings}, {sheet.width_px} by {sheet.height_px} px", style="not bold")


def make_table(*columns: str) -> Table:
    """Makes an empty table; a column whose name ends in `>` holds numbers, set to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        is_number = name.endswith(">")
        table.add_column(
            name.rstrip(">"),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    return table


def _indent(text: Text, by: int = 2) -> Padding:
    return Padding(text, (0, 0, 0, by), expand=False)


def count_noun(count: int, noun: str) -> str:
    """Writes `1 image` or `2 images`; the plural is made with an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
