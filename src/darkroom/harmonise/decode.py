"""Bytes → decoded picture, or one exception that says why not.

Pillow's own limit on pixels is a global that warns or raises for the whole process. Here the header is opened
by the format's own class and the size checked before any pixel is decoded, so that each call can have a limit
of its own, in any number of threads.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from PIL import (
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from darkroom.harmonise.pixel_modes import binarise, flatten
from darkroom.harmonise.png import join_pixel_chunks
from darkroom.sample import Reason

MAX_PIXELS = 8192 * 8192
"""Default limit on width x height: 67 million pixels, about 270 MB while one RGB image is decoded."""

_LARGE_PIECE_BYTES = 1 << 20
"""Given to Pillow's decoder at once, in place of 64 KiB: a thread waits for the interpreter before each piece."""

_Opener = Callable[[io.BytesIO, str], ImageFile.ImageFile]

# Only formats that decode pixels and nothing else: Pillow would start Ghostscript for an EPS called .png.
_OPENERS = MappingProxyType[str, _Opener](
    {
        "PNG": PngImagePlugin.PngImageFile,
        "JPEG": JpegImagePlugin.jpeg_factory,
        "BMP": BmpImagePlugin.BmpImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
        "WEBP": WebPImagePlugin.WebPImageFile,
        "GIF": GifImagePlugin.GifImageFile,
    }
)

# BMP's two letters alone would take a text about a BMW for an image: the header's length tells them apart.
_SIGNATURE = re.compile(
    rb"(?P<PNG>\x89PNG\r\n\x1a\n)"
    rb"|(?P<JPEG>\xff\xd8\xff)"
    rb"|(?P<BMP>BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0)"
    rb"|(?P<TIFF>II[*+]\0|MM\0[*+])"
    rb"|(?P<WEBP>RIFF.{4}WEBP)"
    rb"|(?P<GIF>GIF8[79]a)",
    re.DOTALL,
)

_UPRIGHT = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)


class UnusableImageError(Exception):
    """The bytes of one file cannot become a picture; the load turns this into a `Reject` and goes on.

    Attributes:
        reason: The stable code: EMPTY, NOT_AN_IMAGE, TOO_LARGE or CORRUPT.
        message: What was found, what was expected, and what to do next, in one sentence.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A decoded picture and what its file says about it.

    Attributes:
        pixels: Upright. Of an image: mode L or RGB, opaque. Of a mask: mode 1, white is defect.
        original_mode: Pillow's mode of the file (`RGB`, `P`, `I;16`, …).
        original_format: Pillow's name of the format (`PNG`, `JPEG`, …; `MPO` for a JPEG of two views).
    """

    pixels: Image.Image
    original_mode: str
    original_format: str

    @property
    def original_width(self) -> int:
        """Width in pixels as a viewer shows it, that is after EXIF orientation."""
        return self.pixels.width

    @property
    def original_height(self) -> int:
        """Height in pixels as a viewer shows it, that is after EXIF orientation."""
        return self.pixels.height


def read_image(data: bytes, *, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """Decodes an image: PNG, JPEG, BMP, TIFF, WebP or GIF, whatever its file name says.

    Of several frames or pages the first is taken. EXIF orientation is applied; unreadable EXIF counts as
    upright. RGB of 16 bits a channel is cut to its upper 8 by Pillow.

    Args:
        data: The whole file.
        max_pixels: Limit on width x height, checked before decoding. TIFF and WebP are held to twice
            `PIL.Image.MAX_IMAGE_PIXELS` (179 million) as well, whatever is given here.

    Returns:
        The picture, flattened to L or RGB as `pixel_modes.flatten` describes.

    Raises:
        UnusableImageError: For every file that cannot be decoded; nothing else comes out.
    """
    return _read(data, max_pixels, flatten)


def read_mask(data: bytes, *, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """Decodes a mask; as `read_image`, but told apart into defect and background.

    Args:
        data: The whole file.
        max_pixels: Limit on width x height, checked before decoding.

    Returns:
        The mask in mode 1, white where `pixel_modes.binarise` sees a defect.

    Raises:
        UnusableImageError: For every file that cannot be decoded; nothing else comes out.
    """
    return _read(data, max_pixels, binarise)


def _read(data: bytes, max_pixels: int, simplify: Callable[[Image.Image], Image.Image]) -> DecodedImage:
    name = _recognise_format(data)
    try:
        if name == "PNG" and (joined := join_pixel_chunks(data)):
            # Whatever fails here: what can be read of a damaged file is for Pillow to say of the file as it is, below.
            with suppress(Exception):
                return _decode(name, joined, max_pixels, simplify, piece_bytes=_LARGE_PIECE_BYTES)
        return _decode(name, data, max_pixels, simplify)
    except UnusableImageError:
        raise
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusableImageError(Reason.TOO_LARGE, _too_large_message(name, error)) from error
    # Pillow's decoders raise whatever a damaged file drives them into: OSError, SyntaxError, TypeError, …
    except Exception as error:
        raise UnusableImageError(Reason.CORRUPT, _corrupt_message(name, error)) from error


def _decode(
    name: str,
    data: bytes,
    max_pixels: int,
    simplify: Callable[[Image.Image], Image.Image],
    piece_bytes: int = ImageFile.MAXBLOCK,
) -> DecodedImage:
    opened = _OPENERS[name](io.BytesIO(data), "")
    _check_size(opened, max_pixels)
    opened.decodermaxblock = piece_bytes
    mode = opened.mode
    return DecodedImage(simplify(_turn_upright(opened)), mode, opened.format or name)


def _recognise_format(data: bytes) -> str:
    if not data:
        raise UnusableImageError(Reason.EMPTY, "the file has no bytes in it; copy it again from its source")
    match = _SIGNATURE.match(data)
    if match is None or match.lastgroup is None:
        message = f"an image ({', '.join(_OPENERS)}) was expected, but the file begins with {data[:16]!r}"
        raise UnusableImageError(Reason.NOT_AN_IMAGE, message)
    return match.lastgroup


def _check_size(opened: Image.Image, max_pixels: int) -> None:
    if opened.width * opened.height > max_pixels:
        message = (
            f"{opened.width} x {opened.height} pixels are more than the limit of {max_pixels:,}; "
            "raise `max_pixels` if the file is meant to be that large"
        )
        raise UnusableImageError(Reason.TOO_LARGE, message)


def _turn_upright(opened: Image.Image) -> Image.Image:
    opened.load()
    transpose = _UPRIGHT.get(_orientation(opened))
    return opened if transpose is None else opened.transpose(transpose)


def _orientation(loaded: Image.Image) -> int:
    try:
        orientation = loaded.getexif().get(ExifTags.Base.Orientation, 1)
    # The pixels are sound: losing the image over its notes would be wrong, and viewers show it upright too.
    except Exception:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _too_large_message(name: str, error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return f"a {name} file, but memory ran out while it was decoded; use fewer `workers` or lower `max_pixels`"
    return f"a {name} file beyond the limit of Pillow itself: {error}"


def _corrupt_message(name: str, error: Exception) -> str:
    cause = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{name} by its header, but the pixels cannot be decoded ({cause}); copy it again from its source"
