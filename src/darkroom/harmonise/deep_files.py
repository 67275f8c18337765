"""The exact levels of PNG, TIFF and PPM files of more than 8 bits a channel.

Of 16-bit colours Pillow keeps the upper byte. The lower one is had by decoding once more, with the two bytes the other
way round. What Pillow reads wrongly of a TIFF, without a word, is mended here too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile, PngImagePlugin, PpmImagePlugin, TiffImagePlugin

from darkroom.harmonise.deep import DEEP_MODES, DeepPicture, finish_picture, make_deep_picture
from darkroom.harmonise.unusable import UnusableImageError
from darkroom.sample import Reason

_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_GREY_WITH_ALPHA = "LA;16B"
_PPM_END = 65535
_SHALLOW_END = 255
_WHITE_IS_ZERO = 0
_YCBCR = 6
_SEPARATE_PLANES = 2
_UNSIGNED = 1
_PREMULTIPLIED = 1
_PLANES_APART = (
    "a TIFF of 16 bits a channel that stores its channels apart and compressed, of which Pillow reads 8 bits; save it "
    "with its channels interleaved, or without compression"
)


def name_mode(opened: ImageFile.ImageFile) -> str:
    """Returns Pillow's name of a file's mode, with `;16` where it has colours or alpha of 16 bits a channel."""
    if not _has_deep_channels(opened):
        return opened.mode
    return ("LA" if _raw_mode(opened) == _GREY_WITH_ALPHA else opened.mode) + ";16"


def is_deep(opened: ImageFile.ImageFile) -> bool:
    """Tells by the header whether a file has more than 8 bits a channel that are to be kept."""
    return opened.mode in DEEP_MODES or (opened.mode in ("RGB", "RGBA") and _has_deep_channels(opened))


def mend_layout(opened: ImageFile.ImageFile) -> None:
    """Lets Pillow find the channels as they are stored; call it before the pixels are loaded.

    Where those of a TIFF are stored apart, of the raw mode `RGB;16L` it takes the letter `R` for the first: 8 bits of
    every 16. Before version 13 it takes YCbCr that is not compressed for four channels. And a PPM of more than 8 bits
    it reads pixel by pixel in Python, and stretches.
    """
    if isinstance(opened, PpmImagePlugin.PpmImageFile):
        _read_ppm_as_it_is(opened)
    if not isinstance(opened, TiffImagePlugin.TiffImageFile):
        return
    photometric = opened.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION)
    if photometric == _YCBCR and not opened.use_load_libtiff and _raw_mode(opened) == "RGBX":
        opened._mode = "YCbCr"
        _replace_raw_modes(opened, lambda _: "YCbCr")
    if _planes(opened) != _SEPARATE_PLANES:
        return
    if opened.tag_v2.get(TiffImagePlugin.SAMPLESPERPIXEL, 1) == 1:
        opened.tag_v2[TiffImagePlugin.PLANAR_CONFIGURATION] = 1
        opened._setup()
    elif _has_deep_channels(opened) and not opened.use_load_libtiff:
        order = ";16L" if opened.tag_v2.prefix == b"II" else ";16B"
        _replace_raw_modes(opened, lambda raw_mode: raw_mode.upper() + order)


def load_deep(opened: ImageFile.ImageFile, reopen: Callable[[], ImageFile.ImageFile]) -> DeepPicture:
    """Decodes a file that `is_deep`.

    Args:
        opened: The file, after `mend_layout`; its pixels are loaded afterwards.
        reopen: Opens the file once more, in the same way.

    Raises:
        UnusableImageError: Its levels cannot be had exactly.
    """
    if opened.mode in DEEP_MODES:
        end = _end_of_plain_ppm(opened)
        opened.load()
        levels = read_levels(opened)
        if end is not None:
            levels = (levels.astype(np.int64) * end + _PPM_END // 2) // _PPM_END
        return make_deep_picture(levels, opened.info.get("transparency"))
    if _raw_mode(opened) == _GREY_WITH_ALPHA:
        return _load_grey_with_alpha(opened)
    if isinstance(opened, TiffImagePlugin.TiffImageFile) and _has_compressed_planes(opened):
        raise UnusableImageError(Reason.UNSUPPORTED, _PLANES_APART)
    return _load_colours(opened, reopen())


def read_levels(loaded: ImageFile.ImageFile) -> NDArray[Any]:
    """Returns the `(H, W)` levels of a loaded file of one deep channel as it means them: white is the brightest one.

    Pillow leaves grey of 16 bits as it is where white is zero, and takes 32 bits without a sign for some with one.
    """
    levels = np.asarray(loaded)
    if isinstance(loaded, TiffImagePlugin.TiffImageFile):
        tags = loaded.tag_v2
        if loaded.mode == "I;16" and tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO:
            return np.uint16(2**16 - 1) - levels
        if loaded.mode == "I" and set(tags.get(TiffImagePlugin.SAMPLEFORMAT, (_UNSIGNED,))) == {_UNSIGNED}:
            return levels.view(np.uint32)
    return levels


def _read_ppm_as_it_is(opened: PpmImagePlugin.PpmImageFile) -> None:
    [tile] = opened.tile
    if tile.codec_name == "ppm" and _split_arguments(tile.args)[1][0] > _SHALLOW_END:
        raw_mode = "RGB;16B" if opened.mode == "RGB" else "I;16B"
        opened.tile = [tile._replace(codec_name="raw", args=raw_mode)]


def _end_of_plain_ppm(opened: ImageFile.ImageFile) -> int | None:
    """Returns the brightest level that a grey PPM in words names: Pillow stretches its levels to 16 bits for that."""
    if isinstance(opened, PpmImagePlugin.PpmImageFile) and opened.tile[0].codec_name == "ppm_plain":
        return int(_split_arguments(opened.tile[0].args)[1][0])
    return None


def _has_compressed_planes(opened: TiffImagePlugin.TiffImageFile) -> bool:
    return bool(opened.use_load_libtiff) and _planes(opened) == _SEPARATE_PLANES


def _planes(opened: TiffImagePlugin.TiffImageFile) -> int:
    return int(opened.tag_v2.get(TiffImagePlugin.PLANAR_CONFIGURATION, 1))


def _raw_mode(opened: ImageFile.ImageFile) -> str:
    return _split_arguments(opened.tile[0].args)[0] if opened.tile else ""


def _replace_raw_modes(opened: ImageFile.ImageFile, change: Callable[[str], str]) -> None:
    for number, tile in enumerate(opened.tile):
        raw_mode, others = _split_arguments(tile.args)
        opened.tile[number] = tile._replace(args=(change(raw_mode), *others) if others else change(raw_mode))


def _split_arguments(arguments: Any) -> tuple[str, tuple[Any, ...]]:
    """Parts what a decoder is given: a raw mode, alone or as the first of several."""
    return (arguments, ()) if isinstance(arguments, str) else (str(arguments[0]), tuple(arguments[1:]))


def _has_deep_channels(opened: ImageFile.ImageFile) -> bool:
    if opened.mode in DEEP_MODES:
        return False
    if isinstance(opened, TiffImagePlugin.TiffImageFile):
        return set(opened.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, ())) == {16}
    is_exact = isinstance(opened, (PngImagePlugin.PngImageFile, PpmImagePlugin.PpmImageFile))
    return is_exact and ";16" in _raw_mode(opened)


def _load_grey_with_alpha(opened: ImageFile.ImageFile) -> DeepPicture:
    # two channels of 16 bits are four of 8, upper byte first
    _replace_raw_modes(opened, lambda _: "RGBA")
    opened.load()
    channels = np.asarray(opened).astype(np.uint16)
    return finish_picture(channels[:, :, 0] << 8 | channels[:, :, 1], np.asarray(opened)[:, :, 2])


def _load_colours(opened: ImageFile.ImageFile, other: ImageFile.ImageFile) -> DeepPicture:
    _replace_raw_modes(opened, _keep_multiplied)
    _replace_raw_modes(other, lambda raw_mode: _swap_bytes(_keep_multiplied(raw_mode)))
    opened.load()
    other.load()
    channels = np.asarray(opened).astype(np.uint16) << 8 | np.asarray(other)
    if opened.mode == "RGBA":
        opacity = np.asarray(opened)[:, :, 3]
        return finish_picture(channels[:, :, :3], opacity, is_premultiplied=_is_premultiplied(opened))
    return finish_picture(channels, _find_key(channels, opened.info.get("transparency")))


def _is_premultiplied(opened: ImageFile.ImageFile) -> bool:
    if not isinstance(opened, TiffImagePlugin.TiffImageFile):
        return False
    return _PREMULTIPLIED in opened.tag_v2.get(TiffImagePlugin.EXTRASAMPLES, ())


def _keep_multiplied(raw_mode: str) -> str:
    return raw_mode.replace("a;", "A;")  # Pillow would divide by the alpha, in 8 bits


def _swap_bytes(raw_mode: str) -> str:
    return raw_mode[:-1] + _OTHER_ORDER[raw_mode[-1]]


def _find_key(channels: NDArray[np.uint16], key: object) -> NDArray[np.uint8] | None:
    if not isinstance(key, tuple):
        return None
    return np.where((channels == np.array(key, np.uint16)).all(axis=2), 0, 255).astype(np.uint8)
