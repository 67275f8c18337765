"""The report of a training as a file: a picture or a page, by the ending of its name."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from darkroom.errors import OptionError
from darkroom.training.report.examples import CategoryPanel
from darkroom.training.report.page import make_page
from darkroom.training.report.sheet import draw_sheet


def check_report_path(path: str | Path) -> Path:
    """Checks that a report can be written to a path, before hours go into what it is to show.

    Raises:
        OptionError: Its name ends in neither `.png` nor `.html`, or its folder is not there.
    """
    report = Path(path)
    if report.suffix.lower() not in (".png", ".html"):
        raise OptionError(f"`report` {report}: expected a name that ends in .png (a picture) or .html (a page).")
    if not report.parent.is_dir():
        raise OptionError(f"`report` {report}: there is no folder {report.parent}. Make it, or write elsewhere.")
    return report


def write_report(path: Path, panels: Sequence[CategoryPanel], database: str) -> None:
    """Writes the report of a training, in place of an earlier file of that name.

    Args:
        path: As `check_report_path` gave it.
        panels: What to show.
        database: Where the images are from.

    Raises:
        OptionError: It cannot be written.
    """
    title = Path(database).name
    if path.suffix.lower() == ".html":
        content = make_page(panels, title).encode()
    else:
        with io.BytesIO() as file:
            draw_sheet(panels, title).save(file, format="PNG")
            content = file.getvalue()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OptionError(f"`report` {path}: cannot be written ({error.strerror or error}).") from error
