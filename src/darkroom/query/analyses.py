"""Questions to the table as ibis expressions, and ways to ask them that leave no file open.

Each expression is a function of table objects alone, so that it runs unchanged wherever ibis has the tables:
on DuckDB through `analyse`, on another backend by handing its tables in. Answers are `pyarrow.Table`s
(`.to_pandas()` makes a DataFrame of one).

dlt's own access, `dlt.dataset(dlt.destinations.duckdb(database), "inspection")`, works on the same file and shows the
rows of interrupted loads, too. Its `.df()` and `.arrow()` open the file for as long as they take. Its `.ibis()` keeps
every other process out until `disconnect()`: ask through `analyse` or `ask` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import duckdb
import ibis
import pyarrow as pa

from darkroom.database.duckdb_file import open_readonly
from darkroom.errors import OptionError
from darkroom.query.own_sql import check_question, close_outside, explain_closed
from darkroom.tables import DATASET_NAME

ANSWER_MEMORY_LIMIT = "4GB"
"""What DuckDB may use for an answer."""

Expression = Callable[[Mapping[str, ibis.Table]], ibis.Table]
"""From tables by name (`images`, `masks`, `rejects`, `image_datasets`, `loads`) to an answer."""


def class_balance(images: ibis.Table, by: Sequence[str] = ("source_dataset",)) -> ibis.Table:
    """Counts good, defective and unknown images of each image dataset, or of whatever columns `by` names.

    `defect_share` is that of the images known to be one or the other, 0 to 1; null where none is.
    """
    counted = images.group_by(list(by)).aggregate(
        image_count=images.count(),
        good_count=images.count(where=~images.is_defect),
        defect_count=images.count(where=images.is_defect),
        unknown_count=images.count(where=images.is_defect.isnull()),
    )
    known = (counted.good_count + counted.defect_count).nullif(0)
    return counted.mutate(defect_share=counted.defect_count / known).order_by(list(by))


def size_harmony(images: ibis.Table) -> ibis.Table:
    """Counts the sizes and pixel modes that each image dataset had on disk, and the sizes that it has as tensors."""
    original = images.original_width.cast("string") + "x" + images.original_height.cast("string")
    tensor = images.tensor_width.cast("string") + "x" + images.tensor_height.cast("string")
    return (
        images.group_by("source_dataset")
        .aggregate(
            image_count=images.count(),
            original_sizes=original.nunique(),
            smallest_width=images.original_width.min(),
            largest_width=images.original_width.max(),
            smallest_height=images.original_height.min(),
            largest_height=images.original_height.max(),
            original_modes=images.original_mode.nunique(),
            tensor_sizes=tensor.nunique(),
            tensor_width=images.tensor_width.max(),
            tensor_height=images.tensor_height.max(),
        )
        .order_by("source_dataset")
    )


def defect_area(images: ibis.Table, masks: ibis.Table) -> ibis.Table:
    """Measures the share of defect pixels in the masks of each label, 0 to 1."""
    facts = images.select("sample_id", "source_dataset", "category", "label")
    joined = facts.inner_join(masks.select("sample_id", "defect_fraction"), "sample_id")
    return (
        joined.group_by(["source_dataset", "category", "label"])
        .aggregate(
            mask_count=joined.count(),
            smallest_fraction=joined.defect_fraction.min(),
            mean_fraction=joined.defect_fraction.mean(),
            largest_fraction=joined.defect_fraction.max(),
        )
        .order_by(["source_dataset", "category", ibis.asc("label", nulls_first=False)])
    )


def loads_over_time(images: ibis.Table, loads: ibis.Table) -> ibis.Table:
    """Counts the images that each completed load brought and that are still there, by the time at which it ended."""
    facts = images.select("source_dataset", "file_size_bytes", "_dlt_load_id")
    joined = facts.inner_join(loads.select("load_id", "inserted_at"), facts["_dlt_load_id"] == loads.load_id)
    return (
        joined.group_by(["inserted_at", "load_id", "source_dataset"])
        .aggregate(image_count=joined.count(), file_size_bytes=joined.file_size_bytes.sum().cast("int64"))
        .order_by(["inserted_at", "load_id", "source_dataset"])
    )


def rejects_by_reason(rejects: ibis.Table) -> ibis.Table:
    """Counts the files that could not be used, by image dataset and reason, and names the first of them by path."""
    return (
        rejects.group_by(["source_dataset", "reason"])
        .aggregate(
            reject_count=rejects.count(),
            file_size_bytes=rejects.file_size_bytes.sum().cast("int64"),
            example_path=rejects.source_path.min(),
        )
        .order_by(["source_dataset", "reason"])
    )


ANALYSES: Mapping[str, Expression] = MappingProxyType(
    {
        "class_balance": lambda tables: class_balance(tables["images"]),
        "size_harmony": lambda tables: size_harmony(tables["images"]),
        "defect_area": lambda tables: defect_area(tables["images"], tables["masks"]),
        "loads_over_time": lambda tables: loads_over_time(tables["images"], tables["loads"]),
        "rejects_by_reason": lambda tables: rejects_by_reason(tables["rejects"]),
    }
)
"""The analyses by name; what each tells is in the docstring of its function."""

_TABLES = ("images", "masks", "rejects", "image_datasets", "loads")


def analyse(database: str | Path, analysis: str | Expression, dataset: str = DATASET_NAME) -> pa.Table:
    """Asks a question and closes the file.

    Args:
        database: The DuckDB file.
        analysis: A name of `ANALYSES`, or an expression of one's own: `lambda tables: tables["images"].count()
            .as_table()`. The tables hold rows of completed loads only.
        dataset: The dlt dataset (database schema) that holds the tables.

    Raises:
        OptionError: There is no analysis of that name.
        DatabaseNotFoundError: There is no such file, or nothing was ever ingested into it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
    """
    expression = _find_expression(analysis)
    with open_readonly(database, dataset) as connection:
        _allow_tensors(connection)
        return expression(_connect_ibis(connection)).to_pyarrow()


def explain_analysis(database: str | Path, analysis: str | Expression, dataset: str = DATASET_NAME) -> str:
    """Writes the SQL that DuckDB is asked for an analysis; raises as `analyse`."""
    expression = _find_expression(analysis)
    with open_readonly(database, dataset) as connection:
        return str(ibis.to_sql(expression(_connect_ibis(connection)), dialect="duckdb"))


def _allow_tensors(connection: duckdb.DuckDBPyConnection) -> None:
    # `FROM images LIMIT 1` has DuckDB take up 2048 tensors for each thread, 400 MB of 256 px
    connection.execute(f"SET memory_limit = '{ANSWER_MEMORY_LIMIT}'")
    connection.execute("SET threads = 1")


def _find_expression(analysis: str | Expression) -> Expression:
    if not isinstance(analysis, str):
        return analysis
    if analysis not in ANALYSES:
        raise OptionError(f"`analysis` {analysis!r}: no analysis of that name. Expected one of: {', '.join(ANALYSES)}.")
    return ANALYSES[analysis]


def _connect_ibis(connection: duckdb.DuckDBPyConnection) -> dict[str, ibis.Table]:
    backend = ibis.duckdb.from_connection(connection)
    return {name: backend.table(name) for name in _TABLES}


def ask(database: str | Path, sql: str, dataset: str = DATASET_NAME) -> pa.Table:
    """Asks a question in DuckDB's SQL and closes the file.

    Args:
        database: The DuckDB file.
        sql: One statement that asks. In it, `images`, `masks`, `rejects`, `image_datasets` and `loads` hold rows of
            completed loads only. It can write nothing, change no setting, and read no file.
        dataset: The dlt dataset (database schema) that holds the tables.

    Raises:
        OptionError: It is not one statement that asks and that DuckDB can answer from this file alone.
        DatabaseNotFoundError: There is no such file, or nothing was ever ingested into it.
        DatabaseBusyError: Another process is writing to it.
        DatabaseError: It cannot be read.
    """
    with open_readonly(database, dataset) as connection:
        _allow_tensors(connection)
        close_outside(connection)
        try:
            check_question(connection, sql)
            return connection.execute(sql).to_arrow_table()
        except duckdb.OutOfMemoryException as error:
            raise OptionError(
                f"`sql`: its answer takes more than {ANSWER_MEMORY_LIMIT} of memory. Leave image_tensor and "
                "mask_tensor out, or read tensors with darkroom.iter_batches."
            ) from error
        except duckdb.PermissionException as error:
            raise explain_closed(error, "sql") or error from error
        except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
            reason = str(error).strip()
            raise OptionError(f"`sql`: DuckDB cannot answer it: {reason}") from error
