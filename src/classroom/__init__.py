"""The workshop and the self-paced course: lessons, exercises, checks, and the command `classroom`."""

import os
from importlib.metadata import version

# dlt reads these when it is imported. A course sends nothing home, and says itself what goes wrong.
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")

__version__ = version("darkroom-classroom")
