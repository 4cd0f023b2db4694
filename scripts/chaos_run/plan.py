"""Which faults a run meets, and when: drawn from its seed alone, so that a run can be had again."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

EVERY_SECONDS = 12.5  # a fault, on average: 72 in a quarter of an hour
FIRST, LAST = 0.1, 0.4  # in which part of its slot a fault begins
QUIET_SLOTS = 3  # of a restart: what comes back is timed, and nothing else should begin meanwhile
ROOM = 0.05  # of the run, at its end, in which no fault begins


class Kind(StrEnum):
    """What can go wrong."""

    KILL = "kill"  # kill -9 of a process of ours, which its supervisor starts again
    PAUSE = "pause"  # SIGSTOP, later SIGCONT, of any process
    BROKER_RESTART = "broker_restart"  # kill -9, away for a while
    DATABASE_RESTART = "database_restart"
    CUT = "cut"  # a way between two: connections are reset, new ones too
    SLOW = "slow"  # a way between two: every piece of data comes late
    GRAPH_FAILS = "graph_fails"  # Meta answers with errors, or hangs up before it did anything
    GRAPH_SLOW = "graph_slow"
    GRAPH_LATE = "graph_late"  # Meta does what was asked and answers when the client has given up, or never
    CLOCK_JUMP = "clock_jump"  # what waits comes due earlier or later than it was told
    DISK_FULL = "disk_full"  # whatever the runtime writes is refused with 53100
    REBALANCE = "rebalance"  # one member more of every group comes, and goes


SERVICES = ("ingress", "domains", "outside")
LINKS = (
    "meta→ingress",
    "ingress→kafka",
    "domains→kafka",
    "outside→kafka",
    "domains→postgres",
    "outside→postgres",
    "outside→graph",
)
TARGETS: dict[Kind, tuple[str, ...]] = {
    Kind.KILL: SERVICES,
    Kind.PAUSE: (*SERVICES, "simulator", "kafka", "postgres"),
    Kind.BROKER_RESTART: ("kafka",),
    Kind.DATABASE_RESTART: ("postgres",),
    Kind.CUT: LINKS,
    Kind.SLOW: LINKS,
    Kind.GRAPH_FAILS: ("simulator",),
    Kind.GRAPH_SLOW: ("simulator",),
    Kind.GRAPH_LATE: ("simulator",),
    Kind.CLOCK_JUMP: ("postgres",),
    Kind.DISK_FULL: ("postgres",),
    Kind.REBALANCE: ("spare",),
}
# Seconds that a fault lasts; nothing for those that happen at once.
LASTS: dict[Kind, tuple[float, float]] = {
    Kind.KILL: (0.0, 0.0),
    Kind.PAUSE: (2.0, 14.0),  # longer than a session of the group (10 s), at times
    Kind.BROKER_RESTART: (0.5, 5.0),
    Kind.DATABASE_RESTART: (0.5, 5.0),
    Kind.CUT: (1.0, 8.0),
    Kind.SLOW: (3.0, 10.0),
    Kind.GRAPH_FAILS: (3.0, 10.0),
    Kind.GRAPH_SLOW: (3.0, 10.0),
    Kind.GRAPH_LATE: (2.0, 6.0),
    Kind.CLOCK_JUMP: (0.0, 0.0),
    Kind.DISK_FULL: (2.0, 8.0),
    Kind.REBALANCE: (3.0, 12.0),
}
DETAILS: dict[Kind, tuple[float | str, ...]] = {
    Kind.GRAPH_FAILS: ("error 131016", "error 131000", "http 500", "http 503", "drop"),
    Kind.GRAPH_SLOW: (0.5, 2.0, 6.0),  # seconds
    Kind.GRAPH_LATE: ("late", "cut"),
    Kind.CLOCK_JUMP: (-20.0, 60.0, 600.0, 7200.0),  # seconds forward
    Kind.REBALANCE: ("leaves", "is killed"),
}
RESTARTS = frozenset((Kind.BROKER_RESTART, Kind.DATABASE_RESTART))


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `at_seconds` after the load began, for `lasts_seconds`; `detail` as its kind reads it."""

    number: int
    kind: Kind
    target: str
    at_seconds: float
    lasts_seconds: float
    detail: float | str

    def as_json(self) -> dict[str, Any]:
        """What the report says of it."""
        return asdict(self)


def draw(seed: int, seconds: float) -> list[Fault]:
    """The faults of a run of so many seconds: every kind at least once, in the order of their time."""
    dice = random.Random(seed)  # noqa: S311 - no secret depends on it
    count = max(len(Kind), int(seconds / EVERY_SECONDS))
    deck: list[Kind] = []
    while len(deck) < count:
        deck += dice.sample(list(Kind), len(Kind))
    kinds = deck[:count]
    slots = [QUIET_SLOTS if kind in RESTARTS else 1 for kind in kinds]
    slot = seconds * (1 - ROOM) / sum(slots)
    faults = []
    begins = 0.0
    for number, (kind, width) in enumerate(zip(kinds, slots, strict=True), 1):
        at = begins + slot * dice.uniform(FIRST, LAST)
        shortest, longest = LASTS[kind]
        # Short runs have short faults: the next one is waiting.
        lasts = dice.uniform(min(shortest, slot), min(longest, 1.5 * slot, seconds - at))
        target = dice.choice(TARGETS[kind])
        faults.append(Fault(number, kind, target, round(at, 2), round(lasts, 2), _detail(kind, dice)))
        begins += slot * width
    return faults


def _detail(kind: Kind, dice: random.Random) -> float | str:
    """What else a fault of that kind needs."""
    if kind is Kind.SLOW:
        return round(dice.uniform(0.02, 0.4), 3)  # seconds that each piece of data is held back
    return dice.choice(DETAILS.get(kind, ("",)))
