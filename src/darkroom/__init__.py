"""Scattered inspection images in, one DuckDB table out.

    import darkroom

    report = darkroom.ingest(["mvtec_ad", "dagm.zip"], database="darkroom.duckdb")
    print(report.images.new, report.rejects)
    print(darkroom.summary("darkroom.duckdb").groups)

What the command `darkroom` does, these functions do and return as data. Stages of a run can be called by themselves:

    with darkroom.open_storage("mvtec_ad") as storage:
        samples = darkroom.read_layout(storage, storage.files()).samples
    picture = darkroom.read_image(content).pixels           # a file's bytes, decoded
    tensor = darkroom.harmonise_image(picture, size_px=256)  # (256, 256, 3) uint8, RGB
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from darkroom.errors import DarkroomError as DarkroomError
    from darkroom.export.files import write_export as write_export
    from darkroom.extract.excerpt import write_excerpt as write_excerpt
    from darkroom.extract.readers import read_layout as read_layout
    from darkroom.extract.storage import open_storage as open_storage
    from darkroom.harmonise.decode import read_image as read_image
    from darkroom.harmonise.resize import harmonise_image as harmonise_image
    from darkroom.load.resources import make_table as make_table
    from darkroom.load.run import ingest as ingest
    from darkroom.query.analyses import analyse as analyse
    from darkroom.query.analyses import ask as ask
    from darkroom.query.analyses import explain_analysis as explain_analysis
    from darkroom.query.audit.audit import audit as audit
    from darkroom.query.batches import arrays as arrays
    from darkroom.query.batches import iter_batches as iter_batches
    from darkroom.query.contact_sheet.write import write_contact_sheet as write_contact_sheet
    from darkroom.query.summary import summary as summary
    from darkroom.query.verification.verify import verify as verify
    from darkroom.sample import NORMAL as NORMAL
    from darkroom.sample_data import write_sample_data as write_sample_data
    from darkroom.training.train import train as train

_MODULES = {
    "analyse": "darkroom.query.analyses",
    "arrays": "darkroom.query.batches",
    "ask": "darkroom.query.analyses",
    "audit": "darkroom.query.audit.audit",
    "DarkroomError": "darkroom.errors",
    "explain_analysis": "darkroom.query.analyses",
    "harmonise_image": "darkroom.harmonise.resize",
    "ingest": "darkroom.load.run",
    "iter_batches": "darkroom.query.batches",
    "make_table": "darkroom.load.resources",
    "NORMAL": "darkroom.sample",
    "open_storage": "darkroom.extract.storage",
    "read_image": "darkroom.harmonise.decode",
    "read_layout": "darkroom.extract.readers",
    "summary": "darkroom.query.summary",
    "train": "darkroom.training.train",
    "verify": "darkroom.query.verification.verify",
    "write_contact_sheet": "darkroom.query.contact_sheet.write",
    "write_excerpt": "darkroom.extract.excerpt",
    "write_export": "darkroom.export.files",
    "write_sample_data": "darkroom.sample_data",
}
"""Where each public name is defined."""

__all__ = tuple(_MODULES)


def __dir__() -> list[str]:
    """Lists the public names, which are not there before they are asked for."""
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    """Imports a function when it is first asked for: dlt takes a second, and `summary` does not need it."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'darkroom' has no attribute {name!r}")
