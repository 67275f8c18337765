"""Generated sample images in four published layouts, with one of each fault beside them."""

from darkroom.sample_data.faults import EXPECTED_FAULTS, FAULTS, Fault
from darkroom.sample_data.layouts import SampleFile, iter_dagm_pictures, iter_mvtec_pictures
from darkroom.sample_data.writing import SampleDataReport, make_sample_files, write_sample_data

__all__ = [
    "EXPECTED_FAULTS",
    "FAULTS",
    "Fault",
    "SampleDataReport",
    "SampleFile",
    "iter_dagm_pictures",
    "iter_mvtec_pictures",
    "make_sample_files",
    "write_sample_data",
]
