"""Results of training, in the database: the tables `runs` and `scores`, written with dlt.

They lie beside the images they come from, in the same dlt dataset and schema; `scores.sample_id` is that of
`images`, `scores.run_id` that of `runs`. Rows are only ever appended.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa

from darkroom.database.dlt_settings import PIPELINE_NAME, dlt_settings, explain_failures, work_folder
from darkroom.database.duckdb_file import check_tables, connect
from darkroom.database.statements import discard_interrupted
from darkroom.tables import DATASET_NAME, required_field
from darkroom.training.results import Training

RUNS = pa.schema(
    [
        required_field("run_id", pa.string()),
        required_field("started_at", pa.timestamp("us", tz="UTC")),
        required_field("source_dataset", pa.string()),
        required_field("category", pa.string()),
        required_field("method", pa.string()),
        required_field("parameters", pa.string()),
        required_field("seed", pa.int64()),
        required_field("fingerprint", pa.string()),
        required_field("train_fingerprint", pa.string()),
        required_field("train_count", pa.int64()),
        required_field("holdout_count", pa.int64()),
        required_field("test_count", pa.int64()),
        required_field("defect_count", pa.int64()),
        required_field("unlabelled_count", pa.int64()),
        required_field("mask_count", pa.int64()),
        pa.field("image_auc", pa.float64()),
        pa.field("pixel_auc", pa.float64()),
        pa.field("control_auc", pa.float64()),
        required_field("threshold", pa.float64()),
        required_field("false_alarm_rate", pa.float64()),
        pa.field("precision", pa.float64()),
        pa.field("recall", pa.float64()),
        required_field("duration_s", pa.float64()),
    ]
)
"""One row per training of one category; `darkroom.training.results.Training` says what each means. `parameters` is
JSON."""

SCORES = pa.schema(
    [
        required_field("run_id", pa.string()),
        required_field("sample_id", pa.string()),
        required_field("score", pa.float64()),
        required_field("is_anomalous", pa.bool_()),
        required_field("is_holdout", pa.bool_()),
        pa.field("is_defect", pa.bool_()),
    ]
)
"""One row per training and image tested on. `is_defect` is as it was known when the training was made."""

RESULT_KEYS = {"runs": ("run_id",), "scores": ("run_id", "sample_id")}


def save_trainings(database: str | Path, trainings: Sequence[Training], dataset: str = DATASET_NAME) -> None:
    """Appends trainings and their scores, in one dlt package; a second call appends them again.

    Rows that an earlier, interrupted call left behind are deleted first.

    Args:
        database: The DuckDB file, which must not be open.
        trainings: What to append.
        dataset: The dlt dataset (database schema) in it.

    Raises:
        DatabaseBusyError: Another process, or this one, has the file open.
        DatabaseError: Somebody else's tables are called `runs` or `scores`.
        DiskFullError: No space is left.
        LoadError: dlt or DuckDB refused.
    """
    if not trainings:
        return
    path = Path(database)
    folder = work_folder(path, ".train")
    shutil.rmtree(folder, ignore_errors=True)
    with (
        explain_failures(f"Writing the results to {path}", path.absolute().parent),
        dlt_settings(),
        connect(path, read_only=False) as connection,
    ):
        check_tables(connection, path, dataset, {"runs": RUNS, "scores": SCORES})
        pipeline = dlt.pipeline(
            PIPELINE_NAME,
            destination=dlt.destinations.duckdb(connection),
            dataset_name=dataset,
            pipelines_dir=str(folder),
        )
        with pipeline.sql_client() as client:
            discard_interrupted(client, RESULT_KEYS)
        pipeline.run(_results(trainings), loader_file_format="parquet")
    shutil.rmtree(folder, ignore_errors=True)


@dlt.source(name=PIPELINE_NAME, max_table_nesting=0)
def _results(trainings: Sequence[Training]) -> Iterator[Any]:
    rows = {
        "runs": [_training_row(training) for training in trainings],
        "scores": [
            {"run_id": training.run_id} | {name: getattr(score, name) for name in SCORES.names[1:]}
            for training in trainings
            for score in training.scores
        ],
    }
    for name, schema in (("runs", RUNS), ("scores", SCORES)):
        yield dlt.resource(
            [pa.Table.from_pylist(rows[name], schema=schema)],
            name=name,
            primary_key=list(RESULT_KEYS[name]),
            write_disposition="append",
        )


def _training_row(training: Training) -> dict[str, Any]:
    row = {name: getattr(training, name) for name in RUNS.names}
    return row | {"parameters": json.dumps(training.parameters, sort_keys=True)}
