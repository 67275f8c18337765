"""How the report of `export` looks on a terminal or in a pipe."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from darkroom.export.files import ExportReport


def render_export(report: ExportReport) -> RenderableType:
    """Says what was written, and what was not."""
    parts = [
        Text.assemble(
            (str(report.path), "bold"),
            f"  {report.format}, {report.image_count:,} images, {report.mask_count:,} masks, "
            f"{report.size_bytes / 2**20:,.1f} MiB",
        ),
        Text(report.fingerprint, style="cyan"),
    ]
    for reason, count in report.left_out.items():
        parts.append(Text(f"Left out: {count:,} images {reason}.", style="yellow"))
    return Group(*parts)
