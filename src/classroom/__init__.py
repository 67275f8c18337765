"""The workshop and the self-paced course: lessons, exercises, checks, and the command `classroom`."""

import os

# dlt reads this when it is imported; a course sends nothing home
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
from importlib.metadata import version

__version__ = version("darkroom-classroom")
