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
    from darkroom.analyses import analyse, ask
    from darkroom.batches import arrays, iter_batches
    from darkroom.contact_sheet import write_contact_sheet
    from darkroom.excerpt import write_excerpt
    from darkroom.export_files import export
    from darkroom.load import ingest
    from darkroom.query import summary
    from darkroom.sample_data import write_sample_data
    from darkroom.training.train import train
    from darkroom.verification import verify

__all__ = [
    "analyse",
    "arrays",
    "ask",
    "export",
    "ingest",
    "iter_batches",
    "summary",
    "train",
    "verify",
    "write_contact_sheet",
    "write_excerpt",
    "write_sample_data",
]

_MODULES = {
    "analyse": "darkroom.analyses",
    "arrays": "darkroom.batches",
    "ask": "darkroom.analyses",
    "export": "darkroom.export_files",
    "iter_batches": "darkroom.batches",
    "ingest": "darkroom.load",
    "summary": "darkroom.query",
    "train": "darkroom.training.train",
    "verify": "darkroom.verification",
    "write_contact_sheet": "darkroom.contact_sheet",
    "write_excerpt": "darkroom.excerpt",
    "write_sample_data": "darkroom.sample_data",
}


def __getattr__(name: str) -> Any:
    """Imports a function when it is first asked for: dlt takes a second, and `summary` does not need it."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'darkroom' has no attribute {name!r}")
