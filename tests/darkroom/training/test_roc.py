import numpy as np
import pytest

from darkroom.training.roc import PixelHistogram, count_confusion, roc_auc, roc_curve, shuffled_label_auc


def count_pairs(scores: np.ndarray, is_defect: np.ndarray) -> float:
    """The definition itself: pairs won, ties half."""
    defect, good = scores[is_defect][:, None], scores[~is_defect][None, :]
    return float(((defect > good) + 0.5 * (defect == good)).mean())


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("distinct", [2, 7, 10_000])
def test_area_is_the_share_of_pairs_won(seed: int, distinct: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, distinct, 60) / 7
    is_defect = rng.random(60) < 0.3
    is_defect[:2] = True, False
    area = roc_auc(scores, is_defect)
    assert area == pytest.approx(count_pairs(scores, is_defect), abs=1e-12)
    curve = roc_curve(scores, is_defect)
    assert curve is not None
    assert np.trapezoid(curve.true_positive_rates, curve.false_positive_rates) == pytest.approx(area)


@pytest.mark.parametrize(
    ("scores", "area"), [([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], 0.0), ([5, 5, 5, 5], 0.5), ([1, 3, 2, 4], 0.75)]
)
def test_area_of_simple_cases(scores: list[int], area: float) -> None:
    assert roc_auc(scores, [False, False, True, True]) == area


@pytest.mark.parametrize("labels", [[True, True], [False, False], []])
def test_one_kind_only_has_no_area(labels: list[bool]) -> None:
    scores = list(range(len(labels)))
    assert roc_auc(scores, labels) is None
    assert roc_curve(scores, labels) is None
    assert shuffled_label_auc(scores, labels) is None


def test_curve_runs_from_corner_to_corner() -> None:
    curve = roc_curve([3, 1, 2, 2], [True, False, True, False])
    assert curve is not None
    assert curve.false_positive_rates == (0.0, 0.0, 0.5, 1.0)
    assert curve.true_positive_rates == (0.0, 0.5, 1.0, 1.0)


def test_histogram_agrees_with_exact_area() -> None:
    rng = np.random.default_rng(3)
    masks = (rng.random((5, 40, 30)) < 0.1).astype(np.uint8)
    maps = (np.abs(rng.normal(1, 0.5, masks.shape)) * (1 + masks)).astype(np.float32)
    pixels = PixelHistogram()
    for heat_map, mask in zip(maps, masks, strict=True):
        pixels.add(heat_map, mask)
    assert pixels.roc_auc() == pytest.approx(roc_auc(maps.ravel(), masks.ravel()), abs=1e-3)


def test_histogram_counts_ties_half_and_takes_any_range() -> None:
    pixels = PixelHistogram()
    assert pixels.roc_auc() is None
    pixels.add(np.full((2, 2), 7, np.float32), np.array([[0, 1], [0, 1]], np.uint8))
    assert pixels.roc_auc() == 0.5
    pixels.add(np.array([[0.0, 3e38]], np.float32), np.array([[0, 1]], np.uint8))
    assert pixels.roc_auc() == pytest.approx(7 / 9)


def test_shuffled_labels_give_about_a_half() -> None:
    scores = np.arange(30.0)
    is_defect = scores >= 15
    assert roc_auc(scores, is_defect) == 1.0
    controls = [shuffled_label_auc(scores, is_defect, seed=seed) for seed in range(30)]
    assert all(control is not None and abs(control - 0.5) < 0.04 for control in controls)
    assert controls[0] == shuffled_label_auc(scores, is_defect, seed=0)
    singles = [shuffled_label_auc(scores, is_defect, seed=seed, rounds=1) for seed in range(300)]
    assert np.mean([single for single in singles if single is not None]) == pytest.approx(0.5, abs=0.02)


def test_confusion() -> None:
    counted = count_confusion([True, True, False, False, True], [True, False, True, False, True])
    assert (counted.true_positives, counted.false_positives) == (2, 1)
    assert (counted.true_negatives, counted.false_negatives) == (1, 1)
    assert counted.precision == counted.recall == pytest.approx(2 / 3)
    nothing = count_confusion([], [])
    assert nothing.precision is None
    assert nothing.recall is None
