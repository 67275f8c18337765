"""The ten troubles that learners of dlt meet, each provoked for real and then mended.

```
scripts, tables → play → loading, extracting, values, environment → page
```
"""

from classroom.pages.troubles.environment import CONFIG, INSTALLATION
from classroom.pages.troubles.extracting import CURSOR, GENERATORS
from classroom.pages.troubles.loading import DUPLICATES, FROZEN, LOCK, MIXED, PENDING
from classroom.pages.troubles.play import Act, Case, Play, Trouble, backstage, part_of, play, play_case
from classroom.pages.troubles.values import VALUES

__all__ = ["TROUBLES", "Act", "Case", "Play", "Trouble", "backstage", "part_of", "play", "play_case"]

TROUBLES: tuple[Trouble, ...] = (
    PENDING,
    FROZEN,
    CONFIG,
    LOCK,
    CURSOR,
    MIXED,
    DUPLICATES,
    GENERATORS,
    VALUES,
    INSTALLATION,
)
"""In the order of the lesson; a trouble's number is its place, from 1."""
