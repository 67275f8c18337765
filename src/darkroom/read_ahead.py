"""Reading in threads what is asked for next, while what was read last is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def read_ahead(items: Iterable[T], read: Callable[[T], R], *, workers: int, ahead: int) -> Iterator[Iterator[R]]:
    """Calls `read` for each item in threads, from now on until the block is left; its results come in order.

    Args:
        items: What to read.
        read: Called in any of the threads; what it raises comes out where its result would.
        workers: Threads.
        ahead: The most results, begun or done, that have not been asked for.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="darkroom-read")
    futures = (pool.submit(read, item) for item in items)
    try:
        yield _take_in_order(deque(islice(futures, ahead)), futures)
    finally:
        pool.shutdown(cancel_futures=True)


def _take_in_order(pending: deque[Future[R]], more: Iterator[Future[R]]) -> Iterator[R]:
    while pending:
        result = pending.popleft().result()
        pending.extend(islice(more, 1))
        yield result
