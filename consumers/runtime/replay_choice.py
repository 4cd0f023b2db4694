"""What a replay does with each record of its range, and how a copy says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from consumers.domain import Domain
from consumers.runtime.accounting import Read, State, state_of
from consumers.runtime.interest import is_meant_for, route_of, topics_of
from consumers.runtime.reading import AHEAD_DAYS, OLDEST_DAYS
from infra.journal.outcomes import Fate
from infra.journal.replays import Replay
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import ATTEMPT, LATER_ID, MUTED, PLACE, REPLAY, REPLAY_DELIVERIES, SENT_DAY

CONTACT_FIELDS = (b"contact", b"phone")
OWN_HEADERS = (ATTEMPT, LATER_ID, SENT_DAY, REPLAY, PLACE)


class Refused(Exception):
    """This cannot be replayed like that; the message says why, and what can be done."""


class Choice(StrEnum):
    """What a replay does with one record of its range."""

    TAKES_EFFECT = "takes_effect"
    HANDLED = "handled"  # before: a repair leaves it alone
    WAITS = "waits"  # it takes effect by itself when it is due
    GONE = "gone"  # a timer that was cancelled
    CALLS_OUT = "calls_out"  # a rebuild calls nobody, unless it may emit
    UNREADABLE = "unreadable"  # no event: it changed no state
    TOO_OLD = "too_old"  # nobody remembers any more whether it was handled
    OTHERS = "others"  # on a shared topic, not meant for this consumer
    FILTERED = "filtered"


_BY_ITSELF = {State.WAITING: Choice.WAITS, State.GONE: Choice.GONE}  # nothing is to be done about these


@dataclass(frozen=True, slots=True)
class Pick:
    """The choice, and for what takes effect the delivery that the copy is to be (None: the original one)."""

    choice: Choice
    delivery: int | None = None


def check(domain: Domain, topic: str, *, rebuild: bool, emits: bool) -> None:
    """Raise Refused for what makes no sense, or is not safe."""
    if topic == topics.redelivery(domain.name):
        raise Refused(
            f"{topic} holds copies: replay the topic that they came from, or redrive what died "
            "(`easymo dead-letters redrive`)."
        )
    if topic not in topics_of(domain):
        known = ", ".join(t for t in topics_of(domain) if t != topics.redelivery(domain.name))
        raise Refused(f"{domain.name} does not read {topic}; it reads: {known}.")
    if emits and not rebuild:
        raise Refused("--emit goes with --again; a repair publishes what follows from it anyway.")
    if emits and not domain.may_emit_again:
        raise Refused(
            f"{domain.name} does not declare that it may publish again what it published before: people "
            "would get messages twice. Leave --emit out, or declare it: Domain(…, may_emit_again=True)."
        )


def pick(domain: Domain, replay: Replay, read: Read, fate: Fate | None, now: datetime) -> Pick:
    """What is to be done with one record. Pure."""
    if not is_meant_for(domain, read.record.topic, read.record.headers):
        return Pick(Choice.OTHERS)
    if not _wanted(replay, read):
        return Pick(Choice.FILTERED)
    first, last = now.date() - timedelta(days=OLDEST_DAYS), now.date() + timedelta(days=AHEAD_DAYS)
    remembered = first <= read.event.day <= last
    state, _ = state_of(domain, read, fate, passed=True)
    if replay.rebuild:
        return _pick_anew(domain, replay, read, state if remembered else None)
    if state not in (State.UNACCOUNTED, State.UNREMEMBERED):
        return Pick(_BY_ITSELF.get(state, Choice.HANDLED))
    if not remembered:
        return Pick(Choice.TOO_OLD)
    # What was set aside, and whose row got lost, is a delivery more: the one before has its outcome.
    lost = [end.delivery for end in fate.ended if not end.delivery // REPLAY_DELIVERIES] if fate else []
    return Pick(Choice.TAKES_EFFECT, lost[-1] + 1 if lost else None)


def _pick_anew(domain: Domain, replay: Replay, read: Read, state: State | None) -> Pick:
    route = route_of(domain, read.record.headers)
    if read.malformed is not None or route is None:
        return Pick(Choice.UNREADABLE)
    if route.mode == "perform" and not replay.emits:
        return Pick(Choice.CALLS_OUT)
    if state in _BY_ITSELF:
        return Pick(_BY_ITSELF[state])
    if state is State.UNACCOUNTED:
        return Pick(Choice.TAKES_EFFECT)  # for the first time: a repair after this must find it handled
    return Pick(Choice.TAKES_EFFECT, replay.id * REPLAY_DELIVERIES)


def _wanted(replay: Replay, read: Read) -> bool:
    record, event = read.record, read.event
    if (
        replay.kind is not None
        and event.type != replay.kind
        and not event.type.startswith(f"{replay.kind}.v")
    ):
        return False
    if replay.contact is None:
        return True
    contact = replay.contact.encode()
    # The contact is the key of what Meta sent; a turn's key is the person, and its data names the contact.
    # Who is known by a user id may be asked for by number, which the message names, too.
    value = record.value or b""
    return contact == record.key or any(b'"%b":"%b"' % (name, contact) in value for name in CONTACT_FIELDS)


def copy_of(replay: Replay, read: Read, delivery: int | None) -> Output:
    """The record as it goes to the consumer: the same bytes, and headers that say what it is."""
    record = read.record
    headers = [(name, value) for name, value in record.headers if name not in OWN_HEADERS]
    place = f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}"
    muted = replay.rebuild and not replay.emits
    headers += [(REPLAY, b"%d%b" % (replay.id, MUTED if muted else b"")), (PLACE, place.encode())]
    if delivery is not None:
        headers += [(ATTEMPT, b"%d" % delivery), (SENT_DAY, replay.began_on.isoformat().encode())]
    return Output(topics.redelivery(replay.consumer), record.key, record.value, headers)
