"""Bytes → decoded picture, or one exception that says why not.

Pillow's own limit on pixels is a global that warns or raises for the whole process. Here the header is opened
by the format's own class and the size checked before any pixel is decoded, so that each call can have a limit
of its own, in any number of threads.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import ExifTags, Image, ImageFile

from darkroom.errors import DarkroomError
from darkroom.harmonise.deep import (
    DEEP_MODES,
    MAX_LEVEL,
    DeepPicture,
    FindWhiteLevel,
    LevelKind,
    choose_own_white_level,
)
from darkroom.harmonise.deep_files import is_deep, load_deep, mend_layout, name_mode, read_levels
from darkroom.harmonise.formats import OPENERS, recognise_format
from darkroom.harmonise.pixel_modes import binarise, flatten
from darkroom.harmonise.plain_png import NotPlainError, decode_plain, is_plain
from darkroom.harmonise.png import join_pixel_chunks
from darkroom.harmonise.unusable import UnusableImageError as UnusableImageError
from darkroom.sample import Reason

MAX_PIXELS = 8192 * 8192
"""Default limit on width x height: 67 million pixels, about 270 MB while one RGB image is decoded."""

_LARGE_PIECE_BYTES = 1 << 20
"""Given to Pillow's decoder at once, in place of 64 KiB: a thread waits for the interpreter before each piece."""

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


T = TypeVar("T")
_Reopen = Callable[[], ImageFile.ImageFile]
_DecodePixels = Callable[[ImageFile.ImageFile], Image.Image]
"""From a file of 8 bits a channel, of which Pillow has read the header, to its picture, upright."""


class _Opened(NamedTuple):
    """A file of which Pillow has read the header, and how to go on."""

    file: ImageFile.ImageFile
    reopen: _Reopen
    decode_pixels: _DecodePixels


_Load = Callable[[_Opened], T]


class Levels(NamedTuple):
    """What the levels of a deep picture are, and the brightest of them."""

    kind: LevelKind
    brightest: float


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A decoded picture and what its file says about it.

    Attributes:
        pixels: Upright. Of an image: mode L or RGB, opaque. Of a mask: mode 1, white is defect.
        original_mode: Pillow's mode of the file (`RGB`, `P`, `I;16`, …); `RGB;16`, `RGBA;16`, `LA;16` and `CMYK;16` for
            16 bits a channel.
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


def read_image(
    data: bytes, *, max_pixels: int = MAX_PIXELS, find_white_level: FindWhiteLevel = choose_own_white_level
) -> DecodedImage:
    """Decodes an image: PNG, JPEG, BMP, TIFF, WebP, GIF, AVIF, PPM or TGA, whatever its file name says.

    Of several frames or pages the first is taken. EXIF orientation is applied; unreadable EXIF counts as
    upright. CMYK of 16 bits a channel is cut to its upper 8.

    Args:
        data: The whole file.
        find_white_level: Called with a picture of more than 8 bits a channel, for the level that is to be white; by
            default that of the picture alone. What it raises comes out if it is a `DarkroomError`.
        max_pixels: Limit on width x height, checked before decoding. TIFF and WebP are held to twice
            `PIL.Image.MAX_IMAGE_PIXELS` (179 million) as well, whatever is given here.

    Returns:
        The picture, flattened to L or RGB as `pixel_modes.flatten` describes.

    Raises:
        UnusableImageError: For every file that cannot be decoded; nothing else comes out.
    """
    return _read(data, max_pixels, partial(_load_image, find_white_level))


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
    return _read(data, max_pixels, _load_mask)


def measure_levels(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Levels | None:
    """Finds the brightest level of an image of more than 8 bits a channel; None for others, by their header alone.

    Raises:
        UnusableImageError: For every file that cannot be decoded; nothing else comes out.
    """
    return _read(data, max_pixels, _load_levels)


def _read(data: bytes, max_pixels: int, load: _Load[T]) -> T:
    name = recognise_format(data)
    try:
        if name == "PNG":
            try:
                return _decode_png(data, max_pixels, load)
            except DarkroomError:
                raise
            # What can be read of a damaged file is for Pillow to say of the file as it is, below.
            except Exception:  # noqa: S110 -- nothing is lost
                pass
        return _decode(name, data, max_pixels, load)
    except (UnusableImageError, DarkroomError):
        raise
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusableImageError(Reason.TOO_LARGE, _too_large_message(name, error)) from error
    # Pillow's decoders raise whatever a damaged file drives them into: OSError, SyntaxError, TypeError, …
    except Exception as error:
        raise UnusableImageError(Reason.CORRUPT, _corrupt_message(name, error)) from error


def _decode_png(data: bytes, max_pixels: int, load: _Load[T]) -> T:
    """Decodes a PNG file the fastest way that its chunks allow; raises anything where there is none."""
    if is_plain(data):
        try:
            return _decode("PNG", data, max_pixels, load, decode_pixels=partial(decode_plain, data))
        except NotPlainError:
            pass
    joined = join_pixel_chunks(data)
    if joined is None:
        raise ValueError("no PNG file of whole chunks")
    return _decode("PNG", joined, max_pixels, load, piece_bytes=_LARGE_PIECE_BYTES)


def _decode_by_pillow(opened: ImageFile.ImageFile) -> Image.Image:
    opened.load()
    return _turn_upright(opened, opened)


def _decode(
    name: str,
    data: bytes,
    max_pixels: int,
    load: _Load[T],
    *,
    piece_bytes: int = ImageFile.MAXBLOCK,
    decode_pixels: _DecodePixels = _decode_by_pillow,
) -> T:
    def open_file() -> ImageFile.ImageFile:
        opened = OPENERS[name](io.BytesIO(data), "")
        _check_size(opened, max_pixels)
        opened.decodermaxblock = piece_bytes
        mend_layout(opened)
        return opened

    return load(_Opened(open_file(), open_file, decode_pixels))


def _load_image(find_white_level: FindWhiteLevel, opened: _Opened) -> DecodedImage:
    mode, file_format = name_mode(opened.file), opened.file.format or ""
    if is_deep(opened.file):
        picture = _load_deep(opened)
        pixels = _turn_upright(picture.scale(find_white_level(picture)), opened.file)
    else:
        pixels = flatten(opened.decode_pixels(opened.file))
    return DecodedImage(pixels, mode, file_format)


def _load_mask(opened: _Opened) -> DecodedImage:
    mode, file_format = name_mode(opened.file), opened.file.format or ""
    if opened.file.mode in DEEP_MODES:
        opened.file.load()
        levels = Image.fromarray(read_levels(opened.file).astype(np.float32))
        mask = _turn_upright(levels, opened.file)
    else:
        mask = opened.decode_pixels(opened.file)
    return DecodedImage(binarise(mask), mode, file_format)


def _load_levels(opened: _Opened) -> Levels | None:
    if not is_deep(opened.file):
        return None
    picture = _load_deep(opened)
    return Levels(picture.kind, picture.brightest)


def _load_deep(opened: _Opened) -> DeepPicture:
    picture = load_deep(opened.file, opened.reopen)
    if picture.brightest > MAX_LEVEL:
        message = (
            f"its brightest level is {picture.brightest:g}, more than 32 bits hold: a fill value, or no picture; "
            "write NaN where there is no level, or scale the levels to 0–1"
        )
        raise UnusableImageError(Reason.UNSUPPORTED, message)
    return picture


def _check_size(opened: Image.Image, max_pixels: int) -> None:
    if opened.width * opened.height > max_pixels:
        message = (
            f"{opened.width} x {opened.height} pixels are more than the limit of {max_pixels:,}; "
            "raise `max_pixels` if the file is meant to be that large"
        )
        raise UnusableImageError(Reason.TOO_LARGE, message)


def _turn_upright(picture: Image.Image, loaded: Image.Image) -> Image.Image:
    transpose = _UPRIGHT.get(_orientation(loaded))
    return picture if transpose is None else picture.transpose(transpose)


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
