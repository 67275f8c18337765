"""What scales pictures by Lanczos: cykooz-resizer with the processor's vector instructions, or Pillow where it is not.

Both are equally near to what is right. They differ because they round, and cut off what is beyond black and white,
between the two passes in another order: in photographs mostly by 1 in one value of five, next to hard edges by dozens.
So all tensors of a table are made by one of them.

Source: Lanczos, windowed sinc of three lobes; https://crates.io/crates/fast_image_resize (cykooz-resizer).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import PIL
from PIL import Image

from darkroom.errors import OptionError

try:
    from cykooz_resizer import CpuExtensions, CropBox, FilterType, ResizeAlg, ResizeOptions, Resizer
except ImportError:
    Resizer = None

AUTO = "auto"
"""Stands for the resampler of the table, or else for the fastest that there is."""

Box = tuple[int, int, int, int]
"""The part of a picture that is kept, in pixels: left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Resampler:
    """What scales pictures.

    Attributes:
        name: As `image_datasets` records it.
        version: Of the library.
        resize: From a picture in mode L or RGB, the size to be and the part that is kept, to the picture scaled.
    """

    name: str
    version: str
    resize: Callable[[Image.Image, tuple[int, int], Box], Image.Image]


def _resize_with_pillow(picture: Image.Image, size: tuple[int, int], box: Box) -> Image.Image:
    return picture.resize(size, Image.Resampling.LANCZOS, box)


def resize_fast(
    picture: Image.Image, size: tuple[int, int], box: Box, extensions: CpuExtensions | None = None
) -> Image.Image:
    """Scales a picture with cykooz-resizer.

    Args:
        picture: In mode L or RGB.
        size: Width and height in pixels that it is to have.
        box: The part that is kept.
        extensions: The vector instructions to use; by default the best that the processor has.
    """
    resizer = Resizer()
    if extensions is not None:
        resizer.cpu_extensions = extensions
    left, top, right, bottom = box
    options = ResizeOptions(
        resize_alg=ResizeAlg.convolution(FilterType.lanczos3),
        crop_box=CropBox(left, top, right - left, bottom - top),
        use_alpha=False,  # the fourth byte of Pillow's pixels means nothing
    )
    picture.load()
    scaled = Image.new(picture.mode, size)
    resizer.resize_pil(picture, scaled, options)
    return scaled


PILLOW = Resampler("pillow", PIL.__version__, _resize_with_pillow)
_FAST_NAME = "cykooz-resizer"
FAST = None if Resizer is None else Resampler(_FAST_NAME, version(_FAST_NAME), resize_fast)

DEFAULT_RESAMPLER = FAST or PILLOW

RESAMPLERS = (_FAST_NAME, PILLOW.name)
"""Names of all that there are, whether they are installed or not."""


def find_resampler(name: str) -> Resampler:
    """Returns the resampler of a name; for `auto`, the fastest that is installed.

    Raises:
        OptionError: There is none of that name, or it is not installed.
    """
    if name not in (AUTO, *RESAMPLERS):
        raise OptionError(f"`resampler` {name!r}: expected {AUTO} or one of {', '.join(RESAMPLERS)}.")
    if name == PILLOW.name:
        return PILLOW
    if name == _FAST_NAME and FAST is None:
        raise OptionError(
            f"`resampler` {name}: it is not installed here. Install it (`pip install {name}`; there are wheels for "
            "Linux and Windows on x86_64 and for macOS), or load into another `database`, with Pillow."
        )
    return DEFAULT_RESAMPLER
