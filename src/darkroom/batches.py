"""From the table to numpy, as fast as memory allows: batches of images with labels and masks.

Why it is fast: DuckDB is asked for ranges of rows of its table, a few megabytes at a time, so it touches no
tensor that is not asked for and its cache stays small. What it answers is an Arrow column whose buffer holds
the tensors one after the other; numpy looks at that buffer, and no row is copied on its own.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Unpack

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from darkroom.database import explain_errors, open_readonly
from darkroom.errors import DatabaseError, OptionError
from darkroom.folds import hash_of
from darkroom.selection import Filters, Samples, Selection, find_samples
from darkroom.tables import DATASET_NAME
