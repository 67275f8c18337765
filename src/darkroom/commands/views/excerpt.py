"""How the report of `excerpt` looks on a terminal or in a pipe."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from darkroom.commands.views.parts import count_noun
from darkroom.extract.excerpt import ExcerptReport


def render_excerpt(report: ExcerptReport) -> RenderableType:
    """Says what was copied."""
    line = Text.assemble((str(report.out), "bold"))
    line.append(f": {count_noun(report.images, 'image')}, {count_noun(report.masks, 'mask')} of ")
    line.append(f"{', '.join(report.categories)}; {report.size_bytes / 1e6:.1f} MB")
    return Group(*map(Text, report.notes), line)
