"""Scattered inspection images in, one DuckDB table out.

    import darkroom

    report = darkroom.ingest(["mvtec_ad", "dagm.zip"], database="darkroom.duckdb")
    print(report.images.new, report.rejects)
    print(darkroom.summary("darkroom.duckdb").groups)

What the command `darkroom` does, these functions do and return as data.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# dlt reports each run to its makers unless told otherwise, and reads this once, when it is first imported
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")

if TYPE_CHECKING:
    from darkroom.export.files import write_export
    from darkroom.extract.excerpt import write_excerpt
    from darkroom.load.run import ingest
    from darkroom.query.analyses import analyse, ask
    from darkroom.query.batches import arrays, iter_batches
    from darkroom.query.contact_sheet import write_contact_sheet
    from darkroom.query.summary import summary
    from darkroom.query.verification import verify
    from darkroom.sample_data import write_sample_data
    from darkroom.training.train import train

__all__ = [
    "analyse",
    "arrays",
    "ask",
    "ingest",
    "iter_batches",
    "summary",
    "train",
    "verify",
    "write_contact_sheet",
    "write_excerpt",
    "write_export",
    "write_sample_data",
]

_MODULES = {
    "analyse": "darkroom.query.analyses",
    "arrays": "darkroom.query.batches",
    "ask": "darkroom.query.analyses",
    "iter_batches": "darkroom.query.batches",
    "ingest": "darkroom.load.run",
    "summary": "darkroom.query.summary",
    "train": "darkroom.training.train",
    "verify": "darkroom.query.verification",
    "write_contact_sheet": "darkroom.query.contact_sheet",
    "write_excerpt": "darkroom.extract.excerpt",
    "write_export": "darkroom.export.files",
    "write_sample_data": "darkroom.sample_data",
}


def __getattr__(name: str) -> Any:
    """Imports a function when it is first asked for: dlt takes a second, and `summary` does not need it."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'darkroom' has no attribute {name!r}")
