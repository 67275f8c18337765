"""A detector and the images it has not learned from in, a `Training` out."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import numpy as np

from darkroom.progress import ProgressCounter
from darkroom.training.detector import METHOD, SMOOTHING_CELLS, TOP_SHARE, Detector, scale_heat_map
from darkroom.training.features import scale_radii
from darkroom.training.gaussian import RIDGE, SHRINKAGE
from darkroom.training.learn import PARTS, TrainOptions
from darkroom.training.results import Score, Training
from darkroom.training.roc import PixelHistogram, count_confusion, roc_auc, roc_curve, shuffled_label_auc
from darkroom.training.samples import CategorySamples, fingerprint_samples, iter_images, iter_masks


def score_samples(
    samples: CategorySamples, detector: Detector, counter: ProgressCounter
) -> tuple[tuple[Score, ...], PixelHistogram]:
    """Scores every image tested on, and counts the pixels of those whose mask is known.

    A good image without a mask counts as a mask without a defect, as in the protocol of MVTec AD.

    Args:
        samples: The samples; their `tested` are scored.
        detector: The detector learned from their `train`.
        counter: Counts each image read.
    """
    pixels = PixelHistogram()
    held_out = {sample.sample_id for sample in samples.holdout}
    scores = []
    pairs = zip(iter_images(samples.reader, samples.tested), iter_masks(samples.reader, samples.tested), strict=True)
    for (sample, image), (_, mask) in pairs:
        scored = detector.score_image(image)
        if mask is None and sample.is_defect is False:
            mask = np.zeros(image.shape[:2], np.uint8)
        if mask is not None:
            pixels.add(scale_heat_map(scored.heat_map, *mask.shape), mask)
        facts = (sample.sample_id, sample.label, sample.is_defect, sample.sample_id in held_out)
        scores.append(Score(*facts, scored.score, scored.is_anomalous))
        counter.advance()
    return tuple(scores), pixels


def make_training(
    samples: CategorySamples,
    detector: Detector,
    threshold_note: str | None,
    options: TrainOptions,
    scores: tuple[Score, ...],
    pixels: PixelHistogram,
    started_at: datetime,
    duration_s: float,
) -> Training:
    """Puts together what is to be known about one training.

    Args:
        samples: What it learned from and was tested on.
        detector: What it learned.
        threshold_note: What is odd about its threshold, or None.
        options: How it was trained.
        scores: The scores of the images tested on.
        pixels: The pixels of those with a mask, counted.
        started_at: When it began, in UTC.
        duration_s: How long it took so far.
    """
    return Training(
        run_id=f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
        started_at=started_at,
        source_dataset=samples.source_dataset,
        category=samples.category,
        method=METHOD,
        parameters=_list_parameters(options),
        seed=options.seed,
        fingerprint=detector.fingerprint,
        train_fingerprint=fingerprint_samples(samples.train),
        train_count=len(samples.train),
        holdout_count=len(samples.holdout),
        threshold=detector.threshold,
        threshold_note=threshold_note,
        false_alarm_rate=max(options.false_alarm_rate, 1 / (len(samples.train) + 1)),
        scores=scores,
        duration_s=duration_s,
        **_measure(samples, scores, pixels, options.seed),
    )


def _measure(samples: CategorySamples, scores: tuple[Score, ...], pixels: PixelHistogram, seed: int) -> dict[str, Any]:
    """Makes the fields of a `Training` that say how well scores tell defective from good."""
    labelled = [score for score in scores if score.is_defect is not None]
    values = [score.score for score in labelled]
    is_defect = [bool(score.is_defect) for score in labelled]
    image_auc, pixel_auc = roc_auc(values, is_defect), pixels.roc_auc()
    mask_count = sum(sample.mask_sha256 is not None for sample in samples.tested)
    return {
        "test_count": len(scores),
        "defect_count": sum(is_defect),
        "unlabelled_count": len(scores) - len(labelled),
        "mask_count": mask_count,
        "image_auc": image_auc,
        "image_auc_note": None if image_auc is not None else explain_image_auc(len(labelled), sum(is_defect)),
        "pixel_auc": pixel_auc,
        "pixel_auc_note": None if pixel_auc is not None else explain_pixel_auc(mask_count),
        "control_auc": shuffled_label_auc(values, is_defect, seed=seed),
        "confusion": count_confusion([score.is_anomalous for score in labelled], is_defect),
        "curve": roc_curve(values, is_defect),
    }


def _list_parameters(options: TrainOptions) -> dict[str, float | int | str]:
    return {
        "size_px": options.size_px,
        "radii_px": " ".join(map(str, scale_radii(options.size_px))),
        "shrinkage": SHRINKAGE,
        "ridge": RIDGE,
        "smoothing_cells": SMOOTHING_CELLS,
        "top_share": TOP_SHARE,
        "parts": PARTS,
        "false_alarm_rate": options.false_alarm_rate,
        "holdout": options.holdout,
    }


def explain_image_auc(labelled_count: int, defect_count: int) -> str:
    """Says why there is no area under the ROC curve over images."""
    if not labelled_count:
        return "no test image is known to be good or defective"
    if not defect_count:
        return f"all {labelled_count} test images are good; a defective one is needed too"
    return f"all {labelled_count} test images are defective; `holdout` holds good training images out, to test on too"


def explain_pixel_auc(mask_count: int) -> str:
    """Says why there is no area under the ROC curve over pixels."""
    return "no test image has a mask" if not mask_count else "the masks show no defect, or nothing else"
