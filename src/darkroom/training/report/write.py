"""The report of a training as a file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from darkroom.errors import OptionError
from darkroom.paths import given_path
from darkroom.training.report.examples import CategoryPanel
from darkroom.training.report.page import make_page


def check_report(path: str | Path) -> Path:
    """Checks that a report can be written to a path, before hours go into what it is to show.

    Raises:
        OptionError: Its name does not end in `.html`, its folder is not there, or matplotlib is not installed.
    """
    report = given_path(path, "report")
    if report.suffix.lower() != ".html":
        raise OptionError(
            f"`report` {report}: expected a name that ends in .html, as {report.with_suffix('.html')}: the report is "
            "a page. Images of the database as one picture: `darkroom contact-sheet sheet.png`."
        )
    if not report.parent.is_dir():
        raise OptionError(f"`report` {report}: there is no folder {report.parent}. Make it, or write elsewhere.")
    if find_spec("matplotlib") is None:
        raise OptionError("`report` needs matplotlib: pip install 'darkroom-classroom[report]'")
    return report


def write_report(path: Path, panels: Sequence[CategoryPanel], database: str) -> None:
    """Writes the report of a training, in place of an earlier file of that name.

    Args:
        path: As `check_report` returned it.
        panels: What to show.
        database: Where the images are from.

    Raises:
        OptionError: It cannot be written.
    """
    page = make_page(panels, Path(database).name)
    try:
        path.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OptionError(f"`report` {path}: cannot be written ({error.strerror or error}).") from error
