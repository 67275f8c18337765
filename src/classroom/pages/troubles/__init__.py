"""The ten troubles that learners of dlt meet, each provoked for real and then mended by the code of a lesson.

```
texts, scripts, tables → attempts → page → demonstrations
```
"""

from classroom.pages.troubles.demonstrations import Demonstrations
from classroom.pages.troubles.page import make_choices, read_choices
from classroom.pages.troubles.scripts import open_elsewhere, run_script
from classroom.pages.troubles.tables import rows_of, tell_versions
from classroom.pages.troubles.texts import TROUBLES

__all__ = [
    "TROUBLES",
    "Demonstrations",
    "make_choices",
    "open_elsewhere",
    "read_choices",
    "rows_of",
    "run_script",
    "tell_versions",
]
