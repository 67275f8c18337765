"""How the report of `contact-sheet` looks on a terminal or in a pipe."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from darkroom.commands.views.parts import count_noun
from darkroom.query.contact_sheet.write import ContactSheet


def render_contact_sheet(sheet: ContactSheet) -> RenderableType:
    """Says what was drawn and where it is."""
    shown = f"{sheet.shown_count:,} of " if sheet.shown_count < sheet.image_count else ""
    line = Text.assemble(str(sheet.path), style="bold")
    line.append(f": {shown}{count_noun(sheet.image_count, 'image')} in ", style="not bold")
    headings = f"{len(sheet.groups):,} {'category' if len(sheet.groups) == 1 else 'categories'}"
    return line.append(f"{headings}, {sheet.width_px} by {sheet.height_px} px", style="not bold")
