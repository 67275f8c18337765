"""The import rules of the design, read from the source itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

ORDER = (
    "errors",
    "sample",
    "tables",
    "png",
    "pixel_modes",
    "images",
    "fingerprint",
    "harmonise",
    "storage",
    "readers",
    "dataset_facts",
    "plan",
    "rows",
    "report",
    "resources",
    "read_ahead",
    "database",
    "dlt_settings",
    "duckdb_destination",
    "pipeline",
    "ledger",
    "load",
)
"""The loading half, lowest first: a module imports only from those before it."""

READING_HALF = (
    "query",
    "verification",
    "contact_sheet",
    "folds",
    "selection",
    "tensor_reader",
    "batches",
    "analyses",
    "torch_datasets",
    "export_files",
    "export_arrays",
    "export_folder",
    "views_reading",
    "training",
)
LOADING_HALF = {"storage", "readers", "plan", "rows", "resources", "pipeline", "ledger", "load"}


def imports_of(module: str) -> set[str]:
    """Names of the modules of darkroom that a module, or a package, imports anywhere in its code."""
    path = SOURCE / "darkroom" / module
    files = path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("darkroom"):
                parts = node.module.split(".")
                found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found - {module}


@pytest.mark.parametrize("module", ORDER)
def test_loading_half_imports_downwards(module: str) -> None:
    assert imports_of(module) <= set(ORDER[: ORDER.index(module)])


@pytest.mark.parametrize("module", READING_HALF)
def test_reading_half_never_imports_the_loading_half(module: str) -> None:
    assert not imports_of(module) & LOADING_HALF


@pytest.mark.parametrize("file", sorted((SOURCE / "darkroom").rglob("*.py")), ids=lambda path: path.stem)
def test_darkroom_knows_nothing_of_the_classroom(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.split(".")[0] for name in names} & {"classroom", "marimo"}


CLASSROOM_WITH_MARIMO = {"answers", "checkpoint", "page", "quiz", "server"}
"""Modules of the classroom that know marimo: they run notebooks, show things in them, or serve them."""


@pytest.mark.parametrize("file", sorted((SOURCE / "classroom").rglob("*.py")), ids=lambda path: path.stem)
def test_few_modules_of_the_classroom_import_marimo(file: Path) -> None:
    imports = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert "marimo" not in imports or file.stem in CLASSROOM_WITH_MARIMO


@pytest.mark.parametrize("file", sorted((SOURCE / "classroom" / "checks").rglob("*.py")), ids=lambda path: path.stem)
def test_a_judge_runs_nothing_of_a_learner_s(file: Path) -> None:
    """`judge` takes evidence alone: it has one argument, and calls nothing that runs a notebook."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == "judge":
            assert [argument.arg for argument in node.args.args] == ["evidence"]
            called = {
                call.func.id
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            }
            assert not called & {"run_names", "read_notebook", "load", "run", "exec", "eval"}
