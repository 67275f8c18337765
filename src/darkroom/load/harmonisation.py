"""How the pictures of a table become uniform: the same for all of them, whichever run loads them."""

from __future__ import annotations

from dataclasses import dataclass

from darkroom.errors import OptionError
from darkroom.harmonise.decode import MAX_PIXELS
from darkroom.harmonise.resampler import AUTO, DEFAULT_RESAMPLER, PILLOW, Resampler, find_resampler
from darkroom.harmonise.resize import DEFAULT_TENSOR_SIZE_PX, Fit
from darkroom.load.loaded import Loaded


@dataclass(frozen=True, slots=True)
class Harmonisation:
    """How pictures become uniform.

    Attributes:
        size_px: Side length of the tensors in pixels.
        fit: How a picture that is not square becomes square.
        max_pixels: Pictures with more pixels are rejected.
        resampler: What scales images.
    """

    size_px: int = DEFAULT_TENSOR_SIZE_PX
    fit: Fit = Fit.STRETCH
    max_pixels: int = MAX_PIXELS
    resampler: Resampler = DEFAULT_RESAMPLER


def choose_harmonisation(loaded: Loaded, size_px: int, fit: Fit, max_pixels: int, resampler: str) -> Harmonisation:
    """Chooses how the pictures of a run become uniform: as those that the table holds.

    Args:
        loaded: The facts of the tables before the run.
        size_px: Side length of the tensors in pixels, as asked for.
        fit: How a picture that is not square becomes square, as asked for.
        max_pixels: Pictures with more pixels are rejected.
        resampler: The name of what is to scale them; `auto` for that of the table.

    Raises:
        OptionError: The table holds pictures of another size, fit or resampler; or what scaled them is not installed.
    """
    for name, row in loaded.image_datasets.items():
        if (row["size_px"], row["fit"]) != (size_px, fit):
            raise OptionError(
                f"The table holds {name} at {row['size_px']} px, fit {row['fit']}; this run asks for {size_px} px, fit "
                f"{fit}. One table holds one size: give the same `size_px` and `fit`, or another `database`."
            )
    chosen = find_resampler(resampler)
    for name, row in loaded.image_datasets.items():
        recorded = row["resampler"] or PILLOW.name
        if resampler == AUTO:
            chosen = _find_recorded(name, recorded)
        elif recorded != chosen.name:
            raise OptionError(
                f"The images of {name} in the table are scaled by {recorded}; this run asks for {chosen.name}, whose "
                f"pixels are not the same. One table has one resampler: give `resampler` {recorded}, or another "
                "`database`."
            )
    return Harmonisation(size_px, fit, max_pixels, chosen)


def _find_recorded(name: str, recorded: str) -> Resampler:
    try:
        return find_resampler(recorded)
    except OptionError as error:
        raise OptionError(f"The images of {name} in the table are scaled by {recorded}. {error}") from None
