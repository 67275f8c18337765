"""The workshop and the self-paced course: lessons, exercises, checks, and the command `classroom`."""

from importlib.metadata import version

__version__ = version("darkroom-classroom")
