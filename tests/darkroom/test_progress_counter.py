from __future__ import annotations

from darkroom.progress import ProgressCounter


def test_a_counter_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    counter = ProgressCounter(5, lambda done, total: told.append((done, total)))
    counter.advance()
    counter.advance(3)
    assert told == [(1, 5), (4, 5)]
    assert counter.left == 1


def test_nobody_has_to_listen() -> None:
    counter = ProgressCounter(2)
    counter.advance(2)
    assert counter.left == 0
