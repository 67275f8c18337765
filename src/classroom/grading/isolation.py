"""How well a submission is shut in: what the system lets us do, and the words for it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import classroom
import darkroom
from classroom.course.registry import Course


class Level(StrEnum):
    """From the strongest on."""

    NAMESPACES = "namespaces"
    USER = "user"
    LIMITS = "limits"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Isolation:
    """How the workers of a grading are shut in.

    Attributes:
        level: How strongly they are shut in.
        course_root: Folder of the course.
        packages: Folders of the installed packages that hold the checks.
    """

    level: Level
    course_root: Path
    packages: tuple[Path, ...]

    @property
    def visible(self) -> tuple[Path, ...]:
        """What a worker in namespaces can read: Python, the packages, the registry and the sample data."""
        python = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
        course = (self.course_root / "lessons" / "course.toml", self.course_root / "sample_data")
        return (*(Path(prefix) for prefix in python), *self.packages, *course)

    @property
    def can_be_edited(self) -> bool:
        """Whether a submission might be able to write to the installed checks: it has the grader's own rights."""
        return self.level in (Level.LIMITS, Level.TIME)

    def describe(self) -> str:
        """Returns one sentence for the head of a grading: what is promised, and what is not."""
        return _WORDS[self.level]


def make_isolation(course: Course, level: Level) -> Isolation:
    """Returns the isolation of a level for a course, and for the packages that are imported here."""
    packages = tuple(Path(str(package.__file__)).parent for package in (classroom, darkroom))
    return Isolation(level, course.root, packages)


def levels_to_try() -> tuple[Level, ...]:
    """Returns what may work here, the strongest first. Root never runs a submission with root's rights."""
    if os.name != "posix":
        return (Level.TIME,)
    weaker = Level.USER if os.getuid() == 0 else Level.LIMITS
    return (Level.NAMESPACES, weaker) if sys.platform == "linux" else (weaker,)


_WORDS = {
    Level.NAMESPACES: "Each submission ran in namespaces of its own: no network, nothing to read but Python and the "
    "course's package, nothing to write but its scratch.",
    Level.USER: "Each submission ran as a user of its own, with limits. The network was NOT denied on this system, and "
    "files that everybody may read could be read.",
    Level.LIMITS: "Each submission ran with limits only, with your rights. The network was NOT denied on this system, "
    "and files that you may read or write could be read or written. Grade in a virtual machine, or on Linux.",
    Level.TIME: "Each submission ran with a time limit only, with your rights. Neither memory nor network was limited "
    "on this system, and files that you may read or write could be. Grade in a virtual machine, or on Linux.",
}
