"""The proof: what must hold whatever happened, checked on the evidence alone. Pure.

Each check gives the names of what offends it; none means that it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from consumers.runtime.accounting import Account, State
from schemas import topics
from scripts.chaos_run.evidence import DELIVERED, Arrival, Evidence
from scripts.chaos_run.transfers import SOURCE

NOT_SENT = frozenset(("not_sent", "failed"))
ALL_STATUSES = (1 << len(DELIVERED)) - 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant, and what offends it."""

    invariant: str
    offending: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing offends it."""
        return not self.offending


def check(evidence: Evidence, accepted: Collection[UUID], account: Account) -> list[Finding]:
    """Every invariant. `accepted`: the messages whose post was answered 200; `account`: of the whole run."""
    checks: dict[str, Callable[[], Iterable[str]]] = {
        "a message answered 200 is in Kafka": lambda: lost_messages(evidence, accepted),
        "a status answered 200 is in Kafka": lambda: lost_statuses(evidence),
        "an event is processed, waits with a due time, or is dead": lambda: unaccounted(account),
        "what was committed is published": lambda: unpublished(evidence),
        "what is published was committed": lambda: from_nowhere(evidence),
        "an event has one content": lambda: evidence.versions,
        "a fact in a table is published, and the other way round": lambda: wrong_facts(evidence),
        "a message asked for arrives, or has a reason not to": lambda: unsent(evidence),
        "messages to a person arrive in their order": lambda: out_of_order(evidence),
        "a domain answers a person's messages in their order": lambda: answers_out_of_order(evidence),
        "what was sent twice is counted": lambda: doubled_uncounted(evidence),
    }
    return [Finding(invariant, tuple(found())) for invariant, found in checks.items()]


def lost_messages(evidence: Evidence, accepted: Collection[UUID]) -> Iterable[str]:
    """Events whose webhook was answered 200, and which are not in Kafka."""
    inbound = evidence.copies[topics.INBOUND]
    return [str(event) for event in accepted if event not in inbound]


def lost_statuses(evidence: Evidence) -> Iterable[str]:
    """Messages of which Meta reported all statuses, and not all are in Kafka."""
    if any(evidence.webhooks.get(name) for name in ("waiting", "given_up", "lost")):
        return [f"the stand-in for Meta could not report everything: {evidence.webhooks}"]
    sent = {arrival.event_id for arrival in evidence.arrivals}
    return [f"status of {event}" for event in sent if evidence.statuses.get(event, 0) != ALL_STATUSES]


def unaccounted(account: Account) -> Iterable[str]:
    """Events that a consumer was to handle, of which no end and no waiting is known, and those in flight
    although the system is at rest."""
    for missing in account.missing:
        yield f"{missing.consumer}: {missing.type} {missing.event_id}: {missing.why}"
    for (consumer, topic), states in account.states.items():
        if states[State.IN_FLIGHT]:
            yield f"{consumer}: {states[State.IN_FLIGHT]} events of {topic} are in flight"


def unpublished(evidence: Evidence) -> Iterable[str]:
    """Outputs of committed transactions that are not in Kafka, or not with that content."""
    for consumer, topic, event, digest in evidence.outputs:
        copy = evidence.copies[topic].get(event)
        if copy is None:
            yield f"{topic} {event} of {consumer}"
        elif copy.digest != digest and not copy.of_later:
            yield f"{topic} {event} of {consumer}: another content"


def from_nowhere(evidence: Evidence) -> Iterable[str]:
    """Events in Kafka that no committed transaction decided, and that did not come from outside."""
    decided = {(topic, event) for _, topic, event, _ in evidence.outputs}
    for topic, copies in evidence.copies.items():
        if topic in (topics.INBOUND, topics.ACCOUNT, topics.PAYMENTS_INBOUND):
            continue
        for event, copy in copies.items():
            # A handler that may run twice leaves no row; what it says has the same id both times.
            if not copy.of_later and copy.source != SOURCE and (topic, event) not in decided:
                yield f"{topic} {copy.kind} {event}"


def wrong_facts(evidence: Evidence) -> Iterable[str]:
    """Rows without their event, and events without their row."""
    for name, (rows, published) in evidence.facts.items():
        for only in rows - published:
            yield f"{name}: {only} is not published"
        for only in published - rows:
            yield f"{name}: {only} has no row"


def unsent(evidence: Evidence) -> Iterable[str]:
    """Messages that were asked for, did not arrive, and for which nothing says why."""
    sent = {arrival.event_id for arrival in evidence.arrivals}
    outcomes, waiting = evidence.outcomes["sender"], evidence.waiting["sender"]
    for event in evidence.copies[topics.OUTBOUND]:
        if str(event) in sent or event in waiting or "dead" in outcomes.get(event, ()):
            continue
        if evidence.messages.get(str(event), ("",))[0] not in NOT_SENT:
            yield f"{event} ({', '.join(outcomes.get(event, [])) or 'never recorded'})"


def first_arrivals(arrivals: Iterable[Arrival]) -> list[str]:
    """Event ids in the order in which they arrived first."""
    return list(dict.fromkeys(arrival.event_id for arrival in arrivals))


def out_of_order(evidence: Evidence) -> Iterable[str]:
    """Messages that arrived after one that was asked for later, for the same person."""
    latest: dict[bytes, int] = {}
    asked = evidence.copies[topics.OUTBOUND]
    for event in first_arrivals(evidence.arrivals):
        copy = asked.get(UUID(event)) if event else None
        if copy is None:
            yield f"{event or 'a message'} arrived, and nobody had asked for it"
        elif copy.place < latest.get(copy.key, -1):
            yield event
        else:
            latest[copy.key] = copy.place


def answers_out_of_order(evidence: Evidence) -> Iterable[str]:
    """Answers to a message that were asked for after the same domain had answered a later one.

    Only what answers at once counts: a timer's word belongs to a message of long ago. What core says of a
    turn that a domain made nothing of comes round by that domain, so it is an order of its own.
    """
    inbound = {str(event): copy for event, copy in evidence.copies[topics.INBOUND].items()}
    timed = {str(e) for copies in evidence.copies.values() for e, copy in copies.items() if copy.of_later}
    round_about = {str(event) for event in evidence.copies[topics.INTENTS_CORE]}
    latest: dict[tuple[bytes, bytes, str, bool], int] = defaultdict(lambda: -1)
    for event, copy in evidence.copies[topics.OUTBOUND].items():
        asked = inbound.get(copy.first)
        if asked is None or copy.cause in timed:
            continue
        line = (asked.key, copy.key, copy.source, copy.cause in round_about)
        if asked.place < latest[line]:
            yield f"{event} of {copy.source}"
        latest[line] = max(latest[line], asked.place)


def doubled(evidence: Evidence) -> Counter[str]:
    """How many times too often each message arrived."""
    times = Counter(arrival.event_id for arrival in evidence.arrivals)
    return Counter({event: count - 1 for event, count in times.items() if count > 1})


def doubled_uncounted(evidence: Evidence) -> Iterable[str]:
    """Messages that arrived more often than the sender counts as possible."""
    for event, more in doubled(evidence).items():
        repeats = evidence.messages.get(event, ("", 0))[1]
        if more > repeats:
            yield f"{event}: {more + 1} times, {repeats} counted"


def possibly_doubled(evidence: Evidence) -> int:
    """Sends that were repeated because nobody could tell whether they had gone out."""
    return sum(repeats for _, repeats, _ in evidence.messages.values())
