"""What the live demo needs besides the code that is typed: a copy of the photographs, figures, and heat maps.

Returns data; `classroom.pages.demo_pictures` turns it into HTML. The pipeline itself stands in the lesson.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dlt
from dlt.common.pipeline import LoadInfo
from dlt.pipeline.trace import PipelineStepTrace
from PIL import Image

import darkroom
from darkroom.extract.readers import read_layout
from darkroom.extract.storage import open_storage
from darkroom.query.batches import Batch
from darkroom.sample import IMAGE_SUFFIXES, NORMAL, Sample
from darkroom.sample_data.canvas import Dice
from darkroom.sample_data.encode import encode_png
from darkroom.sample_data.washer import draw_washer
from darkroom.training.detector import Detector
from darkroom.training.report.examples import Example, choose_examples, make_example
from darkroom.training.results import Score, Training, TrainReport

SAMPLE_FOLDERS = ("mvtec_like", "dagm_like")
OLD_CLOCK = datetime(2015, 6, 1, tzinfo=UTC)
"""When the file of `add_photo` was modified, as its folder tells: long before any load."""

HEAT_MAP_PX = 160
"""Side length of the pictures in a row of image, mask and heat map."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder with pictures in it.

    Attributes:
        path: Relative to its image dataset, with `/`.
        picture_count: Files that are images by their ending, masks included.
        kinds: What they are, as in `320 × 320 RGB`; more than one where they differ.
        size_bytes: Of all its files.
        others: Names of files that are no pictures.
    """

    path: str
    picture_count: int
    kinds: tuple[str, ...]
    size_bytes: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What one run of a pipeline did.

    Attributes:
        row_count: Rows that it loaded, dlt's own tables not counted.
        rows: Rows by table.
        package_count: Load packages.
        written_bytes: Size of the files that dlt made for the destination, its own tables' not counted.
        duration_s: From start to end.
        steps_s: Duration of extract, normalize and load, as far as they happened.
        table_count: Rows of the table `images` after the run; 0 where there is no such table.
    """

    row_count: int
    rows: dict[str, int]
    package_count: int
    written_bytes: int
    duration_s: float
    steps_s: dict[str, float]
    table_count: int


def copy_photos(sample_data: Path, folder: Path) -> Path:
    """Copies both image datasets, so that a demo can add files; returns where to.

    Args:
        sample_data: The course's folder of that name.
        folder: Where the folder `photos` is made; it must not be there yet.
    """
    photos = folder / "photos"
    for name in SAMPLE_FOLDERS:
        shutil.copytree(sample_data / name, photos / name)
    return photos


def list_folders(root: Path) -> list[Folder]:
    """Returns the folders with pictures below a root, by path; opens each picture's header only."""
    files: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in sorted(root.rglob("*")):
        if path.is_file():
            files[path.parent].append(path)
    folders = (_describe_folder(folder, paths, root) for folder, paths in sorted(files.items()))
    return [folder for folder in folders if folder.picture_count]


def pick_defects(photos: Path) -> dict[str, Sample]:
    """Returns one defective sample of each category.

    Args:
        photos: From `copy_photos`.
    """
    with open_storage(photos) as storage:
        samples = read_layout(storage, storage.files()).samples
    return {sample.category: sample for sample in pick_samples(samples) if sample.label != NORMAL}


def pick_samples(samples: tuple[Sample, ...], *, count: int = 1) -> list[Sample]:
    """Returns the first samples of each category, split and label, so that each kind shows."""
    groups: defaultdict[tuple[str, str, str, str | None], list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.source_dataset, sample.category, sample.split, sample.label].append(sample)
    return [sample for group in groups.values() for sample in group[:count]]


def describe_samples(samples: tuple[Sample, ...], categories: Collection[str]) -> list[dict[str, str]]:
    """Returns key, split, label and mask of the first sample of each kind, as rows to look at."""
    return [
        {
            "sample_id": sample.sample_id,
            "split": str(sample.split),
            "label": str(sample.label),
            "mask": sample.mask.path.rpartition("/")[2] if sample.mask else "",
        }
        for sample in pick_samples(samples)
        if sample.category in categories
    ]


def add_photo(photos: Path) -> Path:
    """Puts a newly drawn, scratched washer into the copy, its clock set back to 2015; each call adds another.

    Args:
        photos: From `copy_photos`.
    """
    folder = photos / "mvtec_like" / "washer" / "test" / "scratch"
    path = folder / f"{len(list(folder.glob('*.png'))):03}.png"
    path.write_bytes(encode_png(draw_washer(Dice(OLD_CLOCK.year, path.name), "scratch", severity=0.6).pixels))
    os.utime(path, (OLD_CLOCK.timestamp(), OLD_CLOCK.timestamp()))
    return path


def measure_run(pipeline: dlt.Pipeline, info: LoadInfo) -> RunFacts:
    """Returns what the latest run of a pipeline did, from dlt's own trace.

    Args:
        pipeline: That has just run.
        info: What `pipeline.run` returned.

    Raises:
        ValueError: It has never run.
    """
    trace = pipeline.last_trace
    if trace is None:
        raise ValueError(f"pipeline {pipeline.pipeline_name!r} has not run yet; expected the one that returned `info`")
    normalized = trace.last_normalize_info
    counts = normalized.row_counts if normalized else {}
    rows = {name: count for name, count in sorted(counts.items()) if not name.startswith("_dlt")}
    jobs = [job for package in info.load_packages for kind in package.jobs.values() for job in kind]
    steps = {step.step: step for step in trace.steps}
    return RunFacts(
        row_count=sum(rows.values()),
        rows=rows,
        package_count=len(info.loads_ids),
        written_bytes=sum(job.file_size for job in jobs if not job.job_file_info.table_name.startswith("_dlt")),
        duration_s=_seconds(steps["run"]),
        steps_s={name: _seconds(steps[name]) for name in ("extract", "normalize", "load") if name in steps},
        table_count=_count_images(pipeline),
    )


def count_list_rows(height: int, width: int, channels: int = 3) -> int:
    """Returns rows that one picture becomes as nested lists: itself, its lines, its pixels, its values."""
    return 1 + height + height * width + height * width * channels


def find_defects(report: TrainReport, *, count: int = 3) -> list[tuple[Training, list[Example]]]:
    """For each category the test images that tell most, mistakes first, with heat maps.

    Args:
        report: Of `darkroom.train`, called with `weights`.
        count: Images shown of each category.
    """
    tested = darkroom.arrays(report.database, split="test")
    places = {sample_id: place for place, sample_id in enumerate(tested.sample_ids)}
    found = []
    for training, weights in zip(report.trainings, report.weights, strict=True):
        detector = Detector.load(weights)
        chosen = choose_examples(training.scores)[:count]
        examples = [_draw(tested, places[score.sample_id], detector, score, why) for score, why in chosen]
        found.append((training, examples))
    return found


def _draw(tested: Batch, place: int, detector: Detector, score: Score, why: str) -> Example:
    mask = tested.masks[place] if tested.masks is not None and tested.has_mask[place] else None
    return make_example(score, why, tested.images[place], mask, detector, HEAT_MAP_PX)


def _describe_folder(folder: Path, files: list[Path], root: Path) -> Folder:
    pictures = [file for file in files if file.suffix.lower() in IMAGE_SUFFIXES]
    return Folder(
        path=folder.relative_to(root).as_posix(),
        picture_count=len(pictures),
        kinds=tuple(sorted({_describe_picture(picture) for picture in pictures})),
        size_bytes=sum(file.stat().st_size for file in files),
        others=tuple(file.name for file in files if file not in pictures),
    )


def _describe_picture(file: Path) -> str:
    with Image.open(file) as picture:
        return f"{picture.width} × {picture.height} {'grey' if picture.mode == 'L' else picture.mode}"


def _count_images(pipeline: dlt.Pipeline) -> int:
    dataset = pipeline.dataset()
    return int(dataset("SELECT count(*) FROM images").fetchscalar()) if "images" in dataset.tables else 0


def _seconds(step: PipelineStepTrace) -> float:
    return (step.finished_at - step.started_at).total_seconds()
