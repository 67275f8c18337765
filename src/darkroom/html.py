"""HTML from templates: what comes from a disk or a person is text in it, never markup.

The templates of a package lie in its folder `templates`. Beside them each may include and extend those of `darkroom`
itself: `colours.css`, the palette, and `page.html`, the frame of a whole page.
"""

from __future__ import annotations

import base64
import io
from functools import cache
from html import escape
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from jinja2.filters import do_mark_safe
from PIL import Image


def render(package: str, template: str, **values: Any) -> str:
    """Fills in a template.

    Args:
        package: Full name of the package whose folder `templates` holds the template.
        template: File name of the template.
        **values: What the template names. A name that is missing raises `jinja2.UndefinedError`.
    """
    return _make_environment(package).get_template(template).render(values)


def picture_url(picture: Image.Image, format: str = "PNG") -> str:  # noqa: A002 - it is Pillow's word for it
    """Returns a picture as a `data:` address, so that a page holds it and fetches nothing.

    Args:
        picture: Any mode that the format can store.
        format: `PNG`, or `JPEG` where small differences do not matter.
    """
    with io.BytesIO() as file:
        picture.save(file, format=format, quality=88)
        content = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/{format.lower()};base64,{content}"


def inline_code(text: str) -> str:
    """Returns text as HTML, with what stands between backticks as code."""
    parts = escape(text).split("`")
    return do_mark_safe("".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)))


@cache
def _make_environment(package: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("darkroom")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline_code"] = inline_code
    environment.filters["picture_url"] = picture_url
    return environment
