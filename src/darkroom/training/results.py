"""What a training did, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from darkroom.training.roc import Confusion, RocCurve


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one image that the model did not learn from.

    Attributes:
        sample_id: Its key.
        label: The text from disk; None where nobody knows.
        is_defect: None where nobody knows; such an image is scored and counts nowhere.
        is_holdout: Whether it is a good training image that was put aside.
        score: About 1 is usual; more is more unusual.
        is_anomalous: Whether the score is above the threshold.
    """

    sample_id: str
    label: str | None
    is_defect: bool | None
    is_holdout: bool
    score: float
    is_anomalous: bool


@dataclass(frozen=True, slots=True)
class Run:
    """The training of one category: what went in, and how well it tells defective from good.

    Attributes:
        run_id: Key of the row in `runs`.
        started_at: In UTC.
        source_dataset: Name of the image dataset.
        category: The object photographed.
        method: Name of the model.
        parameters: Every number that the result depends on, besides the images.
        seed: Of the parts, the images put aside and the control.
        fingerprint: Over the samples that had a part in it: learned from, put aside or tested on.
        train_fingerprint: Over those it learned from alone.
        train_count: Good images it learned from.
        holdout_count: Good training images put aside, to be tested on.
        test_count: Images tested on, those put aside included.
        defect_count: Those of them known to be defective.
        unlabelled_count: Those of them that nobody knows about; they are scored, and count nowhere.
        mask_count: Those of them with a mask.
        image_auc: Area under the ROC curve over images; None if undefined.
        image_auc_note: Why it is None.
        pixel_auc: The same over pixels, at the size of the stored masks; None if undefined.
        pixel_auc_note: Why it is None.
        control_auc: Mean of the image area when labels are dealt by chance: about 0.5.
        threshold: A score above it is called anomalous; set without a test image.
        threshold_note: What is odd about it, or None.
        false_alarm_rate: Expected share of good images above it, at most.
        confusion: Verdicts by truth, over the labelled images tested on.
        curve: The ROC curve over images; None if undefined.
        scores: One for each image tested on, by `sample_id`.
        duration_s: From reading the first image to the last score.
    """

    run_id: str
    started_at: datetime
    source_dataset: str
    category: str
    method: str
    parameters: dict[str, float | int | str]
    seed: int
    fingerprint: str
    train_fingerprint: str
    train_count: int
    holdout_count: int
    test_count: int
    defect_count: int
    unlabelled_count: int
    mask_count: int
    image_auc: float | None
    image_auc_note: str | None
    pixel_auc: float | None
    pixel_auc_note: str | None
    control_auc: float | None
    threshold: float
    threshold_note: str | None
    false_alarm_rate: float
    confusion: Confusion
    curve: RocCurve | None
    scores: tuple[Score, ...]
    duration_s: float

    @property
    def precision(self) -> float | None:
        """Share of the alarms that are right, 0 to 1."""
        return self.confusion.precision

    @property
    def recall(self) -> float | None:
        """Share of the defective that raised an alarm, 0 to 1."""
        return self.confusion.recall


@dataclass(frozen=True, slots=True)
class Skipped:
    """A category that no model could be trained for, and why."""

    source_dataset: str
    category: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What one call of `train` did.

    Attributes:
        database: Where the images are from, and where the results went.
        runs: One for each category, by image dataset and category.
        skipped: Categories that no model could be trained for.
        is_saved: Whether `runs` and `scores` got rows.
        report: The page written, or None.
        weights: The weight files written.
        duration_s: From call to return.
    """

    database: str
    runs: tuple[Run, ...]
    skipped: tuple[Skipped, ...]
    is_saved: bool
    report: Path | None
    weights: tuple[Path, ...]
    duration_s: float
