"""What can go wrong in the classroom.

```
ClassroomError
├── CourseError         the registry and the disk disagree, or course.toml is wrong
├── UnknownError        no such exercise, step or lesson
├── NotebookError       a notebook cannot be read: SyntaxError, no such cell
├── LockedError         the solution is not unlocked yet
├── ProgressError       the progress file cannot be read or written, or another program holds it
├── MuseumError         a museum stopped answering
├── GradingError        a folder of submissions cannot be graded
└── StartError          the servers cannot be started
```

Every message says what was found, what was expected, where, and which command to type next.
"""

from __future__ import annotations


class ClassroomError(Exception):
    """The root of all; the command prints it and exits with 2."""


class CourseError(ClassroomError):
    """The registry and the disk disagree, or `course.toml` is wrong."""


class UnknownError(ClassroomError):
    """There is no such exercise, step or lesson."""


class NotebookError(ClassroomError):
    """A notebook cannot be read.

    Attributes:
        line: Line of the file, from 1; 0 where none is to blame.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class LockedError(ClassroomError):
    """The solution is not unlocked yet."""


class ProgressError(ClassroomError):
    """The progress file cannot be read or written, or another program holds it."""


class MuseumError(ClassroomError):
    """A museum stopped answering, in the middle of a load or before."""


class GradingError(ClassroomError):
    """A folder of submissions cannot be graded."""


class StartError(ClassroomError):
    """The servers cannot be started."""
