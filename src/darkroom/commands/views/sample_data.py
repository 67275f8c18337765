"""How the report of `sample-data` looks on a terminal or in a pipe."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from darkroom.commands.views.parts import count_noun
from darkroom.sample_data import SampleDataReport


def render_sample_data(report: SampleDataReport) -> RenderableType:
    """Says what was drawn."""
    line = Text.assemble((str(report.out), "bold"))
    counts = f"{count_noun(report.images, 'image')}, {count_noun(report.masks, 'mask')}"
    return line.append(f": {count_noun(report.files, 'file')} ({counts}), {report.size_bytes / 1e6:.1f} MB")
