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
        sample_id: The key of the sample.
        label: The text from disk; None where nobody knows.
        is_defect: Whether it is defective; where nobody knows, None: it is scored, and counts nowhere.
        is_holdout: Whether it is a good training image that was held out.
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
class Training:
    """The training of one category: what went in, and how well it tells defective from good.

    Attributes:
        run_id: The key of its row in the table `runs`.
        started_at: When it began, in UTC.
        source_dataset: The name of the image dataset.
        category: The object photographed.
        method: The name of the model.
        parameters: Every number that the result depends on, besides the images.
        seed: The seed that decides the parts, the images held out and the control.
        fingerprint: The fingerprint over the samples that had a part in it: learned from, held out or tested on.
        train_fingerprint: The fingerprint over those alone that it learned from.
        train_count: How many good images it learned from.
        holdout_count: How many good training images were held out, to be tested on.
        test_count: How many images it was tested on, those held out included.
        defect_count: How many of those are known to be defective.
        unlabelled_count: How many of those nobody knows about; they are scored, and count nowhere.
        mask_count: How many of those have a mask.
        image_auc: The area under the ROC curve over images; None if undefined.
        image_auc_note: Why `image_auc` is None.
        pixel_auc: That area over pixels, at the size of the stored masks; None if undefined.
        pixel_auc_note: Why `pixel_auc` is None.
        control_auc: The mean of the area over images when labels are dealt by chance: about 0.5.
        threshold: A score above it is called anomalous; set without a test image.
        threshold_note: What is odd about the threshold, or None.
        false_alarm_rate: The share of good images to expect above the threshold, at most.
        confusion: The verdicts by truth, over the labelled images tested on.
        curve: The ROC curve over images; None if undefined.
        scores: One for each image tested on, by `sample_id`.
        duration_s: The time from reading the first image to the last score.
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
        """The share of the alarms that are right, 0 to 1."""
        return self.confusion.precision

    @property
    def recall(self) -> float | None:
        """The share of the defective that raised an alarm, 0 to 1."""
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
        database: The file that the images are from and the results went to.
        trainings: One training for each category, by image dataset and category.
        skipped: Categories that no model could be trained for.
        is_saved: Whether `runs` and `scores` got rows.
        report: The page written, or None.
        weights: The weight files written.
        duration_s: The time from call to return.
    """

    database: str
    trainings: tuple[Training, ...]
    skipped: tuple[Skipped, ...]
    is_saved: bool
    report: Path | None
    weights: tuple[Path, ...]
    duration_s: float
