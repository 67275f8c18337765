"""What goes wrong when it is asked for: too many requests, no service, expired pictures.

Without being asked for, nothing does.
"""

from __future__ import annotations

import hashlib
import math
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

_REQUESTS_MAX = 1_000_000
_MINUTE_MAX_S = 60.0
_IDS_MAX = 10_000
_CLIENTS_MAX = 1_000
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong; with `Faults()`, nothing does.

    Attributes:
        requests_per_minute: Requests a client may make in a minute before it is told 429 and `Retry-After`; the
            museum itself allows 60. None for as many as it likes. Pages, artworks and pictures count alike.
        minute_s: How long that minute lasts, 0.1 to 60: a lesson may have no time to wait for a whole one.
        is_counted_by_agent: Tell clients apart by the header `AIC-User-Agent`, and not by their address, which
            is the same for everybody in a room behind one router.
        share_unavailable: Share of the requests that get 503, 0 to 1.
        expired_image_ids: Pictures that are gone although the artworks still name them.
        seed: Which of the requests get 503: the same ones for the same seed.
    """

    requests_per_minute: int | None = None
    minute_s: float = 60.0
    is_counted_by_agent: bool = False
    share_unavailable: float = 0.0
    expired_image_ids: frozenset[str] = frozenset()
    seed: int = 0

    def __post_init__(self) -> None:
        if self.requests_per_minute is not None:
            _check_number("requests_per_minute", self.requests_per_minute, 1, _REQUESTS_MAX, int)
        _check_number("minute_s", self.minute_s, 0.1, _MINUTE_MAX_S)
        _check_number("share_unavailable", self.share_unavailable, 0, 1)
        _check_number("seed", self.seed, 0, 2**31, int)
        if not isinstance(self.is_counted_by_agent, bool):
            raise ValueError(f"is_counted_by_agent is true or false, not {self.is_counted_by_agent!r}.")
        object.__setattr__(self, "expired_image_ids", _check_ids("expired_image_ids", self.expired_image_ids))

    def to_json(self) -> dict[str, Any]:
        """Returns the settings as plain values, for JSON."""
        return {**asdict(self), "expired_image_ids": sorted(self.expired_image_ids)}


def faults_from_json(values: Mapping[str, Any]) -> Faults:
    """Returns the settings that plain values stand for; what is not named does not go wrong.

    Raises:
        ValueError: A name is unknown, or a value is out of range or of the wrong type.
    """
    known = [known_field.name for known_field in fields(Faults)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"There is no fault called {unknown[0][:60]!r}, only {', '.join(known)}.")
    return Faults(**values)


def _check_number(name: str, value: object, low: float, high: float, kind: type = float) -> None:
    is_number = isinstance(value, int if kind is int else (int, float)) and not isinstance(value, bool)
    # a NaN is not between any two numbers
    if not (is_number and low <= value <= high):  # type: ignore[operator]
        what = "a whole number" if kind is int else "a number"
        raise ValueError(f"{name} is {what} from {low} to {high}, not {str(value)[:40]!r}.")


def _check_ids(name: str, values: object) -> frozenset[str]:
    if not isinstance(values, (list, tuple, set, frozenset)) or len(values) > _IDS_MAX:
        raise ValueError(f"{name} is a list of at most {_IDS_MAX} ids, not {str(values)[:40]!r}.")
    for value in values:
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise ValueError(f"{name} has ids of type str, and not {str(value)[:40]!r}.")
    return frozenset(values)


NO_FAULTS = Faults()
"""Nothing goes wrong."""


@dataclass(slots=True)
class FaultInjector:
    """Decides for one request after the other what goes wrong with it. Safe to use from several threads.

    Attributes:
        faults: The settings; put in new ones with a new `FaultInjector`.
        clock: Returns seconds that only ever grow.
        impatient: Requests that came before the time was over that their client had been told to wait.
    """

    faults: Faults
    clock: Callable[[], float] = time.monotonic
    impatient: int = 0
    _asked: int = 0
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds_to_wait(self, client: str) -> int:
        """Counts a request of a client; returns 0 if it may be answered, else the value of `Retry-After`.

        The minute begins with a client's first request and ends for all of them at once, as the museum's does.
        """
        allowed, minute = self.faults.requests_per_minute, self.faults.minute_s
        if allowed is None:
            return 0
        with self._lock:
            now = self.clock()
            if len(self._windows) > _CLIENTS_MAX:
                self._windows = {who: window for who, window in self._windows.items() if now < window[0] + minute}
            began, count = self._windows.get(client, (now, 0))
            if now >= began + minute:
                began, count = now, 0
                self._told.discard(client)
            if count >= allowed:
                self.impatient += client in self._told
                self._told.add(client)
                return max(1, math.ceil(began + minute - now))
            self._windows[client] = (began, count + 1)
            return 0

    def is_unavailable(self) -> bool:
        """Returns whether the next request gets 503."""
        with self._lock:
            self._asked += 1
        return _draw_number(f"unavailable {self.faults.seed} {self._asked}") < self.faults.share_unavailable


def _draw_number(name: str) -> float:
    """Returns a number in [0, 1) that follows from a name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=6).digest()) / 2**48
