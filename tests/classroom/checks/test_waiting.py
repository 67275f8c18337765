"""Waits of the learner's code move the museum's clock on, and nobody sits through them."""

from __future__ import annotations

import threading
import time

from classroom.checks.follow_along.waiting import skipped_waits


def test_a_wait_moves_the_clock_on_and_time_sleep_is_itself_again_afterwards() -> None:
    sleep = time.sleep
    with skipped_waits() as clock:
        before = clock()
        time.sleep(3600)
        assert 3600 <= clock() - before < 3700
    assert time.sleep is sleep


def test_other_threads_wait_as_ever() -> None:
    waited: list[float] = []

    def wait() -> None:
        began = time.monotonic()
        time.sleep(0.05)
        waited.append(time.monotonic() - began)

    with skipped_waits() as clock:
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        assert clock.skipped_s == 0
    assert waited[0] >= 0.04


def test_two_checks_at_once_have_a_clock_each() -> None:
    skipped: dict[int, float] = {}
    both_are_in = threading.Barrier(2)

    def wait(seconds: int) -> None:
        with skipped_waits() as clock:
            both_are_in.wait(timeout=20)
            time.sleep(seconds)
            both_are_in.wait(timeout=20)
            skipped[seconds] = clock.skipped_s

    sleep = time.sleep
    threads = [threading.Thread(target=wait, args=(seconds,)) for seconds in (100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert skipped == {100: 100, 200: 200}
    assert time.sleep is sleep
