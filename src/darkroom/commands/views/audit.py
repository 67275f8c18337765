"""How an audit looks on a terminal of 80 columns or in a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from darkroom.commands.views.parts import count_noun, indent, render_entries, render_unfinished
from darkroom.query.audit.audit import Audit
from darkroom.query.audit.concerns import Concern, ConcernCase
from darkroom.query.audit.sheet import PairSheet

_CASES_SHOWN = 5
_SAMPLES_SHOWN = 3


def render_audit(audit: Audit) -> RenderableType:
    """Shows what was found, with a few cases of each and what to do, then what was looked for in vain."""
    parts: list[RenderableType] = [
        Text.assemble((audit.database, "bold"), f"  {count_noun(audit.image_count, 'image')}"),
        Text(),
    ]
    for concern in audit.concerns:
        if concern.cases:
            parts += [*_render_concern(concern), Text()]
    if free := [concern.title for concern in audit.concerns if not concern.cases]:
        parts += [_render_line("none", "green", "; ".join(free)), Text()]
    if audit.sheet is not None:
        parts += [_render_sheet(audit.sheet), Text()]
    parts += render_unfinished(audit.unfinished)
    return Group(*parts, _render_verdict(audit))


def _render_concern(concern: Concern) -> Iterator[RenderableType]:
    word, style = ("FOUND", "bold red") if concern.is_serious else ("note", "yellow")
    yield _render_line(word, style, f"{concern.title}: {concern.case_count:,}")
    yield indent(Text(concern.advice.replace("`sheet`", "--sheet"), style="dim"), by=8)
    yield from render_entries(map(_render_case, concern.cases), _CASES_SHOWN)


def _render_line(word: str, style: str, text: str) -> Table:
    line = Table.grid(padding=(0, 2))
    line.add_column(width=6)
    line.add_column(overflow="fold")
    line.add_row(Text(word, style=style), Text(text))
    return line


def _render_case(case: ConcernCase) -> Text:
    if len(case.samples) == 1 and case.samples[0].startswith(f"{case.where}/"):
        return Text.assemble((case.samples[0], "cyan"), f"  {case.what}")
    text = Text.assemble((case.where, "bold"), f"  {case.what}")
    for sample in case.samples[:_SAMPLES_SHOWN]:
        # of a sample in the place told already, the rest of its key is enough
        text.append(f"\n  {sample.removeprefix(case.where + '/')}", style="cyan")
    if len(case.samples) > _SAMPLES_SHOWN:
        text.append(f"\n  and {len(case.samples) - _SAMPLES_SHOWN:,} more", style="dim")
    return text


def _render_sheet(sheet: PairSheet) -> Text:
    shown = f"{sheet.shown_count:,} of " if sheet.shown_count < sheet.pair_count else ""
    return Text.assemble((str(sheet.path), "bold"), f": {shown}{count_noun(sheet.pair_count, 'pair')}")


def _render_verdict(audit: Audit) -> Text:
    if audit.ok:
        return Text("Nothing found.", style="bold green")
    serious = sum(1 for concern in audit.concerns if concern.cases and concern.is_serious)
    notes = sum(1 for concern in audit.concerns if concern.cases and not concern.is_serious)
    verdict = [count_noun(serious, "concern")] if serious else []
    verdict += [count_noun(notes, "note")] if notes else []
    return Text(f"{' and '.join(verdict)}; --json names every image.", style="bold red" if serious else "bold yellow")
