"""What a replay does with a record, and where an event stands: tables, no broker, no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from consumers.domain import Decision, Domain, nothing
from consumers.runtime.accounting import Read, State, as_read, state_of
from consumers.runtime.replay_choice import Choice, Pick, copy_of, pick
from infra.journal.outcomes import Claimed, Ended, Fate, Waits
from infra.journal.replays import Replay
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import REPLAY_DELIVERIES, Envelope, read_envelope
from schemas.ids import rebuilt_id
from schemas.model import EventData

NOW = datetime(2026, 3, 12, 10, tzinfo=UTC)
TOPIC = topics.intents("probe")


class Poke(EventData):
    """Handled in a transaction."""

    event_type: ClassVar[str] = "probe.poke.v1"


class Beat(EventData):
    """Harmless to repeat."""

    event_type: ClassVar[str] = "probe.beat.v1"


class Call(EventData):
    """Calls out."""

    event_type: ClassVar[str] = "probe.call.v1"


def probe() -> Domain:
    domain = Domain("probe", topics=(topics.CORE_EVENTS,))

    async def handle() -> Decision:
        return nothing()

    domain.handles(Poke)(handle)
    domain.handles(Beat, idempotent=True)(handle)
    domain.performs(Call)(handle)
    return domain


class Raw:
    """As aiokafka has it."""

    def __init__(
        self, kind: type[EventData] = Poke, *, age: timedelta = timedelta(hours=1), **changes: Any
    ) -> None:
        time = NOW - age
        envelope = Envelope(uuid4(), kind.event_type, "/t", "", time, "", "", "", "")
        self.headers = [*envelope.headers(), *changes.pop("more", [])]
        self.partition, self.offset, self.timestamp = 2, 7, int(time.timestamp() * 1000)
        self.key, self.value = b"anna", b'{"contact":"RW.1","phone":"250788123456"}'
        for name, value in changes.items():
            setattr(self, name, value)


def read(kind: type[EventData] = Poke, *, topic: str = TOPIC, **changes: Any) -> Read:
    raw: Any = Raw(kind, **changes)
    return as_read(topic, raw)


def replay(**changes: Any) -> Replay:
    given: dict[str, Any] = {
        "topic": TOPIC, "consumer": "probe", "rebuild": False, "emits": False, "contact": None, "kind": None,
        "spans": (), "operator": "me", "began_on": NOW.date(), "id": 3,
    }  # fmt: skip
    return Replay(**(given | changes))


def ended(outcome: str, delivery: int = 0) -> Ended:
    return Ended(UUID(int=1), "probe", date(2026, 3, 12), delivery, outcome, NOW)


def waits(delivery: int) -> Waits:
    return Waits(UUID(int=1), "probe", 1, "deferred", None, delivery, 1, NOW, "reason", None, NOW)


LATER = [("easymo_later", b"9")]
BASE = 3 * REPLAY_DELIVERIES

REPAIRS = [
    (read(), None, Pick(Choice.TAKES_EFFECT)),
    (read(), Fate([ended("processed")]), Pick(Choice.HANDLED)),
    (read(), Fate([ended("dead")]), Pick(Choice.HANDLED)),
    (read(), Fate([ended("deferred")], [waits(1)]), Pick(Choice.WAITS)),
    (read(), Fate([ended("deferred")]), Pick(Choice.TAKES_EFFECT, 1)),  # its row got lost
    (read(), Fate([ended("deferred")], discarded=True), Pick(Choice.HANDLED)),
    (read(), Fate([ended("processed", BASE)]), Pick(Choice.TAKES_EFFECT)),  # in a rebuild only
    (read(more=LATER), None, Pick(Choice.GONE)),
    (read(Beat), None, Pick(Choice.TAKES_EFFECT)),
    (read(Call), None, Pick(Choice.TAKES_EFFECT)),
    (read(age=timedelta(days=11)), None, Pick(Choice.TOO_OLD)),
    (read(age=-timedelta(days=3)), None, Pick(Choice.TOO_OLD)),
    (read(headers=[]), None, Pick(Choice.TAKES_EFFECT)),
    (read(topic=topics.CORE_EVENTS, headers=[]), None, Pick(Choice.OTHERS)),
    (read(topic=topics.CORE_EVENTS, more=[("origin", b"other")]), None, Pick(Choice.OTHERS)),
]
REBUILDS = [
    (read(), Fate([ended("processed")]), Pick(Choice.TAKES_EFFECT, BASE)),
    (read(), Fate([ended("dead")]), Pick(Choice.TAKES_EFFECT, BASE)),
    (read(), None, Pick(Choice.TAKES_EFFECT)),  # for the first time
    (read(), Fate([ended("deferred")], [waits(1)]), Pick(Choice.WAITS)),
    (read(more=LATER), None, Pick(Choice.GONE)),
    (read(more=LATER), Fate([ended("processed")]), Pick(Choice.TAKES_EFFECT, BASE)),
    (read(Beat), None, Pick(Choice.TAKES_EFFECT, BASE)),
    (read(Call), Fate([ended("processed")]), Pick(Choice.CALLS_OUT)),
    (read(age=timedelta(days=11)), None, Pick(Choice.TAKES_EFFECT, BASE)),
    (read(headers=[]), None, Pick(Choice.UNREADABLE)),
]


@pytest.mark.parametrize(("record", "fate", "expected"), REPAIRS)
def test_a_repair(record: Read, fate: Fate | None, expected: Pick) -> None:
    assert pick(probe(), replay(), record, fate, NOW) == expected


@pytest.mark.parametrize(("record", "fate", "expected"), REBUILDS)
def test_a_rebuild(record: Read, fate: Fate | None, expected: Pick) -> None:
    assert pick(probe(), replay(rebuild=True), record, fate, NOW) == expected


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        ({"contact": "anna"}, True),
        ({"contact": "250788123456"}, True),
        ({"contact": "RW.1"}, True),
        ({"contact": "25078812345"}, False),
        ({"kind": "probe.poke"}, True),
        ({"kind": "probe.poke.v1"}, True),
        ({"kind": "probe.po"}, False),
        ({"contact": "anna", "kind": "probe.beat"}, False),
    ],
)
def test_filters(filters: dict[str, str], chosen: bool) -> None:
    picked = pick(probe(), replay(**filters), read(), None, NOW)
    assert picked.choice is (Choice.TAKES_EFFECT if chosen else Choice.FILTERED)


def copied(delivery: int | None, record: Read, **changes: Any) -> Output:
    return copy_of(replay(**changes), record, delivery)


def test_a_copy_says_what_it_is() -> None:
    original = read(more=[*LATER, ("easymo_attempt", b"0"), ("easymo_day", b"2026-03-01")])
    repair = copied(None, original)
    assert (repair.topic, repair.key, repair.value) == ("redelivery.probe", b"anna", original.record.value)
    event = read_envelope(repair.headers)
    assert (event.id, event.attempt, event.later_id, event.sent_day) == (original.event.id, 0, None, None)
    assert (event.replay, event.muted, event.is_late, event.rebuild) == (3, False, True, 0)

    event = read_envelope(copied(BASE, original, rebuild=True).headers)
    assert (event.attempt, event.day, event.muted, event.rebuild) == (BASE, NOW.date(), True, 3)
    assert not read_envelope(copied(BASE, original, rebuild=True, emits=True).headers).muted
    assert len({event.id, rebuilt_id(event.id, 3), rebuilt_id(event.id, 4)}) == 3


def test_a_copy_of_what_is_no_event_is_known_by_where_it_lay_first() -> None:
    original = read(headers=[("ce_id", b"none")])
    output = copied(None, original)
    copy = read(topic="redelivery.probe", headers=output.headers, offset=99, partition=0, timestamp=1)
    assert (copy.event.id, copy.event.day) == (original.event.id, original.event.day)
    assert copy.event.id != read(offset=99, headers=[("ce_id", b"none")]).event.id


@pytest.mark.parametrize(
    ("record", "fate", "passed", "state"),
    [
        (read(), None, False, State.IN_FLIGHT),
        (read(), None, True, State.UNACCOUNTED),
        (read(Beat), None, True, State.UNREMEMBERED),
        (read(), Fate([ended("processed")]), False, State.PROCESSED),
        (read(), Fate([ended("deferred"), ended("superseded", 1)]), True, State.SUPERSEDED),
        (read(), Fate([ended("deferred")], [waits(1)]), True, State.WAITING),
        (read(), Fate([ended("deferred")]), True, State.UNACCOUNTED),
        (read(), Fate([ended("deferred")], discarded=True), True, State.DEAD),
        (read(Call), Fate(claimed=Claimed(UUID(int=1), "probe", NOW, NOW)), False, State.WAITING),
        (read(more=LATER), None, True, State.GONE),
        (read(more=LATER), None, False, State.IN_FLIGHT),
        (read(), Fate([ended("processed", BASE)]), True, State.UNACCOUNTED),
        (
            read(more=[("easymo_attempt", b"%d" % BASE)]),
            Fate([ended("dead"), ended("processed", BASE)]),
            True,
            State.PROCESSED,
        ),
    ],
)
def test_where_an_event_stands(record: Read, fate: Fate | None, passed: bool, state: State) -> None:
    assert state_of(probe(), record, fate, passed=passed)[0] is state
