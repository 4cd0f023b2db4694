"""What goes wrong on demand, and for how many times or what share of the traffic."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from infra.simulator.envelopes import Update

FAULTS = 100  # at once
SECONDS = 600.0  # the longest wait a fault may cause


class Kind(StrEnum):
    """The kinds of faults. The first six meet a request, the others what follows from it."""

    ERROR = "error"  # answers Meta's error `code`
    HTTP = "http"  # answers the bare HTTP `status`, with a body that is no JSON
    SLOW = "slow"  # waits `seconds`, then does what was asked
    LATE = "late"  # does what was asked, answers after `seconds`
    CUT = "cut"  # does what was asked, then cuts the connection without an answer
    DROP = "drop"  # cuts the connection, does nothing
    FAIL_STATUS = "fail_status"  # accepts, then reports `failed` with `code`
    LOSE_STATUSES = "lose_statuses"  # never reports the statuses named (all without a name)
    DUPLICATE = "duplicate"  # posts a webhook `copies` times more
    REORDER = "reorder"  # shuffles `copies` webhook updates that follow each other


REQUEST_KINDS = frozenset((Kind.ERROR, Kind.HTTP, Kind.SLOW, Kind.LATE, Kind.CUT, Kind.DROP))


@dataclass(slots=True)
class Fault:
    """One fault that is on."""

    id: int
    kind: Kind
    times: int | None = None  # the next N; None: until switched off
    share: float = 1.0  # of what it could meet
    code: int = 131000
    status: int = 503
    seconds: float = 1.0
    copies: int = 1
    statuses: tuple[str, ...] = ()
    to: str | None = None  # only this person: number or business-scoped id
    on: str = "messages"  # or "media"
    hits: int = 0

    def described(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Faults:
    """The faults that are on. Looking for one costs nothing while there is none."""

    def __init__(self, seed: int | None = None) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._random = random.Random(seed)  # noqa: S311 — no secret depends on it
        self.on = False

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def add(
        self,
        kind: Kind | str,
        *,
        times: int | None = None,
        share: float = 1.0,
        code: int = 131000,
        status: int = 503,
        seconds: float = 1.0,
        copies: int = 1,
        statuses: Iterable[str] = (),
        to: str | None = None,
        on: str = "messages",
    ) -> Fault:
        """Switch a fault on. Raises ValueError for values out of bounds."""
        if not 0 < share <= 1:
            raise ValueError("share must be above 0 and at most 1")
        if times is not None and times < 1:
            raise ValueError("times must be at least 1")
        if not 0 <= seconds <= SECONDS:
            raise ValueError(f"seconds must be between 0 and {SECONDS:.0f}")
        if not 1 <= copies <= 100:
            raise ValueError("copies must be between 1 and 100")
        if not 400 <= status <= 599:
            raise ValueError("status must be between 400 and 599")
        if on not in ("messages", "media"):
            raise ValueError("on must be 'messages' or 'media'")
        if len(self._faults) >= FAULTS:
            raise ValueError(f"at most {FAULTS} faults at once")
        number = next(self._ids)
        fault = Fault(
            number, Kind(kind), times, share, code, status, seconds, copies, tuple(statuses), to, on
        )
        self._faults.append(fault)
        self.on = True
        return fault

    def clear(self, fault_id: int | None = None) -> int:
        """Switch one fault off, or all. Returns how many were."""
        kept = [] if fault_id is None else [fault for fault in self._faults if fault.id != fault_id]
        cleared = len(self._faults) - len(kept)
        self._faults, self.on = kept, bool(kept)
        return cleared

    def meets(self, kinds: frozenset[Kind], to: str | None = None, on: str = "messages") -> Fault | None:
        """The first fault of these kinds that strikes now; it is counted, and ends after its last time."""
        if not self.on:
            return None
        for fault in self._faults:
            if fault.kind not in kinds or fault.on != on or (fault.to is not None and fault.to != to):
                continue
            if fault.share < 1 and self._random.random() >= fault.share:
                continue
            fault.hits += 1
            if fault.times is not None and fault.hits >= fault.times:
                self.clear(fault.id)
            return fault
        return None

    def shuffled(self, items: list[Update]) -> list[Update]:
        """The items in another order."""
        return self._random.sample(items, len(items))
