"""How the report of `export` looks on a terminal or in a pipe."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from darkroom.commands.views.parts import count_noun
from darkroom.export.files import ExportReport


def render_export(report: ExportReport) -> RenderableType:
    """Says what was written, and what was not."""
    parts = [
        Text.assemble(
            (str(report.path), "bold"),
            f"  {report.format}, {count_noun(report.image_count, 'image')}, {count_noun(report.mask_count, 'mask')}, "
            f"{report.size_bytes / 2**20:,.1f} MiB",
        ),
        Text(report.fingerprint, style="cyan"),
    ]
    for noun, left_out in (("image", report.left_out), ("mask", report.left_out_masks)):
        for reason, count in left_out.items():
            parts.append(Text(f"Left out: {count_noun(count, noun)} {reason}.", style="yellow"))
    return Group(*parts)
