"""The ten troubles that learners of dlt meet, in words; the code that provokes and mends them stands in the lesson."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One way into a trouble, and the way out.

    Attributes:
        id: Short name; the lesson's `provoke_<id>` and `mend_<id>` belong to it.
        name: What distinguishes it from the trouble's other cases; empty where there is one only.
        words: The words of the message to look for, not all of them on every system; they are marked in the page.
        why: What happened, and how to keep out of it.
    """

    id: str
    name: str
    words: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that every learner meets.

    Attributes:
        id: Short name.
        title: What it is, in a few words.
        symptom: What one sees or says when it strikes.
        cases: The ways into it.
    """

    id: str
    title: str
    symptom: str
    cases: tuple[Case, ...]


TROUBLES: tuple[Trouble, ...] = (
    Trouble(
        "pending",
        "My new rows are ignored",
        "The run says that it succeeded. The table holds the rows of the run before it, the one that failed.",
        (
            Case(
                "pending",
                "",
                ("godo",),
                "What failed to load stays as a *pending package*. The next `run` finishes that package and does not "
                "even read what you pass. Only the log says so. `pipeline.abort_packages()` throws it away; "
                "a `run()` without rows finishes it.",
            ),
        ),
    ),
    Trouble(
        "frozen",
        "A frozen contract is violated",
        "Yesterday it ran. Today the camera writes one column more.",
        (
            Case(
                "frozen",
                "",
                ("Contract on `columns`", "contract_mode=freeze", "`camera`"),
                "The contract did its work: nothing changed the table behind your back. The message names table and "
                "column. Decide: pass `evolve` once, or drop the column in your resource. The "
                "refused package is pending, so abort it first.",
            ),
        ),
    ),
    Trouble(
        "config",
        "A key or setting is not found",
        "The key is there, you wrote it into the file yourself.",
        (
            Case(
                "config",
                "",
                ("ConfigFieldMissingException", "`museum_key`", "secrets.toml` probed but not found"),
                "Read the list: it is every name and every file that dlt tried, in order. dlt looks for `.dlt/` in the "
                "folder you *start in*, not beside the script. An environment variable with one of the listed names "
                "works anywhere.",
            ),
        ),
    ),
    Trouble(
        "lock",
        "DuckDB's file is locked",
        "The pipeline ran a minute ago. You only opened the table to look.",
        (
            Case(
                "lock_process",
                "Another program",
                ("IO Error", "Could not set lock", "Conflicting lock is held", "being used by another process"),
                "While one process has a DuckDB file open for writing, no other may open it. On Linux and macOS the "
                "message names the process that holds the lock: often a notebook or a database viewer.",
            ),
            Case(
                "lock_connection",
                "The same program, another configuration",
                ("different configuration",),
                "Within one process, all connections to a file must be opened alike. A read-only connection that is "
                "still open keeps dlt from opening the file for writing. An ibis connection does the same until "
                "`disconnect()`.",
            ),
        ),
    ),
    Trouble(
        "cursor",
        "The incremental cursor is not what it was",
        "Incremental loading worked, until one row came without the field, without a value, or with another type.",
        (
            Case(
                "cursor_path",
                "No such field",
                ("modified_at", "was not found"),
                "The cursor is looked up in what you yield, not in the table: `modifiedAt` becomes `modified_at` only "
                "afterwards.",
            ),
            Case(
                "cursor_none",
                "No value",
                ("has the value `None`", "on_cursor_value_missing"),
                "dlt cannot tell whether such a row is new. With `include` it comes along in every run: give the table "
                "a key and `merge`, or it will be there many times.",
            ),
            Case(
                "cursor_type",
                "Another type",
                ("Could not coerce", "`8`"),
                "The state remembers 7, a number, and `'8' > 7` has no answer. Cast the value on its way in.",
            ),
        ),
    ),
    Trouble(
        "mixed",
        "Dicts and a DataFrame in one table",
        "Dicts load. A DataFrame loads. One after the other, they do not.",
        (
            Case(
                "mixed",
                "",
                ("NOT NULL constraint failed", "_dlt_load_id"),
                "dlt adds `_dlt_load_id` and `_dlt_id` to dicts, and the table then demands both. Arrow tables and "
                "DataFrames are passed on as they are. Switch both on in `[normalize.parquet_normalizer]`, or send one "
                "kind of rows into each table.",
            ),
        ),
    ),
    Trouble(
        "duplicates",
        "Rows appear twice, and nobody says so",
        "The second run of the same rows succeeds. The counts double.",
        (
            Case(
                "duplicates",
                "",
                ("4 rows",),
                "Without a key, `merge` cannot know which rows are the same, and appends. Only the log says so. Give "
                "`primary_key`, and count after a second run: that is the cheapest test there is.",
            ),
        ),
    ),
    Trouble(
        "generators",
        "A generator used twice, a yield forgotten",
        "It is Python and not dlt, and it costs everybody an hour once.",
        (
            Case(
                "generator_twice",
                "Used twice",
                ("is exhausted or has active iterator",),
                "A generator runs once. dlt refuses one that has begun, where Python alone would silently lose the "
                "first rows. Pass a fresh one, or decorate the function with `@dlt.resource`.",
            ),
            Case(
                "no_yield",
                "No yield at all",
                ("Resource data missing", "forget the return"),
                "The function returned None. A resource is a generator: it yields rows, or lists of rows.",
            ),
            Case(
                "no_yield_from",
                "No `yield from`, and no error",
                ("1 row ",),
                "Calling a generator function runs none of its lines. The only sign is the count, so check counts.",
            ),
        ),
    ),
    Trouble(
        "values",
        "Batches and arrays that do not fit",
        "NumPy and Arrow are fast ways into dlt, if every batch has the same types.",
        (
            Case(
                "unlike_batches",
                "Arrow batches with unlike schemas",
                ("Schema at index 1 was different",),
                "Arrow guesses the types of each batch from its values. One schema for all batches ends the guessing. "
                "`arrow_concat_promote_options` lets dlt widen types instead; a schema in your code says what you "
                "mean.",
            ),
            Case(
                "ndarray",
                "`numpy.ndarray` is not JSON",
                ("not JSON serializable", "numpy.ndarray"),
                "Dicts travel through dlt as JSON. `.tolist()` would end the error and begin a worse trouble: a child "
                "table with a row for every pixel.",
            ),
        ),
    ),
    Trouble(
        "installation",
        "Names, packages, paths and versions",
        "The code is right, and the machine is not.",
        (
            Case(
                "shadow",
                "A file called `dlt.py`",
                ("'dlt' has no attribute 'resource'",),
                "Python looks in the script's folder first, and finds your file in place of the package. The same goes "
                "for `duckdb.py`, `marimo.py`, `pandas.py`.",
            ),
            Case(
                "no_pyarrow",
                "pandas or pyarrow is missing",
                ("MissingDependencyException", "pip install", "pyarrow"),
                "`pip install dlt` brings neither pandas nor pyarrow. DataFrames, Arrow tables and Parquet need "
                "pyarrow; `.df()` needs pandas. The message names what to install.",
            ),
            Case(
                "file_url",
                "`file:///` written by hand",
                ("0 files",),
                "Three slashes start at the root of the disk; on Windows the drive letter belongs there too, and "
                "backslashes do not. No error: an empty folder is no mistake. Give dlt a plain path.",
            ),
            Case(
                "versions",
                "Versions that break each other",
                ("BROKEN",),
                "The newest of everything does not work together. `classroom doctor` says which version is to blame "
                "and which command mends it; pin all of them in your own project.",
            ),
        ),
    ),
)
"""In the order of the lesson; a trouble's number is its place, from 1."""
