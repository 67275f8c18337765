"""Before and after: two image datasets as files and as one table. Prints the figures of `docs/impact.md`.

    uv run python benchmarks/impact.py [--mvtec ROOT --dagm ROOT] [--rounds N] [--copies N] [--json]

Times are compared as ratios of two measurements on the same machine, one thread each, files in the page cache.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import impact_after
import impact_before
from PIL import Image

from darkroom.database.duckdb_file import open_readonly
from darkroom.load.run import ingest
from darkroom.progress import ProgressCounter
from darkroom.query.selection import Selection, find_samples
from darkroom.query.tensors import TensorReader
from darkroom.query.verification.verify import verify
from darkroom.training.detector import Detector
from darkroom.training.learn import TrainOptions, learn_detector
from darkroom.training.roc import roc_auc
from darkroom.training.samples import CategorySamples, choose_categories, iter_images, read_category_samples
from darkroom.training.train import train

HERE = Path(__file__).parent
SAMPLE_DATA = HERE.parent / "sample_data"

Figures = dict[str, Any]


def main() -> None:
    """Measures, and prints a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mvtec", type=Path, default=SAMPLE_DATA / "mvtec_like")
    parser.add_argument("--dagm", type=Path, default=SAMPLE_DATA / "dagm_like")
    parser.add_argument("--holdout", type=int, default=0, help="Good training images to test on.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=4, help="Of each category, to time an epoch on.")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options, Path(folder))
    if options.as_json:
        print(json.dumps(figures, indent=2))
        return
    for name, entries in figures.items():
        print(f"\n{name}")
        for key, value in entries.items():
            print(f"  {key:<58} {format_value(value)}")


def format_value(value: object) -> str:
    """Writes a figure for the table."""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def measure(options: argparse.Namespace, folder: Path) -> Figures:
    """Ingests both image datasets and measures everything on that database."""
    database = folder / "impact.duckdb"
    report = ingest([options.mvtec, options.dagm], database=database)
    return {
        "lines of code": measure_lines(),
        "what is found": {
            "files, counted by ingest": report.files_seen,
            "images, before": sum(1 for _ in impact_before.iter_samples(options.mvtec, options.dagm)),
            "images, after": report.images.total,
            "masks, after": report.masks.total,
            "rejected with a reason, after": len(report.rejects),
        },
        "one epoch": measure_epochs(options, folder),
        "image AUC: one model per category, per image dataset, for all": measure_shared(database, options),
        "a second person": measure_reproduction(options, database, folder),
    }


def measure_lines() -> Figures:
    """Counts what has to be written to get images, masks and labels of both into a training loop."""
    before, after = (count_lines(HERE / f"impact_{name}.py") for name in ("before", "after"))
    return {"before": before, "after, besides one command": after}


def count_lines(path: Path) -> int:
    """Counts lines of code: no blank lines, comments or docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines: set[int] = set()
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not is_text:
            head_end = node.body[0].lineno - 1 if getattr(node, "body", None) else node.end_lineno
            lines |= set(range(node.lineno, (head_end or node.lineno) + 1))
    texts = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    source = path.read_text(encoding="utf-8").splitlines()
    return sum(1 for line in lines - texts if source[line - 1].strip())


def measure_epochs(options: argparse.Namespace, folder: Path) -> Figures:
    """Times one pass over images and masks, from files and from the table, by the image.

    The image datasets are copied several times, category by category: what opening takes must not count for much.
    """
    roots = [
        multiply(root, folder / "multiplied" / root.name, options.copies) for root in (options.mvtec, options.dagm)
    ]
    database = folder / "epochs.duckdb"
    started_s = time.perf_counter()
    image_count = ingest(roots, database=database, workers=1).images.total
    ingest_s = (time.perf_counter() - started_s) / image_count
    found_count = sum(1 for _ in impact_before.iter_samples(*roots))
    files_s = clock(lambda: run_through(impact_before.iter_samples(*roots)), options.rounds) / found_count
    table_s = clock(lambda: run_through(impact_after.iter_samples(database)), options.rounds) / image_count
    return {
        "images": image_count,
        "time of the files / time of the table": files_s / table_s,
        "time of ingest, one worker / time of the files": ingest_s / files_s,
        "epochs after which ingest has paid for itself": ingest_s / (files_s - table_s),
    }


def multiply(root: Path, target: Path, copies: int) -> Path:
    """Copies each category of an image dataset several times, under other names."""
    for category in sorted(path for path in root.iterdir() if path.is_dir()):
        for number in range(copies):
            shutil.copytree(category, target / f"{category.name}{number}")
    return target


def run_through(items: Any) -> None:
    """Takes everything out of an iterator."""
    for _ in items:
        pass


def clock(run: Callable[[], None], rounds: int) -> float:
    """The median time of some rounds, in seconds, after one that does not count."""
    run()
    times_s = []
    for _ in range(rounds):
        started_s = time.perf_counter()
        run()
        times_s.append(time.perf_counter() - started_s)
    return statistics.median(times_s)


def measure_shared(database: Path, options: argparse.Namespace) -> Figures:
    """Tests models that learned from one category, from one image dataset, or from everything."""
    train_options = TrainOptions(holdout=options.holdout)
    found: Figures = {}
    with open_readonly(database) as connection:
        pairs = choose_categories(connection, str(database), None, None)
        categories = [
            read_category_samples(connection, str(database), pair, holdout=options.holdout, seed=0) for pair in pairs
        ]
        everything = find_samples(connection, database, Selection())
        reader = TensorReader(connection, everything)
        places = {key: place for place, key in enumerate(everything.facts["sample_id"].to_pylist())}
        shared = {
            name: learn_detector(pool(members, reader, places), train_options, ProgressCounter(0))[0]
            for name, members in group(categories).items()
        }
        for samples in categories:
            own, _ = learn_detector(samples, train_options, ProgressCounter(0))
            detectors = (own, shared[samples.source_dataset], shared["all"])
            found[f"{samples.source_dataset}/{samples.category}"] = " / ".join(
                format_area(measure_area(each, samples)) for each in detectors
            )
    return found


def group(categories: list[CategorySamples]) -> dict[str, list[CategorySamples]]:
    """Which categories learn together: those of each image dataset, and all."""
    groups = {"all": categories}
    for samples in categories:
        groups.setdefault(samples.source_dataset, []).append(samples)
    return groups


def pool(members: list[CategorySamples], reader: TensorReader, places: dict[str, int]) -> CategorySamples:
    """Makes one category of several."""
    train_samples = [
        replace(sample, position=places[sample.sample_id]) for samples in members for sample in samples.train
    ]
    return CategorySamples("shared", "shared", tuple(train_samples), (), (), reader)


def measure_area(detector: Detector, samples: CategorySamples) -> float | None:
    """The area under the ROC curve over the images of a category."""
    labelled = [sample for sample in samples.tested if sample.is_defect is not None]
    scores = [detector.score_image(image).score for _, image in iter_images(samples.reader, labelled)]
    return roc_auc(scores, [bool(sample.is_defect) for sample in labelled])


def format_area(area: float | None) -> str:
    """Writes an area."""
    return "undefined" if area is None else f"{area:.3f}"


def measure_reproduction(options: argparse.Namespace, database: Path, folder: Path) -> Figures:
    """Does what a second person does: other folders, other order, own database; then one pixel is changed."""
    copies = [Path(shutil.copytree(root, folder / "elsewhere" / root.name)) for root in (options.dagm, options.mvtec)]
    second = folder / "second.duckdb"
    ingest(copies, database=second)
    ours, theirs = (train(path, holdout=options.holdout, save=False) for path in (database, second))
    pairs = zip(ours.trainings, theirs.trainings, strict=True)
    gaps = [abs(a.score - b.score) for mine, other in pairs for a, b in zip(mine.scores, other.scores, strict=True)]
    comparison = verify(database, verify(second).fingerprint).comparison
    figures = {
        "same fingerprint from other folders in another order": bool(comparison and comparison.ok),
        "largest difference of a score": max(gaps),
    }
    return figures | measure_change(copies, second, database)


def measure_change(copies: list[Path], second: Path, database: Path) -> Figures:
    """Changes one pixel of one file, ingests again, and asks what differs."""
    path = next(path for path in sorted(copies[0].rglob("*.PNG")) if path.parent.name != "Label")
    with Image.open(path) as image:
        changed = image.copy()
    changed.putpixel((0, 0), 255 - changed.getpixel((0, 0)))
    changed.save(path)
    ingest(copies, database=second)
    comparison = verify(database, second).comparison
    differing = getattr(comparison, "differing", ())
    return {"samples named after one pixel of one file was changed": len(differing)}


if __name__ == "__main__":
    main()
