"""The summary of a room → tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

_TITLES = {
    "all_pages": "step 2, all pages",
    "by_address": "step 3, limit by address",
    "by_agent": "step 3, limit by agent",
    "day_1": "step 4, day 1",
    "day_2": "step 4, day 2",
    "pictures": "step 5, pictures",
    "ask_only": "requests alone",
}
_MB = 1e6


def render(summary: dict[str, Any]) -> RenderableType:
    """What was served, how long it took, and what was measured on."""
    return Group(_show_served(summary), _show_times(summary), *_describe(summary))


def _show_served(summary: dict[str, Any]) -> Table:
    table = _make_table(
        f"{summary['attendees']} attendees at once",
        ("loads", "rows right", "rows each", "200", "429", "other", "requests/s", "at once", "MB each"),
    )
    for name, phase in summary["room"]["phases"].items():
        statuses = phase["statuses"]
        other = sum(statuses.values()) - statuses.get("200", 0) - statuses.get("429", 0)
        table.add_row(
            _TITLES[name],
            f"{phase['completed']} of {phase['attendees']}",
            f"{phase['right']}",
            f"{phase['rows']}",
            f"{statuses.get('200', 0):,}",
            f"{statuses.get('429', 0):,}",
            f"{other:,}",
            f"{phase['requests_per_s']:.0f}",
            f"{phase['requests_at_once']}",
            f"{phase['mean_bytes'] / _MB:.1f}",
        )
    return table


def _show_times(summary: dict[str, Any]) -> Table:
    table = _make_table(
        "a step alone, and in the room; an answer, in the room and alone; the museum's processor time for all",
        ("alone s", "p50 ×", "p95 ×", "CPU s", "answer p50 ms", "p95", "alone", "museum CPU s"),
    )
    for name, phase in summary["room"]["phases"].items():
        alone = summary["alone"]["phases"][name]
        table.add_row(
            _TITLES[name],
            f"{alone['step_s']['p50']:.1f}",
            f"{phase['times_alone']['p50']:.1f}",
            f"{phase['times_alone']['p95']:.1f}",
            f"{phase['attendee_cpu_s']:.1f}",
            f"{1000 * phase['answer_s']['p50']:.0f}",
            f"{1000 * phase['answer_s']['p95']:.0f}",
            f"{1000 * alone['answer_s']['p50']:.0f}",
            f"{phase['museum_cpu_s']:.2f}",
        )
    return table


def _make_table(title: str, headings: Iterable[str]) -> Table:
    table = Table("", *headings, title=title)
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _describe(summary: dict[str, Any]) -> Iterable[str]:
    room, machine = summary["room"], summary["measured_on"]
    phases = room["phases"]
    yield f"limit: {summary['limit']} requests in a minute of {summary['minute_s']:g} s"
    for name in ("by_address", "by_agent"):
        served_s, in_a_row = phases[name]["served_s"], phases[name]["refusals_in_a_row"]
        minutes = served_s / summary["minute_s"]
        yield f"{_TITLES[name]}: all served after {minutes:.1f} such minutes, at most {in_a_row} refusals in a row"
    yield f"attendees in a step at the same moment: {min(phase['attendees_at_once'] for phase in phases.values())}"
    yield f"requests: {sum(phase['requests'] for phase in phases.values()):,}"
    yield f"museum: {room['museum_peak_memory_bytes'] / _MB:.0f} MB of memory at most"
    own = max(phase["own_memory_bytes"] for phase in phases.values())
    yield f"attendees: processes by {summary['start']}, each with up to {own / _MB:.0f} MB that it shares with nobody"
    yield f"on {machine['cpu']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}"
    if machine["load_average"] is not None:
        yield f"load average before the run: {machine['load_average']:.1f}"
