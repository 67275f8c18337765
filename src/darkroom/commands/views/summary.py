"""How a summary looks on a terminal of 80 columns or in a pipe."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from darkroom.commands.views.parts import count_noun, describe_white_levels, render_unfinished, start_table
from darkroom.query.summary import GroupSummary, ImageDataset, RejectSummary, Summary


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
    parts += render_unfinished(summary.unfinished)
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
    if levels := describe_white_levels(entry.deep_white_level, entry.float_white_level):
        title.append(f", {levels}", style="not bold")
    if entry.licence:
        title.append(f", {entry.licence}", style="not bold")
    return title.append(f"\n{entry.fingerprint}", style="not bold dim")


def _render_groups(groups: Iterable[GroupSummary]) -> Table:
    table = start_table("category", "split", "label", "images>", "masks>", "defect area>", "sizes seen")
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
    table = start_table("image dataset", "reason", "files>", "for example")
    for reject in rejects:
        count = f"{reject.reject_count:,}"
        table.add_row(Text(reject.source_dataset), reject.reason, count, Text(reject.example_path))
    return table
