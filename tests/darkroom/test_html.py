"""Templates: what comes from outside stays text, what is missing is an error, and colours stand in one file."""

from __future__ import annotations

import base64
import importlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from PIL import Image

from darkroom import html
from darkroom.html import inline_code, picture_url, render

SOURCE = Path(__file__).parents[2] / "src"
STYLES = sorted(SOURCE.rglob("*.css"))
PALETTE = SOURCE / "darkroom" / "templates" / "colours.css"
NO_TEMPLATE = {
    "artworks.py": "data: the texts of the museum hold markup, as those of real ones do",
    "plots.py": "the first line of an SVG that matplotlib drew",
}
"""Modules with a tag in them, each with its reason."""

HEX = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with two templates, one of them a whole page."""
    (tmp_path / "paper" / "templates").mkdir(parents=True)
    (tmp_path / "paper" / "__init__.py").touch()
    templates = {"label.html": '<p title="{{ label }}">{{ label }}</p>', "page2.html": '{% extends "page.html" %}'}
    for name, text in templates.items():
        (tmp_path / "paper" / "templates" / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield "paper"
    sys.modules.pop("paper", None)
    html._make_environment.cache_clear()


def test_what_is_filled_in_is_text_and_no_markup(package: str) -> None:
    assert render(package, "label.html", label="<script>\"'") == (
        '<p title="&lt;script&gt;&#34;&#39;">&lt;script&gt;&#34;&#39;</p>'
    )


def test_a_name_that_is_missing_is_an_error(package: str) -> None:
    with pytest.raises(jinja2.UndefinedError, match="'label' is undefined"):
        render(package, "label.html")


def test_a_page_has_the_palette_and_fetches_nothing(package: str) -> None:
    page = render(package, "page2.html")
    assert PALETTE.read_text(encoding="utf-8").strip() in page
    assert not re.search(r"https?://|<script|@import", page)


def test_backticks_make_code_and_nothing_else_makes_markup() -> None:
    assert inline_code("run `a < b` & <b>") == "run <code>a &lt; b</code> &amp; &lt;b&gt;"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_address_holds_the_picture(kind: str) -> None:
    head, _, content = picture_url(Image.new("RGB", (3, 2), "red"), kind).partition(",")
    assert head == f"data:image/{kind.lower()};base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert (picture.format, picture.size) == (kind, (3, 2))


def test_there_is_one_palette() -> None:
    assert len(STYLES) > 4
    assert [path for path in STYLES if HEX.search(path.read_text(encoding="utf-8"))] == [PALETTE]
    named = set(re.findall(r"(--colour-[\w-]+):", PALETTE.read_text(encoding="utf-8")))
    used = {name for path in STYLES for name in re.findall(r"var\((--colour-[\w-]+)", path.read_text(encoding="utf-8"))}
    assert used == named


def test_no_colour_stands_in_a_module_or_a_page() -> None:
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]
    assert len(files) > 100
    assert [path.name for path in files if HEX.search(path.read_text(encoding="utf-8"))] == []


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colours: tuple[str, str]) -> float:
    """The contrast of WCAG 2.1, 1 to 21."""
    dark, light = sorted(map(luminance, colours))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_in_light_and_dark(mode: int) -> None:
    found = re.findall(r"--colour-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", PALETTE.read_text(encoding="utf-8"))
    colours = {name: values[mode] for name, *values in found}
    grounds = [name for name in colours if name in ("card", "page", "mark") or name.endswith("-tint")]
    pairs = [(text, ground) for text in ("ink", "soft") for ground in grounds if (text, ground) != ("soft", "mark")]
    pairs += [(text, ground) for text in ("link", "good", "warning", "defect") for ground in ("card", "page")]
    pairs += [(name, f"{name}-tint") for name in ("good", "bad", "warning", "note")]
    pairs += [("link", ground) for ground in grounds if ground.endswith("-tint")] + [
        ("card", "accent"),
        ("card", "note"),
    ]
    weak = {pair: contrast((colours[pair[0]], colours[pair[1]])) for pair in pairs}
    assert {pair: round(value, 2) for pair, value in weak.items() if value < 4.5} == {}


def test_html_is_made_by_templates_alone() -> None:
    made = re.compile(r"<(div|section|article|table|tr|figure|p|span|img|svg|ul|ol|li|details|h\d)\b[^>]*>")
    files = {path.name for path in SOURCE.rglob("*.py") if made.search(path.read_text(encoding="utf-8"))}
    assert files == NO_TEMPLATE.keys()
