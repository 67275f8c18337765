"""A trained model: a picture in, a heat map and a score out. Can be kept as a file (`weights`)."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from darkroom.errors import OptionError
from darkroom.paths import given_path
from darkroom.training.features import box_mean, extract_features
from darkroom.training.gaussian import PositionGaussian

METHOD = "gaussian-per-position"
"""What made a score: the name of this model in the table `runs`."""

SMOOTHING_CELLS = 1
"""Half-width of the box, in cells, that distances are averaged over: a lone cell is more often noise than
defect."""

TOP_SHARE = 0.01
"""Share of the cells, the hottest ones, whose mean is the score of an image."""

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ScoredImage:
    """What a detector makes of one image.

    Attributes:
        score: The mean of the hottest `TOP_SHARE` of the heat map; about 1 is usual.
        is_anomalous: Whether the score is above the threshold.
        heat_map: `(G, G)` float32, 0 or more.
    """

    score: float
    is_anomalous: bool
    heat_map: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Detector:
    """The model of one category.

    Attributes:
        source_dataset: The name of the image dataset it learned from.
        category: The object photographed.
        size_px: The side length that images are scaled to.
        threshold: A score above it is called anomalous.
        fingerprint: The fingerprint over the samples it learned from and was tested on.
        gaussian: What it learned.
    """

    source_dataset: str
    category: str
    size_px: int
    threshold: float
    fingerprint: str
    gaussian: PositionGaussian

    def score_image(self, image: NDArray[np.uint8]) -> ScoredImage:
        """Scores one image.

        Args:
            image: `(H, W, 3)` uint8, RGB, 0–255, made square as the images it learned from were.
        """
        heat_map = make_heat_map(self.gaussian, image, self.size_px)
        score = score_heat_map(heat_map)
        return ScoredImage(score, score > self.threshold, heat_map)

    def save(self, path: str | Path) -> None:
        """Writes the weights as an `.npz` file, in place of an earlier one.

        Raises:
            OptionError: It cannot be written.
        """
        facts = {
            "format": _FORMAT,
            "method": METHOD,
            "source_dataset": self.source_dataset,
            "category": self.category,
            "size_px": self.size_px,
            "threshold": self.threshold,
            "fingerprint": self.fingerprint,
        }
        try:
            with given_path(path, "path").open("wb") as file:
                np.savez(
                    file,
                    facts=np.array(json.dumps(facts)),
                    mean=self.gaussian.mean,
                    precision=self.gaussian.precision,
                )
        except OSError as error:
            raise OptionError(f"{path}: cannot be written ({error.strerror or error}).") from error

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads weights that `save` wrote; runs no code from the file.

        Raises:
            OptionError: There is no such file, or it holds no weights of this model.
        """
        expected = "Expected weights that `darkroom train --weights FOLDER` has written."
        try:
            with np.load(path, allow_pickle=False) as stored:
                facts: dict[str, Any] = json.loads(str(stored["facts"]))
                gaussian = PositionGaussian(stored["mean"], stored["precision"])
            if facts.pop("format") != _FORMAT or facts.pop("method") != METHOD:
                raise OptionError(f"{path}: weights of another model or version. {expected}")
            return cls(gaussian=gaussian, **facts)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise OptionError(f"{path}: cannot be read as weights ({error}). {expected}") from error


def make_heat_map(gaussian: PositionGaussian, image: NDArray[np.uint8], size_px: int) -> NDArray[np.float32]:
    """Measures how unusual each place of an image is.

    Args:
        gaussian: What was learned from images of `size_px`.
        image: `(H, W, 3)` uint8, RGB, 0–255.
        size_px: The side length it is scaled to.

    Returns:
        `(G, G)` float32, 0 or more, about 1 where all is as usual.
    """
    features = extract_features(image, size_px)
    distances = gaussian.measure_distances(features.reshape(-1, features.shape[-1]))
    return box_mean(distances.reshape(features.shape[:2]), SMOOTHING_CELLS).astype(np.float32)


def score_heat_map(heat_map: NDArray[np.float32]) -> float:
    """Returns the mean of the hottest `TOP_SHARE` of the cells, at least of one."""
    top = max(1, round(heat_map.size * TOP_SHARE))
    return float(np.partition(heat_map, -top, axis=None)[-top:].mean())


def scale_heat_map(heat_map: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Scales a heat map to the size of an image or a mask, bilinearly: `(height, width)` float32."""
    scaled = Image.fromarray(heat_map).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(scaled, np.float32)
