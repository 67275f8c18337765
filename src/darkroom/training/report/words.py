"""The figures of a training in words, the same in the terminal and in the page."""

from __future__ import annotations

from darkroom.training.results import Score, Training


def format_area(area: float | None) -> str:
    """Returns an area under a ROC curve as text; a dash if it is undefined."""
    return "–" if area is None else f"{area:.3f}"


def format_label(score: Score) -> str:
    """Returns the label from disk, or `unknown`; with a note for a good training image that was held out."""
    label = score.label if score.label is not None else "unknown"
    return f"{label} (held out)" if score.is_holdout else label


def name_kind(is_defect: bool | None) -> str:
    """Returns what an image is: `defective`, `good`, or `unknown` where nobody knows."""
    return "unknown" if is_defect is None else "defective" if is_defect else "good"


def format_verdict(score: Score, threshold: float) -> str:
    """Returns the score and the threshold, in as many digits as it takes to tell which is larger."""
    sign = ">" if score.is_anomalous else "<" if score.score < threshold else "="
    digits = next((count for count in (2, 3, 4) if round(score.score, count) != round(threshold, count)), 5)
    return f"{score.score:.{digits}f} {sign} {threshold:.{digits}f}"


def list_figures(training: Training) -> list[tuple[str, str]]:
    """Returns the figures that sum a training up, each with its name."""
    confusion = training.confusion
    good_count = confusion.false_positives + confusion.true_negatives
    figures = [
        ("image AUC", format_area(training.image_auc)),
        ("pixel AUC", format_area(training.pixel_auc)),
        ("shuffled labels", format_area(training.control_auc)),
        ("defects found", f"{confusion.true_positives} of {training.defect_count}"),
        ("false alarms", f"{confusion.false_positives} of {good_count}"),
        ("threshold", f"{training.threshold:.2f}"),
        ("learned from", f"{training.train_count} good"),
    ]
    if training.holdout_count:
        figures.append(("held out", f"{training.holdout_count} good"))
    if training.unlabelled_count:
        figures.append(("label unknown", str(training.unlabelled_count)))
    return figures


def list_notes(training: Training) -> list[str]:
    """Says in sentences why a figure is missing or odd."""
    notes = (("image AUC", training.image_auc_note), ("pixel AUC", training.pixel_auc_note))
    missing = [f"No {name}: {note}." for name, note in notes if note]
    odd = training.threshold_note
    return missing + ([f"{odd[0].upper()}{odd[1:]}"] if odd else [])
