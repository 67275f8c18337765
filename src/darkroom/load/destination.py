"""A destination other than the DuckDB file: found by its name, and tried before anything is loaded into it.

Whatever is wrong with it is said in one sentence that never holds what was configured: that has a password in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dlt
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    InvalidNativeValue,
    LookupTraces,
)
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.common.exceptions import MissingDependencyException

from darkroom.database.dlt_settings import comes_from_outside, tell_reason
from darkroom.errors import DarkroomError, DatabaseError, OptionError, iter_causes

_URL = "{scheme}://USER:PASSWORD@HOST/DATABASE"


def find_destination(name: str) -> Any:
    """Finds a dlt destination that takes parquet files, the only way on which tensors stay as they are.

    Args:
        name: As dlt names it, or a name whose type is configured.

    Raises:
        OptionError: dlt has no such destination, or what it needs to load parquet files is not installed.
    """
    try:
        destination = dlt.destination(name)
    except UnknownDestinationModule as error:
        raise OptionError(
            f"dlt has no destination {name}. Expected `destination` to be duckdb, postgres, motherduck, filesystem or "
            f"another one that dlt names; for a name of your own, set DESTINATION__{name.upper()}__DESTINATION_TYPE."
        ) from error
    formats = _list_formats(destination)
    if "parquet" not in formats:
        raise OptionError(
            f"`destination` {name}: tensors are sent as parquet files, and dlt can send it none "
            f"({', '.join(formats)} only). {_advise_install(_kind(destination))}"
        )
    return destination


def _list_formats(destination: Any) -> list[str]:
    """Lists the file formats that dlt can load there with the drivers that are installed."""
    capabilities = destination.capabilities()
    formats = list(capabilities.supported_loader_file_formats or ())
    if capabilities.loader_file_format_selector is not None:
        preferred = capabilities.preferred_loader_file_format
        _, formats = capabilities.loader_file_format_selector(preferred, formats, table_schema={})
    return list(formats)


def _kind(destination: Any) -> str:
    return str(destination.destination_type.rpartition(".")[2])


def _advise_install(kind: str) -> str:
    if kind == "postgres":
        return "Its drivers are missing: install darkroom with the extra postgres (`uv sync --extra postgres`)."
    return f"Install the ADBC driver that dlt's page on {kind} names, or load into duckdb."


@contextmanager
def explain_destination(destination: Any) -> Iterator[None]:
    """Says of a destination that cannot be asked what is missing, where it is configured, and what to do.

    To be put around the first questions to it, before anything is loaded.

    Raises:
        OptionError: It is not configured, or not rightly, or a library is missing.
        DatabaseError: It refuses, or is not there.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, DarkroomError) or not (isinstance(error, ImportError) or comes_from_outside(error)):
            raise
        raise _explain(destination, list(iter_causes(error))) from error


def _explain(destination: Any, causes: list[BaseException]) -> DarkroomError:
    name = destination.destination_name
    for cause in causes:
        if isinstance(cause, ConfigFieldMissingException):
            return _explain_missing(destination, list(_list_missing(cause.traces)))
        if isinstance(cause, InvalidNativeValue):
            return OptionError(
                f"`destination` {name}: its credentials cannot be read (they are not shown, as a password may be in "
                f"them). Expected {_write_url(destination)}. {_advise_place(destination)}"
            )
        if isinstance(cause, MissingDependencyException):
            advice = _advise_install(_kind(destination))
            return OptionError(f"`destination` {name}: a library that dlt needs for it is missing. {advice}")
    return DatabaseError(
        f"`destination` {name}: it cannot be used ({tell_reason(causes[-1])}). Nothing was loaded. "
        f"Expected a server that answers, and a user who may write there. {_advise_place(destination)}"
    )


def _list_missing(traces: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yields the path of each field that is missing, as `("credentials", "password")`."""
    for name, tried in traces.items():
        nested = [trace for trace in tried if isinstance(trace, LookupTraces)]
        for trace in nested:
            yield from _list_missing(trace.traces, (*above, name))
        if not nested:
            yield (*above, name)


def _explain_missing(destination: Any, paths: Iterable[tuple[str, ...]]) -> OptionError:
    name = destination.destination_name
    paths = list(dict.fromkeys(paths))
    names = [path[-1] for path in paths]
    *most, last = names
    listed = f"{', '.join(most)} and {last}" if most else last
    keys = " and ".join("__".join(("DESTINATION", name, *path)).upper() for path in paths)
    if all(path[0] == "credentials" for path in paths):
        keys = f"DESTINATION__{name.upper()}__CREDENTIALS to {_write_url(destination)}, or {keys}"
    section = ".".join(("destination", name, *paths[0][:-1]))
    return OptionError(
        f"`destination` {name}: its configuration lacks {listed}. In the environment, set {keys}; or write "
        f"{listed} under [{section}] in .dlt/secrets.toml."
    )


def _write_url(destination: Any) -> str:
    kind = _kind(destination)
    return _URL.format(scheme="postgresql" if kind == "postgres" else kind)


def _advise_place(destination: Any) -> str:
    name = destination.destination_name
    return (
        f"They are configured as DESTINATION__{name.upper()}__CREDENTIALS in the environment, or under "
        f"[destination.{name}.credentials] in .dlt/secrets.toml."
    )
