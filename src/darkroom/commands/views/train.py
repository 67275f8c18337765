"""How the report of `train` looks on a terminal or in a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from darkroom.commands.group import name_own_options
from darkroom.commands.views.parts import count_noun, start_table
from darkroom.training.report.words import format_area, list_notes
from darkroom.training.results import Training, TrainReport


def render_train(report: TrainReport) -> RenderableType:
    """Shows how well each model tells defective from good, and where the results went."""
    parts: list[RenderableType] = [Text(report.database, style="bold"), _render_trainings(report.trainings)]
    parts += _render_notes(report)
    return Group(*parts, Text(), *_render_end(report))


def _render_trainings(trainings: tuple[Training, ...]) -> Table:
    table = start_table(
        "category", "learned>", "tested>", "image\nAUC>", "pixel\nAUC>", "found>", "false>", "threshold>"
    )
    for training in trainings:
        confusion = training.confusion
        good_count = confusion.false_positives + confusion.true_negatives
        table.add_row(
            Text(f"{training.source_dataset}/{training.category}"),
            f"{training.train_count:,}",
            f"{training.test_count:,}",
            format_area(training.image_auc),
            format_area(training.pixel_auc),
            f"{confusion.true_positives}/{training.defect_count}",
            f"{confusion.false_positives}/{good_count}",
            f"{training.threshold:.2f}",
        )
    return table


def _render_notes(report: TrainReport) -> Iterator[RenderableType]:
    notes = [
        (f"{training.source_dataset}/{training.category}", note)
        for training in report.trainings
        for note in list_notes(training)
    ]
    notes += [(f"{entry.source_dataset}/{entry.category}", f"Skipped: {entry.reason}") for entry in report.skipped]
    if notes:
        yield Text()
    for name, note in notes:
        yield Text.assemble((name, "bold"))
        yield Padding(Text(name_own_options(note), style="yellow"), (0, 0, 0, 2), expand=False)


def _render_end(report: TrainReport) -> Iterator[Text]:
    controls = [training.control_auc for training in report.trainings if training.control_auc is not None]
    if controls:
        yield Text(f"Control: with shuffled labels, the image AUC is {min(controls):.2f} to {max(controls):.2f}.")
    if report.is_saved:
        yield Text(f"Appended to the tables runs and scores: {count_noun(len(report.trainings), 'training')}.")
    if report.weights:
        yield Text(f"Weights in {report.weights[0].parent}: {count_noun(len(report.weights), 'file')}.")
    if report.report:
        yield Text(f"Heat maps and ROC curves: {report.report}")
