"""Features, Gaussians and the detector made of them."""

from pathlib import Path

import numpy as np
import pytest

from darkroom.errors import OptionError
from darkroom.training.detector import Detector, make_heat_map, scale_heat_map, score_heat_map
from darkroom.training.features import FEATURE_COUNT, GRID, box_mean, extract_features, scale_radii
from darkroom.training.gaussian import Moments, PositionGaussian, fit_gaussian
from darkroom.training.learn import explain_threshold, make_threshold


def make_image(seed: int, size_px: int = 64) -> np.ndarray:
    return np.random.default_rng(seed).integers(90, 150, (size_px, size_px, 3), dtype=np.uint8)


def learn(count: int = 12, size_px: int = 32) -> PositionGaussian:
    features = [extract_features(make_image(seed), size_px).reshape(-1, FEATURE_COUNT) for seed in range(count)]
    moments = Moments.make_empty(features[0].astype(np.float64))
    for entry in features:
        moments.add(entry)
    return fit_gaussian(moments)


def make_detector() -> Detector:
    return Detector("alpha", "bottle", 32, 1.5, "sha256:00", learn())


@pytest.mark.parametrize(("size_px", "cells"), [(32, 32), (128, GRID), (256, GRID)])
def test_features_have_one_grid_whatever_the_image(size_px: int, cells: int) -> None:
    features = extract_features(make_image(0, 100), size_px)
    assert features.shape == (cells, cells, FEATURE_COUNT)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_grey_images_have_no_colour_features() -> None:
    grey = np.repeat(make_image(1)[..., :1], 3, axis=-1)
    assert np.abs(extract_features(grey)[..., -2:]).max() < 1e-4
    assert np.abs(extract_features(make_image(1))[..., -2:]).max() > 0.01


def test_radii_grow_with_the_image() -> None:
    assert scale_radii(128) == (1, 3, 7)
    assert scale_radii(256) == (2, 6, 14)
    assert scale_radii(32) == (1, 1, 2)


def test_box_mean_is_the_mean_over_mirrored_neighbours() -> None:
    plane = np.random.default_rng(0).random((6, 5))
    framed = np.pad(plane, 2, mode="symmetric")
    expected = [[framed[y : y + 5, x : x + 5].mean() for x in range(5)] for y in range(6)]
    assert box_mean(plane, 2) == pytest.approx(np.array(expected))


def test_moments_give_mean_and_covariance() -> None:
    features = np.random.default_rng(1).normal(50, 2, (9, 4, 3)).astype(np.float32)
    moments = Moments.make_empty(features[0].astype(np.float64))
    for entry in features:
        moments.add(entry)
    gaussian = fit_gaussian(moments, shrinkage=0, ridge=0)
    assert gaussian.mean == pytest.approx(features.mean(axis=0))
    covariance = np.cov(features[:, 2].astype(np.float64), rowvar=False) + 1e-6 * np.eye(3)
    assert gaussian.precision[2] == pytest.approx(np.linalg.inv(covariance), rel=1e-3)


def test_moments_of_parts_add_and_subtract() -> None:
    features = np.random.default_rng(2).normal(0, 1, (6, 4, 3)).astype(np.float32)
    parts = [Moments.make_empty(np.zeros((4, 3))) for _ in range(2)]
    for number, entry in enumerate(features):
        parts[number % 2].add(entry)
    rest = (parts[0] + parts[1]) - parts[1]
    assert rest.count == 3
    assert fit_gaussian(rest).precision == pytest.approx(fit_gaussian(parts[0]).precision, rel=1e-4)


def test_identical_images_make_no_singular_covariance() -> None:
    moments = Moments.make_empty(np.zeros((2, 3)))
    for _ in range(4):
        moments.add(np.ones((2, 3), np.float32))
    assert np.isfinite(fit_gaussian(moments).measure_distances(np.full((2, 3), 5, np.float32))).all()


def test_one_image_is_too_few_for_a_covariance() -> None:
    moments = Moments.make_empty(np.zeros((2, 3)))
    moments.add(np.ones((2, 3), np.float32))
    with pytest.raises(ValueError, match="two images"):
        fit_gaussian(moments)


def test_heat_map_is_hot_at_the_defect() -> None:
    gaussian = learn()
    image = make_image(99)
    usual = make_heat_map(gaussian, image, 32)
    image[8:24, 40:56] = 255
    heat_map = make_heat_map(gaussian, image, 32)
    row, column = np.unravel_index(np.argmax(heat_map), heat_map.shape)
    assert 3 <= row <= 12
    assert 19 <= column <= 28
    assert score_heat_map(heat_map) > 2 * score_heat_map(usual)
    assert scale_heat_map(heat_map, 64, 48).shape == (64, 48)


def test_weights_keep_everything(tmp_path: Path) -> None:
    detector = make_detector()
    detector.save(tmp_path / "weights.npz")
    again = Detector.load(tmp_path / "weights.npz")
    image = make_image(5)
    first, second = detector.score_image(image), again.score_image(image)
    assert (first.score, first.is_anomalous) == (second.score, second.is_anomalous)
    assert np.array_equal(first.heat_map, second.heat_map)
    assert (again.category, again.threshold, again.fingerprint) == ("bottle", 1.5, "sha256:00")


@pytest.mark.parametrize("content", [None, b"", b"text", b"PK\x03\x04 cut"])
def test_what_is_no_weights_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OptionError, match=r"weights.npz.*Expected weights"):
        Detector.load(path)


def test_other_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", mean=np.zeros(3))
    with pytest.raises(OptionError, match="Expected weights"):
        Detector.load(tmp_path / "other.npz")


def test_weights_into_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be written"):
        make_detector().save(tmp_path / "no" / "weights.npz")


@pytest.mark.parametrize(
    ("count", "rate", "rank"), [(19, 0.05, 19), (39, 0.05, 38), (99, 0.05, 95), (16, 0.05, 16), (3, 0.5, 2)]
)
def test_threshold_is_the_score_of_the_stated_rank(count: int, rate: float, rank: int) -> None:
    scores = np.random.default_rng(0).permutation(np.arange(1.0, count + 1)).tolist()
    assert make_threshold(scores, rate) == rank


def test_threshold_keeps_its_false_alarm_rate() -> None:
    rng = np.random.default_rng(0)
    alarms = [rng.normal() > make_threshold(rng.normal(size=39).tolist(), 0.05) for _ in range(4000)]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.012)


def test_threshold_without_a_score() -> None:
    with pytest.raises(ValueError, match="one good image"):
        make_threshold([])


def test_an_odd_good_image_is_named() -> None:
    scores = {"a": 1.0, "b": 1.1, "c": 0.9, "odd": 8.0}
    note = explain_threshold(scores, 8.0)
    assert note is not None
    assert "is odd good?" in note
    assert explain_threshold({"a": 1.0, "b": 1.5}, 1.5) is None
