"""How a verification looks on a terminal of 80 columns or in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from darkroom.commands.views.parts import (
    count_noun,
    describe_white_levels,
    indent,
    render_entries,
    render_unfinished,
)
from darkroom.query.verification.comparison import DatabaseComparison, FingerprintMatch
from darkroom.query.verification.rules import Check
from darkroom.query.verification.verify import Verification


def render_verification(verification: Verification) -> RenderableType:
    """Shows the fingerprints, each rule and whether it holds, and how another database differs."""
    parts: list[RenderableType] = [Text(verification.database, style="bold")]
    for entry in verification.image_datasets:
        counts = f"{count_noun(entry.image_count, 'image')}, {count_noun(entry.mask_count, 'mask')}"
        if levels := describe_white_levels(entry.deep_white_level, entry.float_white_level):
            counts += f", {levels}"
        if entry.resampler:
            counts += f", scaled by {entry.resampler} {entry.resampler_version}"
        parts.append(_render_fingerprint(entry.name, counts, entry.fingerprint))
    parts += [_render_fingerprint("total", "all image datasets", verification.fingerprint), Text()]
    for check in verification.checks:
        parts += _render_check(check)
    parts += _render_comparison(verification.comparison)
    parts += render_unfinished(verification.unfinished)
    return Group(*parts, Text(), _render_verdict(verification))


def _render_fingerprint(name: str, facts: str, fingerprint: str) -> Padding:
    return indent(Text.assemble((name, "bold"), f"  {facts}\n", (fingerprint, "cyan")))


def _render_check(check: Check) -> Iterator[RenderableType]:
    if check.ok:
        yield _render_line(check.rule, is_ok=True)
    else:
        yield _render_line(f"{check.rule}; not so: {len(check.breaches):,}", is_ok=False)
        yield from render_entries(Text(breach) for breach in check.breaches)


def _render_line(text: str, *, is_ok: bool) -> Table:
    line = Table.grid(padding=(0, 2))
    line.add_column(width=6)
    line.add_column(overflow="fold")
    line.add_row(Text("ok", style="green") if is_ok else Text("FAILED", style="bold red"), Text(text))
    return line


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
        indent(Text(comparison.fingerprint, style="cyan")),
        *_render_samples("only here", map(Text, comparison.only_here)),
        *_render_samples("only there", map(Text, comparison.only_there)),
        *_render_samples(
            "in both and different",
            (
                Text.assemble(entry.sample_id, (f"  {', '.join(entry.what)}", "yellow"))
                for entry in comparison.differing
            ),
        ),
        *_render_resamplers(comparison.resamplers),
        *_render_other_files(comparison.other_files),
        *render_unfinished(comparison.unfinished, where=" there"),
    ]


def _render_resamplers(resamplers: tuple[str, str] | None) -> list[RenderableType]:
    if resamplers is None:
        return []
    here, there = resamplers
    return [_render_line(f"scaled by {here} here and by {there} there, so tensors of one file differ", is_ok=False)]


def _render_other_files(sample_ids: tuple[str, ...]) -> list[RenderableType]:
    if not sample_ids:
        return []
    text = (
        f"{count_noun(len(sample_ids), 'sample')} from other files, with the same tensors, masks, labels and splits; "
        "hashes of files, and fingerprints, are not the same and cannot be"
    )
    return [_render_line(text, is_ok=True)]


def _render_samples(where: str, entries: Iterable[Text]) -> Iterator[RenderableType]:
    entries = list(entries)
    count = count_noun(len(entries), "sample") if entries else "no sample"
    yield _render_line(f"{count} {where}", is_ok=not entries)
    yield from render_entries(entries)


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
