from __future__ import annotations

import pytest
from marimo._runtime import kernel_lifecycle
from marimo._runtime.runner.hooks import create_default_hooks

from classroom.serve.lasting_checkpoints import keep_running


def test_each_kernel_gets_the_hooks_of_marimo_and_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_lifecycle, "create_default_hooks", create_default_hooks)
    keep_running()
    ours, marimos = kernel_lifecycle.create_default_hooks(), create_default_hooks()
    for phase in ("preparation_hooks", "post_execution_hooks", "on_finish_hooks"):
        assert len(getattr(ours, phase)) == len(getattr(marimos, phase)) + 1


def test_of_a_marimo_that_is_built_otherwise_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(kernel_lifecycle, "create_default_hooks")
    keep_running()
    assert not hasattr(kernel_lifecycle, "create_default_hooks")
