"""Grading of submitted notebooks: each runs in a process of its own, and is judged in another that it never saw.

```
submissions   a folder of folders and zips → the bytes of each notebook
isolation     how well a submission can be shut in on this system: tried, not guessed
notebook_run  one worker process from start to end; tree starts and kills it, drain reads its pipes
worker        inside that process: shut in, run the learner's code, write down evidence
  namespaces  Linux: no network, nothing to see but Python and the course, all read-only
  limits      POSIX: memory, processes, files; another user
watch         a change of the installed checks is noticed
grader        submissions in, results out
```

`docs/grading.md` says what this promises and what it does not. Nothing heavy may be imported here: a worker has to
be alone in its process, without threads, when it enters its namespaces.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Imports `grade`, `Grading` and `StudentGrade` when they are asked for."""
    if name not in ("grade", "Grading", "StudentGrade"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from classroom.grading import grader

    return getattr(grader, name)
