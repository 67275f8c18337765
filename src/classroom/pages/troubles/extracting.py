"""Troubles between your code and dlt: cursors and generators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt

from classroom.course.workspace import Workspace
from classroom.pages.troubles.play import Case, Trouble
from classroom.pages.troubles.tables import rows_of

Row = dict[str, Any]


def provoke_cursor_path(workspace: Workspace) -> str:
    """The table shows modified_at, so that is what you write."""

    @dlt.resource(incremental=dlt.sources.incremental("modified_at"))
    def images() -> Iterator[Row]:
        yield {"id": 1, "modifiedAt": "2026-11-01"}

    workspace.pipeline().run(images())
    return rows_of(workspace)


def mend_cursor_path(workspace: Workspace) -> str:
    """Name the field as the source does; dlt renames it later."""

    @dlt.resource(incremental=dlt.sources.incremental("modifiedAt"))
    def images() -> Iterator[Row]:
        yield {"id": 1, "modifiedAt": "2026-11-01"}

    workspace.pipeline().run(images())
    return rows_of(workspace, "id, modified_at")


def provoke_cursor_none(workspace: Workspace) -> str:
    """One row has no date."""

    @dlt.resource(incremental=dlt.sources.incremental("modified_at"))
    def images() -> Iterator[Row]:
        yield {"id": 1, "modified_at": "2026-11-01"}
        yield {"id": 2, "modified_at": None}

    workspace.pipeline().run(images())
    return rows_of(workspace)


def mend_cursor_none(workspace: Workspace) -> str:
    """Say what becomes of such rows: include, exclude or raise."""
    include: Any = {"on_cursor_value_missing": "include"}

    @dlt.resource(incremental=dlt.sources.incremental("modified_at", **include))
    def images() -> Iterator[Row]:
        yield {"id": 1, "modified_at": "2026-11-01"}
        yield {"id": 2, "modified_at": None}

    workspace.pipeline().run(images())
    return rows_of(workspace)


def provoke_cursor_type(workspace: Workspace) -> str:
    """Revisions were numbers; the new export writes them as text."""

    @dlt.resource(incremental=dlt.sources.incremental("revision"))
    def images(rows: list[Row]) -> Iterator[Row]:
        yield from rows

    workspace.pipeline().run(images([{"id": 1, "revision": 7}]))
    workspace.pipeline().run(images([{"id": 2, "revision": "8"}]))
    return rows_of(workspace)


def mend_cursor_type(workspace: Workspace) -> str:
    """Cast the value to the type that the state remembers."""

    @dlt.resource(incremental=dlt.sources.incremental("revision"))
    def images(rows: list[Row]) -> Iterator[Row]:
        yield from rows

    export = images([{"id": 2, "revision": "8"}])
    export.add_map(lambda row: row | {"revision": int(row["revision"])})
    workspace.pipeline().run(export)
    return rows_of(workspace, "id, revision")


def read_samples() -> Iterator[Row]:
    """Two samples, one after the other."""
    yield {"id": 1, "label": "good"}
    yield {"id": 2, "label": "scratch"}


def provoke_generator_twice(workspace: Workspace) -> str:
    """You look at the rows before you load them."""
    samples = read_samples()
    next(samples)
    workspace.pipeline().run(samples, table_name="images")
    return rows_of(workspace)


def mend_generator_twice(workspace: Workspace) -> str:
    """Call the function anew for each use."""
    next(read_samples())
    workspace.pipeline().run(read_samples(), table_name="images")
    return rows_of(workspace)


def provoke_no_yield(workspace: Workspace) -> str:
    """The rows are read, and go nowhere."""

    @dlt.resource
    def images() -> Any:
        list(read_samples())

    workspace.pipeline().run(images())
    return rows_of(workspace)


def mend_no_yield(workspace: Workspace) -> str:
    """A resource yields."""

    @dlt.resource
    def images() -> Any:
        yield list(read_samples())

    workspace.pipeline().run(images())
    return rows_of(workspace)


def provoke_no_yield_from(workspace: Workspace) -> str:
    """Three samples are meant; two come from a function."""

    @dlt.resource
    def images() -> Iterator[Row]:
        yield {"id": 0, "label": "good"}
        read_samples()

    workspace.pipeline().run(images())
    return rows_of(workspace)


def mend_no_yield_from(workspace: Workspace) -> str:
    """Pass on what the function yields."""

    @dlt.resource(write_disposition="replace")
    def images() -> Iterator[Row]:
        yield {"id": 0, "label": "good"}
        yield from read_samples()

    workspace.pipeline().run(images())
    return rows_of(workspace)


CURSOR = Trouble(
    "cursor",
    "The incremental cursor is not what it was",
    "Incremental loading worked, until one row came without the field, without a value, or with another type.",
    (
        Case(
            "No such field",
            provoke_cursor_path,
            mend_cursor_path,
            ("modified_at", "was not found"),
            "The cursor is looked up in what you yield, not in the table: `modifiedAt` becomes `modified_at` only "
            "afterwards.",
        ),
        Case(
            "No value",
            provoke_cursor_none,
            mend_cursor_none,
            ("has the value `None`", "on_cursor_value_missing"),
            "dlt cannot tell whether such a row is new. With `include` it comes along in every run: give the table "
            "a key and `merge`, or it will be there many times.",
        ),
        Case(
            "Another type",
            provoke_cursor_type,
            mend_cursor_type,
            ("Could not coerce", "`8`"),
            "The state remembers 7, a number, and `'8' > 7` has no answer. Cast the value on its way in.",
        ),
    ),
)

GENERATORS = Trouble(
    "generators",
    "A generator used twice, a yield forgotten",
    "It is Python and not dlt, and it costs everybody an hour once.",
    (
        Case(
            "Used twice",
            provoke_generator_twice,
            mend_generator_twice,
            ("is exhausted or has active iterator",),
            "A generator runs once. dlt refuses one that has begun, where Python alone would silently lose the first "
            "rows. Pass a fresh one, or decorate the function with `@dlt.resource`.",
        ),
        Case(
            "No yield at all",
            provoke_no_yield,
            mend_no_yield,
            ("Resource data missing", "forget the return"),
            "The function returned None. A resource is a generator: it yields rows, or lists of rows.",
        ),
        Case(
            "No `yield from`, and no error",
            provoke_no_yield_from,
            mend_no_yield_from,
            ("1 row ",),
            "Calling a generator function runs none of its lines. The only sign is the count, so check counts.",
        ),
    ),
)
