"""The errors of darkroom, all of them under one root.

    DarkroomError
    ├── RootError                 a ROOT given to a command cannot be read as it is
    │   ├── RootNotFoundError         no such folder, file or address
    │   ├── RootUnreadableError       it is there, and the system refuses to read it
    │   ├── LayoutNotRecognisedError  no reader knows what these folders mean
    │   └── ArchiveRefusedError       damaged, or unpacks to far more than it should
    ├── OptionError               an option makes no sense, or contradicts another one or the table
    ├── DatabaseError             the destination cannot be used
    │   ├── DatabaseNotFoundError     there is nothing to read yet
    │   ├── DatabaseBusyError         another process holds the DuckDB file
    │   └── DiskFullError             no space left where the database or its work folder is
    ├── LoadError                 dlt or the destination refused a load; nothing half-done stays
    └── AccountingError           files seen ≠ images + masks + rejects + ignored: a defect of darkroom

A file that cannot become a row is *not* an error: it is a `Reject` (see `darkroom.sample`), and the
run goes on. Every message says what was found, what was expected, where, and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterator


class DarkroomError(Exception):
    """Root of everything darkroom raises on purpose; the command prints it as one sentence and exits 2."""


class RootError(DarkroomError):
    """A ROOT given to a command cannot be read as it is."""


class RootNotFoundError(RootError):
    """There is no such folder, file or address."""


class RootUnreadableError(RootError):
    """The root, or a folder below it, is there but may not be read."""


class LayoutNotRecognisedError(RootError):
    """No reader knows what these folders mean."""


class ArchiveRefusedError(RootError):
    """An archive is damaged, or would unpack to far more than it should."""


class OptionError(DarkroomError):
    """An option makes no sense, or contradicts another one or the table."""


class DatabaseError(DarkroomError):
    """The destination cannot be used."""


class DatabaseNotFoundError(DatabaseError):
    """There is no database, or no table in it, to read from yet."""


class DatabaseBusyError(DatabaseError):
    """Another process holds the DuckDB file."""


class DiskFullError(DatabaseError):
    """No space is left where the database or its work folder is."""


class LoadError(DarkroomError):
    """dlt or the destination refused a load."""


class AccountingError(DarkroomError):
    """Files seen and files accounted for differ: a defect of darkroom, never of the data."""


def iter_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an error, then what it was raised from or while handling, and so on to the first one."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
