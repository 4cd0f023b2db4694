"""The checker of a chaos run finds each kind of harm, names it, and finds nothing where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest

from consumers.runtime.accounting import Account, Missing, State
from schemas import topics
from scripts.chaos_run.checker import ALL_STATUSES, check, doubled, possibly_doubled
from scripts.chaos_run.evidence import Arrival, Copy, Evidence

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def named(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


HEARD = [named(f"heard {number}") for number in range(3)]
SAID = [named(f"said {number}") for number in range(3)]


def a_copy(place: int, *, first: UUID | None = None, digest: bytes = b"1", of_later: bool = False) -> Copy:
    return Copy(
        place=place,
        key=b"ann",
        kind="whatsapp.send_message.v1",
        source="/consumers/jobs",
        origin="",
        first=str(first or ""),
        cause=str(first or ""),
        digest=digest,
        of_later=of_later,
    )


def all_well() -> Evidence:
    """Three messages of one person, each answered once, in order."""
    found = Evidence()
    for place, (heard, said) in enumerate(zip(HEARD, SAID, strict=True)):
        found.copies[topics.INBOUND][heard] = a_copy(place)
        found.copies[topics.OUTBOUND][said] = a_copy(place, first=heard)
        found.outputs.append(("jobs", topics.OUTBOUND, said, b"1"))
        found.arrivals.append(Arrival(str(said), None))
        found.statuses[str(said)] = ALL_STATUSES
        found.messages[str(said)] = ("read", 0, None)
    found.facts["jobs"] = ({"a"}, {"a"})
    return found


def an_account(**states: int) -> Account:
    account = Account(NOW, NOW)
    for name, count in states.items():
        account.states.setdefault(("jobs", "intents.jobs"), Counter())[State(name)] = count
    return account


def broken(evidence: Evidence, account: Account | None = None) -> dict[str, tuple[str, ...]]:
    findings = check(evidence, HEARD, account or an_account(processed=3))
    return {finding.invariant: finding.offending for finding in findings if not finding.holds}


def test_nothing_is_found_where_all_is_well() -> None:
    assert broken(all_well()) == {}


def _message_lost(found: Evidence) -> None:
    del found.copies[topics.INBOUND][HEARD[1]]


def _status_lost(found: Evidence) -> None:
    found.statuses[str(SAID[1])] = 3


def _output_lost(found: Evidence) -> None:
    found.outputs.append(("jobs", "jobs.events", SAID[1], b"1"))


def _output_changed(found: Evidence) -> None:
    found.copies[topics.OUTBOUND][SAID[1]] = a_copy(1, first=HEARD[1], digest=b"2")


def _published_alone(found: Evidence) -> None:
    del found.outputs[1]


def _two_contents(found: Evidence) -> None:
    found.versions.append(f"whatsapp.outbound {SAID[1]}")


def _fact_alone(found: Evidence) -> None:
    found.facts["jobs"] = ({"a"}, {"a", str(SAID[1])})


def _never_arrived(found: Evidence) -> None:
    del found.arrivals[1]
    found.messages[str(SAID[1])] = ("claimed", 0, None)


def _arrived_late(found: Evidence) -> None:
    found.arrivals.append(found.arrivals.pop(1))


def _answered_late(found: Evidence) -> None:
    answers = found.copies[topics.OUTBOUND]
    answers[SAID[1]], answers[SAID[2]] = a_copy(1, first=HEARD[2]), a_copy(2, first=HEARD[1])


def _sent_twice(found: Evidence) -> None:
    found.arrivals.append(Arrival(str(SAID[1]), None))


@pytest.mark.parametrize(
    ("harm", "invariant"),
    [
        (_message_lost, "a message answered 200 is in Kafka"),
        (_status_lost, "a status answered 200 is in Kafka"),
        (_output_lost, "what was committed is published"),
        (_output_changed, "what was committed is published"),
        (_published_alone, "what is published was committed"),
        (_two_contents, "an event has one content"),
        (_fact_alone, "a fact in a table is published, and the other way round"),
        (_never_arrived, "a message asked for arrives, or has a reason not to"),
        (_arrived_late, "messages to a person arrive in their order"),
        (_answered_late, "a domain answers a person's messages in their order"),
        (_sent_twice, "what was sent twice is counted"),
    ],
)
def test_harm_is_found_and_named(harm: Callable[[Evidence], None], invariant: str) -> None:
    evidence = all_well()
    harm(evidence)
    found = broken(evidence)
    assert list(found) == [invariant]
    assert len(found[invariant]) == 1
    assert any(str(event) in found[invariant][0] for event in (*HEARD[1:], *SAID[1:]))


def test_what_is_not_accounted_for_or_still_in_flight_is_found() -> None:
    account = an_account(processed=2, unaccounted=1, in_flight=1)
    account.missing.append(
        Missing(
            "jobs", "intents.jobs", 0, 7, NOW, HEARD[1], "conversation.turn_routed.v1", "ann", "no outcome"
        )
    )
    (offending,) = broken(all_well(), account).values()
    assert str(HEARD[1]) in offending[0]
    assert "in flight" in offending[1]


def test_a_message_with_a_reason_not_to_be_sent_is_not_missing() -> None:
    evidence = all_well()
    del evidence.arrivals[1]
    evidence.messages[str(SAID[1])] = ("not_sent", 0, "expired")
    assert broken(evidence) == {}


def test_a_double_that_was_counted_breaks_nothing() -> None:
    evidence = all_well()
    _sent_twice(evidence)
    evidence.messages[str(SAID[1])] = ("read", 1, None)
    assert broken(evidence) == {}
    assert doubled(evidence) == {str(SAID[1]): 1}
    assert possibly_doubled(evidence) == 1


def test_a_timers_word_belongs_to_no_order() -> None:
    evidence = all_well()
    timer, reminder = named("timer"), named("reminder")
    evidence.copies["intents.jobs"][timer] = a_copy(0, of_later=True)
    word = a_copy(3, first=HEARD[0])
    evidence.copies[topics.OUTBOUND][reminder] = Copy(
        3, word.key, word.kind, word.source, "", word.first, str(timer), word.digest, of_later=False
    )
    evidence.outputs.append(("jobs", topics.OUTBOUND, reminder, b"1"))
    evidence.arrivals.append(Arrival(str(reminder), None))
    evidence.statuses[str(reminder)] = ALL_STATUSES
    assert broken(evidence) == {}
