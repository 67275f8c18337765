"""The baseline: anomaly detection learned from good training images only, one model for each category.

Which rows have which part is decided once, in `samples.read_category_samples`: a model learns from the split `train`
where `is_defect` is false, and from nothing else; what is tested on is read after the model and its threshold are
fixed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import OptionError
from darkroom.paths import given_path
from darkroom.progress import ProgressCallback, ProgressCounter
from darkroom.tables import DATASET_NAME
from darkroom.training.detector import Detector
from darkroom.training.evaluation import make_training, score_samples
from darkroom.training.features import MEASURED_SIZE_PX
from darkroom.training.learn import FALSE_ALARM_RATE, TRAIN_COUNT_MIN, TrainOptions, learn_detector
from darkroom.training.report.examples import CategoryPanel, make_panel
from darkroom.training.report.write import check_report, write_report
from darkroom.training.results import Skipped, Training, TrainReport
from darkroom.training.samples import CategorySamples, choose_categories, read_category_samples
from darkroom.training.saving import save_trainings


def train(
    database: str | Path,
    *,
    category: str | None = None,
    source: str | None = None,
    size_px: int = MEASURED_SIZE_PX,
    seed: int = 0,
    holdout: int = 0,
    false_alarm_rate: float = FALSE_ALARM_RATE,
    report: str | Path | None = None,
    weights: str | Path | None = None,
    save: bool = True,
    progress: ProgressCallback | None = None,
    dataset: str = DATASET_NAME,
) -> TrainReport:
    """Trains a model for each category, tests it, and appends the results to the tables `runs` and `scores`.

    A second call appends again, under another `run_id`; all but that, the times and the durations is the same.

    Args:
        database: The DuckDB file.
        category: Only this one, in whatever image dataset it is.
        source: Only this image dataset.
        size_px: Side length that images are scaled to before they are measured.
        seed: Decides the parts, the images held out and the control.
        holdout: Good training images of each category to hold out and test on, for test sets without a good
            image: the first in the order of the SHA-256 of `<seed>/<sample_id>`.
        false_alarm_rate: Share of good images that may lie above the threshold, 0 to 1.
        report: A `.html` file to write, in place of an earlier one; it needs the extra `report`.
        weights: A folder for the weight files (`Detector.load`), made if it is not there.
        save: Whether to append to `runs` and `scores`.
        progress: Called with images read and images to read.
        dataset: The dlt dataset (database schema) that holds the tables.

    Raises:
        OptionError: There is no such category, or none that a model can be trained for; a number is out of its
            range; a file cannot be written.
        DatabaseNotFoundError: There is no such file, or no image in it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
        LoadError: The results could not be written.
    """
    started_s = time.monotonic()
    options = TrainOptions(size_px, seed, holdout, false_alarm_rate)
    options.check()
    report_path = check_report(report) if report is not None else None
    weights_folder = _make_folder(weights) if weights is not None else None
    with open_readonly(database, dataset) as connection:
        chosen, skipped = _choose(connection, str(database), category, source, options, dataset)
        counter = ProgressCounter(sum(map(_count_reads, chosen)), progress)
        trained = [_train_category(samples, options, counter, report_path, weights_folder) for samples in chosen]
    trainings = tuple(entry.training for entry in trained)
    if report_path:
        write_report(report_path, [entry.panel for entry in trained if entry.panel], str(database))
    if save:
        save_trainings(database, trainings, dataset)
    return TrainReport(
        database=str(database),
        trainings=trainings,
        skipped=tuple(skipped),
        is_saved=save,
        report=report_path,
        weights=tuple(entry.weights for entry in trained if entry.weights),
        duration_s=time.monotonic() - started_s,
    )


def _count_reads(samples: CategorySamples) -> int:
    return 2 * len(samples.train) + len(samples.holdout) + len(samples.test)


def _make_folder(folder: str | Path) -> Path:
    path = given_path(folder, "weights")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"`weights` {path}: no folder can be made there ({error.strerror or error}).") from error
    return path


def _save_weights(detector: Detector, folder: Path) -> Path:
    name = f"{detector.source_dataset}-{detector.category}"
    path = folder / ("".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name) + ".npz")
    detector.save(path)
    return path


def _choose(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    category: str | None,
    source: str | None,
    options: TrainOptions,
    dataset: str,
) -> tuple[list[CategorySamples], list[Skipped]]:
    """Sorts the categories asked for into those that can be trained and those that cannot.

    Raises:
        OptionError: One was asked for by name and cannot be trained, or none can.
    """
    chosen, skipped = [], []
    for pair in choose_categories(connection, database, category, source):
        samples = read_category_samples(
            connection, database, pair, holdout=options.holdout, seed=options.seed, dataset=dataset
        )
        reason = _find_obstacle(samples)
        if reason is None:
            chosen.append(samples)
        else:
            skipped.append(Skipped(*pair, reason))
    if not chosen or (category is not None and skipped):
        reasons = " ".join(f"{entry.source_dataset}/{entry.category}: {entry.reason}" for entry in skipped)
        raise OptionError(f"{database}: no model can be trained. {reasons}")
    return chosen, skipped


def _find_obstacle(samples: CategorySamples) -> str | None:
    if len(samples.train) >= TRAIN_COUNT_MIN:
        return None
    good_count = len(samples.train) + len(samples.holdout)
    found = "no good training image" if not good_count else f"{good_count} good training image{'s' * (good_count > 1)}"
    if samples.holdout:
        found += f", {len(samples.holdout)} of them held out"
    return (
        f"found {found}, expected at least {TRAIN_COUNT_MIN} to learn from. Ingest more with the split train "
        "and the label good; `darkroom summary` shows what there is."
    )


@dataclass(frozen=True, slots=True)
class _TrainedCategory:
    """What is kept of one category once its model is dropped: models of all categories would fill the memory."""

    training: Training
    panel: CategoryPanel | None
    weights: Path | None


def _train_category(
    samples: CategorySamples,
    options: TrainOptions,
    counter: ProgressCounter,
    report: Path | None,
    weights_folder: Path | None,
) -> _TrainedCategory:
    started_at, started_s = datetime.now(UTC), time.monotonic()
    detector, threshold_note = learn_detector(samples, options, counter)
    scores, pixels = score_samples(samples, detector, counter)
    duration_s = time.monotonic() - started_s
    training = make_training(samples, detector, threshold_note, options, scores, pixels, started_at, duration_s)
    panel = make_panel(samples, detector, training) if report else None
    weights = _save_weights(detector, weights_folder) if weights_folder else None
    return _TrainedCategory(training, panel, weights)
