from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console
from small_database import editing

from darkroom.commands.json_values import make_json
from darkroom.commands.train import train_command
from darkroom.commands.views.train import render_train
from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import DatabaseBusyError, DatabaseError, DatabaseNotFoundError, OptionError
from darkroom.fingerprint import FingerprintRow, make_fingerprint
from darkroom.load.run import ingest
from darkroom.query.summary import summary
from darkroom.query.verification.verify import verify
from darkroom.training.detector import Detector
from darkroom.training.results import TrainReport
from darkroom.training.train import train

pytest_plugins = ["fixtures_database"]

SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"
COPY = Callable[[str], Path]


@pytest.fixture(scope="module")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    ingest([SAMPLE_DATA / "mvtec_like", SAMPLE_DATA / "dagm_like"], database=path)
    return path


@pytest.fixture(scope="module")
def trained(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainReport]:
    """All categories trained, with the results in the database; shared, so read only."""
    path = Path(shutil.copy(sample_database, tmp_path_factory.mktemp("trained") / "sample.duckdb"))
    return path, train(path, weights=path.parent / "weights")


def fetch(database: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def train_small(database: Path, **options: object) -> TrainReport:
    return train(database, **({"size_px": 32, "save": False} | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("category", ["washer", "weave", "Class11", "Class12"])
def test_sample_data_is_told_apart(trained: tuple[Path, TrainReport], category: str) -> None:
    [training] = [training for training in trained[1].trainings if training.category == category]
    assert training.image_auc is not None
    assert training.image_auc >= 0.9
    assert training.pixel_auc is not None
    assert training.pixel_auc >= 0.9
    assert training.control_auc == pytest.approx(0.5, abs=0.06)
    assert training.train_count == 16
    assert training.confusion.false_positives <= 2


def test_runs_and_scores_land_in_the_database(trained: tuple[Path, TrainReport]) -> None:
    path, report = trained
    assert [(training.source_dataset, training.category) for training in report.trainings] == [
        ("dagm_like", "Class11"),
        ("dagm_like", "Class12"),
        ("mvtec_like", "washer"),
        ("mvtec_like", "weave"),
    ]
    rows = fetch(path, "SELECT run_id, fingerprint, threshold FROM inspection.runs ORDER BY category")
    assert rows == [(training.run_id, training.fingerprint, training.threshold) for training in report.trainings]
    joined = fetch(
        path,
        "SELECT count(*), count(DISTINCT load_id), count(i.sample_id), bool_and(s.is_defect = i.is_defect) "
        "FROM inspection.scores AS s LEFT JOIN inspection.images AS i USING (sample_id) "
        "JOIN inspection._dlt_loads AS l ON l.load_id = s._dlt_load_id AND l.status = 0",
    )
    assert joined == [(72, 1, 72, True)]
    [(parameters,)] = fetch(path, "SELECT DISTINCT parameters FROM inspection.runs")
    assert json.loads(str(parameters))["size_px"] == 128


def test_fingerprint_is_that_of_the_samples_used(trained: tuple[Path, TrainReport]) -> None:
    path, report = trained
    rows = fetch(
        path,
        "SELECT i.sample_id, i.content_sha256, m.content_sha256, split, label FROM inspection.images AS i "
        "LEFT JOIN inspection.masks AS m USING (sample_id) "
        "WHERE category = 'Class11' AND (split = 'test' OR NOT is_defect) ORDER BY ALL",
    )
    assert report.trainings[0].fingerprint == make_fingerprint(FingerprintRow(*row) for row in rows)  # type: ignore[arg-type]


def test_reading_half_still_works(trained: tuple[Path, TrainReport]) -> None:
    path, _ = trained
    assert summary(path).image_count == 144
    assert verify(path).ok
    with open_readonly(path) as connection:
        assert connection.execute("SELECT count(*) FROM images").fetchone() == (144,)
    assert not list((path.parent / ".darkroom").glob("*.train"))


def test_next_ingest_leaves_the_results_alone(trained: tuple[Path, TrainReport], tmp_path: Path) -> None:
    path = Path(shutil.copy(trained[0], tmp_path))
    report = ingest([SAMPLE_DATA / "mvtec_like", SAMPLE_DATA / "dagm_like"], database=path)
    assert (report.images.new, report.images.unchanged) == (0, 144)
    assert fetch(path, "SELECT count(*) FROM inspection.runs") == [(4,)]


@pytest.mark.thorough
def test_only_good_training_images_are_learned_from(sample_database: Path, tmp_path: Path) -> None:
    poisoned = Path(shutil.copy(sample_database, tmp_path))
    with editing(poisoned) as connection:
        connection.execute(
            "UPDATE images SET image_tensor = repeat('\\x00'::BLOB, octet_length(image_tensor)::BIGINT) "
            "WHERE category = 'Class11' AND (split = 'test' OR is_defect)"
        )
        [(count,)] = connection.execute("SELECT count(*) FROM images WHERE category = 'Class11'").fetchall()
        assert count == 38
    weights, scores = [], []
    for name, path in (("clean", sample_database), ("poisoned", poisoned)):
        report = train(path, category="Class11", weights=tmp_path / name, save=False)
        weights.append(Detector.load(report.weights[0]))
        scores.append([score.score for score in report.trainings[0].scores])
    clean, after = weights
    assert np.array_equal(clean.gaussian.mean, after.gaussian.mean)
    assert np.array_equal(clean.gaussian.precision, after.gaussian.precision)
    assert clean.threshold == after.threshold
    assert not np.allclose(*scores)


def test_same_seed_gives_the_same_result(loaded_database: Path) -> None:
    first, second = (train_small(loaded_database, seed=3) for _ in range(2))
    for training, again in zip(first.trainings, second.trainings, strict=True):
        assert training.scores == again.scores
        assert (training.threshold, training.image_auc, training.control_auc) == (
            again.threshold,
            again.image_auc,
            again.control_auc,
        )
        assert training.run_id != again.run_id


def test_defects_only_have_no_image_area_but_a_pixel_area(loaded_database: Path) -> None:
    [training] = train_small(loaded_database, category="Class1").trainings
    assert training.image_auc is None
    assert training.image_auc_note is not None
    assert "all 2 test images are defective" in training.image_auc_note
    assert training.control_auc is None
    assert training.pixel_auc is not None


def test_holdout_makes_the_image_area_defined(copy_database: COPY) -> None:
    [training] = train_small(copy_database("holdout.duckdb"), category="bottle", holdout=1).trainings
    assert (training.train_count, training.holdout_count, training.test_count) == (3, 1, 6)
    assert [score.is_holdout for score in training.scores].count(True) == 1
    [again] = train_small(copy_database("again.duckdb"), category="bottle", holdout=1).trainings
    assert [s.sample_id for s in training.scores] == [s.sample_id for s in again.scores]
    with pytest.raises(OptionError, match=r"found 4 good training images, 2 of them held out"):
        train_small(copy_database("more.duckdb"), category="bottle", holdout=2)


def test_unknown_labels_are_scored_and_count_nowhere(copy_database: COPY) -> None:
    path = copy_database("unknown.duckdb")
    before = train_small(path, category="bottle").trainings[0]
    with editing(path) as connection:
        connection.execute(
            "UPDATE images SET label = NULL, is_defect = NULL WHERE sample_id = 'alpha/bottle/test/good/000.png'"
        )
    [training] = train_small(path, category="bottle").trainings
    assert (before.unlabelled_count, training.unlabelled_count) == (0, 1)
    assert training.test_count == before.test_count == len(training.scores)
    counted = training.confusion
    assert counted.true_positives + counted.false_negatives == 3
    assert counted.false_positives + counted.true_negatives == 1


def test_no_masks_leave_the_image_area(copy_database: COPY) -> None:
    path = copy_database("maskless.duckdb")
    with editing(path) as connection:
        connection.execute("DELETE FROM masks")
        connection.execute("UPDATE images SET has_mask = false")
    [training] = train_small(path, category="bottle").trainings
    assert training.image_auc is not None
    assert training.pixel_auc is None
    assert training.pixel_auc_note == "no test image has a mask"


def test_category_without_good_images_is_skipped_unless_asked_for(loaded_database: Path) -> None:
    report = train_small(loaded_database)
    assert [training.category for training in report.trainings] == ["bottle", "Class1"]
    [skipped] = report.skipped
    assert (skipped.source_dataset, skipped.category) == ("alpha", "screw")
    assert "no good training image" in skipped.reason
    with pytest.raises(OptionError, match=r"alpha/screw: found no good training image, expected at least 3"):
        train_small(loaded_database, category="screw")


def test_nothing_to_train_at_all(copy_database: COPY) -> None:
    path = copy_database("defects.duckdb")
    with editing(path) as connection:
        connection.execute("UPDATE images SET is_defect = true, label = 'cut' WHERE split = 'train'")
    with pytest.raises(OptionError, match=r"alpha/bottle: .*alpha/screw: .*beta/Class1: "):
        train_small(path)


def test_unknown_names_list_those_there_are(loaded_database: Path) -> None:
    expected = r"Expected one of: alpha/bottle, alpha/screw, beta/Class1"
    with pytest.raises(OptionError, match=r"`category` nut.*" + expected):
        train_small(loaded_database, category="nut")
    with pytest.raises(OptionError, match=r"`source` beta `category` bottle.*" + expected):
        train_small(loaded_database, category="bottle", source="beta")


def test_empty_table_and_missing_file(copy_database: COPY, tmp_path: Path) -> None:
    path = copy_database("empty.duckdb")
    with editing(path) as connection:
        connection.execute("DELETE FROM images")
    with pytest.raises(DatabaseNotFoundError, match="no image yet"):
        train_small(path)
    with pytest.raises(DatabaseNotFoundError, match="no such file"):
        train_small(tmp_path / "none.duckdb")


@pytest.mark.parametrize(
    "options",
    [
        {"size_px": 8},
        {"size_px": 5000},
        {"holdout": -1},
        {"false_alarm_rate": 0},
        {"false_alarm_rate": 1},
        {"report": "x.txt"},
        {"report": "x.png"},
        {"report": "no/such/folder/x.html"},
    ],
)
def test_impossible_options(loaded_database: Path, options: dict[str, object]) -> None:
    with pytest.raises(OptionError, match=r"expected|there is no folder"):
        train_small(loaded_database, **options)


def test_second_call_appends(copy_database: COPY) -> None:
    path = copy_database("twice.duckdb")
    for _ in range(2):
        train_small(path, category="bottle", save=True)
    assert fetch(path, "SELECT count(*), count(DISTINCT run_id) FROM inspection.runs") == [(2, 2)]
    assert fetch(path, "SELECT count(*) FROM inspection.scores") == [(10,)]


def test_results_of_an_interrupted_call_are_cleared(copy_database: COPY) -> None:
    path = copy_database("interrupted.duckdb")
    train_small(path, category="bottle", save=True)
    with editing(path) as connection:
        connection.execute("INSERT INTO scores SELECT * REPLACE ('lost' AS _dlt_load_id) FROM scores")
    train_small(path, category="bottle", save=True)
    assert fetch(path, "SELECT count(*) FROM inspection.scores") == [(10,)]


def test_tables_of_results_that_somebody_else_made_are_left_alone(copy_database: COPY) -> None:
    path = copy_database("foreign.duckdb")
    with editing(path) as connection:
        connection.execute("CREATE TABLE runs AS SELECT 'marathon' AS name, 42.195 AS km")
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match=r"not as .* writes them \(runs lacks run_id, started_at, "):
        train_small(path, category="bottle", save=True)
    assert path.read_bytes() == before


def test_file_that_is_open_cannot_be_written(copy_database: COPY) -> None:
    path = copy_database("open.duckdb")
    with duckdb.connect(path, read_only=True), pytest.raises(DatabaseBusyError):
        train_small(path, category="bottle", save=True)


def test_progress_counts_to_its_total(loaded_database: Path) -> None:
    seen: list[tuple[int, int]] = []
    train_small(loaded_database, category="bottle", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(number, 13) for number in range(1, 14)]


def test_report_fits_80_columns_and_json(trained: tuple[Path, TrainReport]) -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(render_train(trained[1]))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert any("mvtec_like/washer" in line and "1.000" in line for line in lines)
    assert "Appended to the tables runs and scores: 4 trainings." in lines
    assert json.loads(json.dumps(make_json(trained[1])))  # every value has a place in JSON


def test_command_prints_json_and_saves_nothing(copy_database: COPY) -> None:
    path = copy_database("command.duckdb")
    arguments = ["--database", str(path), "--category", "bottle", "--size", "32", "--no-save", "--json"]
    outcome = CliRunner().invoke(train_command, arguments, catch_exceptions=False)
    assert outcome.exit_code == 0
    [training] = json.loads(outcome.stdout)["trainings"]
    assert training["category"] == "bottle"
    assert fetch(path, "SELECT count(*) FROM information_schema.tables WHERE table_name = 'runs'") == [(0,)]


def test_an_image_dataset_that_is_not_there_is_called_that(sample_database: Path) -> None:
    with pytest.raises(
        OptionError, match=r"`source` nope: .* has no such image dataset. Expected one of: dagm_like, mvtec_like\."
    ):
        train_small(sample_database, source="nope")
