"""Cells that stay, whatever the learner's cell above them raises: the checkpoint says then what is wrong.

marimo 0.25 runs no cell below one that raised, nor one for whose names nobody stands any more. The cells of an exercise
ask for names when they run, and say so where they are missing (`classroom.pages.checkpoint`), so here they run.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from classroom.course.workspace import KEPT_ERRORS

if TYPE_CHECKING:
    from marimo._runtime.runner.hook_context import (
        OnFinishHookContext,
        PostExecutionHookContext,
        PreparationHookContext,
    )
    from marimo._runtime.runner.hooks import NotebookCellHooks

_CHECKPOINT = "checkpoint("
"""What the code of a checkpoint's cell begins with."""


def keep_running() -> None:
    """Has the kernels that this process makes from now on run what is below a cell that raised.

    Where marimo is built otherwise than in 0.25 it does nothing, and cells stay as marimo has them.
    """
    try:
        from marimo._runtime import kernel_lifecycle
        from marimo._runtime.runner.hook_context import CancelledCells
        from marimo._runtime.runner.hooks import NotebookCellHooks

        create: Callable[[], NotebookCellHooks] = kernel_lifecycle.create_default_hooks  # type: ignore[attr-defined]
        _ = CancelledCells.discard, NotebookCellHooks.add_preparation, NotebookCellHooks.add_on_finish
    except (ImportError, AttributeError):
        return

    def create_hooks() -> NotebookCellHooks:
        hooks, runs = create(), _Runs()
        hooks.add_preparation(runs.begin)
        hooks.add_post_execution(_run_what_is_below)
        hooks.add_on_finish(runs.finish)
        return hooks

    kernel_lifecycle.create_default_hooks = create_hooks  # type: ignore[attr-defined] # imported there, not exported


def _run_what_is_below(cell: Any, context: PostExecutionHookContext, result: Any) -> None:
    """Lets the cells below one that raised run; not those below one that stopped itself, or was interrupted."""
    from marimo._runtime.control_flow import MarimoInterrupt, MarimoStopError

    below = context.cancelled_cells
    if result.exception is None or isinstance(result.exception, (MarimoInterrupt, MarimoStopError)):
        return
    if cell.cell_id in list(below):
        for cancelled in list(below[cell.cell_id]):
            below.discard(cancelled)


@dataclass(slots=True)
class _Runs:
    """The runs of one kernel.

    Attributes:
        running: The cells of the present run.
        asked_for: The checkpoints that the next run is for.
    """

    running: set[Any] = field(default_factory=set)
    asked_for: set[Any] = field(default_factory=set)

    def begin(self, context: PreparationHookContext) -> None:
        """Notes which cells are to run."""
        self.running = set(context.cells_to_run)

    def finish(self, context: OnFinishHookContext) -> None:
        """Asks for the checkpoints that were left out, as no cell defines their names: a broken cell followed another.

        A run that was asked for here asks for none.
        """
        from marimo._runtime.commands import ExecuteCellsCommand
        from marimo._runtime.context.types import safe_get_context

        kernel: Any = getattr(safe_get_context(), "_kernel", None)
        is_asked_for, self.asked_for = bool(self.asked_for) and self.running == self.asked_for, set()
        if kernel is None or is_asked_for:
            return
        setattr(kernel, KEPT_ERRORS, dict(kernel.errors))
        known = context.graph.definitions.keys() | vars(builtins).keys()
        left_out = {
            name: cell.code
            for name, cell in context.graph.cells.items()
            if cell.code.startswith(_CHECKPOINT) and cell.refs - known and name not in self.running
        }
        if left_out:
            self.asked_for = set(left_out)
            kernel.enqueue_control_request(ExecuteCellsCommand(cell_ids=list(left_out), codes=list(left_out.values())))
