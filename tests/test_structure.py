"""What keeps the code one that can be seen: short modules, one word for one thing, one public API, declared imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

import darkroom

PROJECT = Path(__file__).parents[1]
SOURCES = sorted((PROJECT / "src").rglob("*.py"))
FOLDERS = ("lessons", "exercises", "solutions")
NOTEBOOKS = [file for folder in FOLDERS for file in sorted((PROJECT / folder).rglob("*.py"))]
LINES_MAX = 300


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 150
    assert len(NOTEBOOKS) >= 5 + 11 + 11


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(PROJECT / "src").as_posix())
def test_a_module_is_read_in_one_go(file: Path) -> None:
    line_count = file.read_text(encoding="utf-8").count("\n")
    assert line_count <= LINES_MAX


def public_types(file: Path) -> Iterator[str]:
    """Names of the classes that a module defines, and of the types that it gives a name."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        name = ""
        if isinstance(node, ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        # a constant is written in capitals, a type in capitalised words
        if name and name[0].isupper() and name != name.upper():
            yield name


def test_no_two_types_share_a_name() -> None:
    places = defaultdict(list)
    for file in SOURCES:
        for name in public_types(file):
            places[name].append(file.relative_to(PROJECT).as_posix())
    assert "Sample" in places
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_notebook_uses_the_public_api_of_darkroom(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not [alias.name for alias in node.names if alias.name.startswith("darkroom.")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "darkroom":
            assert node.module == "darkroom"
            assert {alias.name for alias in node.names} <= set(darkroom.__all__)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "darkroom":
            assert node.attr in darkroom.__all__


def test_what_is_public_is_offered() -> None:
    assert set(darkroom.__all__) <= set(dir(darkroom))


@pytest.mark.parametrize("name", darkroom.__all__)
def test_what_is_public_is_there_and_says_what_it_is(name: str) -> None:
    thing = getattr(darkroom, name)
    assert isinstance(thing, str) or thing.__doc__


def imported_packages(file: Path) -> set[str]:
    packages = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            packages.add((node.module or "").split(".")[0])
    return packages


def test_what_is_imported_is_declared() -> None:
    table = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = chain(table["dependencies"], *table["optional-dependencies"].values())
    declared = {re.split(r"[\[<>=~!; ]", requirement)[0].lower() for requirement in requirements}
    distributions = packages_distributions()
    undeclared = set()
    for file in SOURCES:
        for package in imported_packages(file) - sys.stdlib_module_names - {"darkroom", "classroom"}:
            if not declared & {owner.lower() for owner in distributions.get(package, [package])}:
                undeclared.add(package)
    assert undeclared == set()
