"""How the report of `ingest` looks on a terminal or in a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from darkroom.commands.group import name_own_options
from darkroom.commands.views.parts import count_noun, render_entries, start_table
from darkroom.load.report import Count, IngestReport


def render_ingest(report: IngestReport) -> RenderableType:
    """Shows what was found, the account of the files, and what needs a look."""
    parts: list[RenderableType] = [Text(name_own_options(note)) for note in report.notes]
    parts += [Text(), _render_account(report)]
    parts += _render_rejects(report)
    parts += _render_gone(report)
    parts += [Text(), *_render_fingerprints(report), _render_end(report)]
    return Group(*parts)


def _render_account(report: IngestReport) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    table.add_row("  files seen", f"{report.files_seen:,}", Text(report.database, style="bold"))
    table.add_row("= images", f"{report.images.total:,}", _describe(report.images))
    table.add_row("+ masks", f"{report.masks.total:,}", _describe(report.masks))
    known = len(report.rejects) - report.new_rejects
    table.add_row("+ rejects", f"{len(report.rejects):,}", _describe(Count(report.new_rejects, 0, known)))
    ignored = ", ".join(f"{why} {count:,}" for why, count in sorted(report.ignored.items()))
    table.add_row("+ ignored", f"{sum(report.ignored.values()):,}", ignored)
    return table


def _describe(count: Count) -> str:
    numbers = {"new": count.new, "replaced": count.replaced, "unchanged": count.unchanged}
    return ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number)


def _render_rejects(report: IngestReport) -> Iterator[RenderableType]:
    if not report.rejects:
        return
    counts = Counter(reject.reason for reject in report.rejects)
    examples = {reject.reason: reject for reject in reversed(report.rejects)}
    table = start_table("rejected as", "files>", "for example")
    for reason, count in sorted(counts.items()):
        example = examples[reason]
        table.add_row(reason, f"{count:,}", Text(f"{example.source_path}: {name_own_options(example.message)}"))
    yield Text()
    yield table


def _render_gone(report: IngestReport) -> Iterator[RenderableType]:
    if not report.gone:
        return
    what = count_noun(len(report.gone), "file")
    if report.pruned:
        text = f"{what} gone from disk; their rows are deleted:"
    else:
        text = f"{what} gone from disk; their rows are kept (--prune deletes them):"
    yield Text()
    yield Text(text, style="yellow")
    yield from render_entries(map(Text, report.gone))


def _render_fingerprints(report: IngestReport) -> Iterator[RenderableType]:
    for name, fingerprint in sorted(report.fingerprints.items()):
        yield Text.assemble((name, "bold"), "  ", (fingerprint, "cyan"))


def _render_end(report: IngestReport) -> Text:
    text = f"{count_noun(report.packages, 'package')} loaded" if report.packages else "Nothing to load"
    line = Text(f"{text}, {report.duration_s:.1f} s.")
    if report.interrupted_rows:
        rows = count_noun(report.interrupted_rows, "row")
        line.append(f" {rows} of an interrupted run were loaded anew.")
    return line
