"""The formats of files that are read, known by how their content begins."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from types import MappingProxyType

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from darkroom.harmonise.unusable import UnusableImageError
from darkroom.sample import Reason

_Opener = Callable[[io.BytesIO, str], ImageFile.ImageFile]

# Only formats that decode pixels and nothing else: Pillow would start Ghostscript for an EPS called .png.
OPENERS = MappingProxyType[str, _Opener](
    {
        "PNG": PngImagePlugin.PngImageFile,
        "JPEG": JpegImagePlugin.jpeg_factory,
        "BMP": BmpImagePlugin.BmpImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
        "WEBP": WebPImagePlugin.WebPImageFile,
        "GIF": GifImagePlugin.GifImageFile,
        "AVIF": AvifImagePlugin.AvifImageFile,
        "PPM": PpmImagePlugin.PpmImageFile,
        "TGA": TgaImagePlugin.TgaImageFile,
    }
)

# BMP's two letters alone would take a text about a BMW for an image: the header's length tells them apart.
_SIGNATURE = re.compile(
    rb"(?P<PNG>\x89PNG\r\n\x1a\n)"
    rb"|(?P<JPEG>\xff\xd8\xff)"
    rb"|(?P<BMP>BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0)"
    rb"|(?P<TIFF>II[*+]\0|MM\0[*+])"
    rb"|(?P<WEBP>RIFF.{4}WEBP)"
    rb"|(?P<GIF>GIF8[79]a)"
    rb"|(?P<AVIF>.{4}ftyp(?:avi[fs]|m[is]f1.{0,60}?avif))"
    rb"|(?P<PPM>P[1-6f]\s+(?:#[^\n]*\n\s*)*\d)"
    # no signature, so every field that has few values must have one of them: kind, palette, bits, flags
    rb"|(?P<TGA>.(?:\x01[\x01\x09].{4}[\x10\x18\x20]|\0[\x02\x03\x0a\x0b]\0{5}).{8}[\x08\x10\x18\x20][\0-\x3f])",
    re.DOTALL,
)


def recognise_format(data: bytes) -> str:
    """Returns the name of the format that a file's content has: a key of `OPENERS`.

    Raises:
        UnusableImageError: The file is empty, has none of the formats, or has one that this Pillow was built without.
    """
    if not data:
        raise UnusableImageError(Reason.EMPTY, "the file has no bytes in it; copy it again from its source")
    match = _SIGNATURE.match(data)
    if match is None or match.lastgroup is None:
        message = f"an image ({', '.join(OPENERS)}) was expected, but the file begins with {data[:16]!r}"
        raise UnusableImageError(Reason.NOT_AN_IMAGE, message)
    if match.lastgroup == "AVIF" and not AvifImagePlugin.SUPPORTED:
        message = "an AVIF file, and the Pillow installed here was built without AVIF; save the image as PNG"
        raise UnusableImageError(Reason.UNSUPPORTED, message)
    return match.lastgroup
